"""Make a collection of any size, the same one for the same seed."""

from __future__ import annotations

import base64
import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

_WORDS = """model robot camera sensor council hospital farm harbour satellite school museum law
judge chip battery tram ferry bridge river forest bee whale sheep garden kitchen orchestra poem
letter map clock weather storm flood harvest market vote budget survey study trial patent license
engine network cluster training benchmark dataset label error drift privacy consent face voice
gesture translation subtitle caption search index archive library lock door window street light
signal traffic parking delivery parcel drone pilot airport station ticket queue complaint answer
question riddle joke proof theorem telescope galaxy comet moon rover mine steel glass paper ink
colour shadow echo silence noise pattern habit memory dream sleep pulse fever vaccine nurse
surgeon pharmacy clinic insurance claim fraud audit report warning alarm update release version
""".split()
_VERBS = """learns reads counts maps refuses explains predicts repairs forgets remembers sorts
misses finds translates measures beats joins leaves opens closes delays doubles halves""".split()
_TOPICS = """AI|Computer Vision|Robotics|Language Models|Law and Policy|Health|Climate|Chips|
Privacy|Art|Space|Education|Transport|Farming|Security|Speech|Search|Games|Industry|Research|
Finance|Cities|Sports|Energy|Media|Retail|Science|Ethics|Hardware|Startups|Open Source|Data|
Cloud|Edge|Maps|Drones|Jobs|Government|Defence|Standards""".replace("\n", "").split("|")
_START = datetime(2019, 1, 1, tzinfo=UTC)


def _sentence(random_: random.Random, words: int) -> str:
    chosen = random_.choices(_WORDS, k=words)
    chosen[words // 2] = random_.choice(_VERBS)
    return " ".join(chosen).capitalize()


def article(number: int, random_: random.Random, provider_count: int) -> tuple[str, str]:
    """Return (path, text) of one article of about 3 KB."""
    when = _START + timedelta(minutes=random_.randrange(3 * 365 * 24 * 60))
    title = _sentence(random_, random_.randrange(5, 13))
    slug = "-".join(title.lower().split())[:60]
    provider = int(random_.paretovariate(0.7)) % provider_count
    domain = f"paper{provider}.example"
    url = f"https://www.{domain}/{when:%Y/%m/%d}/{slug}-{number}/"
    score = min(100, int(abs(random_.gauss(45, 22))))
    heat = score if random_.random() < 0.5 else score + random_.randrange(-20, 80)
    topics = random_.sample(_TOPICS, random_.choice((1, 1, 2, 2, 3)))
    lines = [
        "---",
        "category: news",
        f'title: "{title}"',
        f'excerpt: "{_sentence(random_, 26)}. {_sentence(random_, 14)}."',
        f"publishedDateTime: {when:%Y-%m-%dT%H:%M:%SZ}",
        f'originalUrl: "{url}"',
        f'webUrl: "{url}"',
        "type: article",
        f"quality: {score}",
        f"heat: {max(-1, heat)}",
        f"published: {'false' if random_.random() < 0.3 else 'true'}",
        "",
        "provider:",
        f"  name: Paper No. {provider}",
        f"  domain: {domain}",
        "",
        "topics:",
        *(f"  - {topic}" for topic in topics),
        "",
        "images:",
        f'  - url: "https://img.{domain}/{number}.jpg"',
        "    width: 1200",
        "    height: 675",
        "    isCached: true",
        "",
    ]
    if random_.random() < 0.5:
        lines.append("related:")
        for _ in range(random_.choice((1, 1, 2, 3))):
            other = random_.randrange(provider_count)
            lines += [
                f'  - title: "{_sentence(random_, 8)}"',
                f'    excerpt: "{_sentence(random_, 22)}."',
                f"    publishedDateTime: {when:%Y-%m-%dT%H:%M:%SZ}",
                f'    webUrl: "https://paper{other}.example/{random_.randrange(10**6)}/"',
                "    type: article",
                "    provider:",
                f"      name: Paper No. {other}",
                f"      domain: paper{other}.example",
                f"    quality: {random_.randrange(100)}",
            ]
        lines.append("")
    sealed = base64.b64encode(random_.randbytes(736)).decode()
    vector = base64.b64encode(random_.randbytes(16)).decode()
    lines += [f'secured: "{sealed};{vector}"', "---", ""]
    return f"_news/{when:%Y-%m}/{when:%Y-%m-%d}-{slug}-{number}.md", "\n".join(lines)


def copied(text: str, number: int, random_: random.Random) -> tuple[str, str]:
    """Return (path, text) of another source of an article, some hours later, as wires make them.

    A rerun word for word, a title turned round, or one with another word; half of them list the
    article that they are copied from.
    """
    fields = dict(
        re.findall(r"^(title|excerpt|publishedDateTime|webUrl): \"?(.*?)\"?$", text, re.M)
    )
    when = datetime.fromisoformat(fields["publishedDateTime"]) + timedelta(
        minutes=random_.randrange(10, 14 * 60)
    )
    first, *rest = fields["title"].split()
    title = random_.choice(
        (fields["title"], " ".join((*rest, first.lower())), " ".join((first, *rest, "again")))
    )
    slug = "-".join(title.lower().split())[:60]
    provider = random_.randrange(40)
    url = f"https://wire{provider}.example/{when:%Y/%m/%d}/{slug}-{number}/"
    changed = text.replace(fields["title"], title).replace(fields["webUrl"], url)
    lines = {"publishedDateTime": f"{when:%FT%TZ}", "  domain": f"wire{provider}.example"}
    for field, value in lines.items():
        changed = re.sub(rf"(?m)^{field}: .*", f"{field}: {value}", changed, count=1)
    if random_.random() < 0.5 and "related:" not in changed:
        entry = (
            f'related:\n  - title: "{fields["title"]}"\n'
            f'    webUrl: "{fields["webUrl"]}"\n\nsecured:'
        )
        changed = changed.replace("secured:", entry, 1)
    return f"_news/{when:%Y-%m}/{when:%Y-%m-%d}-{slug}-{number}.md", changed


def make_collection(folder: Path, count: int, seed: int = 14, copies: int = 0) -> None:
    """Write `count` articles below `folder`, unless they are there already.

    Of a hundred, `copies` are other sources of an article that is there too.
    """
    done = folder / f".made-{count}-{seed}{f'-{copies}' if copies else ''}"
    if done.exists():
        return
    random_ = random.Random(seed)
    copying = random.Random(seed + 1)  # so that the others are the same with and without copies
    made: set[Path] = set()
    text = ""
    for number in range(count):
        if text and copying.randrange(100) < copies:
            path, text = copied(text, number, copying)
        else:
            path, text = article(number, random_, max(20, count // 200))
        target = folder / path
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        target.write_text(text, encoding="utf-8")
    done.touch()
