"""`python -m benchmarks [SIZES ...] [links]`: measure and print a table of targets and verdicts."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks import machine, report
from benchmarks.collection import make_collection
from benchmarks.figures import Figure
from benchmarks.home import BenchmarkFailed, Home
from benchmarks.index_bench import measure_index, measure_stories, skip_stories
from benchmarks.link_bench import measure_links
from benchmarks.peers import measure_peers
from benchmarks.screen_bench import measure_screen

HERE = Path(__file__).parent
DATA = HERE / "data"
SEED = 14
_FOR_PEERS = range(10_000, 200_001)  # articles; the other programs take no more
_FOR_STORIES = range(200_001)  # articles; the generated titles of more are too similar
REMARKS = """
Written by `python -m benchmarks --write`. Times are from a key to the end of the frame that
shows its result, in a real pty (140 × 42), with the installed program. The terminal supports
synchronized output, so that the program itself marks where a frame ends. Output is drawn only after
it was timed. A figure is a median unless it says otherwise. Times differ between machines; ratios
within one run are comparable.

- **Cursor move**: from `j` to the end of the frame in which another row has the cursor. The
  article pane waits 45 ms before it reads the file, because the next key counts more than an
  article that is passed over: that is the second figure.
- **Page down held**: 30 keys a second for 5 s. The time of a key ends with the first frame in which
  the cursor is as far down as that key leads, so that a frame for two keys counts for both.
- **Search**: from the last letter to its rows. The letters before it came one every 60 ms and their
  results were shown first. Each last letter leaves fewer articles, so that its result can be
  recognised.
- **Publish**: until the status line shows `Published`, which is after file and journal were synced,
  and the cursor is on the next row; the file is read back each time.
- **A million**: their files do not fit the page cache of this machine, so that its disk is part of
  the measurement. Their stories are not grouped: the generated titles use so few words that each is
  similar to thousands of others.
- **Cold index** and the loop next to it read files of the same collection; all of them are read
  once before, so that both find them in the page cache.
"""


def main() -> int:
    """Run the benchmarks; return 0, or 1 if a part could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("what", nargs="*", help="numbers of articles, or `links`")
    parser.add_argument("--write", action="store_true", help="write benchmarks/RESULTS.md")
    parser.add_argument("--no-peers", action="store_true", help="without newsboat and VisiData")
    arguments = parser.parse_args()
    wanted = arguments.what or ([] if arguments.write else ["1000", "100000"])
    for what in wanted:
        if what != "links" and not (what.isdigit() and int(what) >= 100):
            parser.error(f"{what} is neither `links` nor a number of articles from 100 on")
    failed = False
    for what in wanted:
        machine.busy_shares.clear()
        try:
            groups = (
                {"Link checker": measure_links()}
                if what == "links"
                else _measure(int(what), peers=not arguments.no_peers)
            )
        except (BenchmarkFailed, OSError) as error:
            print(f"{what}: not measured: {error}", file=sys.stderr)
            failed = True
            continue
        results = report.save(DATA / f"figures-{what}.json", groups)
        title = "Links" if what == "links" else f"{int(what):,} articles"
        print(report.section(title, results), flush=True)
    if arguments.write:
        (HERE / "RESULTS.md").write_text(report.results(DATA, REMARKS), encoding="utf-8")
    return 1 if failed else 0


def _measure(count: int, *, peers: bool) -> dict[str, list[Figure]]:
    collection = DATA / str(count)
    if not (collection / f".made-{count}-{SEED}").exists():
        print(f"making {count:,} articles ...", file=sys.stderr)
        make_collection(collection, count, SEED)
    with tempfile.TemporaryDirectory(prefix="newsdesk-bench-") as folder:
        home = Home(collection, Path(folder))
        print(f"{count:,} articles: the index ...", file=sys.stderr)
        index = measure_index(home, count)
        print(f"{count:,} articles: stories ...", file=sys.stderr)
        if count in _FOR_STORIES:
            index += measure_stories(home, count)
        else:
            skip_stories(home)
        print(f"{count:,} articles: the main screen ...", file=sys.stderr)
        screen = measure_screen(home, count)
        groups = {"Main screen": screen, "Index": index}
        if peers and count in _FOR_PEERS:
            print(f"{count:,} articles: the peers ...", file=sys.stderr)
            groups["Other programs on the same articles"] = measure_peers(home, count)
    return groups


if __name__ == "__main__":
    sys.exit(main())
