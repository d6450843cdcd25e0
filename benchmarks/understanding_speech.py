"""Understanding through speech: questions spoken by a synthetic voice, over a mu-law line, read by Moonshine."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import hibari
import jiwer
import numpy as np

from asr.moonshine import MoonshineRecognizer
from benchmarks.sound import Recording, telephone
from ivr.model.errors import ModelMissing
from ivr.model.meaning import Expect
from ivr.nlu.cleanup import clean, spelled
from ivr.nlu.intents import IntentModel

_LOUDNESS = 0.4


def measure_speech(model: IntentModel, questions: Sequence[str], intents: Sequence[str]) -> None:
    """Print the word error rate, and how often the intent is first and among the first three, as text and as heard."""
    with ThreadPoolExecutor(1) as executor:
        try:
            recognizer = MoonshineRecognizer(executor)
        except ModelMissing as missing:
            print(f"through speech: skipped, {missing}")
            return
        heard = []
        for spoken in _spoken(questions):
            words = recognizer.read(spoken.utterance(), Expect(), lambda: False).text
            heard.append(spelled(clean(words, "en"), "en") or "-")
    print(f"through speech: word error rate {jiwer.wer(list(questions), heard):.1%}, {len(heard)} questions")
    for name, texts in (("as text", questions), ("as heard", heard)):
        ranked = [[guess.intent for guess in guesses] for guesses in model.all_guesses(texts)]
        first = np.mean([names[:1] == [intent] for names, intent in zip(ranked, intents, strict=True)])
        third = np.mean([intent in names for names, intent in zip(ranked, intents, strict=True)])
        print(f"  {name:9} top-1 {first:.3f}   top-3 {third:.3f}")


def _spoken(questions: Sequence[str]) -> Iterator[Recording]:
    voice = hibari.Hibari()
    for number, text in enumerate(questions):
        sound = np.asarray(voice(text, seed=number), np.float32)
        loud = max(float(np.abs(sound).max()), 1e-6)
        yield Recording(str(number), text, telephone(sound / loud * _LOUDNESS, hibari.SAMPLE_RATE))
