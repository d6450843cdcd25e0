"""Desks at work with the real routing, real rooms and a real database; only the lines are scripted."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from ivr.assist.rules import Rule
from ivr.call.attendance import MeetingView
from ivr.config import Config
from ivr.console.desk_acts import DeskActs, Target
from ivr.console.desk_scenes import Around
from ivr.console.desk_supervise import Supervision, seat_of
from ivr.console.desk_talk import Desk, Suggestion
from ivr.console.desk_words import DESK
from ivr.console.desks import Desks
from ivr.console.words import speaker
from ivr.insight.emotion import Alert, Mood
from ivr.model.assist import Before, Similar, SimilarCase
from ivr.model.commands import JoinQueue
from ivr.model.errors import BadQuery, CallFailed, NotNow, NotThere, StoreError
from ivr.model.events import AgentSaid, CallerHungUp, Heard, QueueLeft
from ivr.model.people import Handoff
from ivr.model.ports import Line
from ivr.model.routing import Disposition
from ivr.store.calls import SqlCallStore, open_store
from ivr.web.webrtc_gate import Claims
from ivr.wiring.routing import RoutingWires, open_routing
from tests.call.fakes import ToneVoice
from tests.databases import new_database
from tests.store.samples import live_call
from tests.wiring.test_routing import DeskLine, Sitter

CONFIG = {
    "queues": [{"name": "general", "wrap_up": {"kind": "mandatory", "seconds": 30.0}}, {"name": "sales"}],
    "agents": [
        {"id": "ann", "name": "Ann", "skills": {"lang:en": 5}, "queues": ["general"]},
        {"id": "bo", "name": "Bo", "skills": {"lang:en": 5}, "queues": [{"queue": "sales"}]},
    ],
}


class BrowserLine(DeskLine):
    """A desk's line that says when it is over."""

    async def over(self) -> None:
        while not self.hung_up:  # noqa: ASYNC110 - the fake counts, it has no event
            await asyncio.sleep(0.01)


async def suggest(call_id: str, text: str, language: str) -> tuple[Suggestion, ...]:
    return (Suggestion("Ten yuan.", "what are your fees", "bank#fees", 0.7),) if "fees" in text else ()


