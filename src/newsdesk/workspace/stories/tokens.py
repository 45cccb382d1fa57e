"""The words of titles and excerpts as stories are compared by them, in any script."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

from newsdesk.index.query.sql import has_unspaced_script
from newsdesk.text import comparison_key
from newsdesk.workspace.stories.contrasts import Marks, marks_of

_WORD = re.compile(r"[^\W_]+")
# Function words of the languages that collections are most often in: they tell nothing apart.
STOP_WORDS = frozenset(
    """a an and are as at be been but by can could did do does for from had has have he her his how
    in into is it its may more new not now of off on or our out over said say says she so than that
    the their them then there these they this those to up was we were what when where which who why
    will with would you your after about also amid
    der die das den dem des ein eine einen einem einer eines und oder aber mit von vom zu zum zur im
    in am an auf aus bei fur nach uber unter ist sind war wird werden wurde hat haben nicht auch als
    wie sich es er sie ab
    le la les un une des du de et ou mais avec pour par sur dans en au aux est sont a ont ne pas que
    qui se son sa ses ce cette l d
    el los las una uno y o pero con para por del al es son fue ha han no que se su sus lo como mas
    il lo gli i di da in con su per tra e ma non che si nel nella nelle dei delle
    o os as um uma dos das do da em no na nos nas e com para por
    de het een en van voor met op te dat niet zijn is
    och att det som pa av till ett inte ar
    и в во на с со по за из от до о об не что как для это к у а но же
    के की का से में पर को है ने और अब एक ही भी होगी होगा
    في من على إلى عن أن هذا""".split()
)
_GERMAN = frozenset(
    "der die das und im den dem des ein eine fur mit von zum zur ist wird auf".split()
)
_NUMBER_WORDS = {
    word: str(number)
    for number, words in enumerate(
        """one first|two second|three third|four fourth|five fifth|six sixth|seven seventh|
        eight eighth|nine ninth|ten tenth|eleven eleventh|twelve twelfth""".split("|"),
        1,
    )
    for word in words.split()
}
_OTHER_NUMBER_WORDS = """
eins erste ersten erster erstes premier premiere primer primero primera primo primeiro
zwei zweite zweiten zweiter zweites deux deuxieme seconde dos segundo segunda due secondo dois
drei dritte dritten dritter drittes trois troisieme tres tercer tercero tercera tre terzo terza
vier vierte vierten vierter viertes quatre quatrieme cuatro cuarto cuarta quattro quarto quarta
funf funfte funften cinq cinquieme cinco quinto quinta cinque
sechs sechste sechsten sixieme seis sexto sexta sesto
sieben siebte siebten sept septieme siete septimo sette settimo
acht achte achten huit huitieme ocho octavo otto ottavo"""
_NUMBER_WORDS |= {
    word: str(number)
    for number, line in enumerate(_OTHER_NUMBER_WORDS.splitlines())
    for word in line.split()
}
_CALENDAR = frozenset(
    """january february march april june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday jan feb apr jun jul aug sept sep oct
    nov dec januar februar marz mai juni juli oktober dezember montag dienstag mittwoch donnerstag
    freitag samstag sonntag janvier fevrier mars avril juin juillet aout septembre octobre novembre
    decembre lundi mardi mercredi jeudi vendredi samedi dimanche enero febrero marzo abril junio
    julio agosto septiembre octubre noviembre diciembre lunes martes miercoles jueves viernes
    sabado domingo gennaio febbraio aprile maggio giugno luglio settembre ottobre novembre dicembre
    spring summer autumn winter weekly daily monthly""".split()
)
# What stands before or after the number of an edition: part 2, wave 1, Folge 3.
_EDITION = frozenset(
    """part episode ep chapter volume vol issue edition version wave season series phase round
    week day tag jour dia giorno beta rc
    release update build teil folge kapitel ausgabe woche partie chapitre episodio
    parte capitulo numero number no nr часть выпуск серия""".split()
)
# Words that make another thing of what they stand beside.
QUALIFIERS = frozenset(
    """pro lite mini max plus ultra air mobile desktop web portal portals preview beta alpha
    enterprise business schools education home server client cloud classic premium basic free
    public private electric hybrid women men junior senior north south east west upper lower
    general availability available developer community""".split()
)
# Words that turn what happened into what did not, or into what comes after it or is said about it.
TURNS = frozenset(
    """not no never lift drop scrap halt stop end cancel postpone delay deny denies denied reject
    appeal fail resume reopen reverse withdraw withdrew suspend without against protest criticise
    react reaction opinion analysis interview explained explainer timeline background facts
    apologise apologize sue sued blame defend hope
    nicht kein keine stoppt beendet verschiebt streicht dementiert klagt gegen kommentar
    pas jamais annule suspend reporte renonce contre cancela suspende aplaza niega contra sin
    annulla sospende rinvia smentisce contro inte ej stoppar igen
    не нет отменил отменила отменили приостановил против""".split()
)
# What stands between an event and what it led to: the piece is about the latter.
_AFTER = frozenset("after following nach apres suite tras dopo efter после".split())
# Forms that have no ending in common with their verb.
IRREGULAR = dict(
    pair.split(":")
    for pair in """found:find ran:run made:make took:take taken:take bought:buy sold:sell held:hold
    won:win lost:lose built:build began:begin begun:begin went:go gone:go got:get gave:give
    given:give kept:keep left:leave met:meet paid:pay rose:rise risen:rise fell:fall fallen:fall
    saw:see seen:see sent:send shot:shoot spoke:speak stole:steal stolen:steal taught:teach
    thought:think threw:throw thrown:throw wrote:write written:write drew:draw drawn:draw
    grew:grow grown:grow knew:know known:know broke:break broken:break chose:choose
    chosen:choose drove:drive driven:drive flew:fly flown:fly hid:hide hidden:hide
    struck:strike sued:sue caught:catch fought:fight""".split()
)
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8"}
_SCALES = {
    "k": 1e3, "thousand": 1e3, "tausend": 1e3, "mille": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6,
    "millions": 1e6, "mio": 1e6, "millionen": 1e6, "millones": 1e6, "milioni": 1e6, "bn": 1e9,
    "b": 1e9, "billion": 1e9, "billions": 1e9, "mrd": 1e9, "milliarden": 1e9, "milliards": 1e9,
}  # fmt: skip
_NUMBER = re.compile(
    r"(?<![^\W\d_])(\d{1,3}(?:[,.\u00a0\u202f ]\d{3})+(?!\d)|\d+(?:[.,]\d+)?)"
    r"(?:[\s\u00a0-]?(" + "|".join(sorted(_SCALES, key=len, reverse=True)) + r")(?![^\W_]))?"
    r"(?:(?:st|nd|rd|th)(?![^\W_]))?",
    re.IGNORECASE,
)
# What newsrooms and wires put around the title of the same piece.
_LABEL = re.compile(
    r"^\W*(?:updated?|re-?transmission|correcting and replacing|correction|corrected|breaking"
    r"|korrektur|berichtigung|rectificatif|correcci[oó]n|rectificaci[oó]n|correzione|rettifica"
    r"|correção|исправление|exclusive|video|watch|live)\s*(?:\d*)\s*[:\u2013\u2014|-]\s*"
    r"|^correcting and replacing\s+|\s*\((?:adds|updates?|updated|video|corrects?)[^)]*\)\s*$",
    re.IGNORECASE,
)
_CORRECTION = re.compile(
    r"^\W*(?:correcting and replacing|correction|corrected|korrektur|berichtigung|rectificatif"
    r"|correcci[oó]n|rectificaci[oó]n|correzione|rettifica|correção|исправление)(?![^\W_])"
    r"|\((?:corrects?|corrected|korrigiert|corrigé|corregido)[^)]*\)\s*$",
    re.IGNORECASE,
)
_TAIL = re.compile(r"\s+[-\u2013\u2014|·]\s+([^-\u2013\u2014|·]{2,40})$")
_TAIL_LABELS = frozenset(("statement", "update", "report", "source", "sources"))
_HIRAGANA = re.compile("[\u3041-\u309f]+")


def runs_on(text: str) -> bool:
    """Tell whether the text is in a script that puts no spaces between words."""
    return has_unspaced_script(text)


def key_words(text: str) -> set[str]:
    """Return the words by which alike texts are found: no function words, case and accents gone.

    Of scripts without spaces, every two letters that follow each other.
    """
    words: set[str] = set()
    for word in _WORD.findall(comparison_key(text)):
        if has_unspaced_script(word):
            words.update(word[place : place + 2] for place in range(max(1, len(word) - 1)))
        elif word not in STOP_WORDS and (len(word) > 2 or word.isdigit()):
            words.add(word)
    return words


def is_correction(title: str) -> bool:
    """Return whether a title says that it corrects an earlier article."""
    return bool(_CORRECTION.search(unicodedata.normalize("NFKC", title)))


@dataclass(frozen=True, slots=True)
class StoryText:
    """What a title and an excerpt tell, taken apart.

    `title` is the bare title in lower case; `words` its telling words in order, without accents;
    `numbers` its numbers, `count_words` those written as words, `calendar` its days and months,
    `edition` the numbers that count editions ("part 2"); `names` the words that are names as far
    as capitals tell. The same of the excerpt where it says so.
    """

    title: str
    words: tuple[str, ...]
    numbers: frozenset[str]
    count_words: frozenset[str]
    calendar: frozenset[str]
    edition: frozenset[str]
    names: frozenset[str]
    after: frozenset[str]
    excerpt: str
    excerpt_words: frozenset[str]
    excerpt_numbers: frozenset[str]
    without_spaces: bool
    marks: Marks
    excerpt_text: str
    is_correction: bool

    def without_excerpt(self) -> StoryText:
        """Return the same as if there were no excerpt."""
        return replace(
            self,
            excerpt="",
            excerpt_words=frozenset(),
            excerpt_numbers=frozenset(),
            excerpt_text="",
        )

    def without_numbers(self) -> StoryText:
        """Return the same as if no number, day or version were named: those are corrected."""
        none: frozenset[str] = frozenset()
        marks = replace(self.marks, codes=none, scores=frozenset())
        return replace(
            self, numbers=none, count_words=none, calendar=none, edition=none, marks=marks
        )


@lru_cache(maxsize=16_384)
def told(title: str, excerpt: str, source: str) -> StoryText:
    """Take a title and an excerpt apart; `source` is what the provider may be called in them."""
    bare = _bare(title, source)
    numbers, rest = _numbers(bare)
    tokens = _WORD.findall(rest)
    folds = [comparison_key(token) for token in tokens]
    edition = _edition(bare)
    excerpt_numbers, excerpt_rest = _numbers(unicodedata.normalize("NFKC", excerpt))
    excerpt_tokens = _WORD.findall(excerpt_rest)
    words = tuple(word for word in folds if _tells(word) and word not in _CALENDAR)
    return StoryText(
        " ".join(_WORD.findall(unicodedata.normalize("NFC", bare.casefold()))),
        words,
        numbers,
        frozenset(_NUMBER_WORDS[word] for word in folds if word in _NUMBER_WORDS),
        frozenset(word for word in folds if word in _CALENDAR),
        edition,
        _names(tokens, folds, excerpt_rest),
        _came_after(folds),
        " ".join(excerpt.casefold().split()),
        frozenset(filter(_tells, map(comparison_key, excerpt_tokens))),
        excerpt_numbers,
        runs_on(bare),
        marks_of(bare),
        excerpt,
        is_correction(title),
    )


def _tells(word: str) -> bool:
    return word not in STOP_WORDS and (len(word) > 1 or runs_on(word))


def _bare(title: str, source: str) -> str:
    """Return a title without labels before it and the source behind it."""
    text = unicodedata.normalize("NFKC", title).strip()
    while (shorter := _LABEL.sub("", text).strip()) and shorter != text:
        text = shorter
    tail = _TAIL.search(text)
    if tail and tail.start() > 0:
        name = "".join(_WORD.findall(comparison_key(tail[1])))
        known = "".join(_WORD.findall(comparison_key(source)))
        if name and (name in known or name in _TAIL_LABELS):
            text = text[: tail.start()]
    return text


def _numbers(text: str) -> tuple[frozenset[str], str]:
    """Return the numbers of a text, as plain digits, and the text without them."""
    found = set()

    def take(match: re.Match[str]) -> str:
        digits = match[1]
        grouped = re.fullmatch(r"\d{1,3}(?:[,.\u00a0\u202f ]\d{3})+", digits)
        plain = re.sub(r"\D", "", digits) if grouped else digits.replace(",", ".")
        scale = _SCALES.get((match[2] or "").casefold())
        found.add(f"{float(plain) * scale:g}" if scale else plain)
        return " "

    rest = _NUMBER.sub(take, text)
    return frozenset(found), rest


def _edition(text: str) -> frozenset[str]:
    """Return the numbers of editions, parts and episodes that a title names."""
    tokens = _WORD.findall(comparison_key(text.replace("#", " number ")))
    found = set()
    for place, token in enumerate(tokens):
        number = token if token.isdigit() else _NUMBER_WORDS.get(token) or _ROMAN.get(token)
        around = (tokens[place - 1] if place else "", *tokens[place + 1 : place + 2])
        if number and (around[0] in _EDITION or (token.isdigit() and around[-1] in _EDITION)):
            found.add(number)
    if fraction := re.search(r"\((\d{1,2})\s*/\s*\d{1,2}\)", text):
        found.add(fraction[1])
    return frozenset(found)


def _came_after(folds: list[str]) -> frozenset[str]:
    """Return the telling words that follow an "after" in a title."""
    place = next((place for place, word in enumerate(folds) if word in _AFTER), len(folds))
    return frozenset([word for word in folds[place + 1 :] if _tells(word)][:3])


def _names(tokens: list[str], folds: list[str], excerpt: str) -> frozenset[str]:
    """Return the words of a title that are names, as far as capitals tell."""
    telling = [token for token, word in zip(tokens, folds, strict=True) if _tells(word)]
    capitals = [token for token in telling if token[:1].isupper()]
    inside = _capitals_inside(excerpt)
    if (
        len(_GERMAN.intersection(folds))
        or len(_GERMAN & set(map(comparison_key, _WORD.findall(excerpt)))) > 2
    ):
        return frozenset()  # every noun has a capital
    if len(telling) >= 4 and len(capitals) >= 0.7 * len(telling):
        return frozenset(
            comparison_key(token) for token in capitals if comparison_key(token) in inside
        )
    names = {comparison_key(token) for token in tokens[1:] if token[:1].isupper()}
    if tokens and folds[0] in inside:
        names.add(folds[0])
    return frozenset(name for name in names if _tells(name))


def _capitals_inside(text: str) -> frozenset[str]:
    """Return the words that have a capital though no sentence begins with them."""
    return frozenset(
        comparison_key(match[1])
        for match in re.finditer(r"(?<=[^\W\d_][ ,])\s*([^\W\d_]\w*)", text)
        if match[1][:1].isupper()
    )  # fmt: skip


def content_of_run(text: str) -> str:
    """Return the telling letters of a text without spaces: no marks, no hiragana."""
    return _HIRAGANA.sub("", "".join(_WORD.findall(text)))
