"""Questions that the knowledge base answers, and those it does not."""

from textwrap import dedent

import pytest

from ivr.flow.difference import difference
from ivr.flow.flow import Flow
from ivr.flow.knowledge import parse_knowledge
from ivr.flow.loader import flow_of_texts, read_flow
from ivr.flow.problems import FlowProblems
from ivr.flow.progress import Answer
from ivr.flow.vocabulary import vocabulary
from ivr.model.commands import Note
from ivr.model.meaning import IntentGuess, KnowledgeGuess, Meaning, SlotRule, SlotValue
from tests.flow.kit import Call

FLOW = """\
flow: test
start: more
agent: person
slots: { place: { kind: text } }
intents:
  branch: { title: a branch, phrases: [find a branch, a branch please, branches, nearest branch, branch] }
  asking: { title: a question, phrases: [I have a question, a question, can I ask, ask you something, query] }
steps:
  more: { ask: Anything else?, intents: { branch: where, asking: faq }, knowledge: faq, no: bye, yes: more }
  where: { collect: place, prompt: Where?, knowledge: faq, then: sure }
  sure: { confirm: "{place}?", knowledge: faq, yes: bye, no: topic }
  topic: { menu: A or B?, knowledge: faq, choices: [{ name: a, hear: [option a], then: bye }] }
  faq: { answer: facts.yaml, then: more, not_found: unknown }
  unknown: { say: Nobody knows., then: more }
  person: { queue: people, otherwise: bye }
  bye: { hangup: done }
"""
FACTS = """\
knowledge: facts
lists:
  card: { debit: [debit card, bank card], credit: [credit card], gold: [] }
entries:
  hours:
    questions: [when are you open, opening hours]
    answer: Nine to five.
  limit:
    questions: ["what is the limit of my {card}", how much cash can I take]
    answer: It depends.
    answers: { credit: "See the statement of your {card}.", gold: "No limit with a {card}." }
"""
SOURCE = "test/facts.yaml"


def made(facts: str = FACTS, flow: str = FLOW, name: str = "facts.yaml") -> Flow:
    return flow_of_texts({"test.yaml": flow, name: facts}, "test.yaml")


def told(facts: str, flow: str = FLOW, name: str = "facts.yaml") -> list[str]:
    texts = {"test.yaml": dedent(flow), name: dedent(facts)}

    def read(path: object) -> str:
        if str(path) not in texts:
            raise FileNotFoundError(path)
        return texts[str(path)]

    return [str(problem) for problem in read_flow("test.yaml", read=read)[1]]


def hears(call: Call, text: str, *answers: KnowledgeGuess, intent: tuple[str, float] = ("", 0.0)) -> Call:
    guesses = (IntentGuess(*intent),) if intent[0] else ()
    return call.reply(Answer(text, meaning=Meaning(text, guesses, answers=answers)))


def near(entry: str, confidence: float, **values: str) -> KnowledgeGuess:
    return KnowledgeGuess(SOURCE, entry, confidence, tuple(SlotValue(name, value) for name, value in values.items()))


def test_a_question_that_is_known_is_answered_and_the_entry_noted() -> None:
    call = hears(Call(made()), "until when can I come", near("hours", 0.7))
    assert (call.said, call.at) == (["Nine to five.", "Anything else?"], "more")
    assert call.done == [Note("knowledge.answer", "test/facts.yaml#hours")]
    assert call.last.matched


def test_below_the_threshold_nothing_is_guessed_and_the_question_is_kept() -> None:
    call = hears(Call(made()), "do you sell boats", near("hours", 0.59))
    assert (call.said, call.done) == (["Sorry?", "Anything else?"], [Note("knowledge.miss", "do you sell boats")])
    assert not call.last.matched


def test_the_threshold_is_the_steps_own() -> None:
    strict = FLOW.replace("answer: facts.yaml,", "answer: facts.yaml, threshold: 0.9,")
    assert hears(Call(made(flow=strict)), "when open", near("hours", 0.8)).said == ["Sorry?", "Anything else?"]


@pytest.mark.parametrize(
    ("answer", "intent", "at"), [(0.7, 0.9, "where"), (0.95, 0.9, "more"), (0.7, 0.5, "more"), (0.5, 0.9, "where")]
)
def test_the_likelier_of_intent_and_question_is_followed(answer: float, intent: float, at: str) -> None:
    assert hears(Call(made()), "branch hours", near("hours", answer), intent=("branch", intent)).at == at


def test_an_answer_speaks_of_the_value_that_was_said() -> None:
    said = {value: hears(Call(made()), "limit", near("limit", 0.9, card=value)).said[0] for value in ("credit", "gold")}
    assert said == {"credit": "See the statement of your credit card.", "gold": "No limit with a gold."}
    assert hears(Call(made()), "limit", near("limit", 0.9, card="debit")).said[0] == "It depends."
    assert hears(Call(made()), "limit", near("limit", 0.9)).said[0] == "It depends."