@dataclass
class Helper:
    """Help that knows one case, and what it was asked."""

    asked: list[tuple[str, ...]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    is_away: bool = False

    async def before(self, known: Handoff) -> Before:
        return Before(callback_queue="cards")

    async def similar(self, agent_id: str, known: Handoff, said: Sequence[str]) -> Similar:
        self.asked.append((agent_id, *said))
        if self.is_away:
            raise StoreError("away")
        return Similar((CASE,), {"resolved": 3})

    def house_rules(self) -> Sequence[Rule]:
        return ()

    def over(self, agent_id: str, call_id: str) -> None:
        self.ended.append(agent_id)


CASE = SimilarCase("c0", datetime(2026, 11, 20, tzinfo=UTC), "lost_card", "resolved", "Froze it.", 0.8)


@dataclass
class Office:
    wires: RoutingWires
    store: SqlCallStore
    desks: Desks
    acts: DeskActs
    helper: Helper
    changes: asyncio.Event = field(default_factory=asyncio.Event)
    lines: dict[str, BrowserLine] = field(default_factory=dict)
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    def sit(self, agent: str) -> Desk:
        self.desks.attach(agent, f"page of {agent}", self.changes.set)
        return self.desks.desk(agent)

    async def until(self, is_so: Callable[[], object]) -> None:
        """Something changes at a desk until it is so; the routing's own clock runs on."""
        async with asyncio.timeout(60):
            while not is_so():  # noqa: ASYNC110 - of many things, few have an event
                await asyncio.sleep(0.01)

    def state(self, agent: str) -> str:
        return self.wires.dispatcher.centre.floor.agents[agent].state

    async def accept(self, agent: str) -> None:
        desk = self.desks.desk(agent)
        await self.until(lambda: desk.offer)
        assert desk.offer
        claims = Claims("agent", caller=agent, offer=desk.offer.offer_id)
        line = self.lines[agent] = BrowserLine()
        self.tasks.append(asyncio.create_task(self.desks.take_line(claims, line)))
        await self.until(lambda: desk.talk and desk.talk.view and desk.talk.phase in ("talking", "consulting"))

    async def talk(self, agent: str = "ann") -> "asyncio.Task[QueueLeft]":
        """A caller comes to this agent and they talk."""
        await self.acts.be_available(agent)
        await self.store.begin(live_call())
        joined = asyncio.create_task(self.wires.dispatcher.join("c1", JoinQueue("general"), Sitter("c1")))
        await self.accept(agent)
        return joined

    async def ended(self, joined: "asyncio.Task[QueueLeft]") -> QueueLeft:
        async with asyncio.timeout(60):
            return await joined


def office(
    folder: Path, test: Callable[[Office], Awaitable[None]], config: Mapping[str, Any] = MappingProxyType(CONFIG)
) -> None:
    async def whole() -> None:
        settings = Config.model_validate(config)
        async with asyncio.timeout(60), open_store(new_database(folder / "a.db")) as store:  # noqa: SIM117
            async with open_routing(settings, store.routing, ToneVoice()) as wires:
                phones, helper = wires.telephones, Helper()
                desks = Desks(wires.dispatcher, wires.meetings, phones, suggest, phones.desks, helper)
                opened = Office(wires, store, desks, DeskActs(desks, store.notes), helper)
                opened.sit("ann")
                opened.sit("bo")
                await test(opened)
                await opened.acts.close()
                await desks.close()

    asyncio.run(whole())


def test_a_talk_is_held_taken_back_ended_and_written_up(tmp_path: Path) -> None:
    async def test(office: Office) -> None:
        joined, desk = await office.talk(), office.desks.desk("ann")
        assert desk.talk
        office.acts.hold("ann", held=True)
        await office.until(lambda: office.state("ann") == "on_hold")
        office.acts.hold("ann", held=False)
        await office.until(lambda: office.state("ann") == "on_call")
        office.acts.mute("ann", muted=True)
        assert desk.talk.is_muted("ann")
        office.acts.hang_up("ann")
        assert await office.ended(joined) == QueueLeft("connected", "ann")
        assert (desk.scene, office.state("ann"), office.lines["ann"].hung_up) == ("wrap_up", "wrap_up", 1)
        with pytest.raises(BadQuery):
            await office.acts.finish("ann", "", "notes")
        await office.acts.extend("ann")
        with pytest.raises(NotNow):
            await office.acts.extend("ann")
        await office.acts.finish("ann", "resolved", "Wanted a card.")
        ((note, _),) = await office.store.notes.of("c1")
        assert (note.agent, note.queue, note.disposition, note.text) == ("ann", "general", "resolved", "Wanted a card.")
        assert (desk.scene, office.state("ann")) == ("idle", "available")

    office(tmp_path, test)


def test_both_sides_are_shown_and_answers_suggested(tmp_path: Path) -> None:
    async def test(office: Office) -> None:
        await office.talk()
        talk = office.desks.desk("ann").talk
        assert talk
        office.desks.saw("c1", 1.0, AgentSaid("How can I help?"))
        office.desks.saw("another", 1.0, AgentSaid("not for this desk"))
        office.desks.saw("c1", 2.0, Heard("What are your fees? I will call my lawyer."))
        await office.until(lambda: talk.suggestions)
        assert [line.text for line in talk.lines] == ["How can I help?", "What are your fees? I will call my lawyer."]
        assert (talk.suggestions[0].source, talk.mood.level) == ("bank#fees", "red")

    office(tmp_path, test)


def test_cases_alike_and_what_the_customer_waits_for_are_there_while_they_talk(tmp_path: Path) -> None:
    async def test(office: Office) -> None:
        joined = await office.talk()
        talk = office.desks.desk("ann").talk
        assert talk
        await office.until(lambda: talk.similar.cases and talk.before.callback_queue)
        assert (talk.before, talk.similar) == (Before(callback_queue="cards"), Similar((CASE,), {"resolved": 3}))
        office.desks.saw("c1", 2.0, Heard("I lost my card"))
        await office.until(lambda: len(office.helper.asked) == 2)
        assert office.helper.asked == [("ann",), ("ann", "I lost my card")]
        office.helper.is_away = True
        office.desks.saw("c1", 3.0, Heard("It was on the train"))
        await office.until(lambda: len(office.helper.asked) == 3)
        assert talk.similar.cases == (CASE,), "what was found stays"
        office.acts.hang_up("ann")
        await office.ended(joined)
        assert office.helper.ended == ["ann"]

    office(tmp_path, test)


def test_an_alert_is_on_the_desk_and_on_the_supervisors_page_at_once(tmp_path: Path) -> None:
    async def test(office: Office) -> None:
        await office.talk()
        desk, shown = office.desks.desk("ann"), list[str]()
        assert desk.talk
        office.desks.overview["a supervisor"] = lambda: shown.append("looked at again")
        moods = {"c1": Mood(-0.8, "red", 3)}
        office.desks.mood_of = moods.get
        office.desks.mood_alert("another", Alert("red", "mood", -0.8, 3), True)
        assert desk.talk.mood.level == "none"
        office.changes.clear()
        office.desks.mood_alert("c1", Alert("red", "mood", -0.8, 3), True)
        assert (desk.talk.mood.level, office.changes.is_set()) == ("red", True)
        assert shown == ["looked at again"] * 2
        moods["c1"] = Mood(-0.2, "amber", 4)
        office.desks.saw("c1", 5.0, Heard("well then"))
        assert desk.talk.mood == moods["c1"]

    office(tmp_path, test)


def test_a_colleague_is_consulted_and_takes_the_caller_over(tmp_path: Path) -> None:
    async def test(office: Office) -> None:
        await office.acts.be_available("bo")
        joined = await office.talk()
        office.acts.consult("ann", Target("agent", "bo"))
        await office.accept("bo")
        await office.until(lambda: office.state("ann") == "consulting")
        assert office.state("bo") == "on_call"
        office.acts.complete("ann")
        await office.until(lambda: office.state("ann") == "wrap_up")
        assert office.desks.desk("ann").scene == "wrap_up"
        office.acts.hang_up("bo")
        assert await office.ended(joined) == QueueLeft("connected", "bo")
        await office.until(lambda: office.state("bo") == "wrap_up")

    office(tmp_path, test)


def test_a_colleague_who_declines_or_is_sent_away_leaves_the_caller_where_they_were(tmp_path: Path) -> None:
    async def test(office: Office) -> None:
        await office.acts.be_available("bo")
        await office.talk()
        desk, colleague = office.desks.desk("ann"), office.desks.desk("bo")
        office.acts.consult("ann", Target("queue", "sales"))
        await office.until(lambda: colleague.offer)
        assert colleague.offer
        assert colleague.offer.consulting == "ann"
        with pytest.raises(NotNow):
            office.acts.consult("ann", Target("agent", "bo"))
        office.acts.decline("bo")
        await office.until(lambda: desk.trouble)
        assert (desk.trouble, office.state("ann")) == ("trouble_rejected", "on_call")
        await office.until(lambda: office.state("bo") == "available")
        office.acts.consult("ann", Target("agent", "bo"))
        await office.accept("bo")
        office.acts.cancel("ann")
        await office.until(lambda: (office.state("ann"), office.state("bo")) == ("on_call", "available"))
        assert (colleague.scene, desk.talk and desk.talk.phase) == ("idle", "talking")

    office(tmp_path, test)


def test_a_blind_transfer_that_nobody_can_take_brings_the_caller_back(tmp_path: Path) -> None:
    async def test(office: Office) -> None:
        await office.talk()
        desk = office.desks.desk("ann")
        office.acts.consult("ann", Target("number", "+15555550199"), blind=True)
        await office.until(lambda: desk.trouble)
        assert desk.talk
        assert (desk.trouble, desk.talk.phase, desk.talk.ringing) == ("trouble_unreachable", "talking", "")
        with pytest.raises(NotNow):
            office.acts.consult("ann", Target("queue", "sales"))

    office(tmp_path, test)


class OutsideTrunk:
    """A trunk to people outside: who is busy is busy, whoever else is rung answers on a line of the test's."""

    def __init__(self, *busy: str) -> None:
        self.busy, self.rung = busy, list[tuple[str, str]]()
        self.lines: dict[str, BrowserLine] = {}

    async def call(self, to: str, caller_id: str, ring_seconds: float) -> Line:
        self.rung.append((to, caller_id))
        if to in self.busy:
            raise CallFailed("busy")
        self.lines[to] = BrowserLine()
        return self.lines[to]


LAWYER, NOTARY = "+15555550190", "+15555550191"


def test_somebody_outside_is_asked_first_and_takes_the_caller_over_until_they_hang_up(tmp_path: Path) -> None:
    async def test(office: Office) -> None:
        trunk = OutsideTrunk(NOTARY)
        office.wires.reach_out_through(trunk)
        joined = await office.talk()
        desk = office.desks.desk("ann")
        office.acts.consult("ann", Target("number", NOTARY))
        await office.until(lambda: desk.trouble)
        assert desk.talk
        assert (desk.trouble, desk.talk.phase) == ("trouble_busy", "talking")
        office.acts.consult("ann", Target("number", LAWYER))
        await office.until(lambda: desk.talk and desk.talk.phase == "consulting")
        await office.until(lambda: office.state("ann") == "consulting")
        assert (desk.trouble, trunk.rung) == ("", [(NOTARY, ""), (LAWYER, "")])
        office.acts.cancel("ann")
        await office.until(lambda: office.state("ann") == "on_call")
        await office.until(lambda: trunk.lines[LAWYER].hung_up)
        office.acts.consult("ann", Target("number", LAWYER))
        await office.until(lambda: desk.talk and desk.talk.phase == "consulting")
        office.acts.conference("ann")
        await office.until(lambda: desk.talk and desk.talk.phase == "conference")
        office.acts.complete("ann")
        await office.until(lambda: office.state("ann") == "wrap_up")
        assert (desk.scene, joined.done()) == ("wrap_up", False)
        trunk.lines[LAWYER].arrivals.put_nowait(CallerHungUp("caller"))
        assert (await office.ended(joined)).outcome == "connected"
        assert office.wires.dispatcher.centre.floor.entries == {}

    office(tmp_path, test)


def test_a_caller_is_given_to_somebody_outside_without_asking(tmp_path: Path) -> None:
    async def test(office: Office) -> None:
        trunk = OutsideTrunk()
        office.wires.reach_out_through(trunk)
        joined = await office.talk()
        office.acts.consult("ann", Target("number", LAWYER), blind=True)
        await office.until(lambda: office.state("ann") == "wrap_up")
        assert not joined.done()
        joined.cancel()
        await office.until(lambda: trunk.lines[LAWYER].hung_up)
        assert office.wires.dispatcher.centre.floor.entries == {}

    office(tmp_path, test)


def doing(what: Callable[[], Any]) -> Callable[[], Any]:
    return what


def test_a_queue_has_outcomes_of_its_own_and_takes_no_others(tmp_path: Path) -> None:
    async def test(office: Office) -> None:
        floor = office.wires.dispatcher.centre.floor
        refunds = (Disposition("refunded", "Refunded", "已退款"), Disposition("goodwill_gesture"))
        floor.queues["general"] = replace(floor.settings("general"), dispositions=refunds)
        joined = await office.talk()
        talk = office.desks.desk("ann").talk
        assert talk
        here, there = (Around(office.acts, "ann", speaker(each, DESK), doing, each) for each in ("en", "zh"))
        assert here.outcomes(talk) == {"refunded": "Refunded", "goodwill_gesture": "goodwill gesture"}
        assert there.outcomes(talk) == {"refunded": "已退款", "goodwill_gesture": "goodwill gesture"}
        office.acts.hang_up("ann")
        await office.ended(joined)
        with pytest.raises(BadQuery, match="goodwill_gesture, refunded"):
            await office.acts.finish("ann", "resolved", "")
        await office.acts.finish("ann", "refunded", "")
        ((note, _),) = await office.store.notes.of("c1")
        assert note.disposition == "refunded"

    office(tmp_path, test)


def test_a_caller_who_is_given_to_another_queue_waits_there(tmp_path: Path) -> None:
    async def test(office: Office) -> None:
        joined = await office.talk()
        office.acts.consult("ann", Target("queue", "sales"), blind=True)
        await office.until(lambda: office.state("ann") == "wrap_up")
        (entry,) = office.wires.dispatcher.centre.floor.entries.values()
        assert (entry.queue, entry.state) == ("sales", "waiting")
        joined.cancel()
        await office.until(lambda: not office.wires.dispatcher.centre.floor.entries)

    office(tmp_path, test)


def test_a_caller_who_hangs_up_while_a_colleague_is_rung_frees_everybody(tmp_path: Path) -> None:
    async def test(office: Office) -> None:
        await office.acts.be_available("bo")
        joined = await office.talk()
        office.acts.consult("ann", Target("agent", "bo"))
        await office.until(lambda: office.desks.desk("bo").offer)
        joined.cancel()
        await office.until(lambda: (office.state("ann"), office.state("bo")) == ("wrap_up", "available"))
        assert office.desks.desk("bo").offer is None

    office(tmp_path, test)


def test_an_agents_line_that_breaks_sends_the_caller_back_to_their_place(tmp_path: Path) -> None:
    async def test(office: Office) -> None:
        await office.talk()
        office.lines["ann"].arrivals.put_nowait(CallerHungUp("network"))
        floor = office.wires.dispatcher.centre.floor
        await office.until(lambda: [one.state for one in floor.entries.values()] == ["waiting"])
        assert (office.desks.desk("ann").scene, office.state("ann")) == ("idle", "available")

    office(tmp_path, test)


def test_of_two_agents_who_accept_at_once_one_talks_and_the_other_is_free_for_the_next(tmp_path: Path) -> None:
    both = [{"id": name, "skills": {"lang:en": 5}, "queues": ["general"]} for name in ("ann", "bo")]
    config = {"queues": [{"name": "general", "strategy": "ring_all"}], "agents": both}

    async def test(office: Office) -> None:
        for agent in ("ann", "bo"):
            await office.acts.be_available(agent)
        await office.store.begin(live_call())
        joined = asyncio.create_task(office.wires.dispatcher.join("c1", JoinQueue("general"), Sitter("c1")))
        desks = {agent: office.desks.desk(agent) for agent in ("ann", "bo")}
        await office.until(lambda: all(desk.offer for desk in desks.values()))
        for agent, desk in desks.items():
            assert desk.offer
            claims, line = Claims("agent", caller=agent, offer=desk.offer.offer_id), BrowserLine()
            office.lines[agent] = line
            office.tasks.append(asyncio.create_task(office.desks.take_line(claims, line)))
        floor = office.wires.dispatcher.centre.floor
        await office.until(lambda: sorted(office.state(agent) for agent in desks) == ["available", "on_call"])
        (winner,) = (agent for agent in desks if office.state(agent) == "on_call")
        (loser,) = desks.keys() - {winner}
        await office.until(lambda: office.lines[loser].hung_up and desks[loser].scene == "idle")
        assert [(one.state, one.agent_id) for one in floor.entries.values()] == [("connected", winner)]
        talk = desks[winner].talk
        assert talk
        await office.until(lambda: talk.phase == "talking")
        office.acts.hang_up(winner)
        assert await office.ended(joined) == QueueLeft("connected", winner)

    office(tmp_path, test, config)


def test_an_agent_who_accepts_in_two_windows_talks_in_the_first(tmp_path: Path) -> None:
    async def test(office: Office) -> None:
        await office.talk()
        talk, second = office.desks.desk("ann").talk, BrowserLine()
        assert talk
        await office.desks.take_line(Claims("agent", caller="ann", offer=talk.offer_id), second)
        assert (talk.phase, office.lines["ann"].hung_up, office.state("ann")) == ("talking", 0, "on_call")

    office(tmp_path, test)


def test_a_supervisor_listens_whispers_barges_in_and_leaves(tmp_path: Path) -> None:
    async def test(office: Office) -> None:
        await office.talk()
        supervision, line = Supervision(office.desks, office.store, None), BrowserLine()
        joining = asyncio.create_task(supervision.take_line(Claims("supervisor", caller="sue", offer="c1"), line))
        await office.until(lambda: supervision.mode_of("sue", "c1") == "monitor")
        meeting = office.wires.meetings.find("c1")
        meeting.set_mode(seat_of("sue"), "whisper")
        meeting.set_mode(seat_of("sue"), "barge")
        assert meeting.view.supervisors == {"supervisor:sue": "barge"}
        meeting.hang_up(seat_of("sue"))
        await office.until(lambda: supervision.mode_of("sue", "c1") is None)
        await joining
        assert line.hung_up == 1
        late = BrowserLine()
        await supervision.take_line(Claims("supervisor", caller="sue", offer="gone"), late)

    office(tmp_path, test)


def test_nothing_can_be_done_with_a_call_that_is_not_there(tmp_path: Path) -> None:
    async def test(office: Office) -> None:
        for act in (office.acts.hang_up, office.acts.complete, office.acts.cancel, office.acts.ticket):
            with pytest.raises(NotThere):
                act("ann")
        with pytest.raises(NotNow):
            await office.acts.finish("ann", "resolved", "")
        await office.acts.take_break("ann", "lunch")
        assert office.state("ann") == "break"
        await office.acts.go_offline("ann")
        assert office.state("ann") == "offline"
        office.desks.meeting_changed(MeetingView("nobody's", "talking", "zoe"))

    office(tmp_path, test)
