"""Each stage has its time, and what took too long is named with its reason."""

from ivr.campaigns.ledger import GOALS, Breach, Entry, Percentiles, breaches, percentiles, seconds_between
from tests.campaigns.made import NOON, later

QUICK = Entry(
    "a", {"occurred": NOON, "received": later(1), "dialled": later(2), "answered": later(9), "reported": later(70)}
)
SLOW = Entry("b", {"occurred": NOON, "received": later(1), "dialled": later(20)}, ("no_line", "window"))


def test_percentiles_are_of_those_that_got_there() -> None:
    assert percentiles([QUICK, SLOW], GOALS[0]) == Percentiles(2, 1.0, 19.0, 19.0)
    assert percentiles([], GOALS[0]) == Percentiles(0, None, None, None)
    assert seconds_between(QUICK, "received", "verified") is None


def test_what_is_late_or_still_waiting_is_a_breach() -> None:
    assert breaches([QUICK, SLOW], later(100)) == [
        Breach("b", "event_to_dial", 19.0, "no_line,window"),
        Breach("b", "event_to_answer", 100.0, "no_line,window"),
        Breach("b", "event_to_verdict", 100.0, "no_line,window"),
    ]
    waiting = Entry("c", {"occurred": NOON, "received": NOON})
    assert [breach.reason for breach in breaches([waiting], later(6))] == ["unknown"]
    assert breaches([waiting], later(4)) == []
