"""The dispatcher among callers and agents who decline, vanish, answer too late; and when it dies itself."""

import asyncio
from dataclasses import replace

import pytest

from ivr.model.errors import LineError, NotNow, NotThere, StoreError
from ivr.model.events import QueueLeft, QueueNews
from ivr.model.routing import CallbackRules, KeptState, QueueSettings, WrapUp
from ivr.routing.centre import Centre
from ivr.routing.happenings import (
    AgentLoggedIn,
    AgentLoggedOut,
    CallerJoined,
    CallTransferred,
    Happening,
    OfferAccepted,
    StateAsked,
    Tick,
    WrapUpDone,
)
from tests.routing.fakes import WAIT_SECONDS, Book, Caller, House, in_a_house, opened
from tests.routing.kit import profile

NO_WRAP_UP = QueueSettings("general", wrap_up=WrapUp("none"))


async def talking(house: House, caller: Caller, agent: str = "ann") -> "asyncio.Task[QueueLeft]":
    """`caller` talks with `agent`, who was free."""
    await house.agent(agent)
    joined = house.join(caller)
    (await house.phones.next()).accept()
    return joined


def test_a_caller_is_rung_through_talks_and_is_ours_again_when_the_agent_hangs_up() -> None:
    async def run(house: House) -> None:
        caller = Caller("c1")
        await house.agent("ann")
        joined = house.join(caller)
        ringing = await house.phones.next()
        assert (ringing.agent_id, ringing.handoff.summary) == ("ann", "wants a card")
        line = ringing.accept()
        talk = await house.tables.next()
        assert (talk.guest, talk.line, talk.agent.agent_id) == (caller, line, "ann")
        assert house.state("ann") == "on_call"
        talk.ends("agent")
        assert await joined == QueueLeft("connected", "ann")
        assert (house.state("ann"), caller.news()) == ("wrap_up", ["ringing"])
        await house.dispatcher.ask(WrapUpDone("ann"))
        assert house.state("ann") == "available"
        assert house.names() == ["queue.entered", "queue.offered", "queue.connected", "call.completed"]
        assert house.book.events[-1].carries["by"] == "agent"
        assert house.dispatcher.tally.of("general").service_level == 1.0

    in_a_house(run)


def test_nobody_is_known_so_every_queue_is_closed() -> None:
    async def run(house: House) -> None:
        assert await house.join(Caller("c1")) == QueueLeft("closed")
        assert house.names() == ["queue.refused"]

    in_a_house(run)


def test_an_agent_who_declines_is_left_alone_and_the_next_one_is_rung() -> None:
    async def run(house: House) -> None:
        await house.agent("ann")
        await house.agent("bob")
        joined = house.join(Caller("c1"))
        (await house.phones.next()).fail("rejected")
        second = await house.phones.next()
        assert second.agent_id == "bob"
        second.accept()
        (await house.tables.next()).ends("customer")
        assert await joined == QueueLeft("connected", "bob")
        assert house.names()[1:4] == ["queue.offered", "queue.offer_failed", "queue.offered"]

    in_a_house(run)


def test_an_agent_who_misses_three_calls_is_not_responding_and_the_caller_keeps_the_place() -> None:
    async def run(house: House) -> None:
        await house.agent("ann")
        house.join(Caller("c1"))
        for _ in range(3):
            (await house.phones.next()).fail("no_answer")
            await house.settle()
            house.time += 61.0
            await house.settle()
        assert house.state("ann") == "not_responding"
        (entry,) = house.dispatcher.centre.floor.entries.values()
        assert (entry.enqueued_at, entry.state, entry.base_priority) == (1_000.0, "waiting", 60)
        assert "routing.hard_to_place" in house.names()
        await house.dispatcher.ask(StateAsked("ann", "available"))
        assert (await house.phones.next()).agent_id == "ann"

    in_a_house(run)


