"""Pure: what the buttons of a call say and mean, by how the call stands."""

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.console.desk_talk import Talk
from ivr.console.words import Say

NOTHING_TO_DO = ("connecting", "over")


@dataclass(frozen=True, slots=True)
class Face:
    """What a button shows and means just now."""

    text: str
    icon: str
    kind: str = "plain"
    """go, stop, on, plain: a class of desk.css."""

    wish: str = ""
    """What pressing it asks for, where that changes."""

    is_on: bool = True
    """Can be pressed."""


def faces(talk: Talk, me: str, say: Say) -> Mapping[str, Face]:
    """The buttons of a call that are there now, by name."""
    if talk.phase in NOTHING_TO_DO:
        return {}
    if talk.phase == "lost":
        return {"again": Face(say("again"), "phone_callback", "go")}
    found = {"mute": _mute(say, is_muted=talk.is_muted(me)), "hang_up": Face(say("hang_up"), "call_end", "stop")}
    is_first = talk.view is not None and talk.view.agent == me
    if talk.ringing:
        found["cancel"] = Face(say("stop_ringing"), "close")
    elif talk.phase in ("talking", "held") and is_first:
        found["hold"] = _hold(say, is_held=talk.phase == "held")
        found["transfer"] = Face(say("transfer"), "phone_forwarded")
    elif talk.phase in ("consulting", "conference") and is_first:
        found["complete"] = Face(say("complete"), "phone_forwarded", "go")
        found["back"] = Face(say("cancel"), "undo")
        if talk.phase == "consulting":
            found["conference"] = Face(say("conference"), "groups")
    return found


def _mute(say: Say, *, is_muted: bool) -> Face:
    return Face(say("unmute"), "mic_off", "on", "unmute") if is_muted else Face(say("mute"), "mic", wish="mute")


def _hold(say: Say, *, is_held: bool) -> Face:
    return Face(say("resume"), "play_arrow", "on", "resume") if is_held else Face(say("hold"), "pause", wish="hold")
