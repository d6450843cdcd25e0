"""Numbers that must not be kept are found however they were said, and ordinary speech is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.model.events import AgentSaid, CallEvent, DigitPressed, Heard, PartialHeard, TurnTimes
from ivr.model.meaning import Hypothesis, Meaning, SlotValue, Word
from ivr.model.redacted_events import redacted, sensitive_seconds
from ivr.model.redaction import Span, redact, sensitive_spans, sensitive_words

DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
CHINESE = "零幺二三四五六七八九"


def with_check_digit(digits: str) -> str:
    for last in "0123456789":
        doubled = [int(d) * (2 if at % 2 else 1) for at, d in enumerate(reversed(digits + last))]
        if sum(v - 9 if v > 9 else v for v in doubled) % 10 == 0:
            return digits + last
    raise AssertionError


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("my card is 4111 1111 1111 1111 thanks", "my card is <CARD> thanks"),
        ("4111-1111-1111-1111.", "<CARD>."),
        ("it is double four one one, triple one one one one one one one one two and a half", None),
        ("forty one eleven eleven eleven eleven eleven eleven eleven", "<CARD>"),
        ("四幺幺幺 一一一一 一一一一 一一一一", "<CARD>"),
        ("my pin is one two three four", "my pin is <CODE>"),
        ("the security code on the back, 123", "the security code on the back, <CODE>"),
        ("验证码是 8 3 6 2 1 5", "验证码是 <CODE>"),
        ("call me at 415 555 0123", "call me at <PHONE>"),
        ("call +44 20 7946 0958", "call +<PHONE>"),
        ("我的手机是幺三八零零幺三八零零零", "我的手机是<PHONE>"),
        ("家里电话零幺零六二三四五六七八", "家里电话<PHONE>"),
        ("身份证11010519491231002X", "身份证<IDENTITY>"),
        ("身份证幺幺零幺零五幺九四九幺二三幺零零二X", "身份证<IDENTITY>"),
        ("account nine eight seven six five four three two one", "account <ACCOUNT>"),
        ("write to bob@example.com or to bob at example dot com", "write to <EMAIL> or to <EMAIL>"),
        ("four hundred four hundred one two three", "<ACCOUNT>"),
        # Breaths, fillers and dashes between the groups.
        ("it's four one one one uh one one one one, then one one one one, and then one one one one", "it's <CARD>"),
        ("four one one one dash one one one one dash one one one one dash one one one one", "<CARD>"),
        ("4111, um, 1111 followed by 1111 and 1111 thanks", "<CARD> thanks"),
        ("卡的号码四幺幺幺 嗯 幺幺幺幺 然后 幺幺幺幺 杠 幺幺幺幺 谢谢", "卡的号码<CARD> 谢谢"),
        ("one three eight um double zero one three and eight triple zero", "<PHONE>"),
        # One digit heard wrongly: the check digit fails, and it is a card all the same.
        ("four one one one uh one one one one um one one one one and one one one two", "<ACCOUNT>"),
        # Counted, in pairs, in capitals, and digits that were written as the words they sound like.
        ("four quadruple one double one triple one one two four four four four", "<ACCOUNT>"),
        ("six fives, double five and four fives, four fours", "<CARD>"),
        ("我的手机幺三八两个零幺三八三个零", "我的手机<PHONE>"),
        ("肆壹壹壹 壹壹壹壹 壹壹壹壹 壹壹壹壹", "<CARD>"),
        ("for one one one won one one one one one one one to one one nine", None),
        ("for one one one one one one one one one one one one one one one", "<CARD>"),
        ("four won one one one one one won one one one one one one one one", "<CARD>"),
        # Characters that nobody sees, and digits of another width.
        ("4\u200b1111111\u200b11111111", "<CARD>"),
        ("\uff14\uff11\uff11\uff11 1111 1111 1111", "<CARD>"),
        ("4111_1111_1111_1111", "<CARD>"),
        ("身份证一一零一零五,一九四九一二三一,零零二叉", "身份证<IDENTITY>"),
        # A short number, and the word that says what it is.
        ("the three digits on the back are one two three", "the three digits on the back are <CODE>"),
        ("the code is 836215", "the code is <CODE>"),
        ("my PIN, well, it is one two uh three four", "my PIN, well, it is <CODE>"),
        ("我的密码呢应该是好像是一二三四五六", "我的密码呢应该是好像是<CODE>"),
        ("my account number is 1234 5678", "my account number is <ACCOUNT>"),
        ("我的卡号六二二二零零", "我的卡号<ACCOUNT>"),
        ("my email is bob dot smith at example dot co dot uk", "my email is <EMAIL>"),
        ("邮箱是bob小老鼠example点com", "邮箱是<EMAIL>"),
    ],
)
def test_numbers_are_found_however_they_are_said(said: str, kept: str | None) -> None:
    if kept is None:
        assert redact(said) != said
    else:
        assert redact(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "I want to move 1,250 dollars on the 3rd of May 2026",
        "find a branch near the Bird's Nest",
        "double five one two",
        "the last four are 4 4 2 1",
        "三千五百块",
        "我一个人九点到十点都在",
        "x marks the spot, one x two",
        "press one two or three",
        "pinpoint the branch 12",
        "from 2026-11-25 10:30 to 2026-12-01 16:45",
        "move it from one thousand two hundred to three thousand four hundred for me",
        "between nine and ten, or from two to four",
        "the area code of that town and the post code",
        "account number, what is that for",
        "two ones",
        "",
    ],
)
def test_ordinary_speech_is_left_alone(said: str) -> None:
    assert redact(said) == said


def test_an_identity_number_needs_its_check_digit_and_digits() -> None:
    assert [span.kind for span in sensitive_spans("110105194912310021")] == ["account"]
    assert redact("12345678901234567 xx") == "<ACCOUNT> xx"


def test_a_card_number_with_its_date_said_on_is_a_card_wherever_only_cards_are_taken_out() -> None:
    for said in ("4111 1111 1111 1111 12 28", "3782 822463 10005 12 28 1234", "4111 1111 1111 1111 123"):
        assert redact(f"a note: {said}", {"card"}) == "a note: <CARD>"
    assert redact("1234 5678 1234 5678 1234", {"card"}) == "1234 5678 1234 5678 1234"


def test_spans_do_not_overlap_and_only_wanted_kinds_are_found() -> None:
    said = "415 555 0123 and a1@b.com"
    assert sensitive_spans(said) == (Span(0, 12, "phone"), Span(17, 25, "email"))
    assert redact(said, {"email"}) == "415 555 0123 and <EMAIL>"
    assert redact("4155550123@example.com") == "<EMAIL>"
    assert redact("to bob@4111.1111 1111 1111 1111 now") == "to <EMAIL> now", "what goes on in another goes with it"


@given(st.text(alphabet="0123456789", min_size=12, max_size=18), st.sampled_from(["digits", "words", "chinese"]))
def test_every_number_that_may_be_a_card_is_blanked(digits: str, how: str) -> None:
    number = with_check_digit(digits)
    said = {
        "digits": number,
        "words": " ".join(DIGITS[int(d)] for d in number),
        "chinese": "".join(CHINESE[int(d)] for d in number),
    }[how]
    left = redact(f"well {said} well")
    assert not any(character in left for character in "0123456789" + CHINESE)
    assert not any(word in left.split() for word in DIGITS)


@given(st.text(max_size=60))
def test_anything_may_be_looked_at(text: str) -> None:
    assert redact(redact(text)).count("<") >= redact(text).count("<")


def test_words_of_a_number_are_marked_one_by_one() -> None:
    said = ["it", "is", "four", *["one"] * 15, "okay"]
    assert sensitive_words(said) == [False, False, *[True] * 16, False]


def test_an_event_is_cleaned_in_every_reading() -> None:
    number = "4111 1111 1111 1111"
    heard = Heard(
        f"it is {number}",
        0.9,
        (Hypothesis(f"it was {number}", 0.4),),
        (Word("it", 0.0, 0.1), Word("is", 0.1, 0.2), Word(number, 0.3, 2.0)),
        Meaning(f"it is {number}", slots=(SlotValue("card", number.replace(" ", ""), number),)),
        TurnTimes(5.0, 8.0),
    )
    assert redacted(heard) == Heard(
        "it is <CARD>",
        0.9,
        (Hypothesis("it was <CARD>", 0.4),),
        (Word("it", 0.0, 0.1), Word("is", 0.1, 0.2), Word("•", 0.3, 2.0)),
        Meaning("it is <CARD>", slots=(SlotValue("card", "<CARD>", "<CARD>"),)),
        TurnTimes(5.0, 8.0),
    )
    assert sensitive_seconds(heard) == ((5.3, 7.0),)


@pytest.mark.parametrize(
    ("event", "kept"),
    [
        (PartialHeard("my pin is 1234"), PartialHeard("my pin is <CODE>")),
        (AgentSaid("I read 415 555 0123"), AgentSaid("I read <PHONE>")),
        (AgentSaid("good morning"), AgentSaid("good morning")),
        (Heard("find a branch"), Heard("find a branch")),
        (DigitPressed("4"), DigitPressed("4")),
        (
            Heard("it", meaning=Meaning("it", slots=(SlotValue("phone", "4155550123", "it"),))),
            Heard("it", meaning=Meaning("it", slots=(SlotValue("phone", "<PHONE>", "it"),))),
        ),
    ],
)
def test_other_events_are_cleaned_or_left_as_they_are(event: CallEvent, kept: CallEvent) -> None:
    assert redacted(event) == kept


def test_without_word_times_the_whole_turn_is_blanked() -> None:
    times = TurnTimes(1.0, 4.0)
    assert sensitive_seconds(Heard("call 415 555 0123", times=times)) == ((1.0, 4.0),)
    timeless = (Word("call", 0, 0), Word("4155550123", 0, 0))
    assert sensitive_seconds(Heard("call 4155550123", words=timeless, times=times)) == ((1.0, 4.0),)
    assert sensitive_seconds(Heard("find a branch", times=times)) == ()
    assert sensitive_seconds(DigitPressed("1")) == ()
