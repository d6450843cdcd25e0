"""What other systems are told, as OpenAPI describes it (`webhooks` of the document): nothing here answers a request."""

from typing import Annotated, Any

from fastapi import FastAPI, Header
from pydantic import BaseModel, Field


class OfCall(BaseModel):
    call_id: str
    flow: str
    direction: str
    caller: str
    called: str
    language: str
    leg: str


class OfEndedCall(OfCall):
    end_reason: str
    disconnect_by: str
    handled_by: str
    outcome: str
    survey: str = Field(description="Status of its survey record; empty: the call was never answered.")
    recorded: bool


class OfRecording(BaseModel):
    call_id: str
    seconds: float
    format: str = Field(description="wav or opus")
    trouble: str = Field(description="Empty, or unreadable.")


class OfQueue(BaseModel):
    """Besides these, what the event is about: wait, talk and hold in seconds, position, reason, skills …"""

    model_config = {"extra": "allow"}
    call_id: str
    entry_id: str
    queue: str
    agent: str
    offer_id: str


class Told(BaseModel):
    id: str = Field(description="The same for every attempt: who has it already ignores it.")
    event: str
    at: float = Field(description="When it happened; seconds since 1970 UTC.")


class CallBegan(Told):
    data: OfCall


class CallEnded(Told):
    data: OfEndedCall


class CallRecorded(Told):
    data: OfRecording


class QueueTold(Told):
    data: OfQueue


Delivery = Annotated[str, Header(alias="X-Ivr-Delivery", description="The id of the event.")]
Signature = Annotated[
    str,
    Header(
        alias="X-Ivr-Signature",
        description='`t=<seconds>,v1=<hex>`: HMAC-SHA256 of "<t>.<body>" with IVR_WEBHOOK_SECRET. '
        "Refuse what is older than five minutes.",
    ),
]

EVENTS: dict[str, tuple[str, type[Told]]] = {
    "call.began": ("A call was answered", CallBegan),
    "call.ended": ("A call is over, its survey too", CallEnded),
    "call.recorded": ("The recording is final and can be fetched", CallRecorded),
    "call.offered": ("An agent is being rung for a caller", QueueTold),
    "call.connected": ("Agent and caller talk", QueueTold),
    "call.completed": ("The talk of agent and caller is over", QueueTold),
    "call.transferred": ("The caller goes on to somebody else", QueueTold),
    "queue.entered": ("A caller waits", QueueTold),
    "queue.abandoned": ("A caller hung up while waiting", QueueTold),
    "queue.timed_out": ("A caller waited too long, and goes on elsewhere", QueueTold),
    "queue.callback_requested": ("A caller keeps the place and wants to be called", QueueTold),
    "queue.callback_ended": ("A callback is over, or was given up", QueueTold),
    "agent.paused": ("An agent takes a break, or is gone", QueueTold),
    "agent.unpaused": ("An agent is available", QueueTold),
    "routing.hard_to_place": ("Three offers of a caller have failed", QueueTold),
    "routing.many_emergencies": ("More than 5 % of the latest callers came as emergencies", QueueTold),
}
"""Those that a CRM mostly asks for; docs/api.md names all."""


ANSWER = "Answer with 2xx within ten seconds, and do the work afterwards; anything else brings it again."


ANYTHING_ELSE: dict[int | str, dict[str, Any]] = {"default": {"description": "Not taken: it is sent again."}}


def describe_webhooks(app: FastAPI) -> None:
    """Into the document that `app` describes itself with."""
    for name, (summary, shape) in EVENTS.items():
        app.webhooks.add_api_route(
            name, _endpoint(shape), methods=["POST"], summary=summary, status_code=204, description=ANSWER,
            responses=ANYTHING_ELSE,
        )  # fmt: skip


def _endpoint(shape: type[Told]) -> Any:
    def told(body: shape, delivery: Delivery, signature: Signature) -> None:  # type: ignore[valid-type]
        """Never called: it is you who answers this."""

    return told
