"""Flows from the supervisors' folder: loaded, understood, and looked up by the number that was called."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import structlog

from ivr.call.dialogue import FlowDialogue
from ivr.call.reception import Plan
from ivr.config import Config, Number
from ivr.flow.fill import Wording
from ivr.flow.loader import load_flow
from ivr.flow.vocabulary import vocabulary
from ivr.model.errors import ConfigError, NotThere
from ivr.model.meaning import Expect, Hypothesis, Meaning
from ivr.model.ports import Understanding
from ivr.nlu.understanding import build_understanding
from tts.wording import KINDS, worded

log = structlog.get_logger(__name__)

RENAMED = {"spell": "code"}
"""Wordings of flow files that the voices' table knows under another name."""


def wordings() -> dict[str, Wording]:
    """How flows word values for the ear; what does not fit its kind is said as it is."""
    table = {kind: partial(_worded, kind) for kind in KINDS}
    return {**table, **{name: table[kind] for name, kind in RENAMED.items()}}


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


def today() -> date:
    return date.today()


@dataclass(slots=True)
class FlowShelf:
    """Every flow that can be asked for, read once and kept; implements `Plans`."""

    config: Config
    facts: Mapping[str, str] = field(default_factory=dict)
    _flows: dict[str, FlowDialogue] = field(default_factory=dict)
    _understandings: dict[str, Understanding] = field(default_factory=dict)

    def load(self) -> None:
        """Read all flows that a call can reach, so that a mistake keeps the server from starting, not a caller waiting.

        Raises:
            FlowProblems: a flow is wrong; says file, line and remedy for everything that is.
            ConfigError: config.yaml names a flow or a language that is not there.
        """
        for number in self.config.numbers:
            dialogue = self.flow(number.flow)
            if number.language not in dialogue.flow.languages:
                raise ConfigError(
                    f"numbers: {number.number} greets in {number.language!r}, but {number.flow} speaks "
                    f"{', '.join(dialogue.flow.languages)} only; correct the language or add it to the flow"
                )
        if self.config.survey.enabled:
            self.flow(self.config.survey.flow)

    @property
    def flows(self) -> Mapping[str, FlowDialogue]:
        return self._flows

    def flow(self, name: str) -> FlowDialogue:
        """A flow by the name it has in config.yaml."""
        if name not in self._flows:
            path = self.config.flows.folder / f"{name}.yaml"
            self._flows[name] = self.read(path, name)
        return self._flows[name]

    def read(self, path: Path, name: str = "") -> FlowDialogue:
        """A flow from any file."""
        name = name or str(path)
        flow = load_flow(path, wordings())
        self._understandings[name] = build_understanding(
            {language: vocabulary(flow, language) for language in flow.languages},
            vectors_folder=self.config.flows.knowledge_vectors,
        )
        self._flows[name] = FlowDialogue(name, flow)
        log.info("flow loaded", flow=name, version=flow.version, steps=sum(len(f.steps) for f in flow.files.values()))
        return self._flows[name]

    def plan(self, called: str, parameters: Mapping[str, str]) -> Plan:
        number = self.config.number_for(called)
        if "flow" in parameters:
            number = Number(number="*", flow=parameters["flow"], language=parameters.get("language", "en"))
        if number is None:
            raise NotThere("no flow answers the called number; add it to numbers in config.yaml")
        return self.plan_for(self.flow(number.flow), number)

    def plan_for(self, dialogue: FlowDialogue, number: Number) -> Plan:
        survey, skipped = self._survey()
        names = [dialogue.name, *([survey.name] if survey else [])]
        return Plan(
            dialogue,
            UnderstandingByFlow({name: self._understandings[name] for name in names}),
            language=number.language if number.language in dialogue.flow.languages else dialogue.flow.languages[0],
            survey=survey,
            no_survey_because=skipped,
            facts={**self.facts, "company": number.company},
        )

    def _survey(self) -> tuple[FlowDialogue | None, str]:
        settings = self.config.survey
        if not settings.enabled:
            return None, "disabled_for_flow"
        if settings.sample_rate < 1.0 and random.random() >= settings.sample_rate:
            return None, "fatigue_rule"
        return self.flow(settings.flow), ""
