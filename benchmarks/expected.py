"""What steps that ask for a digit, a number or a choice make of one, on the telephone: python -m benchmarks.expected

    python -m benchmarks.expected --step 4 --offset 1 [--snr clean,12,6] [--odds -1000] [--misses]

Single digits of four people (Free Spoken Digit Dataset, CC BY-SA 4.0), four of them in a row for a four-digit step,
and commands by two synthetic voices, through recognition and understanding. `--odds -1000` is how it was before
answers outweighed commands (`asr.moonshine.COMMAND_ODDS`, which was chosen with `--step 3 --offset 0`).
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import hibari
import numpy as np

from asr.moonshine import COMMAND_ODDS, MoonshineRecognizer
from benchmarks.sound import DIGITS, Recording, spoken_digits, telephone, with_noise
from ivr.flow.sentences import control_phrases
from ivr.model.audio import PHONE_RATE, silence
from ivr.model.meaning import Expect, SlotRule, Vocabulary
from ivr.nlu.understanding import FlowUnderstanding, build_understanding

COMMANDS = {
    "bye": "goodbye", "goodbye": "goodbye", "that's all": "goodbye", "sorry": "repeat", "pardon": "repeat",
    "repeat that please": "repeat", "what was that": "repeat", "wait": "hold_on", "hold on": "hold_on",
    "one second": "hold_on", "back": "back", "go back": "back", "agent": "agent", "operator": "agent", "help": "help",
}  # fmt: skip
COMMON = tuple(
    way for name in ("agent", "repeat", "help", "back", "goodbye", "hold_on") for way in control_phrases("en")[name]
)
"""As a flow tells the recognizer at every step (`ivr.flow.expecting`)."""

SCORE = {str(at): (word, f"a {word}", f"{word} stars") for at, word in enumerate(DIGITS) if 1 <= at <= 5}
STEPS = {
    "number": Expect(kind="number", phrases=COMMON, slots=(SlotRule("value", "number"),)),
    "one digit": Expect(kind="digits", phrases=COMMON, slots=(SlotRule("value", "digits", (1, 1)),)),
    "four digits": Expect(kind="digits", phrases=COMMON, slots=(SlotRule("value", "digits", (4, 4)),)),
    "1 to 5": Expect(
        kind="choice",
        phrases=(*(way for ways in SCORE.values() for way in ways), *COMMON),
        slots=(SlotRule("value", "score", values=SCORE),),
    ),
}


@dataclass(frozen=True, slots=True)
class Said:
    recording: Recording
    value: str = ""
    control: str = ""


def digits(step: int, offset: int) -> list[Said]:
    chosen = list(spoken_digits())[offset::step]
    return [Said(recording, str(DIGITS.index(recording.words))) for recording in chosen]


def in_fours(singles: Sequence[Said]) -> Iterator[Said]:
    """Four digits of one person in a row, 0.12 s apart."""
    gap = silence(0.12, PHONE_RATE)
    people = sorted({said.recording.name.split("_")[1] for said in singles})
    chance = np.random.default_rng(3)
    for person in people:
        own = [said for said in singles if said.recording.name.split("_")[1] == person]
        for number in range(len(own)):
            four = [own[at] for at in chance.integers(0, len(own), 4)]
            sound = gap.join(said.recording.pcm for said in four)
            words = " ".join(said.recording.words for said in four)
            yield Said(Recording(f"{person}{number}", words, sound), "".join(said.value for said in four))


def commands(seeds: Sequence[int]) -> list[Said]:
    voice = hibari.Hibari()
    found = []
    for text, control in COMMANDS.items():
        for seed in seeds:
            sound = np.asarray(voice(text, seed=seed), np.float32)
            pcm = telephone(sound / np.abs(sound).max() * 0.4, hibari.SAMPLE_RATE)
            found.append(Said(Recording(f"{text} {seed}", text, pcm), control=control))
    return found


class Step:
    def __init__(self, odds: float) -> None:
        self._recognizer = MoonshineRecognizer(ThreadPoolExecutor(1), command_odds=odds)
        self._understanding: FlowUnderstanding = build_understanding({"en": Vocabulary("x", "en")})

    def take(self, said: Said, expect: Expect) -> tuple[str, str]:
        """What became of it, and what was heard."""
        read = self._recognizer.read(said.recording.utterance(), expect, lambda: False)
        meaning = self._understanding.understand(read.hypotheses, expect)
        value = meaning.slot("value")
        heard = value.value if value and value.confidence >= 0.6 else ""
        control = meaning.control if meaning.control not in ("yes", "no") else ""
        texts = " | ".join(f"{each.text} {each.confidence}" for each in read.hypotheses[:3])
        if said.control:
            return ("right" if control == said.control else "taken for an answer" if heard else "asked again"), texts
        if heard:
            return ("right" if heard == said.value else "wrong"), texts
        return ("taken for a command" if control else "asked again"), texts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--snr", default="clean,12,6", help="clean and dB over pink noise, with commas")
    parser.add_argument("--step", type=int, default=4, help="every n-th recording")
    parser.add_argument("--offset", type=int, default=1, help="from which recording on")
    parser.add_argument("--odds", type=float, default=COMMAND_ODDS, help="log-odds that a command must have")
    parser.add_argument("--misses", action="store_true")
    wishes = parser.parse_args()
    singles = digits(wishes.step, wishes.offset)
    if not singles:
        raise SystemExit("skipped, IVR_SHARED_DATA names no folder with spoken_digits")
    counter, orders = Step(wishes.odds), commands((wishes.offset + 5, wishes.offset + 6))
    for snr in wishes.snr.split(","):
        for name, expect in STEPS.items():
            answers = list(in_fours(singles)) if name == "four digits" else singles
            answers = [said for said in answers if name != "1 to 5" or said.value in SCORE]
            for kind, all_said in (("answers", answers), ("commands", orders)):
                tally: Counter[str] = Counter()
                for at, said in enumerate(all_said):
                    sound = said.recording.pcm if snr == "clean" else with_noise(said.recording.pcm, float(snr), at)
                    noisy = replace(said, recording=replace(said.recording, pcm=sound))
                    became, texts = counter.take(noisy, expect)
                    tally[became] += 1
                    if wishes.misses and became != "right":
                        print(f"    {said.recording.words}: {became}: {texts}")
                shares = ", ".join(f"{what} {tally[what] / len(all_said):.1%}" for what in sorted(tally))
                print(f"{snr:>5}  {name:<12} {len(all_said):>3} {kind:<8}  {shares}", flush=True)


if __name__ == "__main__":
    main()
