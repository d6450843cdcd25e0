"""`/api/calls/{id}/advice`, `/api/advice/rules`: what helps an agent, for a desk of somebody else's; looks are audited.

Agents are told of the calls that they have; `ivr.model.roles` says who may see any."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from ivr.assist.next_best import Advice
from ivr.assist.rules import Rule
from ivr.console.desk_advice import worded
from ivr.console.desk_talk import Suggestion
from ivr.console.desk_words import DESK
from ivr.console.words import speaker
from ivr.model.assist import Before, Similar
from ivr.model.errors import NotAllowed
from ivr.model.roles import MAY, Role
from ivr.web.security import Audit, Door, Reader, note_look

WHO_IS_HELPED: tuple[Role, ...] = tuple(sorted({*MAY["desk.use"], *MAY["calls.read"]}))
Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class Help:
    """Everything that was found for one call."""

    todo: list[Advice]
    answers: tuple[Suggestion, ...] = ()
    similar: Similar = Similar()
    before: Before = Before()


class AdviceShape(BaseModel):
    """One thing to do. `key`: of what is built in; `rule`: the name of a rule of the house."""

    key: str
    rule: str
    text: str
    tone: str
    urgency: int


class AnswerShape(BaseModel):
    text: str
    question: str
    source: str
    confidence: float


class CaseShape(BaseModel):
    """A past call that was solved, without names and numbers of its customer."""

    at: datetime
    intent: str
    disposition: str
    note: str
    likeness: float


class BeforeShape(BaseModel):
    """What the customer went through in the last seven days."""

    calls: int
    last_at: datetime | None
    last_intent: str
    last_disposition: str
    open_case: str
    callback_queue: str


class HelpShape(BaseModel):
    next: list[AdviceShape]
    answers: list[AnswerShape]
    cases: list[CaseShape]
    outcomes: dict[str, int]
    before: BeforeShape


class RuleShape(BaseModel):
    name: str
    when: dict[str, object]
    say: dict[str, str]
    urgency: int
    tone: str


class RulesShape(BaseModel):
    rules: list[RuleShape]
    trouble: str
    """What is wrong with the file as it stands; empty: nothing. Until it is mended the rules above hold."""


def assist_router(
    find: Callable[[str, str], Awaitable[Help]],
    agent_of: Callable[[str], str],
    rules: Callable[[], tuple[tuple[Rule, ...], str]],
    audit: Audit,
    door: Door,
) -> APIRouter:
    """
    Args:
        find: by call and who asks; raises NotThere: the call is not on the line.
        agent_of: who has the call, or is being rung for it; empty: nobody.
        rules: of the house, and what is wrong with their file.
    """
    router = APIRouter(tags=["assist"])
    Helped = Annotated[Reader, Depends(door.person_with(*WHO_IS_HELPED))]  # noqa: N806  types, made here for their door
    Writer = Annotated[Reader, Depends(door.may("flows.read"))]  # noqa: N806

    @router.get("/api/calls/{call_id}/advice", summary="What to do next in a live call, answers, and similar cases")
    async def read_advice(
        reader: Helped, call_id: str, language: Annotated[Language, Query(description="of the words")] = "en"
    ) -> HelpShape:
        if reader.is_person and reader.role == "agent" and agent_of(call_id) != reader.who:
            raise NotAllowed("this call is not yours: agents are helped with the calls they have")
        await note_look(audit, reader, "call.advice", call_id)
        return _shape(await find(call_id, reader.who), language)

    @router.get("/api/advice/rules", summary="Rules of the house for what to do next, as they hold now")
    async def read_rules(reader: Writer) -> RulesShape:
        held, trouble = rules()
        shown = [
            RuleShape(name=one.name, when=one.when.model_dump(exclude_defaults=True), say=dict(one.say),
                      urgency=one.urgency, tone=one.tone)
            for one in held
        ]  # fmt: skip
        return RulesShape(rules=shown, trouble=trouble)

    return router


def _shape(found: Help, language: Language) -> HelpShape:
    say, before = speaker(language, DESK), found.before
    return HelpShape(
        next=[
            AdviceShape(key=one.key, rule=one.rule, text=worded(one, say, language), tone=one.tone, urgency=one.urgency)
            for one in found.todo
        ],
        answers=[
            AnswerShape(text=one.text, question=one.question, source=one.source, confidence=one.confidence)
            for one in found.answers
        ],
        cases=[
            CaseShape(at=one.at, intent=one.intent, disposition=one.disposition, note=one.note, likeness=one.likeness)
            for one in found.similar.cases
        ],
        outcomes=dict(found.similar.outcomes),
        before=BeforeShape(
            calls=before.calls, last_at=before.last_at, last_intent=before.last_intent,
            last_disposition=before.last_disposition, open_case=before.open_case, callback_queue=before.callback_queue,
        ),
    )  # fmt: skip
