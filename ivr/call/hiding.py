"""Pure: what is written down of a secret: that something was keyed or said, and never what (domain.md 2.11)."""

from dataclasses import replace

from ivr.model.events import CallEvent, DigitPressed, Heard, PartialHeard
from ivr.model.meaning import Meaning

HIDDEN = "•"


def hidden(event: CallEvent) -> CallEvent:
    """An event as journal, record and watchers see it while a secret is asked for. A caller may say it though they are
    asked to key it; which command they say ("agent") is no secret."""
    match event:
        case DigitPressed():
            return DigitPressed(HIDDEN)
        case PartialHeard():
            return PartialHeard(HIDDEN)
        case Heard(text=text, meaning=meaning) if text:
            known = Meaning(HIDDEN, control=meaning.control, control_confidence=meaning.control_confidence)
            return replace(event, text=HIDDEN, alternatives=(), words=(), meaning=known)
        case _:
            return event
