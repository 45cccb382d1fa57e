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
from benchmarks.index_bench import measure_index, measure_stories, pass_stories_by
from benchmarks.link_bench import measure_links
from benchmarks.peers import measure_peers
from benchmarks.screen_bench import measure_desk

HERE = Path(__file__).parent
DATA = HERE / "data"
SEED = 14
_FOR_PEERS = range(10_000, 200_001)  # articles; more are beyond what the others take
_FOR_STORIES = range(200_001)  # articles; of more the titles that are made up are too much alike
REMARKS = """
Written by `python -m benchmarks --write`. Times are from a key to the end of the frame that
answers it, in a real pty (140 × 42) of the real program; the terminal answers as one that knows
synchronized output, so that the program itself says where a frame ends. What is printed is drawn
only after it was timed. A figure is a median unless it says otherwise; times of one machine mean
little on another, ratios within one run mean more.

- **Cursor move**: from `j` to the end of the frame in which another row has the cursor. The detail
  waits 45 ms on purpose (the next key counts more than the detail of a row that is passed by),
  then the file is read and drawn: that is the second figure.
- **Page down held**: 30 keys a second for 5 s; a key is answered by the first frame in which the
  cursor is as far down as that key leads, so a frame that swallows two keys counts for both.
- **Search**: from the last letter to its rows; the letters before it came one every 60 ms and were
  answered first. Each last letter leaves fewer articles, so that its answer can be told apart.
- **Publish**: until the status line says `Published`, which it does after file and journal were
  synced, and the cursor is on the next row; the file is read back each time.
- **A million**: files of so many do not stay in the page cache of a machine like this one, so its
  disk is part of what is measured. Their stories are not made: the titles are made up of so few
  words that each is like thousands of others.
- **Cold index** and the loop beside it read files of the same collection; all of them are read once
  before, so that both find them in the page cache.
"""


def main() -> int:
    """Measure what was asked for; return 0, or 1 if a part could not be measured at all."""
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
                {"The link checker": measure_links()}
                if what == "links"
                else _measure(int(what), peers=not arguments.no_peers)
            )
        except (BenchmarkFailed, OSError) as error:
            print(f"{what}: not measured: {error}", file=sys.stderr)
            failed = True
            continue
        told = report.save(DATA / f"figures-{what}.json", groups)
        title = "Links" if what == "links" else f"{int(what):,} articles"
        print(report.section(title, told), flush=True)
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
            pass_stories_by(home)
        print(f"{count:,} articles: the desk ...", file=sys.stderr)
        workspace = measure_desk(home, count)
        groups = {"The desk": workspace, "The index": index}
        if peers and count in _FOR_PEERS:
            print(f"{count:,} articles: the peers ...", file=sys.stderr)
            groups["Others on the same articles"] = measure_peers(home, count)
    return groups


if __name__ == "__main__":
    sys.exit(main())
