"""What hearing and understanding are told about a step."""

from dataclasses import replace

from ivr.flow.expecting import MOST_PHRASES, expecting
from ivr.flow.vocabulary import vocabulary
from ivr.model.meaning import KeyRule, SlotRule
from tests.flow.kit import Call, flow

HEAD = """
lists: { size: { big: [big, large], small: [] } }
slots: { place: { kind: text }, size: { kind: size }, span: { kind: duration }, pin: { kind: digits, secret: true } }
intents:
  branch: { title: a branch, phrases: [find a branch, "a branch near {place}", "a {size} one", "{size} {place}"] }
  other: { phrases: [something else] }
keys: { "9": other }
anywhere: { other: other }
"""
BODY = """
start: { ask: Yes?, intents: { branch: how }, keys: { "3": bye }, yes: bye,
         end_of_turn_seconds: 1.5, longest_seconds: 20 }
how: { collect: span, prompt: How long?, also: size, barge_in: false, no_input_seconds: 9, then: bye }
other: { ask: Else?, intents: { branch: how } }
"""


def test_an_open_question_lists_its_phrases_slots_and_keys() -> None:
    expect = Call(flow(BODY, HEAD)).last.expect
    assert expect is not None
    assert (expect.step, expect.kind, expect.intents) == ("test.start", "open", ("other", "branch"))
    assert expect.phrases[:7] == (
        "big",
        "large",
        "small",
        "something else",
        "find a branch",
        "a branch near",
        "a big one",
    )
    assert "agent" in expect.phrases
    sizes = {"big": ("big", "large"), "small": ()}
    assert expect.slots == (SlotRule("place", "text"), SlotRule("size", "size", None, sizes))
    assert expect.keys == KeyRule(choices={"0": "agent", "*": "repeat", "9": "go:other", "1": "yes", "3": "go:bye"})
    assert (expect.end_of_turn_seconds, expect.longest_seconds, expect.barge_in) == (1.5, 20.0, True)


def test_a_value_that_is_asked_for_comes_first() -> None:
    expect = Call(flow(BODY, HEAD)).means(("branch", 0.9)).last.expect
    assert expect is not None
    assert (expect.kind, [rule.name for rule in expect.slots]) == ("time", ["span", "size"])
    assert (expect.barge_in, expect.no_input_seconds) == (False, 9.0)
    assert expect.keys == KeyRule(choices={"0": "agent", "*": "repeat", "9": "go:other"})


def test_phrases_are_capped() -> None:
    many = ", ".join(f"phrase number {number}" for number in range(300))
    expect = Call(flow(BODY, HEAD.replace("find a branch,", f"{many},"))).last.expect
    assert expect is not None
    assert len(expect.phrases) == MOST_PHRASES


INNER = """
flow: inner
kind: part
start: a
slots: { day: { kind: date } }
intents: { day_off: { phrases: [day off, a, b, c, d] } }
anywhere: { day_off: b }
steps: { a: { collect: day, prompt: Day?, then: b }, b: { return: x } }
"""
OUTER_HEAD = "anywhere: { other: other }\nintents: { other: { phrases: [something else, e, f, g, h] } }"
OUTER = "start: { subflow: inner, then: bye }\nother: { say: Hm., then: bye }"


def test_an_intent_of_the_outer_flow_is_known_inside() -> None:
    heard = Call(flow(OUTER, OUTER_HEAD, inner=INNER))
    assert heard.last.expect is not None
    assert "something else" in heard.last.expect.phrases
    assert heard.means(("other", 0.5), ("nothing", 0.4)).said == ["Did you mean: other? Yes or no?"]


def test_intents_to_choose_from_are_known_by_their_titles_and_phrases() -> None:
    choose = Call(flow(OUTER, OUTER_HEAD, inner=INNER)).means(("other", 0.5), ("day_off", 0.5))
    assert choose.last.expect is not None
    assert choose.last.expect.slots[0].values == {
        "other": ("something else", "e", "f", "g", "h", "other"),
        "day_off": ("day off", "a", "b", "c", "d", "day off"),
    }


def test_nothing_is_expected_where_nobody_listens() -> None:
    call = Call(flow("start: { queue: people, otherwise: bye }"))
    assert call.last.expect is None
    assert expecting(call.flow, replace(call.last.state, stack=())) is None
    assert (replace(call.last.state, stack=()).step, replace(call.last.state, stack=()).variables) == ("", {})


ORDERS = """
lists: { size: { big: [big, large], small: [] } }
slots: { size: { kind: size } }
intents:
  order: { title: an order, phrases: ["(get|give) me a [{size}] one [now]", a big one] }
"""


def test_phrases_with_brackets_are_patterns_and_give_no_phrases() -> None:
    expect = Call(flow("start: { ask: Yes?, intents: { order: bye } }", ORDERS)).last.expect
    assert expect is not None
    assert expect.patterns == ("(get|give) me a [{size}] one [now]",)
    assert expect.phrases[:4] == ("big", "large", "small", "a big one")
    assert [rule.name for rule in expect.slots] == ["size"]


def test_the_vocabulary_holds_patterns_and_sentences_made_of_them() -> None:
    (order,) = vocabulary(flow("start: { ask: Yes?, intents: { order: bye } }", ORDERS), "en").intents
    assert order.patterns == ("(get|give) me a [{size}] one [now]",)
    assert len(order.phrases) == 9
    assert {"get me a one now", "give me a {size} one", "a big one"} < set(order.phrases)
