"""Pure: from the time of one line to the time of the call."""

from dataclasses import replace

from ivr.model.events import CallEvent, Heard, SpeechStarted


def in_call_time(event: CallEvent, later: float) -> CallEvent:
    """What was heard on a line whose sound began `later` seconds after the call was answered: after a transfer the
    caller comes back on another line, whose sound begins at 0 again."""
    match event:
        case SpeechStarted(at=at):
            return SpeechStarted(at + later)
        case Heard(times=times) if times.ended:
            return replace(event, times=replace(times, began=times.began + later, ended=times.ended + later))
        case _:
            return event
