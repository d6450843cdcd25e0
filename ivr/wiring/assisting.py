"""What helps an agent in a call: similar cases that were solved, what the customer went through lately, and the rules
of the house for what to do next. Everything is looked up beside the event loop, and a call that cannot be helped goes
on without."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np
import structlog

from ivr.assist.cases import CaseIndex, Matter, Vector, marks_of, outcomes_of, wording
from ivr.assist.hiding import without_names
from ivr.assist.rules import Rule, read_rules
from ivr.config_assist import Assist
from ivr.model.assist import Before, Similar, SimilarCase, SolvedCase, WrittenCase
from ivr.model.errors import ConfigError, ModelMissing, StoreError
from ivr.model.people import Handoff
from ivr.nlu.controls import ControlMatcher
from ivr.nlu.encoder import SentenceEncoder, shared_encoder
from ivr.routing.floor import Floor
from ivr.store.calls import utc_now
from ivr.store.solved import SolvedCases
from ivr.web.security import Audit

LOOK_UP_SECONDS = 1.0
"""Longest an agent's help waits for the database; it is sooner there than the caller has said their sentence."""

SEVEN_DAYS = timedelta(days=7)
OVERLAP = timedelta(days=1)
"""Calls are looked at again for so long: agents write up later than callers come."""

AT_ONCE = 64
"""Cases that are encoded before somebody else has a turn: about 0.1 s of one core."""

MOST_COMPARED = 4
"""Of what the caller said, the latest: 2 ms each."""

LONGEST_COMMAND = 45
"""Characters; a longer sentence says more than that somebody wants a person, or to hear it again."""

