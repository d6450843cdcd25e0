"""Where a text is cut, and where it must not be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.sentences import CLAUSE_PAUSE_SECONDS, SENTENCE_PAUSE_SECONDS, Piece, pieces_of, sentences_of


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Hello. How are you? Fine!", ["Hello.", "How are you?", "Fine!"]),
        ("We open at 9.30 and close at 17.00. Bye.", ["We open at 9.30 and close at 17.00.", "Bye."]),
        ("Take bus No. 5 to St. Mary. Dr. Wu waits.", ["Take bus No. 5 to St. Mary.", "Dr. Wu waits."]),
        ("No. Do not hang up.", ["No.", "Do not hang up."]),
        ("Come at 9 a.m. tomorrow. Or at 5 p.m. We close then.",
         ["Come at 9 a.m. tomorrow.", "Or at 5 p.m.", "We close then."]),
        ("Paid to Acme Inc. 5 times. J. K. Rowling called.", ["Paid to Acme Inc. 5 times.", "J. K. Rowling called."]),
        ("It was I. She knew.", ["It was I.", "She knew."]),
        ("Wait... what? Wait... What?", ["Wait... what?", "Wait...", "What?"]),
        ("Well… Yes.", ["Well…", "Yes."]),
        ('He said "stop." Then he left.', ['He said "stop."', "Then he left."]),
        ("First line\nsecond line\n\n", ["First line", "second line"]),
        ("您好！请问您要办理什么业务？请说。", ["您好！", "请问您要办理什么业务？", "请说。"]),
        ("他说：“好的。”然后挂断；再见", ["他说：“好的。”", "然后挂断；", "再见"]),
        ("利率是3.5%. 再见.", ["利率是3.5%.", "再见."]),
        ("好吗?请说", ["好吗?", "请说"]),
        (". Go on", ["Go on"]),
        ("...", []),
        ("", []),
    ],
)  # fmt: skip
def test_a_text_is_cut_into_sentences(text: str, sentences: list[str]) -> None:
    assert list(sentences_of(text)) == sentences


def test_pauses_stand_between_sentences_and_not_after_the_last() -> None:
    assert pieces_of("Hello. Good bye.") == (Piece("Hello.", SENTENCE_PAUSE_SECONDS), Piece("Good bye.", 0.0))


def test_a_long_first_sentence_is_cut_at_a_comma_so_that_its_first_sound_leaves_early() -> None:
    text = (
        "Thank you for calling Northwind Bank, where every call is answered, and where you can ask for your balance, "
        "block a card, find a branch, book an appointment, or speak to a person at any time."
    )
    assert pieces_of(text) == (
        Piece("Thank you for calling Northwind Bank, where every call is answered,", CLAUSE_PAUSE_SECONDS),
        Piece(
            "and where you can ask for your balance, block a card, find a branch, book an appointment, "
            "or speak to a person at any time.",
            0.0,
        ),
    )
    assert pieces_of(text, cut_long=False) == (Piece(text, 0.0),)


def test_a_long_sentence_without_commas_stays_whole() -> None:
    text = "word " * 60 + "end."
    assert pieces_of(text) == (Piece(text, 0.0),)


def test_a_first_clause_longer_than_wanted_is_cut_where_it_ends() -> None:
    head, tail = "word " * 25 + "end,", "and this is the rest of it."
    assert pieces_of(f"{head} {tail}") == (Piece(head, CLAUSE_PAUSE_SECONDS), Piece(tail, 0.0))


def test_amounts_are_not_cut_at_their_commas() -> None:
    text = "The balance of the account that you opened last year in the spring is now 1,280,000.50 dollars in all."
    assert pieces_of(text) == (Piece(text, 0.0),)


def test_a_long_chinese_sentence_is_cut_at_a_comma() -> None:
    text = "感谢您致电示例银行客户服务热线，您可以说查询余额、挂失银行卡、预约网点，或者直接说转人工服务。"
    assert pieces_of(text) == (
        Piece("感谢您致电示例银行客户服务热线，您可以说查询余额、", CLAUSE_PAUSE_SECONDS),
        Piece("挂失银行卡、预约网点，或者直接说转人工服务。", 0.0),
    )


@given(st.text(alphabet="aA1 .,!?…\n。，；:\"'一", max_size=300))
def test_no_word_is_lost_or_said_twice(text: str) -> None:
    spoken = "".join(piece.text for piece in pieces_of(text))
    assert [char for char in spoken if char.isalnum()] == [char for char in text if char.isalnum()]
