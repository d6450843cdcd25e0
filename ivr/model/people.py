"""Pure: the people who answer: what a caller needs of them, and what they are told before they pick up."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Requirement:
    """One skill a caller needs, at a level (domain.md 2.2.2). Written in flows as `card_services>=3`."""

    skill: str
    """card_services, lang:zh, product:ac, authority:refund_500."""

    min_level: int = 1
    """1 to 5."""

    weight: float = 1.0
    mandatory: bool = True
    relaxable: bool = True
    """Whether a later routing step may lower or drop it; language and authority never are, unless said so."""


@dataclass(frozen=True, slots=True)
class Handoff:
    """Everything already learned, shown to the agent before they answer (domain.md 2.2.6)."""

    call_id: str
    caller: str = ""
    language: str = "en"
    queue: str = ""
    reason: str = ""
    """Escalation reason code (domain.md 2.10.4)."""

    intent: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Slots filled and facts the flow chose to hand over, never a secret."""

    summary: str = ""
    last_turns: tuple[tuple[str, str], ...] = ()
    """(who, words), oldest first; who is caller, bot or agent."""

    tried: tuple[str, ...] = ()
    """Steps the bot went through, oldest first."""

    customer: str = ""
    tier: str = ""
    authentication_level: int = 0
    """0 none, 1 number match, 2 knowledge, 3 one-time code (domain.md 2.11)."""

    mood: float | None = None
    """-1 to 1, running; None: not known."""
