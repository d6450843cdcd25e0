"""Pure: the routing of a whole call centre: what happens goes in, what is to be done comes out (domain.md 2.2).

Not thread-safe; one task owns it (`ivr.routing.dispatcher`), or a simulation with a clock of its own.
"""

from collections.abc import Iterable

from ivr.model.errors import NotNow
from ivr.model.routing import QueueSettings
from ivr.routing import joining, leaving, offers, presence, talking
from ivr.routing.chance import Chance
from ivr.routing.dispatching import dispatch, note_decision
from ivr.routing.effects import Effect, PlaceChanged
from ivr.routing.floor import Floor, IsOpen, always_open
from ivr.routing.happenings import (
    AgentForgotten,
    AgentKnown,
    AgentLineLost,
    AgentLoggedIn,
    AgentLoggedOut,
    AgentSeen,
    CallbackAnswered,
    CallbackFailed,
    CallerJoined,
    CallerLeft,
    CallersForgotten,
    CallTransferred,
    ConsultBegan,
    ConsultEnded,
    DayBegan,
    HandedOver,
    Happening,
    HoldBegan,
    HoldEnded,
    OfCaller,
    OfferAccepted,
    OfferFailed,
    OfferRang,
    OfPresence,
    OfWork,
    OutboundBegan,
    OutboundEnded,
    PlaceRestored,
    QueueConfigured,
    Reprioritised,
    StateAsked,
    TalkEnded,
    Tick,
    WrapUpDone,
    WrapUpExtended,
)
from ivr.routing.people import BUSY, IN_A_CALL, Agent
from ivr.routing.priority import capped
from ivr.routing.why import Why, why

TICK_SECONDS = 0.25
"""How often a `Tick` should come."""

HEARTBEAT_SECONDS = 15.0
"""Who sent heartbeats and is not heard of for so long has gone (domain.md 2.2.5)."""


