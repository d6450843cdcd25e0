"""Ended calls become contacts, in batches, beside the calls: nothing here is in the way of a caller."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import structlog

from ivr.flow.flow import Flow
from ivr.flow.schema_steps import AnswerStep, AskStep, MenuStep
from ivr.insight.contacts_from import contact_from
from ivr.insight.counting import counted
from ivr.insight.repeats import mark_fresh
from ivr.model.contacts import Contact
from ivr.model.insight import AgentChange, FlowFacts, KeptCall, KeptContact
from ivr.store.agent_time import AgentTime
from ivr.store.contacts import MOST_CALLS, ContactStore

log = structlog.get_logger(__name__)

SETTLED = timedelta(seconds=120)
"""How old the end of a call must be: its agent has finished the wrap-up, and everything is written."""

CURSOR = "contacts"
"""Name of the mark: end of the last call that became a contact, ISO 8601."""

Made = Callable[[Sequence[KeptCall], Sequence[KeptContact]], object]


def flow_facts(flow: Flow, survey_flow: str = "post_call") -> FlowFacts:
    """What counting needs to know of a flow."""
    steps = [(f"{name}.{step}", one) for name, file in flow.files.items() for step, one in file.steps.items()]
    return FlowFacts(
        kinds={name: intent.kind for file in flow.files.values() for name, intent in file.intents.items()},
        open_steps=frozenset(name for name, one in steps if isinstance(one, AskStep | MenuStep)),
        answer_steps=frozenset(name for name, one in steps if isinstance(one, AnswerStep)),
        survey_flow=survey_flow,
    )


@dataclass(slots=True)
class ContactMaker:
    """Makes contacts of calls that ended a while ago."""

    store: ContactStore
    agents: AgentTime
    facts_of: Callable[[str], FlowFacts] = lambda flow: FlowFacts()
    """By the flow's name in config.yaml; what is not known is counted by the defaults."""

    settled: timedelta = SETTLED
    batch: int = MOST_CALLS
    made: list[Made] = field(default_factory=list)
    """Told of each batch that was kept; awaited where it is a coroutine."""

    async def run(self, now: datetime) -> int:
        """Everything that has settled by `now`. How many contacts were made.

        Raises:
            StoreError: the database is away; the next run goes on where this one stopped.
        """
        mark = await self.store.mark(CURSOR)
        after, made = datetime.fromisoformat(mark) if mark else datetime(1970, 1, 2, tzinfo=UTC), 0
        while calls := await self.store.ended_calls(after, now - self.settled, self.batch):
            kept = await self._keep(calls, now)
            made += len(kept)
            ended = [call.record.ended_at for call in calls if call.record.ended_at]
            after = max(after, *ended)
            for told in self.made:
                if asyncio.iscoroutine(waiting := told(calls, kept)):
                    await waiting
            await self.store.keep_mark(CURSOR, after.isoformat())
        return made

    async def _keep(self, calls: Sequence[KeptCall], now: datetime) -> list[KeptContact]:
        changes = await self.agents.changes(min(call.record.arrived_at for call in calls), now)
        kept = await asyncio.to_thread(self._built, calls, changes)
        fresh = [one.contact for one in kept]
        marks = mark_fresh(fresh, await self.store.neighbours(fresh))
        kept = [replace(one, contact=contact) for one, contact in zip(kept, marks.fresh, strict=True)]
        numbers = await asyncio.to_thread(lambda: [one for each in kept for one in counted(each.contact)])
        await self.store.keep(kept, marks.came_back, numbers)
        return kept

    def _built(self, calls: Sequence[KeptCall], changes: Sequence[AgentChange]) -> list[KeptContact]:
        return [self._one(call, changes) for call in calls]

    def _one(self, call: KeptCall, changes: Sequence[AgentChange]) -> KeptContact:
        """A call that cannot be counted must not keep all later ones from being counted."""
        record = call.record
        mine = {event.agent for event in call.routing if event.agent}
        try:
            facts = self.facts_of(record.flow)
            return contact_from(call, facts, [change for change in changes if change.agent in mine])
        except Exception:
            log.exception("a call cannot be counted", call_id=record.call_id)
            return KeptContact(Contact(record.call_id, record.arrived_at, end_reason=record.end_reason,
                                       survey=record.survey, answered_by_ivr_at=record.answered_at))  # fmt: skip
