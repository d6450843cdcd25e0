"""A number told in pieces, over several turns, leaves no trace: not in what was told before, not in sound, not in what
we repeat; two other numbers that merely follow each other stay."""

from dataclasses import replace

import pytest

from ivr.call.disclosure import CALLER, Blank, Disclosure
from ivr.call.pieces import REMEMBERED, Correction, Pieces, reworded
from ivr.model.calls import Turn
from ivr.model.commands import JoinQueue, Note, Say
from ivr.model.events import AgentSaid, Fetched, Heard, PartialHeard, TurnTimes
from ivr.model.meaning import Hypothesis, Meaning, SlotValue, Word
from ivr.model.redacted_bodies import redacted_body
from ivr.model.redaction import EVERY_KIND
from ivr.model.split_numbers import SplitNumbers


def told(*turns: str) -> list[str]:
    """What is known of each turn in the end."""
    disclosure, shown = Disclosure(), list[Heard]()
    for number, text in enumerate(turns):
        event = disclosure.event(Heard(text, times=TurnTimes(10.0 * number, 10.0 * number + 4)), 1.0, secret=False)
        assert isinstance(event, Heard)
        shown.append(event)
        for one in disclosure.pieces.corrections():
            assert isinstance(one, Correction)
            assert isinstance(one.instead, Heard)
            shown = [one.instead if each == one.told else each for each in shown]
    return [event.text for event in shown]


@pytest.mark.parametrize(
    ("turns", "kept"),
    [
        (["it's 4111 1111", "1111 1111"], ["it's <CARD>", "<CARD>"]),
        (["four one one one", "one one one one", "one one one one", "and then one one one one"],
         ["<CARD>", "<CARD>", "<CARD>", "and then <CARD>"]),
        (["4111 1111 and", "yes", "1111 1111 that's it"], ["<CARD> and", "yes", "<CARD> that's it"]),
        (["4111 1111 uh 1111", "1111"], ["<CARD> uh <CARD>", "<CARD>"]),
        (["4111 1111 uh 1111 1111"], ["<CARD>"]),
        (["卡号是四幺幺幺幺幺幺幺", "后面是幺幺幺幺幺幺幺幺"], ["卡号是<ACCOUNT>", "后面是<CARD>"]),
        (["四幺幺幺幺幺幺幺", "嗯", "幺幺幺幺", "幺幺幺幺"], ["<CARD>", "嗯", "<CARD>", "<CARD>"]),
        (["440524", "18800101", "0014"], ["<IDENTITY>", "<IDENTITY>", "<IDENTITY>"]),
        (["4111 1111 1111", "1111"], ["<ACCOUNT>", "<CARD>"]),
        (["138 0013", "8000"], ["<PHONE>", "<PHONE>"]),
        (["415 555", "0123"], ["<PHONE>", "<PHONE>"]),
        # One digit was misheard: the checksum fails, and it is a card all the same.
        (["4111 1111", "1111 1112"], ["<ACCOUNT>", "<ACCOUNT>"]),
        (["4", "1", "1", "1", *["1"] * 12], ["<CARD>"] * 16),
        (["so 4111 1111", "1111 1111", "no, 11111111 at the end"], ["so <CARD>", "<CARD>", "no, <CARD> at the end"]),
    ],
)  # fmt: skip
def test_no_piece_of_a_number_is_kept_however_it_was_told(turns: list[str], kept: list[str]) -> None:
    assert told(*turns) == kept


@pytest.mark.parametrize(
    "turns",
    [
        ["order 48156", "on the 25th at 10 30"],
        ["for 4 people", "at 7 30"],
        ["4111 1111", "a branch", "no thanks", "1111 1111"],
        ["4111 1111", "I would like to know when you open on 1111 1111"],
        ["4111 1111 is what my neighbour told me", "1111 1111"],
        ["48156", "94110"],
        ["123456", "7890"],
        ["4111 1111", "4111 1111 1111"],
        ["2026", "48156 78901"],
    ],
)
def test_numbers_that_only_follow_each_other_stay(turns: list[str]) -> None:
    assert told(*turns)[:1] == turns[:1]


def test_kinds_that_are_kept_are_kept_in_pieces_too() -> None:
    pieces = Pieces(EVERY_KIND - {"card"})
    for text in ("4111 1111", "1111 1111"):
        assert pieces.heard(Heard(text), Heard(text)).text == text
    assert pieces.corrections() == []


def test_a_number_is_no_longer_than_a_card_can_be() -> None:
    split = SplitNumbers()
    assert [split.heard(text) for text in ("77777777", "77777777", "7777")] == [(), (), ()]


WORDS = (Word("it's", 0.0, 0.4), Word("4111", 0.5, 0.9), Word("1111", 1.0, 1.5))


