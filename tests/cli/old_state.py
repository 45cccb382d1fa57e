"""Write the files that newsdesk 0.1 leaves for a collection: state, cache and settings.

The schemas and the rows are those that 0.1 wrote for the same articles and commands.
"""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from newsdesk.config import load_config
from workspace import old_journal

DEAD, ALIVE = "https://a.example/dead", "https://a.example/alive"
ARTICLES = {"_news/a.md": DEAD, "_news/b.md": ALIVE, "_news/c.md": ALIVE}
_LINKS = """
PRAGMA application_id = 1852075126;
PRAGMA user_version = 1;
CREATE TABLE readings (path TEXT PRIMARY KEY, stamp TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE uses (
    path TEXT NOT NULL, number INTEGER NOT NULL, url TEXT NOT NULL, field TEXT NOT NULL,
    line INTEGER, PRIMARY KEY (path, number)
) WITHOUT ROWID;
CREATE TABLE verdicts (
    url TEXT PRIMARY KEY, verdict TEXT NOT NULL, status INTEGER, reason TEXT NOT NULL,
    final_url TEXT NOT NULL, redirects TEXT NOT NULL, seconds REAL NOT NULL,
    checked_at REAL NOT NULL, archived_url TEXT NOT NULL, fingerprint TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX uses_by_url ON uses (url);
"""
_INDEX = """
PRAGMA application_id = 1313100619;
PRAGMA user_version = 6;
CREATE TABLE articles (id INTEGER PRIMARY KEY, path TEXT NOT NULL);
"""
SETTINGS = 'theme = "night-desk"\nstories = "folded"\n\n[keys]\nfold = "F9"\n'


def write(root: Path, settings: Path) -> None:
    """Write everything for the collection `root`; `settings` is the user's settings file."""
    for path, url in ARTICLES.items():
        is_published = path == "_news/a.md"  # by the first decision below
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(
            f"---\ntitle: Story {path}\npublished: {str(is_published).lower()}\n"
            f"publishedDateTime: 2020-11-18T08:00:00Z\nwebUrl: {url}\n---\n"
        )
    (root / ".newsdesk.toml").write_text('[views]\n"Waiting" = "is:unpublished"\n')
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(SETTINGS)
    config = load_config(str(root))
    journal = config.journal_path
    old_journal.make_journal(journal)
    old_journal.decide(journal, "import rejected", "_news/b.md", "@rejected", b"", b"1")
    old_journal.decide(journal, "import starred", "_news/c.md", "@starred", b"", b"1")
    old_journal.decide(journal, "import note", "_news/c.md", "@note", b"", b"call the author")
    old_journal.decide(journal, "publish", "_news/a.md", "published", b"false", b"true")
    config.commands_path.write_text(json.dumps("fold_all") + "\n")
    config.cache_folder.mkdir(parents=True)
    with closing(sqlite3.connect(config.index_path)) as index:
        index.executescript(_INDEX)
    with closing(sqlite3.connect(config.verdicts_path)) as links, links:
        links.executescript(_LINKS)
        for url, verdict, status in ((DEAD, "dead", 404), (ALIVE, "alive", 200)):
            row = (
                url,
                verdict,
                status,
                str(status),
                url,
                "[]",
                0.1,
                time.time(),
                "",
                "0ff14428665ea4eb",
            )
            links.execute(f"INSERT INTO verdicts VALUES ({', '.join('?' * len(row))})", row)
        for path, url in ARTICLES.items():
            links.execute("INSERT INTO readings VALUES (?, '0:0:0:0')", (path,))
            links.execute("INSERT INTO uses VALUES (?, 0, ?, 'webUrl', 5)", (path, url))
