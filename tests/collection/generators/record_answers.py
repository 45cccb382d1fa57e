"""Ask the real jekyll and hugo again: compare the recorded answers, record what newsdesk writes.

    python tests/collection/generators/record_answers.py

It prints every answer that differs from `generator_answers.py`, builds what `publish` and
`unpublish` make of each case, and writes the digests of those that the program then builds or
holds back, as the verb promises, to `generator_results.txt`. No test runs it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from newsdesk.collection.profile import HUGO, JEKYLL, Profile
from newsdesk.collection.status import splice_status
from newsdesk.errors import WriteRefused

from .generator_answers import HUGO_ANSWERS, JEKYLL_ANSWERS, LIVE, STOPS, Case, digest

RESULTS = Path(__file__).with_name("generator_results.txt")


def built_by_jekyll(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return name -> answer; files that stop the build must not be among them."""
    with tempfile.TemporaryDirectory() as folder:
        site, out = Path(folder, "site"), Path(folder, "out")
        (site / "_news").mkdir(parents=True)
        (site / "_config.yml").write_text("collections: {news: {output: true}}\n")
        for name, source in files.items():
            (site / "_news" / f"{name}.md").write_bytes(source)
        subprocess.run(["jekyll", "build", "-q", "-d", out], cwd=site, check=True)
        there = {path.stem for path in out.rglob("*") if path.is_file()}
        return {name: LIVE if name in there else "held back" for name in files}


def built_by_hugo(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return name -> answer; each file has a site of its own, for many stop the build."""
    answers = {}
    for name, source in files.items():
        with tempfile.TemporaryDirectory() as folder:
            site = Path(folder)
            (site / "content").mkdir()
            (site / "layouts").mkdir()
            (site / "layouts/single.html").write_text("page {{ .Content }}")
            (site / "hugo.toml").write_text('disableKinds = ["rss", "sitemap", "home", "section"]')
            (site / "content/name.md").write_bytes(source)
            done = subprocess.run(["hugo", "-s", site], capture_output=True, check=False)
            is_there = any((site / "public").rglob("name/index.html"))
            answers[name] = STOPS if done.returncode else LIVE if is_there else "held back"
    return answers


def results_of(cases: Iterable[Case], profile: Profile) -> Iterable[tuple[str, str, bytes]]:
    """Yield (verb, name, bytes) of whatever newsdesk would write."""
    for case in cases:
        for verb in ("publish", "unpublish"):
            try:
                splice = splice_status("_news/a.md", case.source, verb == "publish", profile)
            except WriteRefused:
                continue
            if splice is not None:
                yield verb, case.name, splice.result


def main() -> int:
    """Compare and record; return 1 if something differs."""
    wrong, lines = 0, []
    sets: list[tuple[Profile, list[Case], Callable[[Mapping[str, bytes]], dict[str, str]]]] = [
        (JEKYLL, JEKYLL_ANSWERS, built_by_jekyll),
        (HUGO, HUGO_ANSWERS, built_by_hugo),
    ]
    for profile, cases, built in sets:
        asked = {
            f"c{number}": case
            for number, case in enumerate(cases)
            if profile is HUGO or case.answer != STOPS
        }
        answers = built({name: case.source for name, case in asked.items()})
        for name, case in asked.items():
            if answers[name] != case.answer:
                wrong += 1
                print(f"{profile.name}: {case.name!r} is {answers[name]}, not {case.answer}")
        results = list(results_of(cases, profile))
        answers = built({f"r{number}": result[2] for number, result in enumerate(results)})
        for number, (verb, name, source) in enumerate(results):
            if (answers[f"r{number}"] == LIVE) is not (verb == "publish"):
                wrong += 1
                print(f"{profile.name}: {verb} of {name!r} makes it {answers[f'r{number}']}")
            else:
                lines.append(f"{profile.name} {verb} {digest(source)} {name!r}\n")
    RESULTS.write_text("".join(lines), encoding="utf-8")
    print(f"{len(lines)} results recorded, {wrong} differences")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
