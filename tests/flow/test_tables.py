"""Knowledge in tables: lists, answers by value, and every bad line told with its number."""

import pytest

from ivr.flow.knowledge import parse_knowledge
from ivr.flow.loader import flow_of_texts, read_flow
from ivr.flow.problems import FlowProblems
from ivr.flow.tables import MOST_TOLD, read_table
from tests.flow.kit import Call, write

HEAD = "name,language,question,answer\n"
WIDE = "name,language,question,answer,value\n"
KNOWN = """\
knowledge: shop
lists: { card: { debit: [debit card], credit: [credit card], gold: [gold card] } }
tables: [more.csv]
entries:
  hours: { questions: [when are you open], answer: Nine to five. }
"""
MORE = (
    WIDE
    + """\
limit,en,what is the limit of my {card},,
limit,en,how much can I take,It depends.,
limit,en,,"A hundred, with a {card}.",debit
limit,en,,See your {card}.,credit
boats,en,do you sell boats,No.,
"""
)
FLOW = write("start: { ask: Hm?, knowledge: faq, no: bye }\nfaq: { answer: known.yaml, not_found: bye, then: start }")


def told(known: str = KNOWN, more: str = MORE) -> list[str]:
    texts = {"flows/test.yaml": FLOW, "flows/known.yaml": known, "flows/more.csv": more}

    def read(path: object) -> str:
        if str(path) not in texts:
            raise FileNotFoundError(path)
        return texts[str(path)]

    return [str(problem) for problem in read_flow("flows/test.yaml", read=read)[1]]


def bad(text: str) -> list[str]:
    return [str(problem) for problem in read_table(text, "t.csv").problems]


def test_a_table_beside_a_knowledge_file_shares_its_lists_and_answers_by_value() -> None:
    assert told() == []
    flow = flow_of_texts({"test.yaml": FLOW, "known.yaml": KNOWN, "more.csv": MORE}, "test.yaml")
    call = Call(flow)
    assert [call.says(words).said[0] for words in (
        "what is the limit of my debit card", "what is the limit of my credit card", "how much can I take",
        "do you sell boats", "when are you open",
    )] == ["A hundred, with a debit card.", "See your credit card.", "It depends.", "No.", "Nine to five."]  # fmt: skip
    assert flow_of_texts(flow.texts, flow.source).version == flow.version


def test_what_a_table_says_is_checked_like_everything_else_and_told_at_its_line() -> None:
    more = MORE.replace("{card}.,credit", "{card}.,credet").replace("do you sell boats", "{boat}?")
    assert told(more=more + "x,en,When are you  OPEN,No.,\ny,zh,你好,不,\n") == [
        "flows/more.csv:5: error: 'credet' is in no list that the questions of 'limit' hold. Did you mean 'credit'?",
        "flows/more.csv:6: error: a question of 'boats' holds {boat}, but there is no such list. There is: card.",
        "flows/more.csv:7: error: 'When are you  OPEN' is a question of 'x' and of 'hours'. Keep it in one of them.",
        "flows/more.csv:8: error: 'y.answer' has no text in 'en'. Add `en:`.",
        "flows/more.csv:8: error: 'y.questions' has no text in 'en'. Add `en:`.",
    ]


def test_a_table_that_is_missing_or_repeats_an_entry_is_told() -> None:
    assert told(KNOWN.replace("more.csv", "moer.csv")) == [
        "flows/known.yaml:3: error: the table 'moer.csv' cannot be read. Put it beside this file."
    ]
    assert told(more=HEAD + "hours,en,until when,Five.\n") == [
        "flows/more.csv:2: error: there is another entry 'hours', in flows/known.yaml or a table before. Rename one."
    ]
    with pytest.raises(FlowProblems, match="'more.csv' cannot be read"):
        parse_knowledge(KNOWN, "known.yaml")


def test_every_bad_line_is_told_with_its_number() -> None:
    text = HEAD + 'a,en,q1,"first\nsecond"\n\nb,en,how much, really,two\n,,q,a\nc,en,,\n,en,,lonely\nd,en,q2\n'
    assert bad(text) == [
        't.csv:5: error: the line has 5 cells, but there are 4 columns. Put a text with commas into "…".',
        "t.csv:6: error: the line has no language. Write en or zh into it.",
        "t.csv:7: error: the line has neither a question nor an answer. Write them, or remove the line.",
        "t.csv:8: error: the answer belongs to no entry. Write the entry's name, or its question.",
    ]
    assert read_table(text, "t.csv").line(("entries", "d", "questions", "en", "0")) == 9


def test_a_table_with_another_separator_is_not_told_a_hundred_thousand_times() -> None:
    found = bad(HEAD + "a,b,c,d,e,f\n" * 100)
    assert (len(found), found[-1]) == (MOST_TOLD + 1, "t.csv: error: 80 more lines are wrong.")


def test_a_line_that_is_no_csv_is_told() -> None:
    assert bad(HEAD + "a,en,q," + "x" * 200_000) == [
        "t.csv:2: error: the line cannot be read: field larger than field limit (131072). "
        'Put a text with commas or quotes into "…", a quote inside it twice: "".'
    ]


def test_a_table_without_questions_is_no_knowledge() -> None:
    with pytest.raises(FlowProblems, match="there is no question in it"):
        parse_knowledge(HEAD, "t.csv")
    with pytest.raises(FlowProblems, match="has no language"):
        parse_knowledge(HEAD + "a,,q,b", "t.csv")


def test_lines_are_known_for_every_part_of_an_entry() -> None:
    table = read_table(MORE, "t.csv")
    lines = [table.line(("entries", "limit", *path)) for path in (
        (), ("questions", "en", "1"), ("questions", "zh", "0"), ("questions", "en", "9"), ("answers", "credit", "en"),
        ("answers", "gold"), ("answer",), ("questions", "en"),
    )]  # fmt: skip
    assert lines == [2, 3, 2, 3, 5, 2, 2, 2]
    only = read_table(HEAD + "a,en,,Yes.\n", "t.csv")
    assert [only.line(("entries", "a", *path)) for path in ((), ("questions", "zh", "0"))] == [2, 2]
    assert (table.line(("lists", "card")), table.line(("entries", "none"))) == (1, 1)
