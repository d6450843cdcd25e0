"""Pure: journal events as JSON and back, for every member of `CallEvent`, by reading the dataclasses themselves."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from ivr.model.errors import StoreError
from ivr.model.events import CallEvent

KIND = "kind"
"""The key under which the name of the event stands, beside (not among) its fields."""

EVENTS: Mapping[str, type] = {event.__name__: event for event in get_args(CallEvent)}


def event_to_json(event: CallEvent) -> dict[str, Any]:
    """`{"kind": class name, "fields": {...}}` with nothing but dict, list, str, number, bool and None inside."""
    return {KIND: type(event).__name__, "fields": _plain(event)}


def event_from_json(stored: Mapping[str, Any]) -> CallEvent:
    """The event that `event_to_json` was given.

    Fields that a newer version wrote and this one does not know are left out; missing ones take their default.

    Raises:
        StoreError: unknown kind, or fields that do not fit it.
    """
    event = EVENTS.get(str(stored.get(KIND)))
    found = stored.get("fields")
    if event is None or not isinstance(found, Mapping):
        raise StoreError("a journal entry is of an unknown kind; it was written by another version of this program")
    return _built(event, found)  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _built(kind: type, found: Mapping[str, Any]) -> Any:
    known = {name: _read(hint, found[name]) for name, hint in _hints(kind).items() if name in found}
    try:
        return kind(**known)
    except TypeError as error:
        raise StoreError(f"a journal entry of kind {kind.__name__} lacks a field") from error


def _read(hint: Any, value: Any) -> Any:
    origin = get_origin(hint)
    if origin is tuple:
        repeated = get_args(hint)[0]
        return tuple(_read(repeated, item) for item in value)
    if origin is Mapping:
        _, inner = get_args(hint)
        return {key: _read(inner, item) for key, item in value.items()}
    if is_dataclass(hint) and isinstance(hint, type):
        return _built(hint, value)
    if hint is float:
        return float(value)
    if hint is Any or origin is Literal or isinstance(hint, type):
        return value
    raise StoreError(f"the journal cannot read fields of type {hint}; teach ivr/model/journal.py")
