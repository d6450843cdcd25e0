"""Simulated customers for campaigns on loopback: read from YAML, with a voice, and what they are called about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from ivr.demo.callers import CallerEntry, DemoCaller, Seconds, Strict, caller_of, read, read_list
from telephony.loopback import Customers, PickUp
from telephony.standin.voices import CallerVoices

ITEM: dict[str, str | int] = {
    "txn_id": "t1", "merchant": "Demo Electronics", "amount_minor": 128000, "currency": "USD", "last4": "4421",
    "time": "just now", "place": "Online.",
}  # fmt: skip


class _Event(Strict):
    """What is written into an event about a customer."""

    language: Literal["en", "zh"] = "en"
    facts: dict[str, str] = {"title": "Ms", "surname": "Miller"}
    transactions: list[dict[str, str | int]] = [ITEM]


class _Entry(CallerEntry):
    rings: Seconds = 1.0
    outcome: Literal["answered", "busy", "no_answer", "rejected", "unreachable", "failed"] = "answered"
    event: Annotated[_Event, Field(default_factory=_Event)]


@dataclass(frozen=True, slots=True)
class Customer:
    caller: DemoCaller
    outcome: str
    ring_seconds: float
    event: Mapping[str, Any]
    """`language`, `facts` and `transactions` of an event about them."""


NOBODY = PickUp("unreachable")


def load_customers(path: Path | None = None) -> dict[str, Customer]:
    """The customers of a file by their number; without one, those that ship with the package.

    Raises:
        ConfigError: as `ivr.demo.callers.load_callers`.
    """
    path = path or Path(str(files("ivr.demo").joinpath("customers.yaml")))
    return {one.caller.number: one for one in read_list(path, _customer)}


def _customer(path: Path, where: str, written: Any) -> Customer:
    entry = read(_Entry, written, where)
    caller = caller_of(path, where, entry)
    return Customer(caller, entry.outcome, entry.rings, entry.event.model_dump())


def who_answers(customers: Mapping[str, Customer], voices: CallerVoices) -> Customers:
    """For a loopback trunk. A number that nobody has is unreachable."""

    def pick_up(number: str) -> PickUp:
        customer = customers.get(number)
        if customer is None:
            return NOBODY
        talker: Callable[[], Any] = partial(customer.caller.talker, voices)
        return PickUp(customer.outcome, customer.ring_seconds, talker)

    return pick_up
