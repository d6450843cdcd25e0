"""Pure: what is left of a prompt that a cough or an "uh-huh" interrupted."""

import re

CHARACTERS_A_SECOND = {"en": 15.0, "zh": 4.5}
"""Speaking rate of the shipped voices, about 160 words or 270 Chinese characters a minute; only used to guess
which sentence was under way, and the guess errs towards saying a sentence again."""

_SENTENCE = re.compile(r"[^.!?。！？]*[.!?。！？]+[\s\"'”’)]*|[^.!?。！？]+$")


def remaining_text(text: str, played_seconds: float, language: str) -> str:
    """The sentence that was interrupted and all after it; the whole text if in doubt."""
    heard = played_seconds * CHARACTERS_A_SECOND.get(language, 12.0)
    position = 0
    for sentence in _SENTENCE.finditer(text):
        if position + len(sentence.group()) > heard:
            return text[position:].strip()
        position = sentence.end()
    return text[position:].strip()
