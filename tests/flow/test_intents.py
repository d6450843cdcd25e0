"""What an intent does, by how sure it is (domain.md 2.9.3)."""

import pytest

from ivr.flow.believing import zone
from ivr.flow.schema_steps import Confidence, Confirmation, Severity
from ivr.model.commands import HangUp
from tests.flow.kit import Call, flow

HEAD = """
slots:
  place: { kind: text }
intents:
  branch: { title: find a branch, phrases: [find a branch, "a branch near {place}"] }
  card: { title: report a lost card, phrases: [I lost my card], severity: severe }
  fees: { title: our fees, phrases: [what are your fees], severity: moderate }
  hours: { phrases: [opening hours] }
"""
BODY = """
start:
  ask: [How can I help?, Say it in other words., Say branch or card.]
  intents: { branch: where, card: lost, fees: told, hours: told }
where: { collect: place, prompt: Where?, then: found }
found: { say: "Near {place}.", then: bye }
lost: { say: Lost., then: bye }
told: { ask: Anything else?, intents: { branch: where }, no: bye, then: bye }
""".replace(", then: bye }\n", ", then: bye }\n").replace("no: bye, then: bye", "no: bye")


def call() -> Call:
    return Call(flow(BODY, HEAD))


@pytest.mark.parametrize(
    ("confidence", "severity", "confirm", "expected"),
    [
        (0.80, "low", "auto", "accept"),
        (0.79, "low", "auto", "implicit"),
        (0.60, "low", "auto", "implicit"),
        (0.59, "low", "auto", "explicit"),
        (0.39, "low", "auto", "no_match"),
        (0.80, "moderate", "auto", "implicit"),
        (0.79, "moderate", "auto", "explicit"),
        (0.99, "severe", "auto", "explicit"),
        (0.39, "severe", "explicit", "no_match"),
        (0.41, "severe", "none", "accept"),
        (0.99, "low", "explicit", "explicit"),
        (0.60, "severe", "implicit", "implicit"),
        (0.59, "low", "implicit", "explicit"),
    ],
)
def test_the_zones_are_those_of_the_table(
    confidence: float, severity: Severity, confirm: Confirmation, expected: str
) -> None:
    assert zone(confidence, severity, Confidence(), confirm) == expected


def test_a_sure_intent_is_followed_silently_and_its_values_fill_later_steps() -> None:
    heard = call().means(("branch", 0.9), place="Haidian")
    assert heard.said == ["Near Haidian."]
    assert heard.last.path == ("test.where", "test.found", "test.bye")
    assert (heard.last.intent, heard.last.matched) == ("branch", True)
    assert heard.done == [HangUp("done")]


def test_free_words_are_kept_only_where_the_intent_speaks_of_them() -> None:
    assert call().means(("hours", 0.9), place="opening hours").variables["place"] == ""


def test_a_less_sure_intent_is_repeated_in_passing() -> None:
    assert call().means(("branch", 0.7)).said == ["find a branch.", "Where?"]


def test_no_after_an_implicit_confirmation_asks_again_and_never_offers_it_again() -> None:
    heard = call().means(("branch", 0.7)).means(control="no")
    assert (heard.at, heard.said) == ("start", ["Sorry?", "Say it in other words."])
    assert heard.means(("branch", 0.9)).at == "start"
    assert not heard.last.matched


def test_no_with_another_intent_goes_there() -> None:
    heard = call().means(("branch", 0.7)).means(("hours", 0.9), control="no")
    assert heard.at == "told"


def test_no_at_a_step_that_asks_yes_or_no_answers_that_step() -> None:
    heard = call().means(("fees", 0.9))
    assert heard.said == ["our fees.", "Anything else?"]
    assert heard.means(control="no").done == [HangUp("done")]


def test_an_unsure_intent_is_asked_about() -> None:
    heard = call().means(("branch", 0.5), place="Haidian")
    assert heard.said == ["Did you mean: find a branch? Yes or no?"]
    assert heard.last.expect is not None
    assert heard.last.expect.kind == "yes_no"
    assert heard.last.expect.keys.choices["1"] == "yes"
    assert heard.means(control="yes").said == ["Near Haidian."]


def test_saying_the_intent_again_is_a_yes() -> None:
    assert call().means(("branch", 0.5)).means(("branch", 0.5)).said == ["Where?"]


def test_a_severe_intent_is_asked_about_with_keys_when_it_is_also_unsure() -> None:
    heard = call().means(("card", 0.5))
    assert heard.said == ["Did you mean: report a lost card? Say yes or press one, say no or press two."]
    assert heard.presses("2").said == ["Sorry?", "Say it in other words."]
    assert heard.means(("card", 0.99)).said == ["Say branch or card."]


def test_a_severe_intent_is_asked_about_however_sure() -> None:
    heard = call().means(("card", 0.99))
    assert heard.said == ["Did you mean: report a lost card? Yes or no?"]
    assert heard.presses("1").said == ["Lost."]


def test_an_answer_beside_the_question_is_taken_or_the_question_is_asked_again() -> None:
    heard = call().means(("branch", 0.5)).means()
    assert heard.said == ["Sorry? Did you mean: find a branch? Yes or no?"]
    assert heard.means(("hours", 0.9)).at == "told"
    assert call().means(("branch", 0.5)).means(("hours", 0.9), control="no").at == "told"


def test_two_misses_at_a_severe_question_lead_to_a_person() -> None:
    heard = call().means(("card", 0.9)).means().means()
    assert heard.at == "person"


def test_an_intent_nobody_can_believe_is_a_no_match() -> None:
    heard = call().means(("branch", 0.39))
    assert (heard.said, heard.last.matched) == (["Sorry?", "Say it in other words."], False)


def test_an_intent_that_leads_nowhere_from_here_is_a_no_match() -> None:
    assert not call().means(("weather", 0.99)).last.matched


def test_two_likely_intents_are_offered_and_one_is_picked() -> None:
    heard = call().means(("branch", 0.55), ("hours", 0.50), place="Haidian")
    assert heard.said == ["Did you mean find a branch or hours?"]
    assert heard.last.expect is not None
    assert heard.last.expect.keys.choices["2"] == "hours"
    assert heard.last.expect.slots[0].values["branch"][0] == "find a branch"
    assert heard.presses("1").said == ["Near Haidian."]


def test_an_offered_intent_can_be_said() -> None:
    assert call().means(("branch", 0.55), ("hours", 0.50)).means(("hours", 0.9)).at == "told"
    assert call().means(("branch", 0.55), ("hours", 0.50)).means(choice="hours").at == "told"


def test_neither_of_two_offered_is_never_offered_again() -> None:
    heard = call().means(("branch", 0.55), ("hours", 0.50)).means(control="no")
    assert heard.said == ["Sorry?", "Say it in other words."]
    assert not heard.means(("branch", 0.9), ("hours", 0.9)).last.matched


def test_something_else_than_the_offers_is_heard() -> None:
    heard = call().means(("branch", 0.55), ("hours", 0.50))
    assert heard.means().said == ["Sorry? Did you mean find a branch or hours?"]
    assert heard.means(("fees", 0.9)).at == "told"


def test_three_likely_intents_are_listed_and_ways_to_one_step_count_once() -> None:
    heard = call().means(("branch", 0.5), ("card", 0.5), ("hours", 0.45), ("fees", 0.44))
    assert heard.said == ["Did you mean find a branch, report a lost card or hours?"]
    assert call().means(("hours", 0.5), ("fees", 0.45)).said == ["Did you mean: hours? Yes or no?"]
