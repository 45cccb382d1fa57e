"""Compare what two titles and excerpts tell: how alike they are, and what speaks against it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel, Levenshtein

from newsdesk.text import comparison_key
from newsdesk.workspace.stories.contrasts import Side, contrast
from newsdesk.workspace.stories.tokens import (
    IRREGULAR,
    QUALIFIERS,
    TURNS,
    StoryText,
    content_of_run,
    key_words,
)

_HOURS_OF_A_SERIES = 20 * 3_600  # seconds; the next piece of a daily series comes after that
_MIN_TELLING = 6  # words of an excerpt that tells something whatever the title says
_ROUNDED = 0.06  # two amounts of money this near are one, rounded


_MIN_SHARED_LETTERS = 0.7
_ENDING = re.compile(r"(?<=...)(?:ing|ed|es|s|e)$")


def _stem(word: str) -> str:
    """Return an English word without the ending of its form: bars, barred; opens, opening."""
    stem = _ENDING.sub("", IRREGULAR.get(word, word))
    return stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] else stem


_TURNS = frozenset(map(_stem, TURNS))


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two articles' words compare; shares are from 0 to 1.

    `alike`: percent, of the titles whatever the order of their words. `dice`: share of the words
    of the titles that both have. `cover`: share of them that the other article says anywhere,
    title or excerpt. `residual`: words of either title that the other article says nowhere.
    `half_replaced`: one of them stands in the place of another word.
    `excerpts`: share of words that the excerpts have in common, None if one is missing.
    `length`: telling words of the shorter title. `conflict`: why they cannot be the same story,
    in words, or empty. `edition`: they name different parts. `is_series`: they begin alike and
    go on about different things.
    """

    alike: int
    dice: float
    cover: float
    residual: tuple[tuple[str, ...], tuple[str, ...]]
    half_replaced: bool
    excerpts: float | None
    length: int
    are_equal: bool
    conflict: str
    edition: bool
    is_series: bool
    excerpt_numbers_differ: bool

    @property
    def turned(self) -> str:
        """The word that only one of them says, and that makes another event of it; or empty."""
        words = (word for words in self.residual for word in words)
        return next((word for word in words if word in TURNS or _stem(word) in _TURNS), "")

    @property
    def unexplained(self) -> int:
        """How many words of either title the other says nowhere, on the side that has fewer."""
        return min(map(len, self.residual))

    def is_next_of_series(self, apart: int) -> bool:
        """Tell whether a title came back over another text, as that of a daily column does."""
        if self.alike < 90 or apart < _HOURS_OF_A_SERIES or self.excerpts is None:
            return False
        return self.excerpts < 0.6 or self.excerpt_numbers_differ

    def score(self, listed: bool) -> int:
        """Return how sure it is that the story is the same, 0-99."""
        similar = self.cover if self.excerpts is None else self.excerpts
        sure = 0.5 * self.dice + 0.3 * self.cover + 0.2 * similar
        return min(99, round(100 * sure) + 10 * listed)


def compare(a: StoryText, b: StoryText) -> Comparison:
    """Compare two articles' words; the order does not matter."""
    if a.without_spaces or b.without_spaces:
        return _compared_by_letters(a, b)
    a, b = _apart_as_in(a, b), _apart_as_in(b, a)
    left, right = _unmatched(a.words, b.words, a, b)
    shared = len(a.words) + len(b.words) - len(left) - len(right)
    dice = shared / max(1, len(a.words) + len(b.words))
    residual = (_unsaid(left, b), _unsaid(right, a))
    cover = (
        1 - (len(residual[0]) / max(1, len(a.words)) + len(residual[1]) / max(1, len(b.words))) / 2
    )
    edition = a.edition != b.edition and (bool(a.edition and b.edition) or dice >= 0.6)
    conflict = (
        ("another part or edition" if edition else "")
        or _numbers_conflict(a, b)
        or contrast(_side(a), _side(b), dice, _are_forms)
        or _names_conflict(a, b, residual)
        or _replaced(a, b, residual, dice)
        or _qualified(a, b, residual, dice)
        or _came_of(a, b, residual)
    )
    return Comparison(
        alike=round(fuzz.token_sort_ratio(a.title, b.title)),
        dice=dice,
        cover=cover,
        residual=residual,
        half_replaced=_is_half_replaced(a, b, residual),
        excerpts=_excerpts(a, b),
        length=min(len(a.words), len(b.words)),
        are_equal=a.title == b.title,
        conflict=conflict,
        edition=edition,
        is_series=_is_series(a, b, residual),
        excerpt_numbers_differ=_excerpt_numbers_differ(a, b),
    )


def _side(told: StoryText) -> Side:
    return Side(told.words, told.names, told.marks, told.excerpt_text)


def _are_forms(one: str, other: str) -> bool:
    return _is_form_of(one, other, False)


def has_empty_excerpt(told: StoryText) -> bool:
    """Return whether an excerpt says nothing of its title: "No damage was reported." """
    return (
        0 < len(told.excerpt_words) < _MIN_TELLING
        and not told.without_spaces
        and not any(_are_forms(word, said) for word in told.words for said in told.excerpt_words)
    )


