"""Pure: whether what was said and done is what a conversation test asks for."""

import re
from collections.abc import Mapping
from typing import Any, assert_never

from ivr.flow.plain import plain_words
from ivr.model.commands import Action, Fetch, HangUp, JoinQueue, Note, Say, TakeMessage, Transfer


def says(said: str, wanted: str) -> bool:
    """`wanted` is part of `said`, whatever case and punctuation; between slashes it is a regular expression."""
    if len(wanted) > 2 and wanted[0] == wanted[-1] == "/":
        return re.search(wanted[1:-1], said, re.IGNORECASE) is not None
    return plain_words(wanted) in plain_words(said)


def short(action: Action) -> str:
    """An action in a word or two, for a failure message."""
    match action:
        case Fetch(name=name, method=method):
            return f"fetch {name} ({method})"
        case JoinQueue(queue=queue, reason=reason):
            return f"queue {queue} ({reason})"
        case Transfer(target=target, reason=reason):
            return f"transfer {target} ({reason})"
        case Note(name=name, value=value):
            return f"note {name}={value}"
        case TakeMessage(name=name):
            return f"message {name}"
        case HangUp(reason=reason):
            return f"hangup {reason}"
        case Say():
            return "say"
        case _:
            assert_never(action)


def is_action(action: Action, kind: str, wanted: Any) -> bool:
    """Whether an action is of a kind (fetch, queue, transfer, note, message, hangup) and has what is asked for.

    `wanted` is its name, or a mapping of its fields; a note is given as {name: value}.
    """
    if kind == "note":
        return isinstance(action, Note) and (wanted == action.name or _noted(action, wanted))
    name, fields = _named(action, kind)
    if not isinstance(wanted, Mapping):
        return bool(name) and str(wanted) in (name, name.rpartition(".")[2])
    return bool(name) and all(_has(fields.get(key), value) for key, value in wanted.items())


def _noted(action: Note, wanted: Any) -> bool:
    """A note of several words is what somebody said: a recognizer writes capitals and points as it likes."""
    if not isinstance(wanted, Mapping) or action.name not in wanted:
        return False
    value = str(wanted[action.name])
    return value == action.value or (" " in value and plain_words(value) == plain_words(action.value))


def _named(action: Action, kind: str) -> tuple[str, Mapping[str, Any]]:
    match kind, action:
        case "fetch", Fetch():
            return action.name, {"url": action.url, "method": action.method, "body": action.body}
        case "queue", JoinQueue():
            skills = " ".join(need.skill for need in action.skills)
            asked = {"to": action.queue, "reason": action.reason, "facts": action.facts, "skills": skills}
            return action.queue, asked
        case "transfer", Transfer():
            return action.target, {"to": action.target, "reason": action.reason, "facts": action.facts}
        case "message", TakeMessage():
            return action.name, {"name": action.name}
        case "hangup", HangUp():
            return action.reason, {"reason": action.reason, "survey": action.survey}
    return "", {}


def _has(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(_has(found.get(key), value) for key, value in wanted.items())
    if isinstance(found, str) and isinstance(wanted, str):
        return wanted.casefold() in found.casefold()
    return bool(found == wanted)
