"""Find what makes two alike titles tell of two things: a "not", the roles, scores, opposites."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from newsdesk.text import comparison_key

_WORD = re.compile(r"[^\W_]+")
_NEGATIONS = frozenset(
    """not no never cannot nor nicht kein keine keinen keiner keinem keines nie niemals pas jamais
    aucun aucune nunca jamas ningun ninguna non nessun nessuno nessuna nao nenhum nenhuma niet geen
    inte inga не нет никогда""".split()
)
_NEGATIVE_LETTERS = re.compile("[不没沒未無无]|ない")
# What names the one who acts in a passive clause.
_AGENTS = frozenset("by von par por da dal dalla pelo pela door av".split())
_SCORE = re.compile(r"(?<![\d.,:-])(\d{1,3})\s?[-\u2013:]\s?(\d{1,3})(?![\d.,:%-])")
# Versions, quarters and models: Q3, T7, GPT-4, Model B, Part III.
_CODE = re.compile(
    r"(?<![\w.&'\u2019-])(?:[^\W\d_]{1,6}-?\d{1,4}[a-z]?|[A-HJ-Z]|[IVX]{2,4})(?![\w.&'\u2019])"
)
_MIN_ALIKE = 0.5  # share of words; titles that have less in common are not told apart by one word
_MAX_NAME_WORDS = 2


@dataclass(frozen=True, slots=True)
class _Axis:
    """Two directions of one thing, each as the beginnings (or, with $, whole) folded words.

    `has_roles`: what one does, the other side undergoes, so that two titles with their names
    exchanged may say the same.
    """

    one: re.Pattern[str]
    other: re.Pattern[str]
    has_roles: bool = False


def _axis(one: str, other: str, *, has_roles: bool = False) -> _Axis:
    compiled = [re.compile("(?:" + "|".join(side.split()) + ")") for side in (one, other)]
    return _Axis(compiled[0], compiled[1], has_roles)


_AXES = (
    _axis(
        """ris(?:e|es|en|ing)$ rose$ gain climb jump surg soar grow grew increas higher$ steig
        stieg klettert wachs wuchs mont(?:e|ent|er)$ augment hausse$ grimp sub(?:e|en|io|ieron)$
        aument crec sal(?:e|gono)$ sobe cresc раст вырос""",
        """fall(?:s|en|ing|t)?$ fell$ drop declin slip plung tumbl slump shrink shrank decreas
        lower$ sink sank fiel ruckgang baiss recul chut dimin baj(?:a|an|o|aron)$ ca(?:e|en|yo)$
        descien cal(?:a|ano)$ scend cai$ пада упал сниз""",
    ),
    _axis(
        """pass(?:es|ed)?$ approv adopt accept allow permit authori billig erlaub genehmig gestatt
        approuv autoris autori aprueb aprob acept acepta approva consent разреш одобр""",
        """reject refus veto block bans?$ banned$ prohib lehnt abgelehnt verbiet verbot untersag
        rejett interdi rechaz niega respinge boccia viet(?:a|ano)$ запре отклон""",
    ),
    _axis(
        "open(?:s|ed|ing)?$ offnet eroffne ouvr abr(?:e|en|ira|iran)$ inaugur apr(?:e|ono)$ открыв",
        "clos(?:e|es|ed|ing)$ shut schliess schloss ferm(?:e|ent|er)$ cierr cerr chiud закрыв",
    ),
    _axis(
        """starts$ started$ begin began launch resum beginn startet commenc debut lanc(?:e|ent)$
        empiez comienz inici lanz avvi inizia начин""",
        """end(?:s|ed|ing)?$ stop halt finish suspend cancel endet beendet termin arret acab detien
        finisc ferma заверш""",
    ),
    _axis(
        """win(?:s|ning)?$ won$ beat(?:s|en)?$ defeat gewinnt$ gewann siegt schlagt$ gagn bat$
        remport gana$ gano$ venc derrot vince batte побед""",
        "los(?:e|es|ing|t)$ verlier verlor unterlieg perd pierd проигр",
        has_roles=True,
    ),
    _axis(
        "buy bought acquir purchas kauf erwirb achet rachet compra acquist купил",
        "sell sold$ verkauf vend продал",
        has_roles=True,
    ),
    _axis(
        "hir(?:e|es|ed|ing)$ appoint recruit heuert embauch recrut contrat assum",
        "fir(?:es|ed|ing)$ sack(?:s|ed)$ dismiss feuert entlass licenci despid licenz",
    ),
    _axis("beat exceed ubertr depass supera", "miss(?:es|ed)$ verfehl manqu incumpl"),
    _axis(
        "profits?$ gewinn$ benefice ganancia beneficio utile$ lucro",
        "loss(?:es)?$ verlust perte perdida perdita prejuizo",
    ),
    _axis(
        "rais(?:e|es|ed)$ hik(?:e|es|ed)$ erhoh hebt relev", "cuts?$ slash senk kurz reduc reduit"
    ),
    _axis("confirm bestatig conferma", "den(?:y|ies|ied)$ dement desmient niega smentisc"),
    _axis("guilty convict schuldig coupable culpable", "acquit innocent freigespr freispr absuel"),
    _axis("support(?:s|ed)$ unterstutz soutien apoya", "oppos"),
    _axis("join(?:s|ed)$", "leav(?:e|es|ing)$ quits?$ left$"),
    _axis("more$ mehr$ mas$ piu$", "fewer$ less$ weniger moins$ menos$ meno$"),
    _axis("upgrad", "downgrad"),
    _axis("import", "export"),
    _axis("surplus uberschuss excedent superavit", "deficit defizit"),
    _axis("legal", "illegal"),
    _axis("high(?:s|est)?$ hoch$", "low(?:s|est)?$ tief$"),
    _axis("men(?:s)?$ manner hommes hombres uomini", "women frauen femmes mujeres donne$"),
    _axis("boys?$ jungen$", "girls?$ madchen"),
    _axis(
        "morning morgens?$ matin manana mattin manha$",
        "evening abend soir tarde$ noche$ sera$ noite$",
    ),
    _axis(
        "north(?:ern|east|west)?$ nord(?:en|ern|lich\\w*|est|ost|west|ouest)?$ norte$ север",
        "south(?:ern|east|west)?$ sud(?:en|lich\\w*|est|ost|west|ouest)?$ sur$ sul$ южн юг",
    ),
    _axis(
        "east(?:ern)?$ ost(?:en|lich\\w*)?$ este?$ orient leste$ восто",
        "west(?:ern|en|lich\\w*)?$ ouest$ oeste$ ovest$ occident запад",
    ),
)


@dataclass(frozen=True, slots=True)
class Marks:
    """What of a text tells it from one that is alike: each by itself says nothing.

    `scores` as pairs of numbers in order; `codes` such as q3 or b; `signs` as (place of the axis
    in the table, 1 or -1), both of them where a text goes both ways.
    """

    is_negated: bool
    has_agent: bool
    scores: frozenset[tuple[str, str]]
    codes: frozenset[str]
    signs: frozenset[tuple[int, int]]


@lru_cache(maxsize=16_384)
def marks_of(text: str) -> Marks:
    """Return the marks of a title or an excerpt, in its own capitals."""
    words = _WORD.findall(comparison_key(text))
    negated = any(
        word in _NEGATIONS or (word == "t" and before.endswith("n"))
        for before, word in zip(("", *words), words, strict=False)
    )
    codes = {match[0] for match in _CODE.finditer(text) if match.start() or len(match[0]) > 1}
    return Marks(
        negated or bool(_NEGATIVE_LETTERS.search(text)),
        not _AGENTS.isdisjoint(words),
        frozenset((match[1], match[2]) for match in _SCORE.finditer(text)),
        frozenset(code.casefold().replace("-", "") for code in codes),
        frozenset().union(*map(_signs, words)),
    )


@lru_cache(maxsize=65_536)
def _signs(word: str) -> frozenset[tuple[int, int]]:
    """Return in which directions a folded word goes."""
    return frozenset(
        (place, sign)
        for place, axis in enumerate(_AXES)
        for side, sign in ((axis.one, 1), (axis.other, -1))
        if side.match(word)
    )


@dataclass(frozen=True, slots=True)
class Side:
    """One of two articles: its telling words in order, which of them are names, its marks.

    The marks of the excerpt are found when they are needed, which is seldom.
    """

    words: Sequence[str]
    names: frozenset[str]
    title: Marks
    excerpt_text: str

    @property
    def excerpt(self) -> Marks:
        """The marks of the excerpt."""
        return marks_of(self.excerpt_text)


def contrast(a: Side, b: Side, dice: float, are_forms: Callable[[str, str], bool]) -> str:
    """Return what one word or the order makes different in two alike titles, or empty.

    `are_forms` says whether two words are forms of one.
    """
    codes, others = a.title.codes - b.title.codes, b.title.codes - a.title.codes
    if codes and others:
        codes, others = codes - b.excerpt.codes, others - a.excerpt.codes
        if codes and others:
            return f"“{min(codes)}” is not “{min(others)}”"
    if dice < _MIN_ALIKE:
        return ""
    if a.title.is_negated != b.title.is_negated:
        plain = b.excerpt if a.title.is_negated else a.excerpt
        if not plain.is_negated:
            return "only one says “not”"
    swapped = _swapped(a.words, b.words, a.names | b.names, are_forms)
    if reason := _scores_contrast(a.title.scores, b.title.scores, swapped):
        return reason
    if a.title.has_agent == b.title.has_agent and swapped == _OVER_A_WORD:
        return "names in each other's place"
    for place, sign in a.title.signs:
        opposite = (place, -sign)
        if opposite in a.title.signs or opposite not in b.title.signs:
            continue
        same_subject = bool(a.words and b.words) and are_forms(a.words[0], b.words[0])
        if (place, sign) not in b.title.signs and (same_subject or not _AXES[place].has_roles):
            return "one says the opposite"
    return ""


def _scores_contrast(
    mine: frozenset[tuple[str, str]], theirs: frozenset[tuple[str, str]], swapped: int
) -> str:
    if not mine or not theirs:
        return ""
    if swapped:
        theirs = frozenset((second, first) for first, second in theirs)
    return "another score" if mine.isdisjoint(theirs) else ""


_SIDE_BY_SIDE, _OVER_A_WORD = 1, 2


def _swapped(
    one: Sequence[str],
    other: Sequence[str],
    names: frozenset[str],
    are_forms: Callable[[str, str], bool],
) -> int:
    """Return whether two titles differ by two names that are exchanged, and whether over a word.

    Where capitals tell of no name, any two words count as such.
    """
    if len(one) != len(other) or len(one) < 2 or one == other:
        return 0
    first, last = 0, len(one)
    while first < last and are_forms(one[first], other[first]):
        first += 1
    while last > first and are_forms(one[last - 1], other[last - 1]):
        last -= 1
    mine, theirs = one[first:last], other[first:last]
    for start in range(1, min(_MAX_NAME_WORDS, len(mine) - 1) + 1):
        for end in range(max(start, len(mine) - _MAX_NAME_WORDS), len(mine)):
            turned = (*mine[end:], *mine[start:end], *mine[:start])
            are_names = not (names.isdisjoint(mine[:start]) or names.isdisjoint(mine[end:]))
            are_words = not names and start == 1 == len(mine) - end
            if (are_names or are_words) and all(map(are_forms, turned, theirs)):
                return _OVER_A_WORD if end > start else _SIDE_BY_SIDE
    return 0
