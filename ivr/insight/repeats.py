"""Pure: was it solved at the first contact, or did the customer come back? Two windows (domain.md 2.3.4)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ivr.insight.metric import Metric
from ivr.insight.metrics_people import by_agent
from ivr.model.contacts import Contact, has_repeated

SOURCE = "domain.md 2.3.4"
Key = Callable[[Contact], str]


def by_issue(contact: Contact) -> str:
    """`fcr_inferred`: the same customer on the same matter. Empty: not known who, counted nowhere."""
    return f"{contact.customer}\n{contact.issue_family}" if contact.customer else ""


def by_customer(contact: Contact) -> str:
    """`fcr_any`: the same customer, whatever it is about."""
    return contact.customer


@dataclass(frozen=True, slots=True)
class Windows:
    """X before, Y after. Presets of domain.md: 24 h, 72 h, 7 d (default), 30 d."""

    before: timedelta = timedelta(days=7)
    after: timedelta = timedelta(days=7)


def _abandoned(contact: Contact) -> bool:
    return bool(contact.visits) and contact.visits[-1].outcome == "abandoned" and not by_agent(contact)


def starts_a_case(contact: Contact) -> bool:
    """Our own calls and callers who gave up in the queue do not start one; they do break one."""
    return contact.direction == "inbound" and not _abandoned(contact)


def mark_repeats(
    contacts: Iterable[Contact], now: datetime, windows: Windows = Windows(), key: Key = by_issue
) -> list[Contact]:
    """The contacts in order of arrival with `first_contact` and `repeated` filled in.

    `repeated` stays None while the contact is younger than Y (`has_repeated`). Contacts of nobody known keep None in
    both.
    """
    ordered = sorted(contacts, key=lambda contact: contact.arrived_at)
    by_key: dict[str, list[Contact]] = {}
    for contact in ordered:
        by_key.setdefault(key(contact), []).append(contact)
    marked: dict[str, Contact] = {}
    for name, same in by_key.items():
        for place, contact in enumerate(same):
            marked[contact.contact_id] = _marked(same, place, now, windows) if name else contact
    return [marked[contact.contact_id] for contact in ordered]


def _marked(same: list[Contact], place: int, now: datetime, windows: Windows) -> Contact:
    contact, again = same[place], _next_within(same, place, windows)
    return replace(
        contact,
        first_contact=_is_first(same, place, windows),
        repeated=has_repeated(contact.arrived_at, again, now, windows.after),
    )


def _is_first(same: list[Contact], place: int, windows: Windows) -> bool:
    contact = same[place]
    earlier = [other for other in same[:place] if other.direction == "inbound"]
    is_new = not (earlier and contact.arrived_at - earlier[-1].arrived_at <= windows.before)
    return starts_a_case(contact) and is_new


def _next_within(same: list[Contact], place: int, windows: Windows) -> datetime | None:
    """When the same customer came next on the same matter, within Y."""
    later = same[place + 1].arrived_at if place + 1 < len(same) else None
    return later if later and later - same[place].arrived_at <= windows.after else None


@dataclass(frozen=True, slots=True)
class Marks:
    """What contacts that just became known say of each other and of older ones."""

    fresh: list[Contact]
    """With `first_contact`; `repeated` is known only in time."""

    came_back: dict[str, datetime]
    """Contact id to when the same customer came next on the same matter, within Y."""


def mark_fresh(fresh: Sequence[Contact], known: Iterable[Contact], windows: Windows = Windows()) -> Marks:
    """The same as `mark_repeats`, contact by contact as they end.

    Args:
        known: contacts of the same customers within the windows; who, when, what about and direction are enough.
    """
    by_id = {contact.contact_id: contact for contact in (*known, *fresh)}
    new = {contact.contact_id for contact in fresh}
    by_key: dict[str, list[Contact]] = {}
    for contact in sorted(by_id.values(), key=lambda one: one.arrived_at):
        by_key.setdefault(by_issue(contact), []).append(contact)
    came_back: dict[str, datetime] = {}
    first: dict[str, bool] = {}
    for same in (same for key, same in by_key.items() if key):
        for place, contact in enumerate(same):
            first[contact.contact_id] = _is_first(same, place, windows)
            again = _next_within(same, place, windows)
            if again and new & {contact.contact_id, same[place + 1].contact_id}:
                came_back[contact.contact_id] = again
    marked_fresh = [replace(contact, first_contact=first.get(contact.contact_id)) for contact in fresh]
    return Marks(marked_fresh, came_back)


def _mature_first(contact: Contact) -> bool:
    return contact.first_contact is True and contact.repeated is not None


RESOLUTION: tuple[Metric[Contact], ...] = (
    Metric(
        "fcr_inferred",
        "Solved at the first contact",
        "一次性解决率",
        "first contacts nobody came back for within Y / mature first contacts",
        "share",
        "share",
        lambda contact: _mature_first(contact) and contact.repeated is False,
        _mature_first,
        source=SOURCE,
    ),
    Metric(
        "repeat_contact_rate",
        "Came back",
        "重复来电率",
        "1 - fcr_inferred",
        "share",
        "share",
        lambda contact: _mature_first(contact) and contact.repeated is True,
        _mature_first,
        source=SOURCE,
    ),
    Metric(
        "fcr_agent",
        "Solved at the first contact, say agents",
        "一次解决率(坐席)",
        "disposition resolved / first contacts handled by an agent",
        "share",
        "share",
        lambda contact: contact.first_contact is True and by_agent(contact) and contact.disposition == "resolved",
        lambda contact: contact.first_contact is True and by_agent(contact),
        source=SOURCE,
    ),
    Metric(
        "net_fcr",
        "Solved at the first contact, of what could be",
        "净一次解决率",
        "resolved first contacts / (mature first contacts - not resolvable at first level)",
        "share",
        "share",
        lambda contact: _mature_first(contact) and contact.repeated is False and _resolvable(contact),
        lambda contact: _mature_first(contact) and _resolvable(contact),
        source=SOURCE,
    ),
)


def _resolvable(contact: Contact) -> bool:
    return contact.disposition != "not_resolvable"


def study_list(contacts: Iterable[Contact], longest: int = 10) -> list[tuple[str, int, float]]:
    """Issues to look into: (family, mature first contacts, share that came back), worst first: by share x volume,
    which is the number of contacts that solving the issue at once would save (domain.md 2.3.4)."""
    tally: dict[str, tuple[int, int]] = {}
    for contact in contacts:
        if _mature_first(contact):
            n, back = tally.get(contact.issue_family, (0, 0))
            tally[contact.issue_family] = (n + 1, back + (contact.repeated is True))
    ranked = sorted(tally.items(), key=lambda item: (-item[1][1], item[0]))
    return [(family, n, back / n) for family, (n, back) in ranked[:longest]]
