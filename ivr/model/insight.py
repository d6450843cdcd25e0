"""Pure: what insight is made of: facts beside the contact, questions for the trainer, spikes, changes of agents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from ivr.model.calls import CallRecord, JournalEntry
from ivr.model.contacts import Contact
from ivr.model.routing import RoutingEvent


@dataclass(frozen=True, slots=True)
class FlowFacts:
    """What must be known of a flow to count what happened in it. Empty: nothing is known, and defaults hold."""

    kinds: Mapping[str, str] = field(default_factory=dict)
    """Kind of each intent: question, task, chitchat, control; an intent that is not named is a task."""

    open_steps: frozenset[str] | None = None
    """`flow.step` of every step where anything may be asked; None: not known, so each step counts as one."""

    answer_steps: frozenset[str] = frozenset()
    """`flow.step` of the steps that answer out of a knowledge file."""

    survey_flow: str = "post_call"
    """Name (its `flow:` line) of the survey: turns in it are no part of the talk."""


@dataclass(frozen=True, slots=True)
class KeptCall:
    """One ended call with everything that was written about it."""

    record: CallRecord
    journal: tuple[JournalEntry, ...] = ()
    routing: tuple[RoutingEvent, ...] = ()
    """What happened to this caller in queues, oldest first."""


@dataclass(frozen=True, slots=True)
class StepPart:
    """What happened at one step of a flow in one contact."""

    step: str
    visits: int = 0
    turns: int = 0
    no_matches: int = 0
    barge_ins: int = 0
    hung_up: bool = False
    """The caller hung up here, before anything was done or anybody was found."""

    confidences: tuple[float, ...] = ()
    response_seconds: tuple[float, ...] = ()


TrainerSource = Literal[
    "no_match", "low_confidence", "knowledge_miss", "rejected", "transfer_after_answer", "survey_no", "bot_was_wrong"
]
"""Why a sentence of a caller is for the trainer (domain.md 2.10.3)."""

TrainerStatus = Literal[
    "new", "triaged", "labelled", "ignored", "answer_drafted", "reviewed", "regression_passed", "deployed", "verified"
]

Label = Literal["", "intent", "new_intent", "kb_gap", "asr_lexicon", "policy", "ignore"]


@dataclass(frozen=True, slots=True)
class TrainerItem:
    """One sentence the bot should have dealt with better. Redacted before it is kept."""

    item_id: str
    """`call_id:turn:source`: found twice, it is one."""

    call_id: str
    at: datetime
    flow: str
    """As in config.yaml: bank/hotline."""

    language: str
    text: str
    source: TrainerSource
    step: str = ""
    intent: str = ""
    """What we took it for, or the nearest we had; may be empty."""

    confidence: float = 0.0
    transferred: bool = False
    """The call went on to a person."""

    status: TrainerStatus = "new"
    label: Label = ""
    label_name: str = ""
    """The intent or knowledge entry it belongs to, for labels that name one."""

    owner: str = ""


@dataclass(frozen=True, slots=True)
class Patch:
    """A file of a draft with a proposal in it, before anybody has tried it."""

    file: str
    """Below the folder of flows."""

    before: str
    text: str


@dataclass(frozen=True, slots=True)
class Tried:
    """A patched draft and what became of it when it was tried. Nothing of it is kept or published."""

    file: str
    """Which file of the draft was patched, below the folder of flows."""

    text: str
    """Its whole new text, for the editor."""

    problems: tuple[str, ...] = ()
    """Findings of `ivr flow check`, errors first."""

    is_sound: bool = False
    failures: tuple[str, ...] | None = None
    """Conversation tests that went differently; None: not played, the draft is not sound."""

    replay: Mapping[str, Any] | None = None
    """calls, elsewhere, contained before and after; None: not held again."""

    not_replayed: str = ""
    """Why not."""


Verdict = Literal["right", "wrong", "unsure"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True, slots=True)
class AnswerVerdict:
    """What a trainer thinks of an answer of the bot that no caller rated (domain.md 2.10.3 b)."""

    contact_id: str
    week: str
    """Of the draw: 2026-W47."""

    verdict: Verdict
    topic: str
    who: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class KeptContact:
    """A contact as reports read it back."""

    contact: Contact
    steps: tuple[StepPart, ...] = ()
    reason_subcode: str = ""
    """Beside `Contact.escalation_reason` (domain.md 2.10.4)."""

    mood: float | None = None
    """Running mood at the end of the talk with the bot, -1 to 1; None: the caller said nothing."""

    mood_level: str = "none"


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many contacts of an intent went on to a person for a reason (domain.md 2.10.4)."""

    intent: str
    code: str
    subcode: str
    count: int


@dataclass(frozen=True, slots=True)
class Reasons:
    contacts: int
    """All of the time, those that went on to nobody as well."""

    counts: tuple[ReasonCount, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentChange:
    """An agent began to do something else."""

    agent: str
    state: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SpikeAlert:
    """A topic that callers suddenly ask about, as people are told of it (domain.md 2.10.2)."""

    alert_id: str
    topic: str
    at: datetime
    """End of the hour that showed it."""

    first_seen: datetime
    window_hours: int
    count: int
    usual: float
    p: float
    severity: float
    """Agent-minutes lost."""

    facets: Sequence[Mapping[str, object]] = ()
    """Values that stand out: name, value, log_odds, contacts."""

    utterances: Sequence[str] = ()
    """At most ten, redacted."""

    outcomes: Mapping[str, int] = field(default_factory=dict)
    """How the contacts of the spike ended."""

    closed_at: datetime | None = None
    owner: str = ""
    actions: Sequence[Mapping[str, str]] = ()
    """What was done about it: at, who, what."""