class Centre:
    """`handle` is the only way in. `now` is seconds since 1970 UTC and never goes back."""

    def __init__(
        self,
        queues: Iterable[QueueSettings] = (),
        *,
        is_open: IsOpen = always_open,
        seed: int = 1,
        offer_prefix: str = "o",
    ) -> None:
        self.floor = Floor({one.name: one for one in queues}, is_open, Chance(seed), offer_prefix)

    def handle(self, happening: Happening, now: float) -> list[Effect]:
        """Everything to be done because of this, in order.

        Raises:
            NotThere, NotNow, BadQuery: an agent or a supervisor asked for what cannot be; nothing has changed.
        """
        self.floor.effects = []
        if isinstance(happening, AgentSeen):
            presence.seen(self.floor.agent(happening.agent_id), now)
            return []
        self._happened(happening, now)
        self._time_passed(now)
        dispatch(self.floor, now)
        return self.floor.effects

    def why(self, entry_id: str, now: float) -> Why:
        """Why this caller is still waiting.

        Raises:
            NotThere: nobody waits under this number.
        """
        return why(self.floor, entry_id, now)

    def _time_passed(self, now: float) -> None:
        floor = self.floor
        self._log_out_the_lost(now)
        offers.expire_offers(floor, now)
        talking.expire_wrap_ups(floor, now)
        presence.end_recoveries(floor, now)
        leaving.expire_steps(floor, now)
        leaving.end_long_waits(floor, now)
        leaving.expire_callbacks(floor, now)
        leaving.forget_old_places(floor, now)

    def _log_out_the_lost(self, now: float) -> None:
        for agent in self.floor.agents.values():
            lost = agent.seen_at is not None and now - agent.seen_at >= HEARTBEAT_SECONDS
            if lost and agent.state != "offline" and agent.next_state != "offline":
                self._log_out(agent, "heartbeat_lost", now)

    def _happened(self, happening: Happening, now: float) -> None:
        floor = self.floor
        match happening:
            case Tick() | AgentSeen():
                pass
            case DayBegan():
                presence.begin_day(floor, now)
            case QueueConfigured(settings=settings):
                floor.queues[settings.name] = settings
            case AgentKnown(profile=profile, before=before):
                presence.know(floor, profile, before, now)
            case OfferRang(offer_id=offer_id):
                offers.rang(floor, offer_id, now)
            case OfferAccepted(offer_id=offer_id):
                offers.accepted(floor, offer_id, now)
            case OfferFailed(offer_id=offer_id, how=how):
                offers.failed(floor, offer_id, how, now)
            case (
                AgentForgotten() | AgentLoggedIn() | AgentLoggedOut() | StateAsked() | OutboundBegan() | OutboundEnded()
            ):
                self._presence(happening, floor.agent(happening.agent_id), now)
            case HoldBegan() | HoldEnded() | ConsultBegan() | ConsultEnded() | WrapUpDone() | WrapUpExtended():
                self._work(happening, floor.agent(happening.agent_id), now)
            case _:
                self._caller(happening, now)

    def _caller(self, happening: OfCaller, now: float) -> None:
        floor = self.floor
        match happening:
            case CallerJoined():
                joining.join(floor, happening, now)
            case CallerLeft():
                leaving.left(floor, happening, now)
            case CallersForgotten():
                leaving.forgotten(floor, happening, now)
            case PlaceRestored():
                joining.restore(floor, happening, now)
            case CallbackAnswered(entry_id=entry_id):
                leaving.callback_answered(floor, entry_id, now)
            case CallbackFailed(entry_id=entry_id, outcome=outcome):
                leaving.callback_failed(floor, entry_id, outcome, now)
            case TalkEnded(entry_id=entry_id, by=by):
                talking.ended(floor, entry_id, by, now)
            case CallTransferred(entry_id=entry_id, target=target, queue=queue):
                talking.transferred(floor, entry_id, target, queue, now)
            case HandedOver(entry_id=entry_id, agent_id=agent_id):
                talking.handed_over(floor, entry_id, agent_id, now)
            case AgentLineLost(entry_id=entry_id):
                talking.line_lost(floor, entry_id, now)
            case Reprioritised():
                self._reprioritise(happening)
            case _:
                self._pull(happening.entry_id, happening.agent_id, now)

    def _presence(self, happening: OfPresence, agent: Agent, now: float) -> None:
        match happening:
            case AgentForgotten():
                self._forget(agent, now)
            case AgentLoggedIn(available=available):
                presence.log_in(self.floor, agent, now, available=available)
            case AgentLoggedOut(reason=reason):
                self._log_out(agent, reason, now)
            case StateAsked(state="break", reason=reason):
                presence.ask_break(self.floor, agent, reason, now)
            case StateAsked():
                self._ask_available(agent, now)
            case OutboundBegan():
                presence.begin_outbound(self.floor, agent, now)
            case _:
                presence.end_outbound(self.floor, agent, now)

    def _work(self, happening: OfWork, agent: Agent, now: float) -> None:
        match happening:
            case HoldBegan() | HoldEnded():
                talking.hold(self.floor, agent, now, begins=isinstance(happening, HoldBegan))
            case ConsultBegan() | ConsultEnded():
                talking.consult(self.floor, agent, now, begins=isinstance(happening, ConsultBegan))
            case WrapUpDone(disposition=disposition):
                talking.wrap_up_done(self.floor, agent, disposition, now)
            case _:
                talking.extend_wrap_up(self.floor, agent, happening.seconds, now)

    def _log_out(self, agent: Agent, reason: str, now: float) -> None:
        if agent.offer_id:
            offers.withdraw_from(self.floor, agent, "agent_gone", now)
        presence.log_out(self.floor, agent, now, reason)

    def _ask_available(self, agent: Agent, now: float) -> None:
        """In wrap-up it means that the agent is done with it."""
        presence.ask_available(self.floor, agent, now)
        if agent.state == "wrap_up" and agent.wrap_up.kind != "mandatory":
            talking.end_wrap_up(self.floor, agent, now)

    def _forget(self, agent: Agent, now: float) -> None:
        if agent.state in IN_A_CALL:
            raise NotNow(f"{agent.agent_id} is in a call; try again after it")
        self._log_out(agent, "forgotten", now)
        del self.floor.agents[agent.agent_id]
        self.floor.forget_fits()

    def _reprioritise(self, happening: Reprioritised) -> None:
        entry = self.floor.entry(happening.entry_id)
        entry.base_priority = capped(happening.priority)
        if happening.emergency is not None:
            entry.class_rank = int(happening.emergency)
        self.floor.do(PlaceChanged(entry.entry_id))

    def _pull(self, entry_id: str, agent_id: str, now: float) -> None:
        """Whoever is rung for the caller already is let go, even this agent."""
        entry, agent = self.floor.entry(entry_id), self.floor.agent(agent_id)
        if entry.state not in ("waiting", "offered"):
            raise NotNow("somebody talks with this caller already")
        if agent.state != "available" and not (agent.state in BUSY and agent.offer_id in entry.offers):
            raise NotNow(f"{agent_id} is {agent.state}; only somebody available can take a caller")
        offers.withdraw(self.floor, entry, "pulled", now)
        entry.excluded_until.pop(agent_id, None)
        note_decision(self.floor, entry, agent, (), 1, now, strategy="pulled")
        offers.make_offer(self.floor, entry, agent, now, is_pull=True)
