"""Sentences, conditions, and the plainest understanding."""

from textwrap import dedent

import pytest

from ivr.flow.expressions import BadExpression, check_expression, evaluate
from ivr.flow.fill import as_text, fill, fill_any, fill_url, places, take
from ivr.flow.plain import PlainUnderstanding, plain_words
from ivr.flow.sentences import CONTROLS, SENTENCES, control_phrases, sentence
from ivr.flow.vocabulary import vocabulary
from ivr.model.meaning import Expect, Hypothesis, IntentExamples, SlotRule, SlotValue, Vocabulary
from tests.flow.kit import flow


def test_places_are_filled_worded_and_never_run() -> None:
    wording = {"money": lambda value, language: f"{value} yuan ({language})"}
    known = {"a": 12.0, "b": "x", "none": None, "yes": True, "no": False, "pin": "1234"}
    text = "{a} {a|money} {b|other} {none|money}{unknown} {yes} {no} {pin} {a.b} {}"
    assert fill(text, known, "zh", wording, frozenset({"pin"})) == "12 12 yuan (zh) x  true false … {a.b} {}"
    assert list(places("{a} {b|money} {a.b}")) == [("a", ""), ("b", "money"), ("", "a.b")]
    assert [as_text(value) for value in (1, 1.5, 2.0, "x", [1])] == ["1", "1.5", "2", "x", "[1]"]


def test_a_url_keeps_its_base_and_encodes_the_rest() -> None:
    assert (
        fill_url("{base}/a?q={q}", {"base": "http://x/", "q": "a&b=鸟巢"}) == "http://x/a?q=a%26b%3D%E9%B8%9F%E5%B7%A2"
    )


def test_bodies_are_filled_at_every_depth() -> None:
    body = {"a": ["{x}", {"b": "= x + x"}], "n": 1}
    assert fill_any(body, {"x": "y"}) == {"a": ["y", {"b": "yy"}], "n": 1}


def test_values_are_taken_by_dotted_path() -> None:
    body = {"a": [{"b": 1}]}
    assert [take(body, path) for path in ("a.0.b", "a.1.b", "a.x", "z", "a.0")] == [1, "", "", "", {"b": 1}]


def test_expressions_name_their_variables_and_reach_nothing_else() -> None:
    assert check_expression("size(branches) > 1 && branches.all(b, b.open)") == {"branches"}
    assert evaluate("name.startsWith('A') && n in [1, 2]", {"name": "Ann", "n": 2}) is True
    for text in ("__import__('os')", "open('x')"):
        with pytest.raises(BadExpression, match="not a function"):
            check_expression(text)
    for text in ("name.__class__", "missing", "1 / 0", "name > 1", "list[5]", "x.y"):
        with pytest.raises(BadExpression, match="does not work"):
            evaluate(text, {"name": "Ann", "list": [1], "x": {}})
    with pytest.raises(BadExpression, match="cannot be read"):
        check_expression("a ==")


def test_the_engines_sentences_exist_in_every_language_and_can_be_replaced() -> None:
    assert {language: set(texts) for language, texts in SENTENCES.items()} == dict.fromkeys(
        SENTENCES, set(SENTENCES["en"])
    )
    assert {language: set(texts) for language, texts in CONTROLS.items()} == dict.fromkeys(
        CONTROLS, set(CONTROLS["en"])
    )
    own = {"sorry": {"": ("Pardon?",)}, "help": {"zh": ("帮助",)}}
    assert sentence("sorry", "en", own) == "Pardon?"
    assert sentence("help", "zh", own) == "帮助"
    assert sentence("help", "en", own) == SENTENCES["en"]["help"]
    assert sentence("sorry", "fr", {}) == "Sorry?"
    assert control_phrases("fr") == CONTROLS["en"]


WORDS = Vocabulary(
    "test",
    "en",
    (IntentExamples("branch", ("find a branch", "a branch near {place}", "on {day}")),),
    (SlotRule("place", "text"), SlotRule("day", "days", values={"mon": ("Monday",), "tue": ()})),
    {"agent": ("get me Bob",)},
)


def read(text: str, *others: str, expect: Expect | None = None) -> tuple[object, ...]:
    hypotheses = [Hypothesis(one) for one in (text, *others)]
    meaning = PlainUnderstanding(WORDS).understand(hypotheses, expect or Expect())
    return meaning.intent, {slot.name: slot.value for slot in meaning.slots}, meaning.control, meaning.complete


