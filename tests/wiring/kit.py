"""A folder of flows that need no training, and what a call of them says."""

from datetime import UTC, datetime
from pathlib import Path

from ivr.call.conductor import Conductor
from ivr.call.reception import Plan
from ivr.call.text_call import TextCall
from ivr.config import Config, Flows, Number, Store
from ivr.config_surveys import Survey
from ivr.flow.loader import load_flow
from ivr.store.flow_versions import FlowVersion
from ivr.wiring.flows import wordings
from ivr.wiring.versions import version_of
from tests.databases import new_database

FLOW = "shop/hours"

TEXT = """\
flow: hours
start: greet
agent: person
steps:
  greet:
    say: Welcome to the shop.
    then: what
  what:
    menu: Press 1 for our hours, press 2 for a person.
    choices:
      - {{ key: "1", name: hours, hear: hours, then: hours }}
      - {{ key: "2", name: person, hear: a person, then: person }}
  hours:
    say: We open at {opens}.
    then: bye
  person: {{ queue: people, otherwise: bye }}
  bye: {{ hangup: self_service_completed }}
"""


def text(opens: str = "nine", person: str = "person") -> str:
    """The flow; key 2 leads to the step `person`, or wherever it is told to."""
    return TEXT.format(opens=opens).replace("hear: a person, then: person", f"hear: a person, then: {person}")


def config(folder: Path, content: str = "", **more: object) -> Config:
    """Settings with a folder of one flow, and everything that is written beside it."""
    file = folder / "flows" / f"{FLOW}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content or text(), encoding="utf-8")
    new_database(folder / "var" / "ivr.db")
    return Config(
        flows=Flows(
            folder=folder / "flows",
            trained=folder / "var" / "understanding",
            knowledge_vectors=folder / "var" / "knowledge",
        ),
        numbers=[Number(number="*", flow=FLOW)],
        store=Store(path=folder / "var" / "ivr.db"),
        survey=Survey(enabled=False),
    ).model_copy(update=more)


def edit(settings: Config, content: str) -> FlowVersion:
    """Save the flow in the folder; the version it would be."""
    path = settings.flows.folder / f"{FLOW}.yaml"
    path.write_text(content, encoding="utf-8")
    return version_of(FLOW, load_flow(path, wordings()), settings.flows.folder)


def call(plan: Plan) -> TextCall:
    return TextCall(Conductor(plan.dialogue, plan.survey, plan.facts), plan.understanding, datetime.now(UTC))


def hours_said(held: TextCall) -> str:
    """What key 1 is answered with."""
    return next(line for line in held.press("1") if line.startswith("We open"))