@pytest.mark.parametrize("error", [StoreError("odd"), RuntimeError("odd")])
def test_a_telephone_that_breaks_is_not_the_end(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    async def run(house: House) -> None:
        await house.agent("ann")
        house.join(Caller("c1"))
        (await house.phones.next()).breaks(error)
        house.time += 26.0
        await house.settle()
        assert house.names().count("queue.offer_failed") == 1
        house.time += 61.0
        await house.settle()
        assert (await house.phones.next()).agent_id == "ann"

    in_a_house(run)


def test_a_caller_who_hangs_up_while_it_rings_frees_the_agent_at_once() -> None:
    async def run(house: House) -> None:
        await house.agent("ann")
        joined = house.join(Caller("c1"))
        ringing = await house.phones.next()
        joined.cancel()
        await asyncio.gather(joined, return_exceptions=True)
        await house.settle()
        assert ringing.is_over
        assert house.state("ann") == "available"
        assert house.names()[-2:] == ["queue.offer_failed", "queue.abandoned"]
        assert house.book.kept == {}

    in_a_house(run)


def test_a_caller_who_hangs_up_while_talking_frees_the_agent_at_once() -> None:
    async def run(house: House) -> None:
        joined = await talking(house, Caller("c1"))
        talk = await house.tables.next()
        joined.cancel()
        await talk.over.wait()
        await house.settle()
        assert house.state("ann") == "wrap_up"
        (ended,) = [event for event in house.book.events if event.name == "call.completed"]
        assert ended.carries["by"] == "customer"

    in_a_house(run)


def test_of_two_who_accept_one_wins_and_the_other_is_hung_up_on() -> None:
    async def run(house: House) -> None:
        await house.agent("ann", "all")
        await house.agent("bob", "all")
        joined = house.join(Caller("c1"), "all")
        first, second = await house.phones.next(), await house.phones.next()
        winner, loser = first.accept(), second.accept()
        talk = await house.tables.next()
        await loser.hung_up.wait()
        assert (talk.line, talk.agent.agent_id) == (winner, first.agent_id)
        assert house.state(second.agent_id) == "available"
        lost = [event for event in house.book.events if event.carries.get("reason") == "lost_race"]
        assert [event.agent for event in lost] == [second.agent_id]
        talk.ends("agent")
        assert await joined == QueueLeft("connected", first.agent_id)

    in_a_house(run, QueueSettings("all", strategy="ring_all"))


def test_an_answer_after_the_offer_ended_is_hung_up_on() -> None:
    async def run(house: House) -> None:
        await house.agent("ann")
        house.join(Caller("c1"))
        ringing = await house.phones.next()
        line = ringing.accept()
        await asyncio.sleep(0)  # the telephone has said so, the routing has not read it yet
        house.time += 26.0
        house.dispatcher.handle(Tick())
        await line.hung_up.wait()
        await house.dispatcher.ask(OfferAccepted(ringing.offer_id))
        assert house.names()[-1] == "queue.offer_failed"

    in_a_house(run)


@pytest.mark.parametrize("breaks", [None, LineError("gone"), RuntimeError("nobody thought of this")])
def test_a_caller_whose_agent_vanishes_waits_again_at_the_old_place_for_somebody_else(
    breaks: Exception | None, caplog: pytest.LogCaptureFixture
) -> None:
    async def run(house: House) -> None:
        caller = Caller("c1")
        joined = await talking(house, caller)
        talk = await house.tables.next()
        house.time += 100.0
        if breaks:
            talk.breaks(breaks)
        else:
            talk.ends("network")
        await talk.over.wait()
        await house.until(lambda: house.state("ann") != "on_call")
        (entry,) = house.dispatcher.centre.floor.entries.values()
        assert (entry.enqueued_at, entry.base_priority, entry.avoid) == (1_000.0, 30, {"ann"})
        assert caller.news()[:2] == ["ringing", "back"]
        await house.agent("bob")
        ringing = await house.phones.next()
        assert ringing.agent_id == "bob"
        ringing.accept()
        (await house.tables.next()).ends("agent")
        assert await joined == QueueLeft("connected", "bob")

    in_a_house(run)


@pytest.mark.parametrize("while_it_rings", [True, False], ids=["while it rings", "while they talk"])
def test_a_caller_whose_agent_vanishes_is_still_before_who_came_later(while_it_rings: bool) -> None:
    async def run(house: House) -> None:
        await house.agent("ann")
        first = house.join(Caller("c1"))
        ringing = await house.phones.next()
        house.time += 5.0
        second = house.join(Caller("c2"))
        await house.until(lambda: len(house.dispatcher.centre.floor.entries) == 2)
        if while_it_rings:
            ringing.fail("unreachable")
        else:
            ringing.accept()
            (await house.tables.next()).ends("network")
        floor = house.dispatcher.centre.floor
        await house.until(lambda: len(floor.in_line("general", house.time)) == 2)
        assert [one.call_id for one in floor.in_line("general", house.time)] == ["c1", "c2"]
        await house.dispatcher.ask(AgentLoggedOut("ann"))
        await house.agent("bob")
        ringing = await house.phones.next()
        assert (ringing.agent_id, ringing.handoff.call_id) == ("bob", "c1")
        ringing.accept()
        (await house.tables.next()).ends("customer")
        assert await first == QueueLeft("connected", "bob")
        await house.dispatcher.ask(WrapUpDone("bob"))
        ringing = await house.phones.next()
        assert ringing.handoff.call_id == "c2"
        ringing.accept()
        (await house.tables.next()).ends("customer")
        assert await second == QueueLeft("connected", "bob")

    in_a_house(run)


def test_a_caller_who_is_handed_to_another_queue_waits_there_and_the_talk_ends() -> None:
    async def run(house: House) -> None:
        joined = await talking(house, Caller("c1"))
        await house.agent("bob", "loans")
        talk = await house.tables.next()
        (entry_id,) = house.dispatcher.centre.floor.entries
        await house.dispatcher.ask(CallTransferred(entry_id, "loans", "loans"))
        await talk.over.wait()
        assert house.state("ann") == "wrap_up"
        ringing = await house.phones.next()
        assert (ringing.agent_id, ringing.handoff.call_id) == ("bob", "c1")
        ringing.accept()
        (await house.tables.next()).ends("agent")
        assert await joined == QueueLeft("connected", "bob")

    in_a_house(run)


def test_who_overflows_is_shown_with_the_queue_that_serves_them_and_where_they_came_from() -> None:
    first = QueueSettings("general", max_wait=60.0, overflow="rest")

    async def run(house: House) -> None:
        await house.agent("ann")
        house.join(Caller("c0"))
        (await house.phones.next()).accept()
        caller = Caller("c1")
        joined = house.join(caller)
        await house.until(lambda: len(house.dispatcher.centre.floor.entries) == 2)
        await house.agent("bob", "rest")
        house.time += 60.0
        await house.dispatcher.ask(Tick())
        ringing = await house.phones.next()
        assert (ringing.agent_id, ringing.handoff.queue, ringing.handoff.came_from) == ("bob", "rest", "general")
        ringing.accept()
        await house.tables.next()
        talk = await house.tables.next()
        assert (talk.handoff.queue, talk.handoff.came_from) == ("rest", "general")
        told = [caller.told.get_nowait() for _ in range(caller.told.qsize())]
        assert [one for one in told if isinstance(one, QueueNews) and one.kind in ("moved", "ringing")] == [
            QueueNews("moved", queue="rest"), QueueNews("ringing"),
        ]  # fmt: skip
        talk.ends("agent")
        assert await joined == QueueLeft("connected", "bob")

    in_a_house(run, first, QueueSettings("rest"))


def test_a_caller_may_go_back_to_the_bot() -> None:
    async def run(house: House) -> None:
        await house.agent("ann")
        house.join(Caller("c0"))
        await house.phones.next()
        joined = house.join(Caller("c1"))
        await house.settle()
        await house.dispatcher.leave("c1", "exited_with_key")
        assert await joined == QueueLeft("exited_with_key")
        await house.dispatcher.leave("nobody", "exited_with_key")

    in_a_house(run)


def test_waiting_callers_hear_how_it_goes_and_are_offered_a_call_back() -> None:
    async def run(house: House) -> None:
        await talking(house, Caller("c0"))
        caller = Caller("c1")
        house.join(caller)
        await house.settle()
        house.time += 6.0
        await house.settle()
        assert caller.news() == ["next", "callback_offer"]

    in_a_house(run)


def test_a_customer_who_keeps_the_place_is_called_when_an_agent_has_accepted() -> None:
    async def run(house: House) -> None:
        first = await talking(house, Caller("c0"))
        talk = await house.tables.next()
        joined = house.join(Caller("c1"))
        await house.settle()
        await house.dispatcher.leave("c1", "callback", "+15555550123")
        assert await joined == QueueLeft("callback")
        talk.ends("agent")
        await first
        assert len(house.book.kept) == 1
        house.time += 61.0
        await house.settle()
        ringing = await house.phones.next()
        assert ringing.handoff.summary == "wants a card"
        line = ringing.accept()
        number, answer = await house.customers.next()
        assert (number, house.state("ann")) == ("+15555550123", "on_call")
        answer.set_result(Caller("out1"))
        talk = await house.tables.next()
        assert talk.line is line
        talk.ends("customer")
        assert await house.customers.given_back.get() == QueueLeft("connected", "ann")

    in_a_house(run, NO_WRAP_UP)


@pytest.mark.parametrize("error", [NotThere("no such number"), RuntimeError("nobody thought of this")])
def test_a_customer_who_does_not_answer_costs_the_agent_nothing_but_the_ringing(error: Exception) -> None:
    async def run(house: House) -> None:
        await talking(house, Caller("c0"))
        joined = house.join(Caller("c1"))
        await house.settle()
        await house.dispatcher.leave("c1", "callback", "+15555550123")
        await joined
        (await house.tables.next()).ends("agent")
        await house.settle()
        house.time += 61.0
        line = (await house.phones.next()).accept()
        _, answer = await house.customers.next()
        answer.set_exception(error)
        await line.hung_up.wait()
        await house.until(lambda: house.state("ann") != "on_call")
        assert house.state("ann") == "available"
        (entry,) = house.dispatcher.centre.floor.entries.values()
        assert (entry.callback_attempts, entry.state) == (1, "waiting")

    in_a_house(run, replace(NO_WRAP_UP, callback=CallbackRules(initial_delay=0.0)))


def test_a_customer_called_first_is_next_in_line_and_may_hang_up() -> None:
    async def run(house: House) -> None:
        await talking(house, Caller("c0"))
        joined = house.join(Caller("c1"))
        await house.settle()
        await house.dispatcher.leave("c1", "callback", "+15555550123")
        await joined
        (await house.tables.next()).ends("agent")
        _, answer = await house.customers.next()
        answer.set_result(Caller("out1"))
        ringing = await house.phones.next()
        assert ringing.handoff.call_id == "out1"
        house.customers.gone()
        await house.settle()
        assert ringing.is_over
        assert await house.customers.given_back.get() == QueueLeft("abandoned")
        assert house.dispatcher.centre.floor.entries == {}

    in_a_house(run, replace(NO_WRAP_UP, callback=CallbackRules("customer_first", initial_delay=0.0)))


def test_an_agent_who_answers_for_nobody_is_hung_up_on() -> None:
    async def run(house: House) -> None:
        await house.agent("ann")
        await house.dispatcher.ask(CallerJoined("ghost", "general", caller="+15555550100", reason="odd"))
        ringing = await house.phones.next()
        assert (ringing.handoff.caller, ringing.handoff.reason) == ("+15555550100", "odd")
        assert house.dispatcher.handoff("ghost") == ringing.handoff
        line = ringing.accept()
        await line.hung_up.wait()
        await house.settle()
        assert house.dispatcher.centre.floor.entries == {}

    in_a_house(run)


# -- when the dispatcher itself dies


def test_callers_cut_off_because_the_server_stops_find_their_place_when_they_call_again() -> None:
    book = Book(profile("ann"))

    async def before(house: House) -> None:
        await talking(house, Caller("c0"))
        joined = house.join(Caller("c1", "+15555550101"))
        await house.settle()
        house.dispatcher.keep_places()
        joined.cancel()
        await asyncio.gather(joined, return_exceptions=True)
        await house.settle()

    async def after(house: House) -> None:
        house.time += 90.0
        await house.dispatcher.load()
        await house.dispatcher.ask(AgentLoggedIn("ann", available=True))
        house.join(Caller("c7", "+15555550101"))
        await house.phones.next()
        (entry,) = house.dispatcher.centre.floor.entries.values()
        assert entry.enqueued_at == 1_000.0

    in_a_house(before, book=book)
    in_a_house(after, book=book)


def test_after_a_restart_who_waits_still_waits_at_the_same_place_and_who_talks_talks_on() -> None:
    async def run(house: House) -> None:
        talks = await talking(house, Caller("c0"))
        talk = await house.tables.next()
        waits = house.join(Caller("c1"))
        calls = house.join(Caller("c2"))
        await house.settle()
        await house.dispatcher.leave("c2", "callback", "+15555550123")
        await calls
        house.time += 50.0
        house.dispatcher.restart(Centre(house.queues, offer_prefix="again"))
        floor = house.dispatcher.centre.floor
        assert [(one.enqueued_at, one.call_id) for one in floor.in_line("general", house.time)] == [
            (1_000.0, "c1"), (1_000.0, "c2"),
        ]  # fmt: skip
        assert (house.state("ann"), talks.done()) == ("on_call", False)
        talk.ends("agent")
        assert await talks == QueueLeft("connected")
        ringing = await house.phones.next()
        assert (ringing.offer_id, ringing.handoff.call_id) == ("again1", "c1")
        ringing.accept()
        (await house.tables.next()).ends("customer")
        assert await waits == QueueLeft("connected", "ann")

    in_a_house(run, NO_WRAP_UP)


def test_after_a_crash_callbacks_are_made_and_who_calls_again_has_the_old_place() -> None:
    book = Book(profile("ann"), replace(profile("desk"), phone="sip:ann@desk"), profile("new"))

    async def before(house: House) -> None:
        await talking(house, Caller("c0"))
        await house.agent("desk")
        await house.dispatcher.ask(StateAsked("desk", "break", "lunch"))
        house.join(Caller("c1", "+15555550101"))
        calls = house.join(Caller("c2", "+15555550102"))
        await house.settle()
        await house.dispatcher.leave("c2", "callback", "+15555550102")
        await calls
        book.kept_then = dict(book.kept)  # type: ignore[attr-defined]

    async def after(house: House) -> None:
        house.time += 120.0
        await house.dispatcher.load()
        floor = house.dispatcher.centre.floor
        assert [one.callback_number for one in floor.entries.values()] == ["+15555550102"]
        assert {name: agent.state for name, agent in floor.agents.items()} == {
            "ann": "offline", "desk": "break", "new": "offline",
        }  # fmt: skip
        assert floor.agents["ann"].calls_today == 1
        await house.dispatcher.ask(AgentLoggedIn("ann"))
        await house.dispatcher.ask(StateAsked("desk", "break", "rest"))
        await house.dispatcher.ask(StateAsked("desk", "available"))
        ringing = await house.phones.next()
        assert ringing.handoff.caller == "+15555550102"
        house.join(Caller("c9", "+15555550101"))
        await house.settle()
        found = {one.caller: one.enqueued_at for one in floor.entries.values()}
        assert found == {"+15555550101": 1_000.0, "+15555550102": 1_000.0}

    in_a_house(before, book=book)
    book.kept = book.kept_then  # type: ignore[attr-defined]
    book.stated["gone"] = KeptState("gone", "available")
    in_a_house(after, book=book)


def test_a_happening_that_breaks_the_routing_leaves_no_caller_waiting_for_ever() -> None:
    async def run() -> None:
        house = House()
        house.dispatcher.centre.floor.agents["odd"] = None  # type: ignore[assignment]
        running = asyncio.create_task(house.dispatcher.run())
        assert await asyncio.wait_for(house.join(Caller("c1")), WAIT_SECONDS) == QueueLeft("closed")
        with pytest.raises(ExceptionGroup):
            await running

    asyncio.run(run())


def test_who_asks_for_what_cannot_be_is_told_and_who_only_posts_is_not() -> None:
    async def run(house: House) -> None:
        await house.agent("ann")
        with pytest.raises(NotNow, match="not in wrap-up"):
            await house.dispatcher.ask(WrapUpDone("ann"))
        house.dispatcher.post(WrapUpDone("ann"))
        with pytest.raises(NotThere):
            house.dispatcher.handoff("nobody")
        await house.settle()

    in_a_house(run)


def test_watchers_see_what_is_done_and_a_new_day_begins_at_zero() -> None:
    async def run() -> None:
        async with opened() as house:
            seen: list[str] = []
            rolled = asyncio.Event()
            house.dispatcher.watchers.append(lambda effect, now: seen.append(type(effect).__name__))
            await talking(house, Caller("c1"))
            await house.tables.next()
            assert {"Ring", "Connect", "AgentChanged", "Record"} <= set(seen)
            house.date = "2026-11-23"
            handle = house.dispatcher.handle

            def watched(happening: Happening) -> None:
                handle(happening)
                if type(happening).__name__ == "DayBegan":
                    rolled.set()

            house.dispatcher.handle = watched  # type: ignore[method-assign]
            await asyncio.wait_for(rolled.wait(), WAIT_SECONDS)
            assert house.dispatcher.centre.floor.agents["ann"].calls_today == 0
            assert house.dispatcher.tally.of("general").offered == 0

    asyncio.run(run())
