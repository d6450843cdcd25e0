"""An erasure reaches what would still call somebody: callbacks in memory on any server, cases of campaigns."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

from ivr.campaigns.cases import accept, digest
from ivr.model.audit import Detail
from ivr.model.campaigns import Accepted, Case
from ivr.model.events import QueueLeft
from ivr.model.routing import CallbackRules, QueueSettings, WrapUp
from ivr.store.audit import AuditFilter
from ivr.store.calls import SqlCallStore, open_store
from ivr.store.erasure import Wanted
from ivr.wiring.forgetting import OVERLAP, Forgetting, cancel_in, forgetting
from tests.campaigns.made import FIRST, alert
from tests.databases import new_database
from tests.routing.fakes import Caller, House, opened
from tests.store.samples import NOON

QUEUE = QueueSettings("general", wrap_up=WrapUp("none"), callback=CallbackRules(initial_delay=0.0))
WANTED = Wanted(FIRST, "they asked", "root")
Test = Callable[[House, SqlCallStore, Forgetting], Awaitable[None]]


class StandingClock:
    """Noon, until a test moves it."""

    def __init__(self) -> None:
        self.moment = NOON

    def now(self) -> float:
        return self.moment.timestamp()

    def utc(self) -> datetime:
        return self.moment


def on_a_server(folder: Path, test: Test) -> None:
    async def run() -> None:
        clock = StandingClock()
        async with (
            asyncio.timeout(60),
            open_store(new_database(folder / "ivr.db"), utc=clock.utc) as store,
            opened(QUEUE) as house,
        ):
            work = Forgetting(store.erasures(folder, "secret"), house.dispatcher, cancel_in(store, clock), clock)
            await test(house, store, work)

    asyncio.run(run())


async def promised(house: House, call_id: str, number: str) -> None:
    """Somebody waits to be called back."""
    joined = house.join(Caller(call_id, number))
    await house.until(lambda: any(one.call_id == call_id for one in house.dispatcher.centre.floor.entries.values()))
    await house.dispatcher.leave(call_id, "callback", number)
    assert await joined == QueueLeft("callback")


def numbers(house: House) -> set[str]:
    return {one.callback_number for one in house.dispatcher.centre.floor.entries.values()}


def test_a_callback_that_waits_is_withdrawn_with_the_erasure_and_others_stay(tmp_path: Path) -> None:
    async def test(house: House, store: SqlCallStore, work: Forgetting) -> None:
        await house.agent("ann")
        talk = house.join(Caller("c0"))
        (await house.phones.next()).accept()
        await promised(house, "c1", FIRST)
        await promised(house, "c2", "+15555550123")
        certificate = await work.erase(WANTED)
        assert (certificate["withdrawn"], numbers(house)) == (1, {"", "+15555550123"})
        assert [place.callback_number for place in house.book.kept.values() if place.callback_number] == [
            "+15555550123"
        ]
        (ended,) = [event for event in house.book.events if event.name == "queue.callback_ended"]
        assert (ended.entry_id.split(".")[0], ended.carries["outcome"]) == ("c1", "withdrawn")
        (noted,) = await store.audit.page(AuditFilter(action="caller.erase"))
        assert noted.deed.detail == {"calls": 0, "kept": 0, "withdrawn": 1}
        assert await work.certificate(certificate["erasure_id"]) == certificate
        talk.cancel()

    on_a_server(tmp_path, test)


def test_a_call_back_that_is_being_made_ends_and_its_agent_is_free(tmp_path: Path) -> None:
    async def test(house: House, store: SqlCallStore, work: Forgetting) -> None:
        await house.agent("ann")
        talk = house.join(Caller("c0"))
        (await house.phones.next()).accept()
        await promised(house, "c1", FIRST)
        (await house.tables.next()).ends("agent")
        await talk
        line = (await house.phones.next()).accept()
        number, answer = await house.customers.next()
        assert (number, house.state("ann")) == (FIRST, "on_call")
        await work.erase(WANTED)
        async with asyncio.timeout(60):
            await line.hung_up.wait()
        await house.until(lambda: house.state("ann") == "available")
        await house.until(answer.cancelled)
        assert (numbers(house), house.book.kept) == (set(), {})

    on_a_server(tmp_path, test)


def test_who_is_on_the_line_talks_on_and_their_old_place_is_nobodys(tmp_path: Path) -> None:
    async def test(house: House, store: SqlCallStore, work: Forgetting) -> None:
        await house.agent("ann")
        first = house.join(Caller("c0", FIRST))
        (await house.phones.next()).accept()
        talk = await house.tables.next()
        second = house.join(Caller("c1", FIRST))
        await house.until(lambda: len(house.dispatcher.centre.floor.entries) == 2)
        second.cancel()
        await house.until(lambda: (FIRST, "general") in house.dispatcher.centre.floor.former)
        assert (await work.erase(WANTED))["withdrawn"] == 0
        assert house.dispatcher.centre.floor.former == {}
        assert house.state("ann") == "on_call"
        talk.ends("customer")
        assert await first == QueueLeft("connected", "ann")

    on_a_server(tmp_path, test)


def test_a_callback_that_another_server_promised_is_withdrawn_there_once(tmp_path: Path) -> None:
    async def test(house: House, store: SqlCallStore, work: Forgetting) -> None:
        await house.agent("ann")
        talk = house.join(Caller("c0"))
        (await house.phones.next()).accept()
        await promised(house, "c1", FIRST)
        await work.look()
        assert FIRST in numbers(house)
        await work.erasures.erase(WANTED)  # over there
        await work.look()
        assert FIRST not in numbers(house)
        await promised(house, "c2", FIRST)  # they called again
        await work.look()
        assert FIRST in numbers(house), "of the new call nobody asked"
        talk.cancel()

    on_a_server(tmp_path, test)


def test_open_cases_of_campaigns_are_cancelled_at_once_and_erased_when_their_result_is_told(tmp_path: Path) -> None:
    async def test(house: House, store: SqlCallStore, work: Forgetting) -> None:
        book = store.campaign_book

        def arrive(known: str, open_case: Case | None) -> Accepted:
            return accept("fraud", "urgent", alert(), NOON, known_digest=known, open_case=open_case)

        taken = await book.receive("fraud", alert(), digest(alert()), arrive)
        assert taken.case
        await store.holds.put(FIRST, "fraud case 7", "root")
        held = await work.erase(WANTED)
        assert (held["withdrawn"], [one["because"] for one in held["kept"]]) == (0, ["legal_hold"] * 2)
        await store.holds.lift(FIRST, "root")
        certificate = await work.erase(WANTED)
        assert (certificate["withdrawn"], [one["because"] for one in certificate["kept"]]) == (1, ["not_over"])
        await work.look()
        (letter,) = await book.letters(NOON, 9)
        await book.letter_delivered(letter.letter_id, NOON)
        await work.look()
        case = await book.case(taken.case.case_id)
        assert case
        assert (case.state, case.reason, case.phones) == ("cancelled", "erased", ())
        assert FIRST not in str(case)
        cancelled: Detail = {"campaign": "fraud", "reason": "erased"}
        assert [one.deed.detail for one in await store.audit.page(AuditFilter(action="case.cancel"))] == [cancelled]

    on_a_server(tmp_path, test)


def test_it_goes_on_looking_while_the_server_runs(tmp_path: Path) -> None:
    async def test(house: House, store: SqlCallStore, work: Forgetting) -> None:
        await work.erasures.erase(WANTED)
        await house.agent("ann")
        talk = house.join(Caller("c0"))
        (await house.phones.next()).accept()
        await promised(house, "c1", FIRST)
        async with forgetting(work):
            await house.until(lambda: FIRST not in numbers(house))
        assert timedelta(seconds=30) < OVERLAP
        talk.cancel()

    on_a_server(tmp_path, test)
