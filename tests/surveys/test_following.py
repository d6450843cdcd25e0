"""Whom a survey campaign may call later."""

from datetime import timedelta

from ivr.surveys.following import follow_up_alert
from tests.store.samples import ended_call, live_call


def test_a_caller_with_a_number_can_be_called_for_three_days() -> None:
    alert = follow_up_alert(ended_call("c1"))
    assert alert is not None
    assert (alert.source, alert.event_id, alert.customer) == ("survey", "survey-c1", "+8613800000001")
    assert alert.expires_at == alert.occurred_at + timedelta(days=3)
    assert alert.phones[0].e164 == "+8613800000001"
    assert alert.facts == {"call": "c1", "flow": "bank/hotline", "survey_about": "earlier"}


def test_outbound_calls_know_their_customer_by_the_number_that_was_called() -> None:
    alert = follow_up_alert(ended_call("c1", direction="outbound", notes={"customer": "k7"}))
    assert alert is not None
    assert (alert.customer, alert.phones[0].e164) == ("k7", "+15555550100")


def test_a_withheld_number_and_a_call_that_goes_on_are_left_alone() -> None:
    assert follow_up_alert(ended_call("c1", caller="anonymous")) is None
    assert follow_up_alert(live_call("c1")) is None
