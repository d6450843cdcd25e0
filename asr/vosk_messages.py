"""Pure: what the server and its Vosk child say to each other over two pipes, and the grammar a step gives Vosk.

A message is a header (what, which stream, which request, how many bytes) and a body: JSON, or PCM for `FEED`.
"""

import json
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import IntEnum
from typing import Any

from asr.answers import NO_TEXTS, YES_TEXTS, answer_text, closed_phrases, digit_count, is_enough
from ivr.model.meaning import Expect, Hypothesis, Recognition, Word

UNKNOWN = "[unk]"
"""Vosk's word for sound that fits no phrase; not every model has it."""

HEADER = struct.Struct("<BIII")


class Ask(IntEnum):
    """What a message wants. All but BEGIN, FEED and END are answered."""

    HELLO = 0
    BEGIN = 1
    FEED = 2
    PARTIAL = 3
    FINAL = 4
    END = 5


def pack(ask: Ask, stream: int, request: int, body: bytes | Mapping[str, Any]) -> bytes:
    written = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return HEADER.pack(ask, stream, request, len(written)) + written


_DIGITS = {
    "en": "oh zero one two three four five six seven eight nine double triple",
    "zh": "零 一 二 两 三 四 五 六 七 八 九 幺",
    "ko": "영 공 일 이 삼 사 오 육 륙 칠 팔 구",
}
_ANSWERS = {
    "zh": "是 是的 对 对的 好 好的 可以 没错 不 不是 不对 不要 不用 没有 否",
    "ko": "예 네 맞아요 맞습니다 좋아요 아니요 아니오 아닙니다 싫어요",
}
_WITHOUT_SPACES = ("zh", "ja", "th")


def step_phrases(expect: Expect) -> tuple[str, ...]:
    """All a closed step may hear, empty for free speech. Digits are one phrase: Vosk takes its words in any order."""
    language = expect.language.split("-")[0]
    if expect.kind == "choice":
        return closed_phrases(expect)
    if expect.kind == "yes_no":
        answers = YES_TEXTS + NO_TEXTS if language == "en" else tuple(_ANSWERS.get(language, "").split())
        return (*expect.phrases, *answers)
    if expect.kind == "digits" and language in _DIGITS:
        return (_DIGITS[language], *expect.phrases)
    return ()


def known_phrases(phrases: Iterable[str], knows: Callable[[str], bool]) -> list[str]:
    """Phrases as the model can hear them: split into words it knows, unknown words left out, empty ones dropped."""
    found: dict[str, None] = {}
    for phrase in phrases:
        words = [part for word in phrase.lower().split() for part in _known_parts(word.strip(".,!?"), knows)]
        if words:
            found[" ".join(words)] = None
    return [*found, *([UNKNOWN] if found and knows(UNKNOWN) else [])]


def _known_parts(word: str, knows: Callable[[str], bool]) -> list[str]:
    """The word itself, or, in writing without spaces, the longest known words it consists of."""
    if knows(word):
        return [word]
    if word.isascii():
        return []
    parts, at = [], 0
    while at < len(word):
        end = next((end for end in range(len(word), at, -1) if knows(word[at:end])), 0)
        if not end:
            return []
        parts.append(word[at:end])
        at = end
    return parts


def read_results(results: Sequence[Mapping[str, Any]], expect: Expect, *, closed: bool) -> Recognition:
    """Vosk's results of one utterance, piece after piece, as one Recognition.

    Each piece has `text` and `result` (words with `conf`) or `alternatives` (scores in place of confidences).
    """
    heard = [words for words in (_best(result) for result in results) if words]
    words = tuple(word for piece in heard for word in piece if word.text != UNKNOWN)
    text = _joined((word.text for word in words), expect.language)
    if not text:
        return Recognition()
    shares = [_shares(result) for result in results]
    confidence = min((share[0][1] for share in shares if share), default=1.0)
    confidence *= sum(word.confidence for word in words) / len(words)
    others: tuple[Hypothesis, ...] = ()
    if len(heard) == 1:
        last = next(share for share, result in zip(shares, results, strict=True) if _best(result)) or []
        others = tuple(Hypothesis(_joined(said.split(), expect.language), chance) for said, chance in last[1:])
    unknown = any(word.text == UNKNOWN for piece in heard for word in piece)
    said = {_joined(phrase.lower().split(), expect.language) for phrase in expect.phrases}
    fits = (closed and not unknown and _is_enough(expect, words)) or text in said
    return Recognition((Hypothesis(text, round(confidence, 3)), *others), words, fits=fits)


def _is_enough(expect: Expect, words: Sequence[Word]) -> bool:
    """Digits: as many as the step takes. Everything else that came out of the grammar is a whole answer."""
    if expect.kind != "digits":
        return True
    language = expect.language.split("-")[0]
    if language == "en":
        return is_enough(expect, answer_text(expect, " ".join(word.text for word in words)))
    count = sum(1 for word in words if word.text in _DIGITS[language].split())
    least, most = digit_count(expect)
    return least <= count <= most


def _best(result: Mapping[str, Any]) -> list[Word]:
    chosen = result["alternatives"][0] if result.get("alternatives") else result
    return [
        Word(str(w["word"]), float(w["start"]), float(w["end"]), float(w.get("conf", 1.0)))
        for w in chosen.get("result", chosen.get("partial_result", ()))
    ]


def _shares(result: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Alternatives with their share of the chance, from scores that are log-probabilities up to a constant."""
    found = [(str(a["text"]), float(a["confidence"])) for a in result.get("alternatives", ()) if a.get("text")]
    if not found:
        return []
    top = max(score for _, score in found)
    weights = [2.718281828 ** (score - top) for _, score in found]
    return [(text, round(weight / sum(weights), 3)) for (text, _), weight in zip(found, weights, strict=True)]


def _joined(words: Iterable[str], language: str) -> str:
    return ("" if language.split("-")[0] in _WITHOUT_SPACES else " ").join(words)
