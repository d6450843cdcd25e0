"""Flows ready to run: published versions, else the files in the supervisors' folder; looked up by the number called.

A flow that was never published is read from the folder at start. Once it is published, calls get what is published,
and edits in the folder reach nobody until they are published too.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import structlog

from ivr.call.dialogue import FlowDialogue
from ivr.call.reception import Plan
from ivr.config import Config, Number
from ivr.flow.check_surroundings import Surroundings
from ivr.flow.fill import Wording
from ivr.flow.flow import Flow
from ivr.flow.loader import flow_of_texts, load_flow
from ivr.flow.vocabulary import vocabulary
from ivr.model.errors import ConfigError, NotThere
from ivr.model.meaning import Expect, Hypothesis, Meaning
from ivr.model.ports import Understanding
from ivr.nlu.encoder import shared_encoder
from ivr.nlu.kept import KeptUnderstandings
from ivr.store.flow_versions import FlowVersion
from ivr.wiring.chat import example_facts
from tts.speaking import SpeakingVoices
from tts.wording import KINDS, worded

log = structlog.get_logger(__name__)

RENAMED = {"spell": "code"}
"""Wordings of flow files that the voices' table knows under another name."""


def wordings() -> dict[str, Wording]:
    """How flows word values for the ear; what does not fit its kind is said as it is."""
    table = {kind: partial(_worded, kind) for kind in KINDS}
    return {**table, **{name: table[kind] for name, kind in RENAMED.items()}}


def surroundings_of(config: Config) -> Surroundings:
    """What this configuration gives flows; agents that were added later may answer more queues than are known here."""
    served = {row.queue for agent in config.agents for row in agent.profile().queues}
    return Surroundings(
        frozenset(config.directory),
        frozenset({queue.name for queue in config.queues} | served),
        frozenset({*config.facts, *(example_facts("") if config.server.examples else ())}),
    )


def _worded(kind: str, value: str, language: str) -> str:
    text, option = value, ""
    if kind == "money" and " " in value:
        text, option = value.rsplit(" ", 1)
    try:
        return worded(kind, text, language, option)
    except ValueError:
        return value


class UnderstandingByFlow:
    """One understanding for a whole call: the flow's, and the survey's."""

    def __init__(self, by_flow: Mapping[str, Understanding]) -> None:
        self._by_flow = by_flow

    def understand(self, hypotheses: Sequence[Hypothesis], expect: Expect) -> Meaning:
        understanding = self._by_flow.get(expect.flow)
        return understanding.understand(hypotheses, expect) if understanding else Meaning()


@dataclass(frozen=True, slots=True)
class Served:
    """What new calls of one flow get. Calls keep what they began with, for as long as they last."""

    live: FlowDialogue
    canary: FlowDialogue | None = None
    share: float = 0.0
    """Of the calls for the canary, 0 to 1."""

    def pick(self, chance: float) -> FlowDialogue:
        """The version for a call; `chance` is anything from 0 up to 1."""
        return self.canary if self.canary and chance < self.share else self.live


FlowTold = Callable[[str, int, int], None]
"""Which flow is being learned, and that it is number n of m; called from any thread."""