def test_the_plain_understanding_knows_phrases_and_nothing_near_them() -> None:
    assert read("Find a branch!") == ("branch", {}, "", True)
    assert read("a branch near the lake") == ("branch", {"place": "the lake"}, "", True)
    assert read("on monday") == ("branch", {"day": "mon"}, "", True)
    assert read("get me Bob") == ("", {}, "agent", True)
    assert read("Find a branch", expect=Expect(intents=("other",))) == ("", {}, "", False)
    assert read("mumble", "find a branch") == ("branch", {}, "", True)
    assert PlainUnderstanding(WORDS).understand((), Expect()).text == ""
    assert plain_words("  It’s a TEST,  ok? ") == "it's a test ok"


def test_the_plain_understanding_reads_values_the_step_expects() -> None:
    digits = Expect(kind="digits", slots=(SlotRule("last4", "digits"),))
    assert read("4 4 2 1", expect=digits)[1] == {"last4": "4421"}
    assert read("four", expect=digits)[1] == {}
    free = Expect(kind="free", slots=(SlotRule("place", "text"),))
    assert read("the lake", expect=free)[1] == {"place": "the lake"}
    asked = Expect(kind="yes_no", slots=(SlotRule("place", "text"), SlotRule("when", "date")))
    assert read("no, the lake", expect=asked) == ("", {"place": "the lake"}, "no", True)
    assert read("the lake", expect=asked) == ("", {}, "", False)


def test_a_vocabulary_holds_the_flow_and_its_subflows() -> None:
    inner = """
    flow: inner
    kind: part
    start: a
    slots: { day: { kind: date }, size: { kind: text } }
    controls: { agent: Bob }
    steps: { a: { collect: [day, size], prompt: X?, then: b }, b: { return: x } }
    """
    head = """
    lists: { sizes: { big: [big, large] } }
    slots: { size: { kind: sizes }, code: { kind: digits, length: [2, 4] } }
    intents: { order: { phrases: ["a {size} one"], kind: question } }
    controls: { agent: [the boss] }
    out_of_scope: [pizza]
    """
    made = flow("start: { subflow: inner, then: bye }", dedent(head), inner=inner)
    assert vocabulary(made, "en") == Vocabulary(
        "test",
        "en",
        (IntentExamples("order", ("a {size} one",), "question"),),
        (
            SlotRule("size", "sizes", None, {"big": ("big", "large")}),
            SlotRule("code", "digits", (2, 4)),
            SlotRule("day", "date"),
        ),
        {"agent": ("the boss", "Bob")},
        ("pizza",),
    )
    assert made.languages == ("en",)
    assert (made.intent("order"), made.intent("nothing")) == (made.main.intents["order"], None)
    assert SlotValue("a", "b").said == ""


@pytest.mark.parametrize(
    ("language", "pattern", "said", "values"),
    [
        ("en", "(get|give) me a [{size}] [{tint}] one", "Give me a RED big one!", {"size": "l", "tint": "red"}),
        ("en", "(get|give) me a [{size}] one", "give me a one", {}),
        ("en", "(get|give) me {what}", "get me two of them", {"what": "two of them"}),
        ("en", "(get|give) me a [{size}] one", "give me one", None),
        ("en", "(get|give) me a [{size}] one", "", None),
        ("zh", "(我要|来)[一个][{size}]的", "我要 一个 大的", {"size": "l"}),
    ],
)  # fmt: skip
def test_the_plainest_understanding_follows_patterns(
    language: str, pattern: str, said: str, values: dict[str, str] | None
) -> None:
    sizes = SlotRule("size", "sizes", values={"l": ("big", "大"), "s": ("small",)})
    slots = (sizes, SlotRule("tint", "tints", values={"red": ()}), SlotRule("what", "text"))
    plain = PlainUnderstanding(Vocabulary("t", language, (IntentExamples("get", (), "task", (pattern,)),), slots))
    meaning = plain.understand([Hypothesis(said)], Expect(kind="open", language=language))
    assert meaning.intent == ("get" if values is not None else "")
    assert {slot.name: slot.value for slot in meaning.slots} == (values or {})


def test_a_pattern_of_an_intent_that_leads_nowhere_here_is_not_followed() -> None:
    intents = (IntentExamples("get", (), "task", ("(get) it",)), IntentExamples("take", (), "task", ("(get|take) it",)))
    plain = PlainUnderstanding(Vocabulary("t", "en", intents))
    assert plain.understand([Hypothesis("get it")], Expect(kind="open", intents=("take",))).intent == "take"
