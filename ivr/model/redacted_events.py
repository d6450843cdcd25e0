"""Pure: a call's events as they may be kept: the choke-point before every journal, log and screen."""

from collections.abc import Sequence, Set
from dataclasses import replace

from ivr.model.events import AgentSaid, CallEvent, Heard, PartialHeard
from ivr.model.meaning import Hypothesis, Meaning, SlotValue, Word
from ivr.model.redaction import EVERY_KIND, redact, sensitive_words

BLANKED = "•"


def redacted(event: CallEvent, kinds: Set[str] = EVERY_KIND) -> CallEvent:
    """The event without card numbers and the like in any of its readings; the same object if there was nothing."""
    match event:
        case Heard():
            return _heard(event, kinds)
        case PartialHeard(text=text) | AgentSaid(text=text):
            cleaned = redact(text, kinds)
            return event if cleaned == text else replace(event, text=cleaned)
        case _:
            return event


def sensitive_seconds(event: CallEvent, kinds: Set[str] = EVERY_KIND) -> tuple[tuple[float, float], ...]:
    """(from, to) in seconds of audio since the media began that must be silent in the recording.

    Without word times, and where a number was only found in another reading, the whole turn is.
    """
    if not isinstance(event, Heard) or not _is_sensitive(event, kinds):
        return ()
    began, ended = event.times.began, event.times.ended
    blanked = sensitive_words([word.text for word in event.words], kinds=kinds)
    spoken = [word for word, is_sensitive in zip(event.words, blanked, strict=True) if is_sensitive and word.end]
    if not spoken:
        return ((began, ended),)
    return tuple((began + word.start, began + word.end) for word in spoken)


def _is_sensitive(heard: Heard, kinds: Set[str]) -> bool:
    readings = (heard.text, *(reading.text for reading in heard.alternatives))
    return any(redact(text, kinds) != text for text in readings)


def _heard(heard: Heard, kinds: Set[str]) -> Heard:
    if not _is_sensitive(heard, kinds) and not any(redact(v.value, kinds) != v.value for v in heard.meaning.slots):
        return heard
    return replace(
        heard,
        text=redact(heard.text, kinds),
        alternatives=tuple(Hypothesis(redact(one.text, kinds), one.confidence) for one in heard.alternatives),
        words=_words(heard.words, kinds),
        meaning=_meaning(heard.meaning, kinds),
    )


def _words(words: Sequence[Word], kinds: Set[str]) -> tuple[Word, ...]:
    blanked = sensitive_words([word.text for word in words], kinds=kinds)
    return tuple(replace(word, text=BLANKED) if blank else word for word, blank in zip(words, blanked, strict=True))


def _meaning(meaning: Meaning, kinds: Set[str]) -> Meaning:
    slots = tuple(
        SlotValue(value.name, redact(value.value, kinds), redact(value.said, kinds), value.confidence)
        for value in meaning.slots
    )
    return replace(meaning, text=redact(meaning.text, kinds), slots=slots)
