"""Pure: English text to the word pieces of BERT's lower-case vocabulary (Google, Apache-2.0)."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

LONGEST = 128
"""Pieces the model was trained to read, first and last mark included."""

_START, _END, _UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
_WORD = re.compile(r"\w+|[^\w\s]", re.UNICODE)
_LONGEST_WORD = 100


class WordPieces:
    """Greedy longest match, pieces inside a word marked with ##.

    Args:
        vocabulary: pieces in the order of their numbers.
    """

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._number: Mapping[str, int] = {piece: at for at, piece in enumerate(vocabulary)}

    def numbers(self, text: str) -> list[int]:
        """Numbers of the text's pieces between the start and end marks, at most `LONGEST`."""
        pieces = [self._number[_START]]
        for word in _WORD.findall(_plain(text).replace("_", " _ ")):
            pieces += self._word(word)
            if len(pieces) >= LONGEST:
                break
        return [*pieces[: LONGEST - 1], self._number[_END]]

    def _word(self, word: str) -> list[int]:
        found: list[int] = []
        at = 0
        while at < len(word) and len(word) <= _LONGEST_WORD:
            mark = "##" if at else ""
            end = next((end for end in range(len(word), at, -1) if mark + word[at:end] in self._number), at)
            if end == at:
                return [self._number[_UNKNOWN]]
            found.append(self._number[mark + word[at:end]])
            at = end
        return found or [self._number[_UNKNOWN]]


def _plain(text: str) -> str:
    """Lower case without accents."""
    parts = unicodedata.normalize("NFD", text.lower())
    return "".join(character for character in parts if unicodedata.category(character) != "Mn")
