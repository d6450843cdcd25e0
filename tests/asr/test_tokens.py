import pytest

from asr.leaning import BONUS_PER_LETTER, Leaning
from asr.tokens import PieceIndex, Tokens, is_loop, plain


def table(*pieces: bytes) -> bytes:
    return b"".join(bytes([len(piece)]) + piece for piece in pieces)


TOKENS = Tokens(
    table(b"", b"<s>", b"</s>", "\u2581bird".encode(), b"'s", "\u2581nest".encode(), b"s", b"!", b"\xe4", b"ly")
)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Yes, that\u2019s 5!", "yes that's 5"),
        ("  'no'  ", "no"),
        ("don't", "don't"),
        ("...", ""),
        ("Caf\u00e9", "caf"),
    ],
)
def test_text_is_made_plain(written: str, read: str) -> None:
    assert plain(written) == read


@pytest.mark.parametrize(
    ("words", "loops"),
    [
        ("four four four four", False),
        ("one " * 9, True),
        ("thank you " * 4, True),
        ("well i want to i want to i want to", False),
        ("", False),
    ],
)
def test_a_group_of_words_said_over_and_over_is_a_loop(words: str, loops: bool) -> None:
    assert is_loop(words.split()) is loops


def test_tokens_spell_text() -> None:
    assert TOKENS.text([1, 3, 4, 5, 7, 8, 2]) == "bird's nest!"
    assert len(TOKENS) == 10


def test_a_long_piece_has_a_length_of_two_bytes() -> None:
    assert Tokens(table(b"", b"", b"") + bytes([0x80 + 200 % 128, 200 // 128]) + b"x" * 200).text([3]) == "x" * 200


def test_pieces_are_found_by_how_they_begin() -> None:
    index = PieceIndex([(5, "no"), (3, "n"), (9, "n"), (4, ""), (6, "yes")])
    inside = index.narrow(index.everything(), "n")
    assert index.exactly(inside, "n") == [3, 9]
    assert index.exactly(index.narrow(inside, "no"), "no") == [5]
    assert not index.narrow(inside, "nx")


def test_a_likely_phrase_earns_its_bonus_letter_by_letter_and_loses_it_when_broken_off() -> None:
    leaning = Leaning(["bird's nest", "nest"], TOKENS)
    bird = leaning.after(leaning.start, 3)
    assert leaning.bonus(bird) == BONUS_PER_LETTER * 4
    assert leaning.kept(bird) == 0.0
    nest = leaning.after(leaning.after(bird, 4), 5)
    assert leaning.kept(nest) == BONUS_PER_LETTER * 11
    assert leaning.bonus(leaning.after(bird, 6)) == 0.0
    assert leaning.bonus(leaning.after(nest, 7)) == BONUS_PER_LETTER * 11
    assert leaning.bonus(leaning.after(bird, 8)) == 0.0


def test_leaning_offers_tokens_that_spell_on() -> None:
    leaning = Leaning(["bird's nest", "nest"], TOKENS)
    assert sorted(leaning.likely(leaning.start)) == [3, 5]
    bird = leaning.after(leaning.start, 3)
    assert sorted(leaning.likely(bird)) == [3, 4, 5]
    assert leaning.likely(bird) is leaning.likely(bird)
    assert sorted(leaning.likely(leaning.after(leaning.start, 9))) == [3, 5]
