import base64
import json

import pytest

from ivr.model.errors import NotAllowed
from ivr.model.tickets import LONGEST_TICKET, Seal, Tickets

SAYS = {"role": "caller", "called": "+15555550100", "params": {"name": "王"}}


def tickets(secret: str = "s", purpose: str = "p") -> Tickets:
    return Tickets(secret, purpose, 60)


def refusal(kept: Tickets, ticket: str, now: float = 0.0) -> str:
    with pytest.raises(NotAllowed) as caught:
        kept.use(ticket, now)
    return str(caught.value)


def test_a_ticket_says_what_was_put_in_and_can_be_used_once() -> None:
    kept = tickets()
    ticket = kept.issue(SAYS, 100.0, "n")
    assert kept.read(ticket, 100.0) == SAYS
    assert kept.use(ticket, 160.0) == SAYS
    assert refusal(kept, ticket, 160.0) == "reused"
    assert kept.use(kept.issue(SAYS, 100.0, "m"), 100.0) == SAYS


def test_an_expired_ticket_is_refused_and_forgotten() -> None:
    kept = tickets()
    ticket = kept.issue(SAYS, 100.0, "n")
    assert kept.use(ticket, 100.0) == SAYS
    assert refusal(kept, ticket, 161.0) == "expired"


@pytest.mark.parametrize("other", [tickets("t"), tickets(purpose="q")])
def test_a_ticket_of_another_secret_or_purpose_is_foreign(other: Tickets) -> None:
    assert refusal(tickets(), other.issue(SAYS, 0.0, "n")) == "foreign"


def test_a_changed_ticket_is_foreign() -> None:
    ticket = tickets().issue(SAYS, 0.0, "n")
    body = base64.urlsafe_b64encode(json.dumps([10**9, "n", SAYS]).encode()).decode().rstrip("=")
    assert refusal(tickets(), f"{body}.{ticket.partition('.')[2]}") == "foreign"


@pytest.mark.parametrize("ticket", ["", ".", "a", "a.", ".b", "é.b", "a" * LONGEST_TICKET + ".b"])
def test_what_is_no_ticket_is_malformed(ticket: str) -> None:
    assert refusal(tickets(), ticket) == "malformed"


@pytest.mark.parametrize("text", [b"not json", b"{}", b"\xff", b"[1]"])
def test_something_else_that_we_signed_is_malformed(text: bytes) -> None:
    body = base64.urlsafe_b64encode(text).decode().rstrip("=")
    assert refusal(tickets(), f"{body}.{Seal('s', 'p').mac(body)}") == "malformed"
