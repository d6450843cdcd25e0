"""Pure: the pieces a recognizer writes words with, plain spelling of what it wrote, and signs that it made words up."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence

START, STOP = 1, 2
"""Token numbers of Moonshine's `<s>` and `</s>`."""

_MARKER = "\u2581"
"""SentencePiece writes a space as this."""

_WRITTEN = re.compile(r"[A-Za-z0-9' .,!?\-]+")
_OTHER = re.compile(r"[^a-z0-9']+")
_LONGEST_UNIT = 6
_REPEATS, _WORD_REPEATS = 4, 9
"""How often a group of words, or one word, must come in a row to be a decoder's loop. Callers do say the same
digit four times; nobody says it nine times."""


def plain(text: str) -> str:
    """Lower case, letters, digits and apostrophes only, single spaces: "Yes, that's 5!" -> "yes that's 5"."""
    words = _OTHER.sub(" ", text.lower().replace("\u2019", "'")).split()
    return " ".join(word for word in (word.strip("'") for word in words) if word)


def is_loop(words: Sequence[str]) -> bool:
    """True if the words end in one group repeated over and over: a decoder that lost its place."""
    for unit in range(1, _LONGEST_UNIT + 1):
        times = _WORD_REPEATS if unit == 1 else _REPEATS
        tail = words[-unit * times :]
        if len(tail) == unit * times and all(tail[i] == tail[i % unit] for i in range(len(tail))):
            return True
    return False


class Tokens:
    """Moonshine's vocabulary, read from `tokenizer.bin`: for each token its length and its bytes.

    A length of 128 or more takes two bytes, low seven bits first (Moonshine's bin-tokenizer).
    """

    def __init__(self, table: bytes) -> None:
        self._bytes = tuple(_read(table))
        self.pieces = tuple(_piece(raw) for raw in self._bytes)
        self.index = PieceIndex(enumerate(self.pieces))

    def __len__(self) -> int:
        return len(self._bytes)

    def text(self, numbers: Iterable[int]) -> str:
        """The words that tokens spell; START, STOP and the unknown token spell nothing."""
        raw = b"".join(self._bytes[number] for number in numbers if number > STOP)
        return raw.decode("utf-8", "ignore").replace(_MARKER, " ").strip()


class PieceIndex:
    """Tokens by their plain spelling, sorted, so that all that begin with some letters lie together.

    Only tokens that English phone answers are written with are in it; punctuation reads as a space.
    """

    def __init__(self, pieces: Iterable[tuple[int, str]]) -> None:
        rows = sorted((piece, number) for number, piece in pieces if piece)
        self._pieces = [piece for piece, _ in rows]
        self._numbers = [number for _, number in rows]

    def everything(self) -> range:
        return range(len(self._pieces))

    def narrow(self, inside: range, beginning: str) -> range:
        """The part of `inside` whose pieces start with `beginning` (its last letter is new)."""
        low = bisect_left(self._pieces, beginning, inside.start, inside.stop)
        high = bisect_left(self._pieces, beginning[:-1] + chr(ord(beginning[-1]) + 1), low, inside.stop)
        return range(low, high)

    def exactly(self, inside: range, piece: str) -> list[int]:
        """Tokens of `inside` that are spelled as `piece`; they come first in a narrowed range."""
        end = inside.start
        while end < inside.stop and self._pieces[end] == piece:
            end += 1
        return self._numbers[inside.start : end]


def _read(table: bytes) -> Iterable[bytes]:
    at = 0
    while at < len(table):
        length = table[at]
        at += 1
        if length >= 128:
            length += table[at] * 128 - 128
            at += 1
        yield table[at : at + length]
        at += length


def _piece(raw: bytes) -> str:
    """How a token reads in a grammar, or empty if no grammar can use it."""
    text = raw.decode("utf-8", "ignore").replace(_MARKER, " ")
    if not _WRITTEN.fullmatch(text):
        return ""
    return re.sub(r"[^a-z0-9']+", " ", text.lower())
