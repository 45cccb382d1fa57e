"""The words of titles and excerpts as stories are compared by them, in any script."""

from __future__ import annotations

import re

from newsdesk.index.sql import written_without_spaces
from newsdesk.text import folded

_WORD = re.compile(r"[^\W_]+")
# Function words of the languages that collections are most often in: they tell nothing apart.
STOP_WORDS = frozenset(
    """a an and are as at be been but by can could did do does for from had has have he her his how
    in into is it its may more new not now of off on or our out over said says she so than that the
    their them then there these they this those to up was we were what when where which who why
    will with would you your after about also amid
    der die das den dem des ein eine einen einem einer eines und oder aber mit von vom zu zum zur im
    in am an auf aus bei fur nach uber unter ist sind war wird werden wurde hat haben nicht auch als
    wie sich es er sie
    le la les un une des du de et ou mais avec pour par sur dans en au aux est sont a ont ne pas que
    qui se son sa ses ce cette
    el los las una uno y o pero con para por del al es son fue ha han no que se su sus lo como mas
    il lo gli i di da in con su per tra e ma non che si
    o os as um uma dos das do da em no na nos nas e com para por
    de het een en van voor met op te dat niet zijn is
    и в во на с со по за из от до о об не что как для это к у а но же""".split()
)


def runs_on(text: str) -> bool:
    """Tell whether the text is in a script that puts no spaces between words."""
    return written_without_spaces(text)


def key_words(text: str) -> set[str]:
    """Return the words by which alike texts are found: no function words, case and accents gone.

    Of scripts without spaces, every two letters that follow each other.
    """
    words: set[str] = set()
    for word in _WORD.findall(folded(text)):
        if written_without_spaces(word):
            words.update(word[place : place + 2] for place in range(max(1, len(word) - 1)))
        elif word not in STOP_WORDS and (len(word) > 2 or word.isdigit()):
            words.add(word)
    return words