MOST_SHOWN, MOST_ALIKE = 3, 20
"""Cases on the desk, and those whose outcomes are counted."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class HouseRules:
    """The rules that supervisors wrote, read again when their file changes. A mistake leaves the last good ones."""

    settings: Assist
    rules: tuple[Rule, ...] = ()
    trouble: str = ""
    """What is wrong with the file as it stands now."""

    _seen: float = -1.0

    def look(self) -> tuple[Rule, ...]:
        file = self.settings.rules
        try:
            changed = file.stat().st_mtime if file.is_file() else 0.0
            if changed != self._seen:
                self._seen = changed
                self.rules = read_rules(file.read_text(encoding="utf-8"), str(file)) if changed else ()
                self.trouble = ""
        except (ConfigError, OSError, UnicodeDecodeError) as error:
            self.trouble = str(error)
            log.warning("advice_rules_not_read", why=self.trouble, remedy="the last good rules hold")
        return self.rules


@dataclass(slots=True)
class Assistance:
    """Implements `ivr.console.desk_seats.Assist`."""

    settings: Assist
    store: SolvedCases
    looks: Audit
    floor: Callable[[], Floor]
    flow_of: Callable[[str], str]
    """Of a call on the line; empty: it is not there."""

    encoder: SentenceEncoder = field(default_factory=shared_encoder)
    utc: Callable[[], datetime] = utc_now
    rules: HouseRules = field(init=False)
    index: CaseIndex = field(init=False)
    _looked: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """By agent and call: the cases they were shown, so that each look is noted once."""

    _commands: dict[str, ControlMatcher] = field(default_factory=dict)
    _read_at: datetime | None = None

    def __post_init__(self) -> None:
        self.rules = HouseRules(self.settings)
        self.index = CaseIndex(self.settings.most_cases)

    # -- learning

    async def run(self) -> None:
        """Until cancelled."""
        while self.settings.similar_cases:
            try:
                await self.learn()
            except ModelMissing as error:
                log.warning("similar_cases_off", why=str(error))
                return
            except StoreError as error:
                log.warning("similar_cases_wait_for_the_database", why=str(error))
            except Exception:
                log.exception("similar_cases_not_learned")
            await asyncio.sleep(self.settings.every_seconds)

    async def learn(self) -> None:
        """Take up new cases, and let go of those that are too old or were erased.

        Raises:
            StoreError: the database is away.
            ModelMissing: sentences cannot be compared here.
        """
        now = self.utc()
        oldest = now - timedelta(days=self.settings.days)
        known = self.index.known
        self.index.forget(known - await self.store.with_words(known))
        self.index.forget_before(oldest)
        since = max(oldest, self._read_at - OVERLAP) if self._read_at else oldest
        fresh = await self.store.newest(since, self.settings.solved, self.settings.most_cases, self.index.known)
        self._read_at = now
        for at in range(0, len(fresh), AT_ONCE):
            await self._take_up(fresh[at : at + AT_ONCE])

    async def _take_up(self, cases: Sequence[SolvedCase]) -> None:
        said = {case.call_id: wording(self._matters(case.words, case.language)) for case in cases}
        telling = [case for case in cases if said[case.call_id]]
        if telling:
            vectors = await asyncio.to_thread(self._encoded, [said[case.call_id] for case in telling])
            self.index.learn(telling, vectors)

    def _matters(self, turns: Iterable[str], language: str) -> list[str]:
        """Without what is only a command, as "I want to talk to a person": every call has that."""
        if language not in self._commands:
            self._commands[language] = ControlMatcher(language, {})
        find = self._commands[language].find
        return [turn for turn in turns if len(turn) > LONGEST_COMMAND or not find(turn).control]

    def _encoded(self, texts: Sequence[str]) -> Vector:
        return np.asarray(self.encoder.encode(texts), np.float32)

    # -- helping

    def house_rules(self) -> tuple[Rule, ...]:
        return self.rules.look()

    async def before(self, known: Handoff) -> Before:
        """Of the customer on the line; nothing where the database does not answer in time."""
        names = [name for name in (known.customer, known.caller) if name]
        if not names:
            return Before()
        found = Before()
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(LOOK_UP_SECONDS):
                found = await self.store.before(names, self.utc() - SEVEN_DAYS, known.call_id)
        waits = (one.queue for one in self.floor().entries.values() if one.callback_number in names)
        return replace(found, callback_queue=next(waits, ""))

    async def similar(self, agent_id: str, known: Handoff, said: Sequence[str]) -> Similar:
        """Solved calls like this one, for this agent; each look is in the audit.

        Raises:
            StoreError: the database is away.
        """
        latest = [*(text for who, text in known.last_turns if who == "caller"), *said][-MOST_COMPARED:]
        matters = self._matters(latest, known.language)
        words = [text for text in dict.fromkeys(wording([text]) for text in matters) if text]
        flow = self.flow_of(known.call_id)
        if not words or not flow or not len(self.index):
            return Similar()
        vectors = await asyncio.to_thread(self._encoded, words)
        matter = Matter(flow, known.language, known.intent, vectors, marks_of(known.facts), known.call_id)
        alike = self.index.alike(matter, self.settings.likeness, MOST_ALIKE)
        shown = {one.call_id: one.likeness for one in alike[:MOST_SHOWN]}
        cases = await self._as_shown(shown, known.facts.values()) if shown else []
        await self._note_looks(agent_id, known.call_id, [case.call_id for case in cases])
        return Similar(tuple(cases), outcomes_of(alike))

    async def _as_shown(self, shown: dict[str, float], shared: Collection[str]) -> list[SimilarCase]:
        """As they stand in the database now; what is no longer there is forgotten here, too."""
        there = await self.store.with_words(shown)
        self.index.forget(shown.keys() - there)
        written = {case.call_id: case for case in await self.store.written(sorted(there), self.settings.solved)}
        return [
            self._told(written[call_id], likeness, shared) for call_id, likeness in shown.items() if call_id in written
        ]

    def _told(self, case: WrittenCase, likeness: float, shared: Collection[str]) -> SimilarCase:
        note = without_names(case.note, case.private, shared) if self.settings.show_notes else ""
        return SimilarCase(case.call_id, case.at, case.intent, case.disposition, note, likeness)

    async def _note_looks(self, agent_id: str, call_id: str, cases: Sequence[str]) -> None:
        looked = self._looked.setdefault((agent_id, call_id), set())
        for case in cases:
            if case not in looked:
                await self.looks.keep_look(agent_id, "call.similar", case, "", {"for": call_id})
                looked.add(case)

    def over(self, agent_id: str, call_id: str) -> None:
        """The talk is over: a next one begins with nothing looked at."""
        self._looked.pop((agent_id, call_id), None)
