# Every target makes its own virtual environment from a bare Python.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
COLLECTION ?= seeds
SOURCES := src tests benchmarks docs

.PHONY: run test check lint types layers format bench torture fuzz snapshots docs dist clean

run: $(VENV)/.run  ## open the demo collection
	@$(BIN)/newsdesk $(COLLECTION)

test: $(VENV)/.dev  ## the test suite, on all cores
	@$(BIN)/python -m pytest -n auto

check: lint types layers test  ## everything that must be green before a commit
	@for minor in 15 14 13 12 11; do \
	  newest=$$(command -v python3.$$minor) && $$newest -c "" 2>/dev/null || continue; \
	  $(BIN)/python -c "import sys; sys.exit(sys.version_info[1] == $$minor)" || break; \
	  echo "On the newest Python here: make VENV=.venv-3.$$minor PYTHON=$$newest test"; break; \
	done

lint: $(VENV)/.dev
	@$(BIN)/ruff format --check --quiet $(SOURCES) || { echo "Run 'make format'."; exit 1; }
	@$(BIN)/ruff check --quiet $(SOURCES)

types: $(VENV)/.dev
	@$(BIN)/mypy

layers: $(VENV)/.dev
	@$(BIN)/lint-imports --no-cache

format: $(VENV)/.dev
	@$(BIN)/ruff format $(SOURCES)
	@$(BIN)/ruff check --fix $(SOURCES)

bench: $(VENV)/.dev  ## speed, as ratios within one run (SIZES="1000 100000")
	@$(BIN)/python -m benchmarks $(SIZES)

torture: $(VENV)/.dev  ## the long form of the safety tests
	@$(BIN)/python -m pytest -m torture -s

fuzz: $(VENV)/.dev  ## ten minutes of generated input (SECONDS=600 for each target)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'atheris==3.0.0' || \
	  echo "atheris cannot be installed here: using random input instead."
	@$(BIN)/python tests/fuzz/fuzz.py $(or $(SECONDS),170)

snapshots: $(VENV)/.dev  ## accept how the screens look now
	@$(BIN)/python -m pytest tests/tui/test_looks.py --snapshot-update

docs: $(VENV)/.dev  ## screenshots, recording, reference, man page and tables, from the program
	@$(BIN)/python docs/generate.py

dist: $(VENV)/.dev  ## wheel and sdist into dist/, installed and used in a bare environment
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt hatchling
	@rm -rf dist
	@$(BIN)/python -m hatchling build -d dist
	@$(BIN)/python tests/dist.py dist

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "newsdesk needs Python 3.11 or newer; '$(PYTHON)' is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python pyproject.toml constraints.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing what the tests need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.run

clean:
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .hypothesis