def _excerpt_numbers_differ(a: StoryText, b: StoryText) -> bool:
    mine, theirs = a.excerpt_numbers - b.excerpt_numbers, b.excerpt_numbers - a.excerpt_numbers
    return bool(mine and theirs)


# -- words -------------------------------------------------------------------------------------


def _apart_as_in(one: StoryText, other: StoryText) -> StoryText:
    """Return what is told with those words apart that the other title does not write as one.

    Hashtags and compounds: #NotMyRobot, "Not my robot"; smartphone, "smart phone".
    """
    tokens = comparison_key(other.title).split()
    words: list[str] = []
    for word in one.words:
        parts = () if word in other.words else _parts_of(word, tokens)
        words += [part for part in parts if part in other.words] or [word]
    return replace(one, words=tuple(words)) if tuple(words) != one.words else one


def _parts_of(word: str, tokens: Sequence[str]) -> Sequence[str]:
    """Return the words in a row that make one when written together; empty if none do."""
    for first in range(len(tokens)):
        end = first + 1
        while end < len(tokens) and word.startswith("".join(tokens[first:end])):
            end += 1
            if "".join(tokens[first:end]) == word:
                return tokens[first:end]
    return ()


def _unmatched(
    mine: Sequence[str], theirs: Sequence[str], a: StoryText, b: StoryText
) -> tuple[list[str], list[str]]:
    """Return the words of either side that have no partner on the other."""
    left = list(dict.fromkeys(mine))
    right = list(dict.fromkeys(theirs))
    both = set(left) & set(right)
    left = [word for word in left if word not in both]
    right = [word for word in right if word not in both]
    for word in tuple(left):
        exact = word in a.names
        partner = next(
            (other for other in right if _is_form_of(word, other, exact and other in b.names)),
            None,
        )
        if partner is not None:
            left.remove(word)
            right.remove(partner)
    return left, right


@lru_cache(maxsize=65_536)
def _is_form_of(one: str, other: str, are_names: bool) -> bool:
    """Tell whether two words are forms of one: robots, robot; recognise, recognition."""
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    if not (shorter.isalpha() and longer.isalpha()):
        return False
    if are_names:
        return longer in (shorter + "s", shorter + "es")
    if _stem(shorter) == _stem(longer):
        return True
    start = len(_common_beginning(shorter, longer))
    if start >= 4 and start >= len(shorter) - 2 and (len(longer) - start <= 4 or start >= 7):
        return True
    # Scripts without capitals write articles and prepositions as one with the word.
    caseless = shorter.lower() == shorter.upper()
    return caseless and len(shorter) >= 4 and longer.endswith(shorter[1:])


def _common_beginning(one: str, other: str) -> str:
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return one[:place]
    return one


def _unsaid(words: Iterable[str], other: StoryText) -> tuple[str, ...]:
    """Return those words that the other article says neither in its title nor its excerpt."""
    said = other.excerpt_words.union(other.words)
    return tuple(
        word
        for word in words
        if word not in said and not any(_is_form_of(word, one, False) for one in said)
    )


def _excerpts(a: StoryText, b: StoryText) -> float | None:
    """Return the share of the words of the shorter excerpt that the other one has."""
    mine, theirs = a.excerpt_words, b.excerpt_words
    if a.without_spaces or b.without_spaces:
        mine, theirs = frozenset(key_words(a.excerpt)), frozenset(key_words(b.excerpt))
    if not mine or not theirs:
        return None
    shorter, longer = sorted((mine, theirs), key=len)
    return len(shorter & longer) / len(shorter)


# -- what speaks against it --------------------------------------------------------------------


def _numbers_conflict(a: StoryText, b: StoryText) -> str:
    """Tell of numbers, days or months that either says and the other does not."""
    for mine, theirs, theirs_said, mine_said in (
        (a.numbers, b.numbers, b.excerpt_numbers, a.excerpt_numbers),
        (a.calendar, b.calendar, b.excerpt_words, a.excerpt_words),
        (a.count_words, b.count_words, b.excerpt_numbers, a.excerpt_numbers),
    ):
        left, right = mine - theirs - theirs_said, theirs - mine - mine_said
        if left and right and not _are_rounded(left, right):
            return f"{min(left)} is not {min(right)}"
    return ""


def _are_rounded(left: Collection[str], right: Collection[str]) -> bool:
    """Tell whether two large amounts differ by no more than rounding."""
    try:
        (mine,), (theirs,) = map(float, left), map(float, right)
    except ValueError:
        return False
    return min(mine, theirs) >= 10_000 and abs(mine - theirs) <= _ROUNDED * max(mine, theirs)


def _names_conflict(
    a: StoryText, b: StoryText, residual: tuple[tuple[str, ...], tuple[str, ...]]
) -> str:
    mine = [word for word in residual[0] if word in a.names]
    theirs = [word for word in residual[1] if word in b.names]
    return f"“{mine[0]}” is not “{theirs[0]}”" if mine and theirs else ""


