"""Pure: what the callers of a load test say to the bank's hotline: ordinary requests, nothing rare.

Card numbers and places vary, so that not every answer is a prompt the server has spoken before.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from telephony.standin.clip import Clip
from telephony.standin.script import Press, Speak, Step, UntilLineCloses, WaitForSilence

HEAR_OUT = WaitForSilence(quiet=0.7, longest=12.0)
PLACES = ("the Bird's Nest", "Olympic Park", "Asian Games Village", "Zhongguancun", "Central Station")
CARDS = ("4421", "1378", "9056", "2864", "7310", "6642")
RATINGS = ("Five.", "Four.", "Three.", "Very satisfied.")
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
INTERRUPT_AFTER = 2.0


@dataclass(frozen=True, slots=True)
class Said:
    words: str
    after: float | None = None


Talk = tuple[Said | Press | WaitForSilence | UntilLineCloses, ...]


def spoken_digits(card: str) -> str:
    return " ".join(DIGITS[int(digit)] for digit in card) + "."


def conversation(number: int) -> Talk:
    """The `number`th conversation of a test: kinds take turns, details go round at different speeds."""
    kind = (_branch, _lost_card, _balance)[number % 3]
    return kind(number // 3)


def _branch(number: int) -> Talk:
    """A branch is found and texted. Every second caller does not wait for the end of the greeting."""
    request = f"Find a branch near {PLACES[number % len(PLACES)]}."
    opening: Talk = (Said(request, INTERRUPT_AFTER),) if number % 2 else (HEAR_OUT, Said(request))
    return (*opening, HEAR_OUT, Said("Yes, please."), HEAR_OUT, Said("No, thank you."), HEAR_OUT, *_survey(number))


def _lost_card(number: int) -> Talk:
    """A lost card, not frozen after all: the caller is transferred and comes back for the survey."""
    words = ("I lost my card.", "My wallet was stolen.")[number % 2]
    answer = ("No.", "No, don't.")[number % 2]
    talk: Talk = (HEAR_OUT, Said(words), HEAR_OUT, _card(number), HEAR_OUT, Said(answer), UntilLineCloses(15.0))
    return (*talk, HEAR_OUT, *_survey(number))


def _balance(number: int) -> Talk:
    """Three questions in one call."""
    return (
        *(HEAR_OUT, Said("What is my balance?")),
        *(HEAR_OUT, _card(number + 1)),
        *(HEAR_OUT, Said("What are your opening hours?")),
        *(HEAR_OUT, Said("Is there a monthly fee?")),
        *(HEAR_OUT, Said("No, that's all."), HEAR_OUT, *_survey(number)),
    )


def _card(number: int) -> Said | Press:
    card = CARDS[number % len(CARDS)]
    return Said(spoken_digits(card)) if number % 2 else Press(card)


def _survey(number: int) -> Talk:
    return (Said(RATINGS[number % len(RATINGS)]), HEAR_OUT, Said("Yes."), UntilLineCloses(15.0))


def all_words() -> tuple[str, ...]:
    """Everything that is ever said, for making the voices before the test."""
    # Every detail goes round in at most 2 x 5 x 6 x 4 conversations of each kind.
    talks = (conversation(number) for number in range(3 * 60))
    return tuple(sorted({line.words for talk in talks for line in talk if isinstance(line, Said)}))


def steps(talk: Talk, clips: dict[str, Clip]) -> Sequence[Step]:
    return [Speak(clips[line.words], line.after) if isinstance(line, Said) else line for line in talk]
