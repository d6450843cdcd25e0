"""A recovery case is closed in one go from the page, with every step that was left out."""

from datetime import timedelta

import pytest

from ivr.console.recovery_closing import Ending
from ivr.model.errors import NotNow
from ivr.model.recovery import RecoveryCase
from tests.store.samples import NOON

CASE = RecoveryCase("r-c1", "c1", "+861", ("low_score",), NOON, NOON + timedelta(hours=1), "sue", "ann")


def test_a_customer_who_was_won_back_was_called_has_a_cause_and_a_remedy() -> None:
    done = Ending("saved", "process", "the fee is paid back", 5).of(CASE, NOON)
    assert (done.state, done.outcome, done.contacted_at, done.root_cause, done.remedy, done.loop_score) == (
        "closed", "saved", NOON, "process", "the fee is paid back", 5,
    )  # fmt: skip


@pytest.mark.parametrize("outcome", ["unreachable", "no_action"])
def test_nobody_has_to_be_reached_where_nobody_could_be(outcome: str) -> None:
    done = Ending(outcome, "agent", "rang three times").of(CASE, NOON)  # type: ignore[arg-type]
    assert (done.state, done.outcome, done.contacted_at, done.root_cause) == ("closed", outcome, None, "")


@pytest.mark.parametrize("ending", [Ending("saved"), Ending("saved", "agent"), Ending("saved", "agent", "sorry", 2)])
def test_without_cause_remedy_and_a_fitting_score_nobody_is_won_back(ending: Ending) -> None:
    with pytest.raises(NotNow):
        ending.of(CASE, NOON)
