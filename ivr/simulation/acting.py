"""Pure: what people do when the routing does something: agents answer, talk and write, customers are called back."""

from dataclasses import dataclass, field

from ivr.routing.centre import Centre
from ivr.routing.effects import AgentChanged, CallBackNow, Connect, Effect, Left, Record, Ring
from ivr.routing.happenings import (
    CallbackAnswered,
    CallbackFailed,
    OfferAccepted,
    OfferFailed,
    OfferRang,
    StateAsked,
    TalkEnded,
)
from ivr.simulation.agenda import Agenda, Dice, HasWritten
from ivr.simulation.ledger import Ledger
from ivr.simulation.plan import Callers, Plan


@dataclass(slots=True)
class Acting:
    plan: Plan
    centre: Centre
    agenda: Agenda
    dice: Dice
    ledger: Ledger
    kinds: dict[str, Callers] = field(default_factory=dict)
    """Of which of the plan's callers each is."""

    talks_to: dict[str, str] = field(default_factory=dict)
    """Agent to the caller they talk with, or write about."""

    _writes_since: dict[str, float] = field(default_factory=dict)

    def follow(self, effect: Effect, now: float) -> None:
        match effect:
            case Record(event=event):
                self.ledger.saw(event)
            case Ring(offer_id=offer_id):
                self._rings(offer_id, now)
            case Connect(agent_id=agent_id, entry_id=entry_id):
                self.talks_to[agent_id] = entry_id
                talk = self.kinds[entry_id].talk.draw(self.dice.of("talk"))
                self.agenda.put(now + talk, TalkEnded(entry_id, "customer"))
            case AgentChanged(agent_id=agent_id, state=state):
                self._changes(agent_id, state, now)
            case CallBackNow(entry_id=entry_id):
                self._calls_back(entry_id, now)
            case Left(entry_id=entry_id, outcome=outcome):
                self.ledger.is_gone(entry_id, self.kinds[entry_id].queue, outcome, now)
            case _:
                pass

    def _rings(self, offer_id: str, now: float) -> None:
        """Who answers at once is not heard ringing."""
        behaviour, die = self.plan.behaviour, self.dice.of("answers")
        luck, after = die.share(), behaviour.answers_after.draw(die)
        misses = luck <= behaviour.misses
        if after or misses:
            self.agenda.put(now, OfferRang(offer_id))
        if misses:
            return
        rejects = luck <= behaviour.misses + behaviour.rejects
        self.agenda.put(now + after, OfferFailed(offer_id, "rejected") if rejects else OfferAccepted(offer_id))

    def _changes(self, agent_id: str, state: str, now: float) -> None:
        began = self._writes_since.pop(agent_id, None)
        if began is not None:
            self.ledger.wrote(self.talks_to[agent_id], now - began)
        if state == "not_responding":
            after = self.plan.behaviour.returns_after.draw(self.dice.of("returning"))
            self.agenda.put(now + after, StateAsked(agent_id, "available"))
        elif state == "wrap_up":
            entry_id = self.talks_to[agent_id]
            writing, box = self.kinds[entry_id].writing, self.centre.floor.agents[agent_id].wrap_up.seconds
            self._writes_since[agent_id] = now
            seconds = writing.draw(self.dice.of("writing")) if writing else box
            self.agenda.put(now + seconds, HasWritten(agent_id, entry_id))

    def _calls_back(self, entry_id: str, now: float) -> None:
        behaviour, die = self.plan.behaviour, self.dice.of("callbacks answered")
        reached = die.share() <= behaviour.callback_answered
        at = now + behaviour.callback_rings.draw(die)
        self.agenda.put(at, CallbackAnswered(entry_id) if reached else CallbackFailed(entry_id, "no_answer"))
