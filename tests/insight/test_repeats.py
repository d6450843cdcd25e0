"""Solved at the first contact, or not, or too early to tell."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.insight.registry import report
from ivr.insight.repeats import Windows, by_customer, mark_repeats, study_list
from ivr.model.contacts import Contact
from tests.insight.contacts import later, queued

NOW = later(days=30)


def contact(name: str, day: float, customer: str = "hu", family: str = "visit") -> Contact:
    return Contact(name, later(days=day), customer=customer, issue_family=family, handled_by="agent")


def marks(*contacts: Contact) -> dict[str, tuple[bool | None, bool | None]]:
    return {found.contact_id: (found.first_contact, found.repeated) for found in mark_repeats(contacts, NOW)}


def test_coming_back_within_a_week_breaks_it_and_starts_nothing() -> None:
    assert marks(contact("a", 0), contact("b", 6), contact("c", 14)) == {
        "a": (True, True),
        "b": (False, False),
        "c": (True, False),
    }


def test_another_matter_or_another_customer_is_no_repeat() -> None:
    assert marks(contact("a", 0), contact("b", 1, family="fault"), contact("c", 1, customer="li")) == {
        "a": (True, False),
        "b": (True, False),
        "c": (True, False),
    }


def test_a_young_contact_is_provisional_even_if_it_was_repeated_already() -> None:
    assert marks(contact("a", 24), contact("b", 28)) == {"a": (True, None), "b": (False, None)}


def test_our_own_calls_and_those_who_gave_up_break_it_but_start_nothing() -> None:
    ours = replace(contact("a", 0), direction="outbound")
    gave_up = replace(contact("c", 9), handled_by="none", visits=queued("abandoned", 60.0).visits)
    answered = replace(contact("d", 20), visits=queued("connected", 60.0).visits)
    assert marks(ours, contact("b", 5), gave_up, answered) == {
        "a": (False, True),
        "b": (True, True),
        "c": (False, False),
        "d": (True, False),
    }


def test_nobody_known_counts_nowhere() -> None:
    assert marks(contact("a", 0, customer="")) == {"a": (None, None)}


def test_a_looser_key_and_other_windows() -> None:
    two = [contact("a", 0), contact("b", 1, family="fault")]
    loose = mark_repeats(two, NOW, key=by_customer)
    short = mark_repeats(two, NOW, Windows(timedelta(hours=24), timedelta(hours=12)), by_customer)
    assert [(found.first_contact, found.repeated) for found in loose] == [(True, True), (False, False)]
    assert [(found.first_contact, found.repeated) for found in short] == [(True, False), (False, False)]


def test_the_figures() -> None:
    found = report(
        mark_repeats(
            [
                contact("a", 0),
                contact("b", 1),
                replace(contact("c", 0, "li"), disposition="resolved"),
                replace(contact("d", 0, "wu"), disposition="not_resolvable"),
                contact("e", 29, "xu"),
            ],
            NOW,
        )
    )
    names = ("fcr_inferred", "repeat_contact_rate", "fcr_agent", "net_fcr")
    assert [(found[name].numerator, found[name].denominator) for name in names] == [(2, 3), (1, 3), (1, 4), (1, 2)]


def test_the_list_to_study_begins_with_what_brings_most_callers_back() -> None:
    many = [contact(f"v{n}", n % 3, f"c{n // 2}") for n in range(8)]
    one = [contact("f1", 0, "zo", "fault"), contact("f2", 1, "zo", "fault")]
    listed = study_list(mark_repeats([*many, *one], NOW))
    assert listed == [("visit", 4, pytest.approx(1.0)), ("fault", 1, 1.0)]
    assert study_list(mark_repeats([*many, *one], NOW), 1) == listed[:1]