@dataclass(slots=True)
class FlowShelf:
    """Every flow that can be asked for, ready to run; implements `Plans`. Versions are put in place while calls run."""

    config: Config
    facts: Mapping[str, str] = field(default_factory=dict)
    voices: SpeakingVoices | None = None
    """For numbers that have a voice of their own."""

    campaigns: tuple[str, ...] = ()
    """Flows of calls we make."""

    chance: Callable[[], float] = random.random
    told: FlowTold = lambda name, number, of: None
    """A first start learns for a minute or more; somebody may be watching."""

    _served: dict[str, Served] = field(default_factory=dict)
    _understandings: dict[tuple[str, str], Understanding] = field(default_factory=dict)
    """By flow and version; running calls hold their own."""

    def load(self) -> None:
        """Read all flows that a call can reach, so that a mistake keeps the server from starting, not a caller waiting.

        Raises:
            FlowProblems: a flow is wrong; says file, line and remedy for everything that is.
            ConfigError: config.yaml names a flow or a language that is not there.
        """
        for name in self.named():
            self.fits(self.flow(name))

    def named(self) -> tuple[str, ...]:
        """The flows that config.yaml names."""
        survey = [self.config.survey.flow] if self.config.survey.enabled else []
        return tuple(dict.fromkeys([*(number.flow for number in self.config.numbers), *self.campaigns, *survey]))

    def fits(self, dialogue: FlowDialogue) -> None:
        """
        Raises:
            ConfigError: a number greets in a language that this version does not speak.
        """
        for number in self.config.numbers:
            if number.flow == dialogue.name and number.language not in dialogue.flow.languages:
                raise ConfigError(
                    f"numbers: {number.number} greets in {number.language!r}, but {number.flow} speaks "
                    f"{', '.join(dialogue.flow.languages)} only; correct the language or add it to the flow"
                )

    @property
    def flows(self) -> Mapping[str, FlowDialogue]:
        """What is live, by name."""
        return {name: served.live for name, served in self._served.items()}

    def flow(self, name: str) -> FlowDialogue:
        """What is live of a flow, by the name it has in config.yaml; read from the folder if it was never published."""
        if name not in self._served:
            self.read(self.config.flows.folder / f"{name}.yaml", name)
        return self._served[name].live

    def first(self) -> str:
        """The flow of the first number, for commands that no number is called with.

        Raises:
            ConfigError: no number is configured.
        """
        if not self.config.numbers:
            raise ConfigError("no flow is chosen: name one on the command line, or under numbers in config.yaml")
        return self.config.numbers[0].flow

    def read(self, path: Path, name: str = "") -> FlowDialogue:
        """A flow from any file, live from now on."""
        dialogue = self.learned(name or str(path), load_flow(path, wordings()))
        self.put(Served(dialogue))
        return dialogue

    def published(self, version: FlowVersion) -> FlowDialogue:
        """A published version, ready to run but not live yet. Takes seconds where it was not trained before.

        Raises:
            FlowProblems: this program finds mistakes in it.
            ConfigError: it does not fit the numbers.
        """
        dialogue = self.learned(version.flow, flow_of_texts(version.texts, f"{version.flow}.yaml", wordings()))
        self.fits(dialogue)
        return dialogue

    def learned(self, name: str, flow: Flow) -> FlowDialogue:
        """The same flow with its understanding at hand."""
        named = self.named()
        if name in named:
            self.told(name, named.index(name) + 1, len(named))
        kept = KeptUnderstandings(self.config.flows.trained, vectors_folder=self.config.flows.knowledge_vectors)
        understanding = kept.understanding({language: vocabulary(flow, language) for language in flow.languages})
        shared_encoder().warm(self.config.flows.trained)
        self._understandings[name, flow.version] = understanding
        return FlowDialogue(name, flow)

    def put(self, served: Served) -> None:
        """Give new calls of a flow other versions; those that are not among them are let go."""
        name, flow = served.live.name, served.live.flow
        kept = {version.flow.version for version in (served.live, served.canary) if version}
        self._served[name] = served
        for known in [key for key in self._understandings if key[0] == name and key[1] not in kept]:
            del self._understandings[known]
        log.info(
            "flow loaded", flow=name, version=flow.version, steps=sum(len(file.steps) for file in flow.files.values()),
            canary=served.canary.version if served.canary else "", share=served.share,
        )  # fmt: skip

    def plan(self, called: str, parameters: Mapping[str, str]) -> Plan:
        number = self.config.number_for(called)
        if "flow" in parameters:
            number = Number(number="*", flow=parameters["flow"], language=parameters.get("language", "en"))
        if number is None:
            raise NotThere("no flow answers the called number; add it to numbers in config.yaml")
        return self.plan_for(self._pick(number.flow), number)

    def plan_for(self, dialogue: FlowDialogue, number: Number) -> Plan:
        survey, skipped = self._survey()
        return Plan(
            dialogue,
            UnderstandingByFlow({each.name: self.understanding(each) for each in (dialogue, survey) if each}),
            language=number.language if number.language in dialogue.flow.languages else dialogue.flow.languages[0],
            survey=survey,
            no_survey_because=skipped,
            voice=self.voices.preferring(number.voice) if self.voices and number.voice else None,
            facts=self.facts,
        )

    def understanding(self, dialogue: FlowDialogue) -> Understanding:
        """Of a version that is on the shelf."""
        return self._understandings[dialogue.name, dialogue.flow.version]

    def _pick(self, name: str) -> FlowDialogue:
        self.flow(name)
        return self._served[name].pick(self.chance())

    def _survey(self) -> tuple[FlowDialogue | None, str]:
        settings = self.config.survey
        if not settings.enabled:
            return None, "disabled_for_flow"
        return self._pick(settings.flow), ""
