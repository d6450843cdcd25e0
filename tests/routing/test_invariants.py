"""The promises of domain.md 2.2.10, against whatever may happen in whatever order."""

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ivr.model.errors import IvrError
from ivr.model.people import AgentProfile, Requirement, ServedQueue
from ivr.model.routing import CallbackRules, QueueSettings, RoutingEvent, WrapUp
from ivr.routing.centre import Centre
from ivr.routing.dispatching import eligible
from ivr.routing.effects import Effect, Record, Ring
from ivr.routing.floor import Floor
from ivr.routing.happenings import (
    AgentKnown,
    AgentLineLost,
    AgentLoggedIn,
    AgentLoggedOut,
    AgentSeen,
    CallbackAnswered,
    CallbackFailed,
    CallerJoined,
    CallerLeft,
    CallTransferred,
    ConsultBegan,
    ConsultEnded,
    DayBegan,
    HandedOver,
    Happening,
    HoldBegan,
    HoldEnded,
    OfferAccepted,
    OfferFailed,
    OfferRang,
    OutboundBegan,
    OutboundEnded,
    Pulled,
    Reprioritised,
    StateAsked,
    TalkEnded,
    Tick,
    WrapUpDone,
    WrapUpExtended,
)
from ivr.routing.promises import TERMINAL, broken

SKILLS = ("card", "loan", "lang:en", "lang:zh", "authority:refund_500", "team:vip")
QUEUES = (
    QueueSettings("general", max_wait=120, overflow="rest"),
    QueueSettings("rest", strategy="weighted_random", wrap_up=WrapUp("none"), leave_when_empty=False),
    QueueSettings("all", strategy="ring_all", wrap_up=WrapUp("mandatory", 20), on_exhausted="overflow",
                  overflow="rest", max_size=8),
    QueueSettings("first", strategy="round_robin", callback=CallbackRules("customer_first", initial_delay=5),
                  on_exhausted="any_in_queue"),
    QueueSettings("skilled", strategy="best_skill", wrap_up=WrapUp("optional"), join_empty=True,
                  callback=CallbackRules(initial_delay=5, retry_delay=20)),
)  # fmt: skip
NAMES = tuple(queue.name for queue in QUEUES)
agents = st.sampled_from([f"a{number}" for number in range(4)])
entries = st.integers(1, 12)
needs = st.lists(
    st.builds(Requirement, st.sampled_from(SKILLS[:2] + SKILLS[4:5]), st.integers(1, 5), mandatory=st.booleans()),
    max_size=2, unique_by=lambda need: need.skill,
)  # fmt: skip
rows = st.lists(
    st.builds(ServedQueue, st.sampled_from(NAMES), st.integers(1, 3), st.sampled_from([0.0, 0.0, 15.0])),
    min_size=3, max_size=5, unique_by=lambda row: row.queue,
)  # fmt: skip
skills = st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 5), max_size=5)


def overtaken(floor: Floor, effects: list[Effect], now: float) -> list[str]:
    """Callers who still wait though somebody was rung just now whom they could have had, for a caller of the same
    queue and class who came later: by more than the difference of their head starts (I4), or with the same one (I3)."""
    found = []
    for one in effects:
        offer = floor.offers.get(one.offer_id) if isinstance(one, Ring) else None
        if offer is None:
            continue
        chosen, agent = floor.entries[offer.entry_id], floor.agents[offer.agent_id]
        for other in floor.entries.values():
            same = other.queue == chosen.queue and other.class_rank == chosen.class_rank
            lead = chosen.enqueued_at - other.enqueued_at - (chosen.base_priority - other.base_priority)
            was_before = lead > 0 or (lead == 0 and other.number < chosen.number)
            if same and was_before and other.may_be_served(now):
                could = eligible(floor, other, {agent.agent_id: agent}, now)
                found += [f"{agent.agent_id} rings for {chosen.entry_id}, {other.entry_id} was before"] if could else []
    return found


