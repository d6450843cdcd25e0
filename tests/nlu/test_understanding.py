"""What utterances mean at the steps of a flow, with the bank of domain.md 4.1 trained for real."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ivr.model.meaning import Expect, Hypothesis, KeyRule, Meaning, SlotRule
from ivr.nlu.understanding import FlowUnderstanding, build_understanding
from tests.nlu.conftest import MONDAY
from tests.nlu.vocabularies import CARD, LAST4, PLACE, SCORES_EN, WHEN


def heard(bank: FlowUnderstanding, *texts: str, expect: Expect) -> Meaning:
    return bank.understand([Hypothesis(text) for text in texts], expect)


def values(meaning: Meaning) -> dict[str, str]:
    return {value.name: value.value for value in meaning.slots}


@pytest.mark.parametrize(
    ("said", "language", "intent", "slots"),
    [
        ("Find a branch near the Bird's Nest.", "en", "branch_lookup", {"place": "the bird's nest"}),
        ("um I lost my credit card yesterday", "en", "report_lost_card", {"when": "2026-03-01", "card_type": "credit"}),
        ("yes, I lost my card", "en", "report_lost_card", {}),
        ("is there a branch close to Olympic Park please", "en", "branch_lookup", {"place": "olympic park"}),
        ("我需要查询鸟巢附近的银行网点", "zh", "branch_lookup", {"place": "鸟巢"}),
        ("我钱包被偷了,卡在里面", "zh", "report_lost_card", {}),
        ("信用卡找不到了", "zh", "report_lost_card", {"card_type": "credit"}),
        ("中关村旁边有银行吗", "zh", "branch_lookup", {"place": "中关村"}),
    ],
)
def test_a_request_gives_its_intent_and_values(
    bank: FlowUnderstanding, said: str, language: str, intent: str, slots: dict[str, str]
) -> None:
    meaning = heard(bank, said, expect=Expect(language=language))
    assert (meaning.intent, values(meaning)) == (intent, slots)
    assert meaning.confidence >= 0.75


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("play some music", "en"), ("how do I boil an egg", "en"), ("my neighbour's dog barks", "en"),
        ("tell me about dinosaurs", "en"), ("给我讲个故事", "zh"), ("红烧鱼怎么做", "zh"), ("今晚有球赛吗", "zh"),
    ],
)  # fmt: skip
def test_other_topics_are_not_acted_on(bank: FlowUnderstanding, said: str, language: str) -> None:
    assert heard(bank, said, expect=Expect(language=language)).confidence < 0.75


def test_commands_live_at_every_step(bank: FlowUnderstanding) -> None:
    steps = [
        Expect(), Expect(kind="yes_no"), Expect(kind="digits", slots=(LAST4,)), Expect(kind="date", slots=(WHEN,)),
        Expect(kind="choice", phrases=("branches", "lost card")), Expect(kind="free", slots=(PLACE,)),
    ]  # fmt: skip
    for said, control in (("agent please", "agent"), ("say that again", "repeat"), ("just a second", "hold_on")):
        for step in steps:
            meaning = heard(bank, said, expect=step)
            assert (meaning.control, meaning.slots, meaning.complete) == (control, (), True)


def test_the_flows_own_phrase_beats_a_command(bank: FlowUnderstanding) -> None:
    meaning = heard(bank, "cancel the freeze", expect=Expect())
    assert (meaning.intent, meaning.control, meaning.complete) == ("found_card", "", True)


@pytest.mark.parametrize(
    ("said", "control", "slots"),
    [
        ("yes, on Saturday", "yes", {"when": "2026-03-07"}), ("no thanks", "no", {}), ("uh-huh", "yes", {}),
        ("no, the central station", "no", {"place": "the central station"}), ("one", "yes", {}),
        ("I don't know", "dont_know", {}), ("no I want to talk to a person", "agent", {}), ("the weather", "", {}),
    ],
)  # fmt: skip
def test_answers_come_with_content(bank: FlowUnderstanding, said: str, control: str, slots: dict[str, str]) -> None:
    meaning = heard(bank, said, expect=Expect(kind="yes_no", slots=(PLACE,)))
    assert (meaning.control, values(meaning)) == (control, slots)


def test_a_yes_no_slot_is_filled(bank: FlowUnderstanding) -> None:
    meaning = heard(
        bank, "没有解决", expect=Expect(kind="yes_no", language="zh", slots=(SlotRule("solved", "yes_no"),))
    )
    assert values(meaning) == {"solved": "no"}


def test_digits_are_complete_when_all_are_there(bank: FlowUnderstanding) -> None:
    step = Expect(kind="digits", slots=(LAST4, PLACE))
    full, short = heard(bank, "four double two one", expect=step), heard(bank, "four four two", expect=step)
    assert (values(full), full.complete) == ({"last4": "4221"}, True)
    assert short.complete is False
    assert short.slots[0].confidence < 0.5


def test_the_hypothesis_that_fits_the_step_wins(bank: FlowUnderstanding) -> None:
    meaning = heard(bank, "for for to one", "four four two one", expect=Expect(kind="digits", slots=(LAST4,)))
    assert (meaning.text, values(meaning)) == ("four four two one", {"last4": "4421"})
    request = heard(bank, "i lust my cart", "I lost my card", expect=Expect())
    assert (request.text, request.intent) == ("I lost my card", "report_lost_card")


@pytest.mark.parametrize(
    ("said", "score"),
    [("nine", "9"), ("a nine", "9"), ("9", "9"), ("I would give it a ten", "10"), ("hmm let me think", "")],
)
def test_a_number_of_points(bank: FlowUnderstanding, said: str, score: str) -> None:
    found = values(heard(bank, said, expect=Expect(kind="number", slots=(SlotRule("nps", "number"),))))
    assert found.get("nps", "") == score


def test_a_listed_score_takes_words_and_only_listed_numbers(bank: FlowUnderstanding) -> None:
    step = Expect(kind="number", slots=(SlotRule("q1", "number", values=SCORES_EN),))
    said = ("not satisfied", "very satisfied thanks", "a nine", "10 out of 5", "goodbye")
    assert [values(heard(bank, text, expect=step)).get("q1", "") for text in said] == ["2", "5", "", "5", ""]


def test_menus_are_chosen_by_phrase_key_or_place(bank: FlowUnderstanding) -> None:
    rule = SlotRule("choice", "choice", values={"find": ("branches",), "lost": ("lost card",), "person": ("a person",)})
    step = Expect(kind="choice", slots=(rule,), keys=KeyRule(choices={"1": "find", "2": "lost", "9": "elsewhere"}))
    said = (
        "branches please",
        "the lost car",
        "press two",
        "option one",
        "the last one",
        "the fifth one",
        "nine",
        "tea",
    )
    assert [values(heard(bank, text, expect=step)).get("choice", "") for text in said] == [
        "find", "lost", "lost", "find", "person", "", "", "",
    ]  # fmt: skip
    zh = Expect(kind="choice", phrases=("网点", "挂失"), language="zh")
    assert [values(heard(bank, text, expect=zh)).get("choice",
    "") for text in ("挂失", "第一个", "最后一个", "按二")] == [
        "挂失", "网点", "挂失", "",
    ]  # fmt: skip


def test_a_date_step_may_be_told_more(bank: FlowUnderstanding) -> None:
    rules = (WHEN, SlotRule("people", "number"), SlotRule("at", "time"))
    meaning = heard(bank, "saturday at ten a.m. for three people", expect=Expect(kind="date", slots=rules))
    assert values(meaning) == {"when": "2026-03-07", "at": "10:00", "people": "3"}


def test_a_comment_is_kept_as_said_and_a_place_is_taken_out(bank: FlowUnderstanding) -> None:
    comment = SlotRule("comment", "text")
    kept = heard(bank, "The Waiting was too long, really", expect=Expect(kind="free", slots=(comment,)))
    near = heard(bank, "near the Bird's Nest please", expect=Expect(kind="free", slots=(PLACE,)))
    assert (values(kept)["comment"], kept.complete) == ("The Waiting was too long, really", False)
    assert values(near)["place"] == "the bird's nest"


@pytest.mark.parametrize(
    ("kind", "said", "language", "value"),
    [
        ("phone", "six five oh two five three double oh double oh", "en", "+16502530000"),
        ("phone", "幺三八零零幺三八零零零", "zh", "+8613800138000"), ("phone", "one two three four", "en", "1234"),
        ("city", "shang hai", "en", "Shanghai"), ("city", "我在杭州", "zh",
        "杭州"), ("person", "my name is john smith", "en", "John Smith"),
        ("person", "我叫王小明", "zh", "王小明"), ("money", "twelve fifty",
        "en", "12.50"), ("time", "half past three", "en", "15:30"),
        ("duration", "two weeks", "en", "P2W"), ("person", "it's 5", "en", ""), ("phone", "none", "en", ""),
    ],
)  # fmt: skip
def test_every_kind_of_slot_is_read(bank: FlowUnderstanding, kind: str, said: str, language: str, value: str) -> None:
    step = Expect(kind="free", language=language, slots=(SlotRule("it", kind),))
    assert values(heard(bank, said, expect=step)).get("it", "") == value


@pytest.mark.parametrize("said", ["I want to", "I lost my", "um", "find a branch near the", "我想", "然后"])
def test_open_ends_are_not_complete(bank: FlowUnderstanding, said: str) -> None:
    language = "en" if said.isascii() else "zh"
    assert heard(bank, said, expect=Expect(language=language)).complete is False


def test_backchannels_do_not_want_the_floor(bank: FlowUnderstanding) -> None:
    assert heard(bank, "uh-huh", expect=Expect()).backchannel
    assert heard(bank, "嗯", expect=Expect(language="zh")).backchannel
    assert not heard(bank, "okay", expect=Expect(kind="yes_no")).backchannel


@pytest.mark.parametrize(
    "text", ["", "   ", "😀", "?!...", "x " * 1500, "一" * 3000, "\x00\ud83d", "1" * 500, "no " * 700]
)
@pytest.mark.parametrize(
    "kind", ["open", "yes_no", "choice", "digits", "number", "money", "date", "time", "free", "none"]
)
def test_odd_input_never_raises(bank: FlowUnderstanding, text: str, kind: str) -> None:
    for language in ("en", "zh", "fr"):
        step = Expect(kind=kind, language=language, slots=(LAST4, CARD))  # type: ignore[arg-type]
        assert isinstance(heard(bank, text, expect=step), Meaning)


def test_nothing_recognized_means_nothing(bank: FlowUnderstanding) -> None:
    assert bank.understand([], Expect()) == Meaning()


def test_threads_get_the_same_answers(bank: FlowUnderstanding) -> None:
    texts = ["I lost my card in the taxi", "find a branch near main street", "what is the weather", "yes"] * 8
    alone = [heard(bank, text, expect=Expect()) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda text: heard(bank, text, expect=Expect()), texts))
    assert [meaning.intent for meaning in together] == [meaning.intent for meaning in alone]
    assert [meaning.slots for meaning in together] == [meaning.slots for meaning in alone]


def test_a_flow_without_words_still_understands_commands() -> None:
    nothing = build_understanding({}, now=lambda: MONDAY)
    assert nothing.understand([Hypothesis("agent")], Expect()).control == "agent"