def test_every_reading_word_and_value_of_a_piece_goes_and_its_sound_with_it() -> None:
    disclosure = Disclosure()
    meaning = Meaning("it's 4111 1111", slots=(SlotValue("number", "41111111", "4111 1111", 0.9),))
    first = Heard("it's 4111 1111", 0.9, (Hypothesis("it's 4111 1117", 0.5),), WORDS, meaning, TurnTimes(10.0, 12.0))
    second = Heard("1111 1111", times=TurnTimes(20.0, 22.0))
    shown = disclosure.event(first, 12.5, secret=False)
    assert shown == first
    assert disclosure.blanks(first, shown, 12.5) == ()
    rest = disclosure.event(second, 22.5, secret=False)
    (correction,) = disclosure.pieces.corrections()
    instead = replace(
        first, text="it's <CARD>", alternatives=(), words=(WORDS[0], *(replace(word, text="•") for word in WORDS[1:])),
        meaning=Meaning("it's <CARD>", slots=(SlotValue("number", "•", "•", 0.9),)),
    )  # fmt: skip
    assert correction == Correction(first, instead)
    blanks = [(round(one.began, 2), round(one.ended, 2)) for one in disclosure.blanks(second, rest, 22.5)]
    assert sorted(blanks) == [(10.35, 11.05), (10.85, 11.65), (19.85, 22.15)]
    assert disclosure.blanks(second, rest, 22.5) == ()
    assert disclosure.pieces.corrections() == []


def test_what_we_repeat_note_and_hand_over_of_it_later_is_without_it() -> None:
    disclosure = Disclosure()
    for text in ("4111 1111", "1111 1111"):
        disclosure.event(Heard(text), 1.0, secret=False)
    assert disclosure.command(Say("So 11 11 11 for the 2nd part, is that right?", utterance=3)) == Say(
        "So <CARD> for the 2nd part, is that right?", utterance=3
    )
    assert disclosure.command(Say("It ends in 1111.", utterance=4)) == Say("It ends in 1111.", utterance=4)
    assert disclosure.command(Note("part", "41111111")) == Note("part", "<CARD>")
    assert disclosure.command(JoinQueue("q", facts={"part": "41111111"})) == JoinQueue("q", facts={"part": "<CARD>"})
    assert disclosure.event(PartialHeard("4111 1111"), 2.0, secret=False) == PartialHeard("<CARD>")
    assert disclosure.event(AgentSaid("I have 41111111"), 2.0, secret=False) == AgentSaid("I have <CARD>")
    assert disclosure.blanks(Heard("x"), Heard("x"), 3.0)[:1] == (Blank(CALLER, -0.15, 0.15),)


def test_the_record_is_written_once_more_without_it() -> None:
    pieces, first = Pieces(EVERY_KIND), Heard("4111 1111", times=TurnTimes(3.0, 4.0))
    pieces.heard(first, first)
    second = Heard("1111 1111", times=TurnTimes(6.0, 7.0))
    pieces.heard(second, second)
    other = Turn(2, "card", heard="hello", began_at=9.0)
    corrections = pieces.corrections()
    assert reworded(other, corrections, pieces.clean) == other
    turn = Turn(1, "card", heard="4111 1111", began_at=3.0, said=("4111 1111, and?", "go on"))
    assert reworded(turn, corrections, pieces.clean) == replace(turn, heard="<CARD>", said=("<CARD>, and?", "go on"))


def test_what_lies_long_ago_is_forgotten() -> None:
    pieces = Pieces(EVERY_KIND)
    for number in range(REMEMBERED + 3):
        pieces.heard(Heard("1"), Heard(f"{number}"))
    assert len(pieces._turns) == REMEMBERED


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ({"name": "Mia", "phone": "555 0123", "last4": "1111"}, {"name": "Mia", "phone": "<PHONE>", "last4": "1111"}),
        ([{"card": "4111 1111 1111 1111"}, 4111111111111111], [{"card": "<CARD>"}, "<CARD>"]),
        ({"slots": ["2026-11-25 10:30", "2026-11-25T14:00"]}, {"slots": ["2026-11-25 10:30", "2026-11-25T14:00"]}),
        ({"balance": 100000000, "open": True, "none": None}, {"balance": 100000000, "open": True, "none": None}),
        ({"pin": "4711", "access_token": "abc", "otp": 0}, {"pin": "•", "access_token": "•", "otp": 0}),
        ({"e_mail": "x", "id_number": 12, "account_no": "9", "card_number": "4"},
         {"e_mail": "<EMAIL>", "id_number": "<IDENTITY>", "account_no": "<ACCOUNT>", "card_number": "<CARD>"}),
        ("call +49 30 1234567", "call +<PHONE>"),
        (1.5, 1.5),
    ],
)  # fmt: skip
def test_answers_of_other_systems_are_kept_without_such_numbers(body: object, kept: object) -> None:
    assert Disclosure().event(Fetched("customer", True, 200, body), 1.0, secret=False) == Fetched(
        "customer", True, 200, kept
    )
    assert redacted_body(body, frozenset()) == body


def test_an_answer_without_an_end_is_cut_off() -> None:
    deep: list[object] = []
    for _ in range(30):
        deep = [deep]
    assert "•" in str(redacted_body(deep, EVERY_KIND))