def _replaced(
    a: StoryText, b: StoryText, residual: tuple[tuple[str, ...], tuple[str, ...]], dice: float
) -> str:
    """Tell of a word in the place of another, in titles that are alike else."""
    if dice < 0.5 or not (residual[0] and residual[1]):
        return ""
    told_alike = (_excerpts(a, b) or 0) >= 0.8 and not _excerpt_numbers_differ(a, b)
    for mine, theirs in _slots(a.words, b.words):
        one = next((word for word in mine if word in residual[0]), "")
        other = next((word for word in theirs if word in residual[1]), "")
        # Where the excerpts tell the same and neither says its word, the two words do too.
        in_excerpts = one in a.excerpt_words or other in b.excerpt_words
        if one and other and (in_excerpts or not told_alike):
            return f"“{one}” is not “{other}”"
    return ""


def _is_half_replaced(
    a: StoryText, b: StoryText, residual: tuple[tuple[str, ...], tuple[str, ...]]
) -> bool:
    return any(
        any(word in residual[0] for word in mine) or any(word in residual[1] for word in theirs)
        for mine, theirs in _slots(a.words, b.words)
    )


def _slots(one: Sequence[str], other: Sequence[str]) -> list[tuple[Sequence[str], Sequence[str]]]:
    """Return what stands in the same place of two lists of words but differs."""
    slots = []
    gone: Sequence[str] = ()
    came: Sequence[str] = ()
    for step in Indel.opcodes(one, other):
        if step.tag == "delete":
            gone = one[step.src_start : step.src_end]
        elif step.tag == "insert":
            came = other[step.dest_start : step.dest_end]
        else:
            gone, came = (), ()
        if gone and came:
            slots.append((gone, came))
    return slots


def _came_of(a: StoryText, b: StoryText, residual: tuple[tuple[str, ...], tuple[str, ...]]) -> str:
    """Tell if one is about what came after the event that the other is about."""
    for mine, theirs, news in ((a, b, residual[0]), (b, a, residual[1])):
        for word in mine.after if news and not theirs.after else ():
            if any(_is_form_of(word, other, False) for other in theirs.words):
                return f"only one is about what came after “{word}”"
    return ""


def _qualified(
    a: StoryText, b: StoryText, residual: tuple[tuple[str, ...], tuple[str, ...]], dice: float
) -> str:
    """Tell of a word that makes another thing of what both titles name: portals, Pro, Lite."""
    if dice < 0.7:
        return ""
    for words, names in ((residual[0], a.names), (residual[1], b.names)):
        for word in words:
            if word in QUALIFIERS or (word in names and dice >= 0.8):
                return f"only one is about “{word}”"
    return ""


def _is_series(
    a: StoryText, b: StoryText, residual: tuple[tuple[str, ...], tuple[str, ...]]
) -> bool:
    shared = 0
    for one, other in zip(a.words, b.words, strict=False):
        if one != other:
            break
        shared += 1
    rest = set(a.words[shared:]), set(b.words[shared:])
    return shared >= 2 and all(rest) and not rest[0] & rest[1] and all(residual)


# -- scripts without spaces --------------------------------------------------------------------


def _compared_by_letters(a: StoryText, b: StoryText) -> Comparison:
    one, other = content_of_run(a.title), content_of_run(b.title)
    shared = Indel.normalized_similarity(one, other)
    gone: list[str] = []
    came: list[str] = []
    replaced = ""
    for step in Levenshtein.opcodes(one, other):
        mine, theirs = one[step.src_start : step.src_end], other[step.dest_start : step.dest_end]
        if step.tag == "equal":
            continue
        unsaid = (_unsaid_letters(mine, b), _unsaid_letters(theirs, a))
        gone += unsaid[0]
        came += unsaid[1]
        if step.tag == "replace" and all(unsaid):
            replaced = replaced or f"“{mine}” is not “{theirs}”"
    lost = sum(map(len, (*gone, *came)))
    cover = max(0.0, 1 - lost / max(1, len(one) + len(other)))
    edition = a.edition != b.edition and bool(a.edition or b.edition)
    negated = a.marks.is_negated != b.marks.is_negated and shared >= _MIN_SHARED_LETTERS
    conflict = (
        ("another part or edition" if edition else "")
        or _numbers_conflict(a, b)
        or ("only one says “not”" if negated else "")
        or replaced
    )
    residual = (tuple(gone), tuple(came))
    return Comparison(
        alike=round(fuzz.token_sort_ratio(a.title, b.title)),
        dice=shared,
        cover=cover,
        residual=residual,
        half_replaced=False,
        excerpts=_excerpts(a, b),
        length=min(len(one), len(other)) // 2,
        are_equal=a.title == b.title,
        conflict=conflict,
        edition=edition,
        is_series=_is_series(a, b, residual),
        excerpt_numbers_differ=_excerpt_numbers_differ(a, b),
    )


def _unsaid_letters(run: str, other: StoryText) -> list[str]:
    return [run] if run and run not in other.title and run not in other.excerpt else []
