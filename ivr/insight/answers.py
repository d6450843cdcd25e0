"""Pure: what a caller answered in the survey, as numbers. What is not on the scale was not answered."""

from ivr.model.contacts import Contact

OFFERED = frozenset({"completed", "partial", "declined", "no_response"})
"""Statuses of surveys that were put to the caller (domain.md 2.4.1)."""


def answer(contact: Contact, question: str) -> str:
    return contact.survey.answers.get(question, "") if contact.survey else ""


def scored(contact: Contact, question: str, highest: int, lowest: int = 1) -> int | None:
    """The number given, None without one; csat and ces are 1 to 5, nps 0 to 10."""
    given = answer(contact, question)
    return int(given) if given.isdecimal() and lowest <= int(given) <= highest else None


def was_offered(contact: Contact) -> bool:
    return contact.survey is not None and contact.survey.status in OFFERED
