"""The trainer's desk: heaps of unanswered questions, and a patch tried out before anybody may publish it."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath
from typing import Any

from ivr.config import Config
from ivr.flow.flow import Flow, words_in
from ivr.flow.loader import read_flow
from ivr.flow.problems import ConversationsFailed, FlowProblems, Problem
from ivr.insight.mining import MOST_ITEMS, Heap, Known, Proposal, mine
from ivr.insight.patching import with_entry, with_intent, with_phrases, with_questions
from ivr.model.errors import BadQuery, IvrError
from ivr.model.insight import Patch, Tried
from ivr.store.archive import CallArchive
from ivr.store.flow_versions import FlowVersion, FlowVersions
from ivr.store.trainer import ItemFilter, TrainerStore
from ivr.wiring.flows import FlowShelf, wordings
from ivr.wiring.rehearsing import rehearsed
from ivr.wiring.replaying import Replaying
from ivr.wiring.versions import NAME, sound_draft, version_of

OPEN_STATUS = "new"


@dataclass(slots=True)
class Training:
    config: Config
    trainer: TrainerStore
    versions: FlowVersions
    archive: CallArchive
    most_replayed: int = 100
    since: timedelta = field(default=timedelta(days=7))

    async def heaps(self, flow: str, now: datetime | None = None) -> tuple[Heap, ...]:
        """Open items of a flow in heaps, the most worthwhile first.

        Raises:
            FlowProblems, NotThere, StoreError: the draft is broken, or the database is away.
        """
        items = await self.trainer.items(ItemFilter(flow, OPEN_STATUS, limit=MOST_ITEMS))
        return await asyncio.to_thread(self._mined, items, flow, now or datetime.now(UTC))

    def _mined(self, items: Any, flow: str, now: datetime) -> tuple[Heap, ...]:
        return mine(items, known_of(self._draft(flow)), now)

    async def patched(self, flow: str, proposal: Proposal) -> Tried:
        """The draft with a proposal in it, checked, its conversations played, and past calls held again.

        Raises:
            FlowProblems: the draft is broken already.
            BadQuery: the proposal does not fit it.
        """
        made = await self.proposed(flow, proposal)
        return await self.proved(flow, made.file, made.text, replay=True)

    async def proposed(self, flow: str, proposal: Proposal) -> Patch:
        """The draft with a proposal in it; nothing is tried. Raises as `patched`."""
        draft = await asyncio.to_thread(self._draft, flow)
        file = file_for(draft, proposal)
        before = draft.texts[file]
        return Patch(self._name(file), before, patch(draft, before, proposal))

    async def proved(self, flow: str, file: str, text: str, *, replay: bool) -> Tried:
        """The draft with another text in one of its files, checked and its conversations played.

        Args:
            file: below the folder of flows, as `proposed` named it.
            replay: hold past calls again too.

        Raises:
            FlowProblems: the draft is broken already.
            BadQuery: it has no such file.
        """
        draft = await asyncio.to_thread(self._draft, flow)
        place = next((path for path in draft.texts if self._name(path) == file), "")
        if not place:
            raise BadQuery(f"{flow} has no file {file}")
        tried, version = await asyncio.to_thread(self._tried, flow, draft, place, {**draft.texts, place: text})
        return await self._replayed(tried, version) if version and replay else tried

    def _name(self, file: str) -> str:
        folder = self.config.flows.folder
        return Path(file).relative_to(folder).as_posix() if Path(file).is_relative_to(folder) else file

    def _draft(self, flow: str) -> Flow:
        if not NAME.fullmatch(flow):
            raise BadQuery("flow: write it as in config.yaml: bank/hotline")
        return sound_draft(self.config, flow)

    def _tried(self, name: str, draft: Flow, file: str, texts: Mapping[str, str]) -> tuple[Tried, FlowVersion | None]:
        def read(path: Path) -> str:
            if str(path) not in texts:
                raise FileNotFoundError(str(path))
            return texts[str(path)]

        found, problems = read_flow(draft.source, wordings(), read)
        folder, where = self.config.flows.folder, self._name(file)
        told = tuple(map(str, sorted(problems, key=lambda one: (one.level != "error", one.line))))
        tried = Tried(where, texts[file], told)
        if found is None or any(_is_error(problem) for problem in problems):
            return tried, None
        version = version_of(name, found, folder)
        shelf = FlowShelf(self.config)
        dialogue = shelf.learned(name, found)
        try:
            rehearsed(self.config, dialogue, shelf.understanding(dialogue))
            failures: tuple[str, ...] = ()
        except ConversationsFailed as error:
            failures = error.failures
        except FlowProblems as error:
            failures = tuple(map(str, error.problems))
        return Tried(where, texts[file], told, is_sound=True, failures=failures), version

    async def _replayed(self, tried: Tried, version: FlowVersion) -> Tried:
        replaying = Replaying(self.config, self.versions, self.archive)
        try:
            found = await replaying.against(version, datetime.now(UTC) - self.since, self.most_replayed)
        except IvrError as error:
            return replace(tried, not_replayed=str(error))
        return replace(tried, replay=asdict(found))


def _is_error(problem: Problem) -> bool:
    return problem.level == "error"


def known_of(flow: Flow) -> dict[str, Known]:
    """Phrases and questions by language, as mining compares with them."""
    known = {}
    for language in flow.languages:
        intents = {name: words_in(intent.phrases, language) for file in flow.files.values()
                   for name, intent in file.intents.items() if intent.kind != "control"}  # fmt: skip
        entries = {f"{source}#{name}": words_in(entry.questions, language) for source, file in flow.knowledge.items()
                   for name, entry in file.entries.items()}  # fmt: skip
        known[language] = Known(intents, entries)
    return known


def file_for(flow: Flow, proposal: Proposal) -> str:
    """Path of the file that a proposal changes.

    Raises:
        BadQuery: the flow has no such file.
    """
    if proposal.kind == "new_intent":
        return flow.source
    if proposal.kind == "phrases":
        main = flow.files[flow.main.flow]
        if proposal.name in main.intents:
            return flow.source
        own = next((name for name, file in flow.files.items() if proposal.name in file.intents), "")
        found = next((path for path in flow.texts if PurePath(path).stem == own), "")
        if not found:
            raise BadQuery(f"there is no intent {proposal.name} in this flow")
        return found
    source = proposal.name.partition("#")[0] if proposal.kind == "questions" else next(iter(flow.knowledge), "")
    written = PurePath(source.partition("/")[2]).name
    found = next((path for path in flow.texts if written and PurePath(path).name == written), "")
    if not found.endswith((".yaml", ".yml")):
        raise BadQuery("this flow has no knowledge file in YAML to write to; add an answer step first")
    return found


def patch(flow: Flow, text: str, proposal: Proposal) -> str:
    """The file with the proposal in it.

    Raises:
        BadQuery: it does not fit.
    """
    language, phrases = proposal.language, proposal.phrases
    if language not in flow.languages:
        raise BadQuery(f"language: the flow speaks {', '.join(flow.languages)}")
    match proposal.kind:
        case "phrases":
            return with_phrases(text, proposal.name, language, phrases)
        case "questions":
            return with_questions(text, proposal.name.rpartition("#")[2], language, phrases)
        case "new_intent":
            if not flow.main.agent:
                raise BadQuery("the flow has no `agent:` step a new intent could lead to; write its steps first")
            return with_intent(text, proposal.name, language, phrases, flow.main.agent)
        case "new_entry":
            return with_entry(text, proposal.name, language, phrases, proposal.answer)
