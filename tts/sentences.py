"""Pure: cuts a text into the pieces that are spoken one after another, so that the first sound leaves early.

A piece is a sentence, or a clause of a long one. Numbers and abbreviations ("9.30", "No. 5", "St. Mary") stay whole.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

SENTENCE_PAUSE_SECONDS = 0.16
"""Silence after a sentence: inside the 120 to 200 ms that sounds unhurried but not hesitant on the telephone."""

CLAUSE_PAUSE_SECONDS = 0.06
"""Silence after a clause cut from a long sentence; the comma already lengthens the voice's last syllable."""

LATIN_LIMITS = (90, 180, 24)
"""Longest first piece, longest later piece, shortest piece: characters. 90 are about 6 s of speech."""

CHINESE_LIMITS = (30, 60, 8)

_END = re.compile(r"""[.!?…]+["”’)\]]*(?=\s|$|[\u4e00-\u9fff])|[。！？；]+[”’」』）"]*|\n+""")
_CLAUSE_END = re.compile(r"[,;:—](?=\s)|[，、：]")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_SPEAKABLE = re.compile(r"\w")
_NEVER_LAST = frozenset({
    "mr", "mrs", "ms", "dr", "prof", "st", "mt", "gen", "rev", "hon", "sen", "rep", "capt", "lt", "sgt", "vs",
    "ext", "tel", "approx", "dept", "apt", "ave", "fig", "e.g", "i.e", "cf",
})  # fmt: skip
_LAST_BEFORE_CAPITAL = frozenset({"a.m", "p.m", "etc", "inc", "ltd", "co", "corp", "jr", "sr", "u.s", "u.k"})
_BEFORE_A_NUMBER = frozenset({"no", "nos", "art", "sec", "p", "pp", "vol"})


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    pause: float
    """Seconds of silence after it; 0 after the last."""


def pieces_of(text: str, *, cut_long: bool = True) -> tuple[Piece, ...]:
    """The pieces of `text` in order; none if there is nothing to say. English and Chinese may be mixed.

    Args:
        cut_long: cut long sentences at their commas.
    """
    found: list[Piece] = []
    for sentence in sentences_of(text):
        clauses = _clauses_of(sentence, is_first=not found) if cut_long else [sentence]
        found += [Piece(clause, CLAUSE_PAUSE_SECONDS) for clause in clauses[:-1]]
        found.append(Piece(clauses[-1], SENTENCE_PAUSE_SECONDS))
    if found:
        found[-1] = Piece(found[-1].text, 0.0)
    return tuple(found)


def sentences_of(text: str) -> tuple[str, ...]:
    """Sentences of `text`, stripped, each with something speakable in it."""
    return tuple(part for part in (part.strip() for part in _cut_at_ends(text)) if _SPEAKABLE.search(part))


def _cut_at_ends(text: str) -> Iterator[str]:
    start = 0
    for mark in _END.finditer(text):
        if _ends_sentence(text, mark):
            yield text[start : mark.end()]
            start = mark.end()
    yield text[start:]


def _ends_sentence(text: str, mark: re.Match[str]) -> bool:
    if mark.group()[0] not in ".…":
        return True
    following = text[mark.end() :].lstrip()[:1]
    if following.islower():
        return False
    if mark.group()[0] == "…" or mark.group().startswith(".."):
        return True
    words = text[: mark.start()].split()
    word = words[-1].lstrip("(\"'“‘") if words else ""
    if word.lower() in _NEVER_LAST or (len(word) == 1 and word.isupper() and word != "I" and following.isupper()):
        return False
    if word.lower() in _BEFORE_A_NUMBER:
        return not following.isdigit()
    return not (word.lower() in _LAST_BEFORE_CAPITAL and following.isdigit())


def _clauses_of(sentence: str, *, is_first: bool) -> list[str]:
    first, later, shortest = CHINESE_LIMITS if _CHINESE.search(sentence) else LATIN_LIMITS
    longest = first if is_first else later
    clauses: list[str] = []
    rest = sentence
    while len(rest) > longest and (cut := _best_cut(rest, longest, shortest)):
        clauses.append(rest[:cut].strip())
        rest = rest[cut:].strip()
        longest = later
    return [*clauses, rest]


def _best_cut(text: str, longest: int, shortest: int) -> int:
    """Where to cut: the last clause end that keeps the piece within `longest`, else the first one; 0 if none."""
    ends = [mark.end() for mark in _CLAUSE_END.finditer(text) if shortest <= mark.end() <= len(text) - shortest]
    fitting = [end for end in ends if end <= longest]
    return fitting[-1] if fitting else (ends[0] if ends else 0)
