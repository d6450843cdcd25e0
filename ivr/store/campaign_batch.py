"""Everything that was asked of the book of campaigns at about the same time, carried out in one transaction: a few
statements read all cases it touches, each ask is decided in the order they came, a few statements write what changed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Executable, bindparam, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from ivr.model.audit import Deed
from ivr.model.campaign_ports import Change
from ivr.model.campaigns import Accepted, Case, Circumstances
from ivr.model.errors import IvrError, StoreError
from ivr.store.audit import append_rows
from ivr.store.campaign_around import Surroundings
from ivr.store.campaign_asks import Alter, Ask, Delivered, Failed, Hold, Receive
from ivr.store.campaign_rows import attempt_row, case_of, case_row, letter_row, open_key, refusal_row, stage_rows
from ivr.store.campaign_tables import (
    campaign_attempts,
    campaign_cases,
    campaign_events,
    campaign_letters,
    campaign_stages,
    do_not_call,
)
from ivr.store.engine import is_sqlite
from ivr.store.rows import to_ms
from ivr.store.writes import add_rows

SYSTEM = "campaigns"
"""Who did it, in the audit, where nobody did."""

_EVENTS, _CASES, _LETTERS = campaign_events.c, campaign_cases.c, campaign_letters.c
_EVENT_KEY = [_EVENTS.source, _EVENTS.event_id]
_IDS: BindParameter[str] = bindparam("ids", expanding=True)
_KEYS: BindParameter[str] = bindparam("keys", expanding=True)
_ITS_ID: BindParameter[str] = bindparam("its_id")

# Statements are made once: making one costs more than carrying it out.
NEW_EVENTS_SQLITE = (
    sqlite.insert(campaign_events).on_conflict_do_nothing(index_elements=_EVENT_KEY).returning(*_EVENT_KEY)
)
NEW_EVENTS_POSTGRESQL = (
    postgresql.insert(campaign_events).on_conflict_do_nothing(index_elements=_EVENT_KEY).returning(*_EVENT_KEY)
)
EVENTS = select(campaign_events).where(tuple_(*_EVENT_KEY).in_(_KEYS))
EVENT_OF = (
    update(campaign_events)
    .where(_EVENTS.source == bindparam("its_source"), _EVENTS.event_id == _ITS_ID)
    .values(case_id=bindparam("its_case"))
)
CASES = select(campaign_cases).where(_CASES.case_id.in_(_IDS) | _CASES.open_key.in_(_KEYS)).order_by(_CASES.case_id)
HELD_CASES = CASES.with_for_update()
ATTEMPTS = select(campaign_attempts).where(campaign_attempts.c.case_id.in_(_IDS)).order_by(campaign_attempts.c.number)
STAGES = select(campaign_stages).where(campaign_stages.c.case_id.in_(_IDS))
LETTERS = select(_LETTERS.letter_id, _LETTERS.case_id).where(_LETTERS.letter_id.in_(_IDS))
HOLD = (
    update(campaign_letters)
    .where(_LETTERS.letter_id == _ITS_ID, _LETTERS.next_at_ms <= bindparam("now"))
    .values(next_at_ms=bindparam("then"))
)
_TRIED = update(campaign_letters).where(_LETTERS.letter_id == _ITS_ID).values(tries=_LETTERS.tries + 1)
TAKEN = _TRIED.values(next_at_ms=None, delivered_at_ms=bindparam("at"))
NOT_TAKEN = _TRIED.values(next_at_ms=bindparam("then"), trouble=bindparam("why"))

Key = tuple[str, str]
Told = Accepted | Case | bool | None


def carry_out(connection: Connection, asks: Sequence[Ask], now: datetime) -> list[Told | IvrError]:
    """An answer each, in their order. What is asked for one case twice is decided one after the other."""
    page = _Page(connection, asks, now)
    told = [page.answer(ask) for ask in asks]
    page.write()
    return told


class _Page:
    """Cases as the transaction found them, and as it leaves them."""

    def __init__(self, connection: Connection, asks: Sequence[Ask], now: datetime) -> None:
        self._connection, self._now, self._now_ms = connection, now, to_ms(now)
        received = [ask for ask in asks if isinstance(ask, Receive)]
        self._events = self._open_events(received)
        altered = [ask for ask in asks if isinstance(ask, Alter)]
        ids = {ask.case_id for ask in altered} | {each["case_id"] for each in self._events.values() if each["case_id"]}
        self._before = read_cases(connection, ids, {open_key(ask.campaign, ask.alert.customer) for ask in received})
        self._cases = dict(self._before)
        self._open = {open_key(one.campaign, one.alert.customer): one.case_id for one in self._cases.values()
                      if one.is_open}  # fmt: skip
        asked = {ask.case_id for ask in altered if ask.rules}
        self._around = Surroundings(connection, [self._cases[each] for each in asked & self._cases.keys()], now)
        self._deeds, self._letters, self._refusals = list[Deed](), list[dict[str, Any]](), list[dict[str, Any]]()
        self._opened, self._stages = list[dict[str, Any]](), list[dict[str, Any]]()
        self._posted = list[Delivered | Failed]()

    def answer(self, ask: Ask) -> Told | IvrError:
        try:
            match ask:
                case Receive():
                    return self._receive(ask)
                case Alter():
                    return self._alter(ask)
                case Hold():
                    about = {"its_id": ask.letter_id, "now": to_ms(ask.now), "then": to_ms(ask.until)}
                    return self._connection.execute(HOLD, about).rowcount > 0
                case Delivered() | Failed():
                    self._posted.append(ask)
                    return None
        except IvrError as error:
            return error

    def write(self) -> None:
        connection = self._connection
        changed = [case for name, case in self._cases.items() if self._before.get(name) is not case]
        rows = [case_row(case) for case in changed if not _stands_already(self._before.get(case.case_id), case)]
        add_rows(connection, campaign_cases, rows, replace=True)
        attempts, stages = list[dict[str, Any]](), self._stages
        for case in changed:
            before = self._before.get(case.case_id)
            known = {one.attempt_id: one for one in before.attempts} if before else {}
            attempts += [attempt_row(case, one) for one in case.attempts if known.get(one.attempt_id) != one]
            times = before.times if before else {}
            stages += [row for row in stage_rows(case) if row["stage"] not in times]
        add_rows(connection, campaign_attempts, attempts, replace=True)
        self._write_events()
        self._write_letters()
        add_rows(connection, campaign_stages, stages)
        add_rows(connection, do_not_call, self._refusals, replace=True)
        # Last: from here on everybody else who writes into the audit waits for this transaction.
        append_rows(connection, [(self._now_ms, deed) for deed in self._deeds])

    # -- events

    def _open_events(self, received: Sequence[Receive]) -> dict[Key, dict[str, Any]]:
        """Each event's row. Written first: from here on whoever brings the same event waits, and then finds it."""
        fresh = {
            _key(ask): {
                "source": ask.alert.source, "event_id": ask.alert.event_id, "campaign": ask.campaign,
                "digest": ask.digest, "case_id": "", "at_ms": self._now_ms,
            }
            for ask in reversed(received)
        }  # fmt: skip
        if not fresh:
            return {}
        # In one order on every server, so that two of them never wait for each other.
        rows = [fresh[each] for each in sorted(fresh)]
        new = NEW_EVENTS_SQLITE if is_sqlite(self._connection.engine.url) else NEW_EVENTS_POSTGRESQL
        ours = {(row.source, row.event_id) for row in self._connection.execute(new, rows)}
        if theirs := sorted(fresh.keys() - ours):
            for row in self._connection.execute(EVENTS, {"keys": theirs}).mappings():
                fresh[row["source"], row["event_id"]] = dict(row)
        for each in ours:
            fresh[each]["digest"] = ""  # not decided about yet
        return fresh

    def _receive(self, ask: Receive) -> Accepted:
        kept = self._events[_key(ask)]
        if kept["digest"]:
            told = ask.arrive(kept["digest"] if kept["campaign"] == ask.campaign else "another campaign", None)
            return Accepted(told.arrival, self._cases.get(kept["case_id"]))
        case_id = self._open.get(open_key(ask.campaign, ask.alert.customer), "")
        accepted = ask.arrive("", self._cases.get(case_id))
        if accepted.case is None:
            raise StoreError("an event that is new becomes a case, and this one did not")
        kept.update(digest=ask.digest, case_id=accepted.case.case_id)
        self._opened.append(kept)
        detail = {"event": ask.alert.event_id}
        self._put(Change(accepted.case, (Deed(SYSTEM, f"case.{accepted.arrival}", accepted.case.case_id, "", detail),)))
        return accepted

    def _write_events(self) -> None:
        known = [
            {"its_source": each["source"], "its_id": each["event_id"], "its_case": each["case_id"]}
            for each in self._opened
        ]
        if known:
            self._connection.execute(EVENT_OF, known)

    # -- cases

    def _alter(self, ask: Alter) -> Case | None:
        case = self._cases.get(ask.case_id)
        if case is None:
            return None
        change = ask.decide(case, self._around.of(case) if ask.rules else Circumstances())
        if change is None:
            return None
        self._put(change)
        return change.case

    def _put(self, change: Change) -> None:
        for case in (change.case, change.more) if change.more else (change.case,):
            before = self._cases.get(case.case_id)
            self._cases[case.case_id] = case
            self._around.changed(case, before, change.refusal)
            if case.is_open:
                self._open[open_key(case.campaign, case.alert.customer)] = case.case_id
            elif self._open.get(open_key(case.campaign, case.alert.customer)) == case.case_id:
                del self._open[open_key(case.campaign, case.alert.customer)]
        self._deeds += change.deeds
        if change.letter:
            self._letters.append(letter_row(change.case, change.letter, self._now_ms))
        if change.refusal:
            self._refusals.append(refusal_row(change.refusal, self._now_ms))

    # -- letters

    def _write_letters(self) -> None:
        add_rows(self._connection, campaign_letters, self._letters)
        if not self._posted:
            return
        delivered = [each for each in self._posted if isinstance(each, Delivered)]
        failed = [each for each in self._posted if isinstance(each, Failed)]
        if delivered:
            at = {each.letter_id: to_ms(each.at) for each in delivered}
            values = [{"its_id": letter_id, "at": at_ms} for letter_id, at_ms in at.items()]
            self._connection.execute(TAKEN, values)
            # The ledger of a case is complete with it.
            self._stages += [
                {"case_id": row.case_id, "stage": "reported", "at_ms": at[row.letter_id]}
                for row in self._connection.execute(LETTERS, {"ids": sorted(at)})
            ]
        if failed:
            values = [
                {"its_id": each.letter_id, "why": each.trouble, "then": to_ms(each.next_at) if each.next_at else None}
                for each in failed
            ]
            self._connection.execute(NOT_TAKEN, values)


def read_cases(
    connection: Connection, ids: Iterable[str], keys: Iterable[str] = (), *, held: bool = True
) -> dict[str, Case]:
    """Cases by id: those named, and those open under a key. Held: nobody else changes them in this transaction."""
    about = {"ids": sorted(ids), "keys": sorted(keys)}
    rows = connection.execute(HELD_CASES if held else CASES, about).mappings().all()
    if not rows:
        return {}
    found = {"ids": [row["case_id"] for row in rows]}
    attempts, stages = _by_case(connection, ATTEMPTS, found), _by_case(connection, STAGES, found)
    return {row["case_id"]: case_of(row, attempts[row["case_id"]], stages[row["case_id"]]) for row in rows}


def _by_case(connection: Connection, wanted: Executable, about: Mapping[str, Any]) -> Mapping[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(wanted, about).mappings():
        found[row["case_id"]].append(row)
    return found


def _stands_already(before: Case | None, case: Case) -> bool:
    """Only attempts and times changed, which are rows of their own."""
    return before is not None and replace(case, attempts=before.attempts, times=before.times) == before


def _key(ask: Receive) -> Key:
    return ask.alert.source, ask.alert.event_id
