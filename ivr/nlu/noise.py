"""Pure: texts with simulated recognition errors, for training and for measuring.

Shares of errors as measured on real transcripts: 60 % words heard as similar ones, 27 % lost, 13 % invented.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from rapidfuzz import fuzz, process

from ivr.nlu.cleanup import is_chinese, joined, pieces
from ivr.nlu.sounds import syllable, word_sounds

_SUBSTITUTED, _LOST = 0.60, 0.27
_COMMON_WORDS_EN = (
    "the to and a i you it of in is that for on my we have this be with are not do was but at what so can as if just "
    "no all one out about get would up like will there don't they when me now time how go been said were them some "
    "right well here think good see then more two could really three back need call want know card phone make take "
    "day way new where their by from your our or an he she his her had has did say come look four five ten hold wait "
    "please thanks bank account money number name date home work car house read red sent cent week weak buy by sale "
    "sail mail male pay play day they plane plan lost last list cost coast note not knot fee free three tree meet meat"
)


class Mishearer:
    """Makes noised copies of texts of one language. Words are replaced by similar ones of `texts` or common words."""

    def __init__(self, language: str, texts: Sequence[str]) -> None:
        self._language = language
        self._chinese = is_chinese(language)
        words = {word for text in texts for word in pieces(text, language)}
        self._words = sorted(words if self._chinese else words | set(_COMMON_WORDS_EN.split()))
        self._sounds = [word_sounds(word) for word in self._words]
        self._similar: dict[str, list[str]] = {}

    def copies(self, texts: Sequence[str], rate: float, generator: np.random.Generator) -> list[str]:
        """One copy of each text, in order, with about `rate` (0 to 1) of its words or characters wrong."""
        return [self.copy(text, rate, generator) for text in texts]

    def copy(self, text: str, rate: float, generator: np.random.Generator) -> str:
        heard: list[str] = []
        for part in pieces(text, self._language):
            if generator.random() >= rate:
                heard.append(part)
                continue
            kind = generator.random()
            if kind < _SUBSTITUTED:
                options = self._homophones(part) if self._chinese else self._neighbours(part)
                heard.append(options[int(generator.integers(len(options)))] if options else part)
            elif kind >= _SUBSTITUTED + _LOST:
                heard += [part, self._words[int(generator.integers(len(self._words)))]]
        return joined(heard, self._language) or text

    def _neighbours(self, word: str) -> list[str]:
        if word not in self._similar:
            near = process.extract(word_sounds(word), self._sounds, scorer=fuzz.ratio, limit=6, score_cutoff=45)
            self._similar[word] = [self._words[at] for _, _, at in near if self._words[at] != word]
        return self._similar[word]

    def _homophones(self, character: str) -> list[str]:
        return [other for other in _by_syllable().get(syllable(character), []) if other != character]


@lru_cache(maxsize=1)
def _by_syllable() -> dict[str, list[str]]:
    """The 3,755 everyday characters (GB 2312, level 1) by their toneless, merged syllable."""
    table: dict[str, list[str]] = {}
    for row in range(0xB0, 0xD8):
        for cell in range(0xA1, 0xFF):
            try:
                character = bytes((row, cell)).decode("gb2312")
            except UnicodeDecodeError:
                continue
            table.setdefault(syllable(character), []).append(character)
    return table