def test_an_intent_can_lead_to_the_answer_of_what_was_said_with_it() -> None:
    call = hears(Call(made()), "a question, when are you open", near("hours", 0.65), intent=("asking", 0.9))
    assert call.said[0] == "Nine to five."
    unknown = hears(Call(made()), "can I ask about boats", near("hours", 0.2), intent=("asking", 0.9))
    assert (unknown.said, unknown.done) == (
        ["Nobody knows.", "Anything else?"], [Note("knowledge.miss", "can I ask about boats")],
    )  # fmt: skip


def test_a_question_is_still_known_after_did_you_mean() -> None:
    call = hears(Call(made()), "query when open", near("hours", 0.6), intent=("asking", 0.61))
    assert call.said == ["a question.", "Nine to five.", "Anything else?"]
    asked = hears(Call(made()), "query when open", near("limit", 0.3), intent=("asking", 0.5))
    assert asked.said == ["Did you mean: a question? Yes or no?"]
    assert asked.says("yes").said[0] == "Nobody knows."


def test_at_every_kind_of_step_a_question_can_be_asked() -> None:
    call = hears(Call(made()), "a branch please", intent=("branch", 0.9))
    assert hears(call, "when are you open", near("hours", 0.8)).said[0] == "Nine to five."
    sure = Call(made()).says("find a branch").says("Haidian")
    assert sure.at == "sure"
    assert hears(sure, "when are you open", near("hours", 0.8)).said[0] == "Nine to five."
    topic = Call(made()).says("find a branch").says("Haidian").says("no")
    assert (topic.at, hears(topic, "when are you open", near("hours", 0.8)).said[0]) == ("topic", "Nine to five.")


def test_the_plain_understanding_knows_the_questions_word_for_word() -> None:
    call = Call(made()).says("Opening hours?")
    assert call.said[0] == "Nine to five."
    assert call.says("what is the limit of my credit card").said[0] == "See the statement of your credit card."
    assert call.says("yes, when are you open").said[0] == "Nine to five."
    assert call.says("what is the limit of my boat").said[0] == "It depends."


def test_a_key_that_leads_to_an_answer_has_no_question_and_keeps_none() -> None:
    keyed = FLOW.replace("knowledge: faq, no: bye", "knowledge: faq, keys: { '1': faq }, no: bye")
    call = Call(made(flow=keyed)).presses("1")
    assert (call.said[0], call.done) == ("Nobody knows.", [])


def test_without_a_way_out_an_unknown_question_leads_to_a_person() -> None:
    open_end = FLOW.replace(", not_found: unknown", "").replace("  unknown: { say: Nobody knows., then: more }\n", "")
    assert told(FACTS, open_end) == [
        "test.yaml:13: error: step 'faq': a question may have no answer, but nothing says what happens then. "
        "Add `not_found: <step>`."
    ]


def test_the_step_says_where_to_look_words_up() -> None:
    call = Call(made())
    assert call.last.expect is not None
    assert call.last.expect.knowledge == (SOURCE,)
    asked = hears(call, "x", intent=("branch", 0.5)).last.expect
    assert asked is not None
    assert asked.knowledge == ()
    quiet = FLOW.replace('confirm: "{place}?", knowledge: faq', 'confirm: "{place}?"')
    sure = Call(made(flow=quiet)).says("find a branch").says("Haidian").last.expect
    assert sure is not None
    assert sure.knowledge == ()


def test_the_knowledge_file_is_part_of_the_flow_and_its_version() -> None:
    first, second = made(), made(FACTS.replace("Nine to five", "Ten to six"))
    assert first.texts["facts.yaml"] == FACTS
    assert first.version != second.version
    assert [str(change) for change in difference(first, second)] == [
        "~ test/facts.yaml: entries.hours.answer: ['Nine to five.'] > ['Ten to six.']"
    ]
    none = made(flow=FLOW.replace("facts.yaml", "other.yaml"), name="other.yaml")
    assert [change.kind for change in difference(first, none)][-2:] == ["removed", "added"]


def test_two_steps_may_answer_from_one_file() -> None:
    more = FLOW.replace("  unknown: {", "  other: { answer: facts.yaml, then: bye, not_found: unknown }\n  unknown: {")
    two = made(flow=more.replace("prompt: Where?, knowledge: faq", "prompt: Where?, knowledge: other"))
    assert list(two.knowledge) == [SOURCE]
    called = Call(two).says("find a branch").says("opening hours")
    assert (called.said, called.last.state.finished) == (["Nine to five."], True)


