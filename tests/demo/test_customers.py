"""The simulated customers that ship, and what is wrong with a file of one's own."""

from pathlib import Path

import pytest

from ivr.demo.customers import ITEM, load_customers, who_answers
from ivr.model.errors import ConfigError
from telephony.standin.voices import CallerVoices

WRITTEN = """
- name: zoe
  number: "+15555550009"
  rings: 2
  does: [ { stay_silent: 0.2 }, { beep: 0.3 }, { hang_up: true } ]
  event: { language: zh, facts: { surname: 胡 } }
- name: zed
  number: "+15555550010"
  outcome: busy
  does: [ { until_line_closes: 1 } ]
"""


def test_the_customers_that_ship_cover_every_end_of_a_call() -> None:
    customers = load_customers()
    named = {one.caller.name: one for one in customers.values()}
    assert set(named) >= {
        "denies", "confirms", "scam", "wrong_number", "husband", "unsure", "voicemail", "silent", "stop", "busy",
        "no_answer", "hangs_up_at_once", "hangs_up_at_the_payment", "hangs_up_in_the_queue", "denies_zh", "specialist",
    }  # fmt: skip
    assert len(customers) == len(named)
    assert named["denies"].event == {
        "language": "en", "facts": {"title": "Ms", "surname": "Miller"}, "transactions": [ITEM],
    }  # fmt: skip
    assert named["denies_zh"].event["language"] == "zh"


def test_a_customer_picks_up_as_written_and_nobody_has_other_numbers(tmp_path: Path) -> None:
    path = tmp_path / "customers.yaml"
    path.write_text(WRITTEN, encoding="utf-8")
    answers = who_answers(load_customers(path), CallerVoices(tmp_path / "voices"))
    zoe, zed, nobody = (answers(f"+155555500{end}") for end in ("09", "10", "11"))
    assert (zoe.outcome, zoe.ring_seconds, zed.outcome, nobody.outcome) == ("answered", 2.0, "busy", "unreachable")
    assert len(zoe.talker().steps) == 3
    assert zoe.talker() is not zoe.talker()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- {name: a, number: '+15555550009', outcome: asleep, does: [{hang_up: true}]}", "caller 1 (a): outcome"),
        ("- {name: a, number: '+15555550009', does: [{beep: 60}]}", "step 1"),
        ("{}", "write a list of callers"),
    ],
)
def test_a_wrong_customer_says_where_and_what(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "customers.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=told.replace("(", r"\(").replace(")", r"\)")):
        load_customers(path)
