"""Whole sentences as a grammar, and noise taken out of sound before it is read."""

import numpy as np
import pytest

from asr.grammar import Grammar, any_order, word
from asr.quieting import FRAME, quietened
from asr.requests import is_request, request_grammar
from asr.tokens import plain
from ivr.model.meaning import Expect, SlotRule

SLOTS = (
    SlotRule("size", "sizes", values={"small": (), "large": ("big",), "20 oz": ("twenty ounce",)}),
    SlotRule("roast", "roasts", values={"dark": ("dark roast",)}),
    SlotRule("drink", "drinks", values={"latte": (), "mocha": ("cold mocha",)}),
    SlotRule("count", "number"),
    SlotRule("code", "digits"),
    SlotRule("name", "text"),
)
ORDER = "(get me|I'd like) (a|an) [{size}] [{roast}] {drink} [to go]"
ORDERS = Expect(kind="open", patterns=(ORDER, "(book|need) {count} [seats]", "[my] code {code}"), slots=SLOTS)


def read(text: str, expect: Expect = ORDERS) -> str | None:
    grammar = request_grammar(expect)
    assert grammar
    return grammar.read(plain(text))


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("Get me a big dark roast latte.", "get me a big dark roast latte"),
        ("um, I'd like a dark roast big latte, please", "i'd like a dark roast big latte please"),
        ("get me a 20 ounce cold mocha to go", "get me a twenty ounce cold mocha to go"),
        ("need 12 seats", "need twelve seats"),
        ("code double four", "code four four"),
        ("get me a big big latte", None),
        ("get me a latte dark roast", None),
        ("get me a", None),
    ],
)
def test_a_sentence_is_written_plainly_or_is_not_in_the_grammar(heard: str, written: str | None) -> None:
    assert read(heard) == written


def test_the_steps_other_phrases_compete() -> None:
    expect = Expect(kind="open", patterns=(ORDER,), slots=SLOTS, phrases=("talk to a person",))
    assert read("talk to a person", expect) == "talk to a person"
    assert not is_request(expect, "talk to a person")
    assert is_request(expect, "get me a big latte")


@pytest.mark.parametrize(
    "expect",
    [
        Expect(kind="open", phrases=("a latte",)),
        Expect(kind="choice", patterns=(ORDER,), slots=SLOTS),
        Expect(kind="open", patterns=("(我要|来){drink}",), slots=SLOTS, language="zh"),
        Expect(kind="open", patterns=("(I am|this is) {name}",), slots=SLOTS),
        Expect(kind="open", patterns=("[for] {nobody}",), slots=SLOTS),
        Expect(kind="open", patterns=("(a|[{name}])",), slots=SLOTS),
    ],
)
def test_where_nothing_can_be_followed_there_is_no_grammar(expect: Expect) -> None:
    assert request_grammar(expect) is None


def test_parts_in_any_order_come_once_each() -> None:
    grammar = Grammar(any_order([word((name,), name) for name in "abc"]))
    fitting = {text for text in ("a", "c b", "b a c", "a b c", "a a", "a b c a") if grammar.read(text)}
    assert fitting == {"a", "c b", "b a c", "a b c"}


def test_steady_noise_is_taken_out_and_a_voice_stays() -> None:
    time = np.arange(48000) / 16000
    voice = np.where((time > 1) & (time < 2), 0.3 * np.sin(2 * np.pi * 440 * time), 0).astype(np.float32)
    noise = (0.02 * np.random.default_rng(1).standard_normal(time.size)).astype(np.float32)
    quiet = quietened(voice + noise)
    assert quiet.shape == voice.shape
    assert quiet.dtype == np.dtype(np.float32)
    before, during = slice(0, 12000), slice(18000, 30000)
    assert np.std(quiet[before]) < 0.9 * np.std(noise[before])
    assert 0.9 < np.std(quiet[during]) / np.std(voice[during]) < 1.1


def test_sound_without_noise_is_left_as_it_is() -> None:
    time = np.arange(50001) / 16000
    voice = (0.3 * np.sin(2 * np.pi * 440 * time) * (np.sin(2 * np.pi * time) > 0)).astype(np.float32)
    assert np.abs(quietened(voice) - voice).max() < 1e-6


@pytest.mark.parametrize("size", [0, 100, 4 * FRAME - 1])
def test_a_click_is_too_short_to_know_the_noise(size: int) -> None:
    sound = np.ones(size, np.float32)
    assert quietened(sound) is sound