def test_the_vocabulary_holds_the_questions() -> None:
    (known,) = vocabulary(made(), "en").knowledge
    assert (known.source, list(known.entries), len(known.entries["limit"])) == (SOURCE, ["hours", "limit"], 2)
    ways = {"debit": ("debit card", "bank card"), "credit": ("credit card",), "gold": ()}
    assert known.lists == (SlotRule("card", "card", values=ways),)


NOT_KNOWLEDGE = "this is not a knowledge file: `entries:` is missing. See docs/flows.md, answer."
TABLE = """\
name,language,question,answer
hours,en,when are you open,Nine to five.
hours,en,opening hours,
,en,do you sell boats,No.
"""


def test_a_table_is_a_knowledge_file_too() -> None:
    call = Call(made(TABLE, FLOW.replace("facts.yaml", "facts.csv"), "facts.csv"))
    assert call.says("opening hours").said[0] == "Nine to five."
    assert call.says("do you sell boats").said[0] == "No."
    place = parse_knowledge(TABLE, "f.csv").place
    assert place(("entries", "hours", "questions", "en", "1")) == ("f.csv", 3)
    assert place(("entries", "do you sell boats", "answer")) == ("f.csv", 4)


@pytest.mark.parametrize(
    ("text", "name", "problem"),
    [
        ("a: b", "f.yaml", f"f.yaml:1: error: {NOT_KNOWLEDGE}"),
        ("- a", "f.yaml", f"f.yaml:1: error: {NOT_KNOWLEDGE}"),
        (
            "knowledge: f\nentries:\n  a: { questions: [x] }", "f.yaml",
            "f.yaml:3: error: needs 'entries.a.answer:', which is missing.",
        ),
        (
            "name,question,answer\na,b,c", "f.csv",
            "f.csv:1: error: the first line has to name the columns name, language, question, answer; "
            "language is missing.",
        ),
    ],
)  # fmt: skip
def test_what_is_no_knowledge_file_is_told(text: str, name: str, problem: str) -> None:
    with pytest.raises(FlowProblems) as caught:
        parse_knowledge(text, name)
    assert str(caught.value) == problem


def test_everything_wrong_with_a_knowledge_file_is_told_at_its_line() -> None:
    bad = """\
        knowledge: facts
        lists:
          card: { debit: [debit card] }
        entries:
          a:
            questions: [opening hours, "the {boat}"]
            answer: "A {card}."
          b:
            questions: ["Opening  hours", "my {card}"]
            answer: "It is {card}."
            answers: { gold: Yes. }
          c:
            questions: [find a branch]
            answer: { zh: 不行 }
        """
    assert told(bad) == [
        "facts.yaml:6: error: a question of 'a' holds {boat}, but there is no such list. There is: card.",
        "facts.yaml:7: error: the answer tells {card}, which no question of 'a' holds. There is: boat.",
        "facts.yaml:9: error: 'Opening  hours' is a question of 'b' and of 'a'. Keep it in one of them.",
        "facts.yaml:10: error: 'answer' of 'b' is also told to who did not say {card}. Put it into `answers:`.",
        "facts.yaml:11: error: 'gold' is in no list that the questions of 'b' hold. There is: debit.",
        "facts.yaml:14: error: 'c.answer' has no text in 'en'. Add `en:`.",
        "test.yaml:6: error: 'find a branch' is an example of 'branch' and a question of 'c' in facts.yaml. "
        "Keep it in one of them.",
    ]


def test_a_flow_of_two_languages_needs_both_in_its_knowledge() -> None:
    both = FLOW.replace("start: more", "start: more\nlanguages: [en, zh]")
    found = [line for line in told(FACTS, both) if line.startswith("facts.yaml:6")]
    assert found == [
        "facts.yaml:6: error: this text has no language, but the flow speaks en, zh. Write `en:` … below it."
    ]


def test_a_missing_file_and_a_step_that_does_not_answer_are_told() -> None:
    (missing,) = told(FACTS, name="other.yaml")
    assert missing == (
        "test.yaml:13: error: step 'faq': answers from 'facts.yaml', but facts.yaml cannot be read. "
        "Write that file: docs/flows.md, 'answer', says how."
    )
    assert told("a: b")[0].startswith("facts.yaml:1: error: this is not a knowledge file")
    wrong = FLOW.replace("prompt: Where?, knowledge: faq", "prompt: Where?, knowledge: unknown")
    assert told(FACTS, wrong) == [
        "test.yaml:10: error: step 'where': 'unknown' is not a step that answers. There is: faq."
    ]
    nowhere = FLOW.replace("prompt: Where?, knowledge: faq", "prompt: Where?, knowledge: fag")
    assert told(FACTS, nowhere)[0].startswith(
        "test.yaml:10: error: step 'where': leads to step 'fag', which is not there."
    )