class AnyDay(RuleBasedStateMachine):
    """Six agents, five queues, and everything that can go wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.centre = Centre(QUEUES, seed=7)
        self.now, self.joined = 1_000.0, 0
        self.log: list[tuple[Happening, float, list[Effect]]] = []
        self.enqueued: dict[str, float] = {}
        self.events: list[RoutingEvent] = []
        self.rung_over: list[str] = []

    def happens(self, happening: Happening) -> None:
        try:
            effects = self.centre.handle(happening, self.now)
        except IvrError:
            return
        self.log.append((happening, self.now, effects))
        self.rung_over += [] if isinstance(happening, Pulled) else overtaken(self.centre.floor, effects, self.now)
        self.events += [one.event for one in effects if isinstance(one, Record)]
        for entry_id, entry in self.centre.floor.entries.items():
            self.enqueued.setdefault(entry_id, entry.enqueued_at)

    def some(self, number: int, states: set[str] | None = None) -> str:
        """One of those who are there, else nobody."""
        found = [one.entry_id for one in self.centre.floor.entries.values() if not states or one.state in states]
        return found[number % len(found)] if found else "nobody"

    def offer(self, number: int) -> str:
        """An offer, alive or not."""
        floor = self.centre.floor
        known = [*floor.offers, *list(floor.ended)[-3:]]
        return known[number % len(known)] if known else "none"

    @initialize(held=st.lists(skills, min_size=3, max_size=3), served=st.lists(rows, min_size=3, max_size=3))
    def some_work(self, held: list[dict[str, int]], served: list[list[ServedQueue]]) -> None:
        for number, (mine, queues) in enumerate(zip(held, served, strict=True)):
            self.known(f"a{number}", {**mine, "lang:en": 3}, queues, one_shot=False)
            self.happens(AgentLoggedIn(f"a{number}", available=True))

    @rule(agent=agents, held=skills, served=rows, one_shot=st.booleans())
    def known(self, agent: str, held: dict[str, int], served: list[ServedQueue], one_shot: bool) -> None:
        number = int(agent[1:])
        self.happens(
            AgentKnown(AgentProfile(agent, skills=held, queues=tuple(served), tier_position=number, one_shot=one_shot))
        )

    @rule(
        queue=st.sampled_from(NAMES), asked=needs, language=st.sampled_from(["en", "en", "zh", ""]),
        priority=st.sampled_from([0, 0, 0, 60, 120]), emergency=st.sampled_from([False, False, False, True]),
        tier=st.sampled_from(["", "", "vip"]), last=st.sampled_from(["", "", "a1"]),
    )  # fmt: skip
    def joins(self, queue: str, asked: list[Requirement], priority: int, last: str, **more: Any) -> None:
        self.joined += 1
        name = f"e{self.joined}"
        self.happens(CallerJoined(name, queue, name, f"+1555{self.joined % 4}", tuple(asked), (), priority=priority,
                                  last_agent=last, **more))  # fmt: skip

    @rule(number=entries, outcome=st.sampled_from(["abandoned", "abandoned", "exited_with_key", "callback"]))
    def leaves(self, number: int, outcome: Any) -> None:
        entry_id = self.some(number)
        entry = self.centre.floor.entries.get(entry_id)
        if entry and entry.callback_number and outcome != "abandoned":
            return  # nobody is on the line to press a key
        self.happens(CallerLeft(entry_id, outcome, "9", f"+1555{number % 3}"))

    @rule(seconds=st.sampled_from([0.25, 1.0, 6.0, 20.0, 26.0, 61.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.happens(Tick())

    @rule(number=entries)
    def rings(self, number: int) -> None:
        self.happens(OfferRang(self.offer(number)))

    @rule(number=entries)
    def accepts(self, number: int) -> None:
        self.happens(OfferAccepted(self.offer(number)))

    @rule(number=entries)
    def answers(self, number: int) -> None:
        alive = list(self.centre.floor.offers) or ["none"]
        self.happens(OfferRang(alive[number % len(alive)]))
        self.happens(OfferAccepted(alive[number % len(alive)]))

    @rule(number=entries, how=st.sampled_from(["rejected", "timed_out", "busy", "unreachable"]))
    def fails(self, number: int, how: Any) -> None:
        self.happens(OfferFailed(self.offer(number), how))

    @rule(number=entries, by=st.sampled_from(["customer", "agent"]))
    def talk_ends(self, number: int, by: Any) -> None:
        self.happens(TalkEnded(self.some(number, {"connected"}), by))

    @rule(number=entries, queue=st.sampled_from(["", "general", "skilled"]))
    def is_transferred(self, number: int, queue: str) -> None:
        self.happens(CallTransferred(self.some(number, {"connected"}), "outside", queue))

    @rule(number=entries, agent=agents)
    def is_handed_over(self, number: int, agent: str) -> None:
        self.happens(OutboundBegan(agent))
        self.happens(HandedOver(self.some(number, {"connected"}), agent if number % 4 else "outside"))

    @rule(number=entries)
    def line_is_lost(self, number: int) -> None:
        self.happens(AgentLineLost(self.some(number, {"connected", "calling"})))

    @rule(number=entries, reached=st.booleans())
    def customer_is_called(self, number: int, reached: bool) -> None:
        entry_id = self.some(number, {"calling"})
        self.happens(CallbackAnswered(entry_id) if reached else CallbackFailed(entry_id, "no_answer"))

    @rule(agent=agents, available=st.booleans())
    def logs_in(self, agent: str, available: bool) -> None:
        self.happens(AgentLoggedIn(agent, available=available))

    @rule(agent=agents)
    def logs_out(self, agent: str) -> None:
        self.happens(AgentLoggedOut(agent))

    @rule(agent=agents, state=st.sampled_from(["available", "break"]))
    def asks(self, agent: str, state: Any) -> None:
        self.happens(StateAsked(agent, state, "lunch"))

    @rule(number=entries, what=st.sampled_from([HoldBegan, HoldEnded, ConsultBegan, ConsultEnded]))
    def talks(self, number: int, what: Any) -> None:
        entry = self.centre.floor.entries.get(self.some(number, {"connected"}))
        self.happens(what(entry.agent_id if entry else "nobody"))

    @rule(agent=agents, what=st.sampled_from([
        AgentSeen, OutboundBegan, OutboundEnded]))  # fmt: skip
    def works(self, agent: str, what: Any) -> None:
        self.happens(what(agent))

    @rule(agent=agents, disposition=st.sampled_from(["", "resolved"]))
    def is_done(self, agent: str, disposition: str) -> None:
        self.happens(WrapUpDone(agent, disposition))

    @rule(agent=agents)
    def extends(self, agent: str) -> None:
        self.happens(WrapUpExtended(agent, 30.0))

    @rule(number=entries, agent=agents)
    def is_pulled(self, number: int, agent: str) -> None:
        self.happens(Pulled(self.some(number), agent))

    @rule(number=entries, priority=st.sampled_from([0, 100]))
    def is_reprioritised(self, number: int, priority: int) -> None:
        self.happens(Reprioritised(self.some(number), priority))

    @precondition(lambda self: self.now > 1_200)
    @rule()
    def day_begins(self) -> None:
        self.happens(DayBegan())

    # -- what always holds

    @invariant()
    def nothing_is_broken(self) -> None:
        assert broken(self.centre.floor, self.now) == []

    @invariant()
    def i3_and_i4_nobody_is_overtaken_but_by_who_is_ahead(self) -> None:
        assert self.rung_over == []

    @invariant()
    def i5_places_are_kept(self) -> None:
        for entry in self.centre.floor.entries.values():
            assert entry.enqueued_at <= self.enqueued[entry.entry_id]

    @invariant()
    def i9_each_stay_ends_once(self) -> None:
        began = Counter(one.entry_id for one in self.events if one.name == "queue.entered")
        done = Counter(one.entry_id for one in self.events if one.name in TERMINAL)
        for entry_id, stays in began.items():
            entry = self.centre.floor.entries.get(entry_id)
            assert stays - done[entry_id] == (entry is not None and entry.state != "connected")

    def teardown(self) -> None:
        """I10: the same seed and the same events make the same assignments."""
        again = Centre(QUEUES, seed=7)
        for happening, now, effects in self.log:
            assert again.handle(happening, now) == effects


TestAnyDay = AnyDay.TestCase
TestAnyDay.settings = settings(
    max_examples=30, stateful_step_count=100, deadline=None, suppress_health_check=list(HealthCheck)
)


def joins(day: AnyDay, dice: Random) -> None:
    asked = [Requirement(dice.choice(SKILLS[:2]), dice.randrange(1, 6), mandatory=dice.random() < 0.7)]
    day.joins(
        dice.choice(NAMES), asked[: dice.randrange(2)], dice.choice([0, 0, 60, 120]), dice.choice(["", "a1"]),
        language=dice.choice(["en", "en", "en", "zh", ""]), emergency=dice.random() < 0.05,
        tier=dice.choice(["", "vip"]),
    )  # fmt: skip


def changes(day: AnyDay, dice: Random) -> None:
    queues = [ServedQueue(name, dice.randrange(1, 3), dice.choice([0.0, 15.0])) for name in NAMES]
    held = {skill: dice.randrange(1, 6) for skill in SKILLS if dice.random() < 0.7}
    day.known(one(dice), {**held, "lang:en": 3}, queues[dice.randrange(3) :], dice.random() < 0.2)
    day.logs_out(f"a{dice.randrange(30)}")


def talks(day: AnyDay, dice: Random) -> None:
    day.talks(nth(dice), dice.choice([HoldBegan, HoldEnded, ConsultBegan, ConsultEnded]))
    day.works(one(dice), dice.choice([AgentSeen, OutboundBegan, OutboundEnded]))
    day.extends(one(dice))


def works(day: AnyDay, dice: Random) -> None:
    day.logs_in(one(dice), True)
    day.asks(one(dice), dice.choice(["available", "available", "available", "break"]))


def breaks(day: AnyDay, dice: Random) -> None:
    day.is_transferred(nth(dice), dice.choice(["", "general"]))
    day.line_is_lost(nth(dice))
    day.is_handed_over(nth(dice), one(dice))


def steps_in(day: AnyDay, dice: Random) -> None:
    day.is_pulled(nth(dice), one(dice))
    day.is_reprioritised(nth(dice), dice.choice([0, 100]))


def nth(dice: Random) -> int:
    return dice.randrange(1, 13)


def one(dice: Random) -> str:
    return f"a{dice.randrange(6)}"


OUTCOMES = ("abandoned", "exited_with_key", "callback", "callback")
WHAT: list[tuple[int, Callable[[AnyDay, Random], None]]] = [
    (16, joins),
    (5, lambda day, dice: day.leaves(nth(dice), dice.choice(OUTCOMES))),
    (20, lambda day, dice: day.time_passes(dice.choice([0.25, 1.0, 3.0, 6.0, 20.0, 26.0]))),
    (4, lambda day, dice: day.fails(nth(dice), dice.choice(["rejected", "timed_out", "busy", "unreachable"]))),
    (14, lambda day, dice: day.answers(nth(dice))),
    (6, lambda day, dice: day.talk_ends(nth(dice), dice.choice(["customer", "agent"]))),
    (9, lambda day, dice: day.is_done(one(dice), dice.choice(["", "resolved"]))),
    (3, breaks),
    (2, lambda day, dice: day.accepts(nth(dice))),
    (6, works),
    (3, lambda day, dice: day.customer_is_called(nth(dice), dice.random() < 0.6)),
    (2, steps_in),
    (4, talks),
    (1, changes),
]
"""What happens in a busy centre, the common more often than the rare."""


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_long_busy_day_breaks_no_promise_and_can_be_repeated(seed: int) -> None:
    day, dice = AnyDay(), Random(seed)
    for agent in range(6):
        day.known(f"a{agent}", {"lang:en": 3, "card": agent, "loan": 5 - agent}, [*map(ServedQueue, NAMES)], False)
        day.logs_in(f"a{agent}", True)
    for _ in range(1_500):
        (happens,) = dice.choices([what for _, what in WHAT], [weight for weight, _ in WHAT])
        happens(day, dice)
        assert broken(day.centre.floor, day.now) == []
    day.i3_and_i4_nobody_is_overtaken_but_by_who_is_ahead()
    day.i5_places_are_kept()
    day.i9_each_stay_ends_once()
    day.teardown()
    names = {one.name for one in day.events}
    assert names >= TERMINAL | {"call.completed", "call.transferred", "routing.requeued", "routing.hard_to_place"}
