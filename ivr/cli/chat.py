"""`ivr chat`: hold a call by typing. The same flow, conductor and understanding as on the telephone."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ivr.call.conductor import Conductor
from ivr.call.reception import Plan
from ivr.call.surveying import THIRD
from ivr.call.text_call import TextCall
from ivr.cli.start import ConfigOption, console, listening_socket, local_url, logs, settings, told_to_people
from ivr.config import Number
from ivr.insight.feeling import Feeling
from ivr.model.calls import CallRecord
from ivr.model.commands import Fetch
from ivr.model.events import Fetched
from ivr.web.fetcher import HttpFetcher
from ivr.wiring.chat import example_facts, example_site
from ivr.wiring.flows import FlowShelf
from ivr.wiring.surveys import conclude

HELP = "Type what the caller says. /keys 123# presses keys, an empty line stays silent, /hangup hangs up."


def chat(
    flow: Annotated[Path | None, typer.Argument(help="A flow file; else the flow of config.yaml.")] = None,
    language: Annotated[str, typer.Option("--language", "-l", help="en, zh …")] = "en",
    config: ConfigOption = None,
) -> None:
    """Talk to a flow by text."""
    with told_to_people():
        wanted, _ = settings(config)
        logs(wanted, quiet=True)
        with listening_socket("127.0.0.1", 0) as bound, example_site(bound):
            shelf = FlowShelf(wanted, {**example_facts(local_url(bound)), **wanted.facts})
            with console.status("learning what callers say"):
                dialogue = shelf.read(flow) if flow else shelf.flow(shelf.first())
                if wanted.survey.enabled:
                    shelf.flow(wanted.survey.flow)
            shelf.facts = {**shelf.facts, THIRD: next(iter(wanted.survey.rotation), "")}
            plan = shelf.plan_for(dialogue, Number(number="*", flow=dialogue.name, language=language))
            _talk(plan)


def _talk(plan: Plan) -> None:
    conductor = Conductor(plan.dialogue, plan.survey, {**plan.facts, "call_id": "chat"}, plan.language)
    call = TextCall(conductor, plan.understanding, datetime.now(UTC), _fetch, Feeling())
    console.print(HELP, style="dim")
    _show(call.begin())
    while not conductor.over:
        try:
            typed = console.input("[bold cyan]caller>[/] ").strip()
        except EOFError:
            typed = "/hangup"
        _show(_do(call, typed))
    _conclude(call.finish(conclude(call.log, conductor, plan)))


def _do(call: TextCall, typed: str) -> list[str]:
    if typed == "/hangup":
        return call.hang_up()
    if typed.startswith("/keys"):
        return call.press(typed.removeprefix("/keys").strip())
    return call.say(typed) if typed else call.stay_silent()


def _show(lines: list[str]) -> None:
    for line in lines:
        console.print(f"   bot> {line}", style="dim" if line.startswith("[") else "green", markup=False)


def _conclude(record: CallRecord) -> None:
    survey = record.survey
    console.print(f"ended: {record.end_reason}, outcome: {record.outcome}", style="dim")
    if survey:
        console.print(f"survey: {survey.status} {dict(survey.answers) or ''}", style="dim", markup=False)


def _fetch(request: Fetch) -> Fetched:
    async def once() -> Fetched:
        async with HttpFetcher() as fetcher:
            return await fetcher.fetch(request)

    return asyncio.run(once())
