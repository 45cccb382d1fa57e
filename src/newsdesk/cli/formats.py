"""Format articles as JSON and CSV: text is unchanged, control characters are escaped."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime

from newsdesk.cli.quoting import shown_path
from newsdesk.collection.article import Article, Image, Problem, Provider, Related, Urls
from newsdesk.index.schema import Row
from newsdesk.text import shown_block, table_cell

# Characters that json.dumps does not escape, but terminals interpret or UTF-8 cannot encode: DEL,
# C1, bidi controls, invisible characters, lone surrogates. They occur inside strings only.
_ESCAPED = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_EXACT = 2**63  # larger numbers lose digits in other JSON readers
CSV_COLUMNS = (
    "path status published_at updated_at quality heat title provider domain category type topics "
    "url excerpt problems"
).split()


def to_json(value: object, *, indent: int | None = None) -> str:
    """Return JSON text with control, bidi and other invisible characters escaped."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    return _ESCAPED.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def moment(value: datetime | None) -> str | None:
    """Return an aware datetime as RFC 3339 in UTC, to the second; None stays None."""
    if value is None:
        return None
    # isoformat pads the year to four digits; strftime does not on every platform.
    return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def row_json(row: Row | Article) -> dict[str, object]:
    """Return an article as `list --json` prints it."""
    return {
        "path": row.path,
        "title": row.title,
        "excerpt": row.excerpt,
        "status": row.status.value,
        "published_at": moment(row.published_at),
        "updated_at": moment(row.updated_at),
        "quality": row.quality,
        "heat": row.heat,
        "category": row.category,
        "type": row.type,
        "provider": _provider_json(row.provider),
        "topics": list(row.topics),
        "url": row.urls.best or None,
        "urls": _urls_json(row.urls),
        "problems": [problem_json(problem) for problem in row.problems],
    }


def article_json(article: Article, path_of: Mapping[str, str]) -> dict[str, object]:
    """Return an article as `show --json` prints it.

    `path_of` maps URLs of related entries to paths in this collection.
    """
    secured = article.secured
    return {
        **row_json(article),
        "images": [_image_json(image) for image in article.images],
        "related": [_related_json(entry, path_of) for entry in article.related],
        "secured": secured
        and {
            "bytes": secured.bytes,
            "well_formed": secured.well_formed,
        },
        "body": article.body,
        "other": {
            **({"featuredContent": article.featured_content} if article.featured_content else {}),
            **{str(name): plain(value) for name, value in article.other.items()},
        },
    }


def problem_json(problem: Problem) -> dict[str, object]:
    """Return a problem with its code, message and line."""
    return {"code": problem.code, "message": problem.message, "line": problem.line}


def path_here(entry: Related, path_of: Mapping[str, str]) -> str | None:
    """Return the path of the related article in this collection, or None."""
    return next((path_of[url] for _, url in entry.urls.named() if url in path_of), None)


def _related_json(entry: Related, path_of: Mapping[str, str]) -> dict[str, object]:
    return {
        "title": entry.title,
        "excerpt": entry.excerpt,
        "published_at": moment(entry.published_at),
        "url": entry.urls.best or None,
        "type": entry.type,
        "provider": _provider_json(entry.provider),
        "quality": entry.quality,
        "images": [_image_json(image) for image in entry.images],
        "path": path_here(entry, path_of),
    }


def _provider_json(provider: Provider) -> dict[str, object]:
    return {"name": provider.name, "domain": provider.domain}


def _urls_json(urls: Urls) -> dict[str, object]:
    return {
        "web": urls.web or None,
        "original": urls.original or None,
        "amp": urls.amp or None,
        "cdn_amp": urls.cdn_amp or None,
    }


def _image_json(image: Image) -> dict[str, object]:
    return {
        "url": image.url,
        "width": image.width,
        "height": image.height,
        "title": image.title,
        "is_cached": image.is_cached,
    }


def plain(value: object) -> object:
    """Return a YAML value as JSON types; a value without a JSON type becomes text."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if abs(value) < _EXACT else hex(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, datetime):
        try:
            return moment(value if value.tzinfo else value.replace(tzinfo=UTC))
        except (ValueError, OverflowError):  # year 1 or 9999 in another time zone
            return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(plain(name)): plain(each) for name, each in value.items()}
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, Iterable):
        return [plain(each) for each in value]
    return str(value)


def csv_lines(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV (RFC 4180); cells are safe to show and no spreadsheet formulas.

    The first cell of a row is a path that can be opened or piped to newsdesk.
    """
    import csv
    import io

    lines = []
    for path, *others in rows:
        text = io.StringIO()
        # With this terminator the writer also quotes cells that contain a carriage return.
        writer = csv.writer(text, lineterminator="\r\n")
        cells = [table_cell("" if cell is None else cell) for cell in others]
        writer.writerow([_path_cell(str(path)), *cells])
        lines.append(text.getvalue().removesuffix("\r\n") + "\n")
    return "".join(lines)


def _path_cell(path: str) -> str:
    """Return a path; quoted as by `list --paths` if it has control characters."""
    cell = path if shown_block(path) == path else shown_path(path)
    return cell if table_cell(cell) == cell else f"./{cell}"


def row_cells(row: Row) -> list[object]:
    """Return the cells of `CSV_COLUMNS`."""
    return [
        row.path,
        row.status.value,
        moment(row.published_at),
        moment(row.updated_at),
        row.quality,
        row.heat,
        row.title,
        row.provider.name,
        row.provider.domain,
        row.category,
        row.type,
        "; ".join(row.topics),
        row.urls.best,
        row.excerpt,
        "; ".join(str(problem) for problem in row.problems),
    ]
