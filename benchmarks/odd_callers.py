"""Callers who leave in the middle of something: in a prompt, between keys, while they speak, before anything."""

import asyncio
from random import Random

import numpy as np

from telephony.standin.carrier import StandInCarrier
from telephony.standin.clip import Clip, at_level
from telephony.standin.script import CutSocket, HangUp, Press, Speak, StaySilent, Step
from telephony.standin.talker import Talker
from telephony.standin.trace import CallTrace


def babble(dice: Random) -> Clip:
    """Something loud and voiced that means nothing."""
    seconds = dice.uniform(0.3, 1.2)
    at = np.arange(int(8000 * seconds)) / 8000
    voiced = np.sum([np.sin(2 * np.pi * 120 * n * at) / n for n in range(1, 20)], axis=0)
    samples = at_level(voiced.astype(np.float32), -20.0)
    return Clip("", samples, 0, samples.size - 1)


def moody(dice: Random) -> list[Step]:
    """What such a caller does, to the end of the call."""
    begin: list[Step] = dice.choice(
        [
            [],
            [StaySilent(dice.uniform(0.0, 1.5))],
            [Press(dice.choice(["2", "14", "*", "0"]), after=dice.uniform(0.1, 0.8))],
            [Speak(babble(dice), after=dice.uniform(0.1, 1.0))],
            [Press("2", after=0.2), Press("44", after=0.3)],
        ]
    )
    endings: list[Step] = [HangUp(), CutSocket(), HangUp(after=dice.uniform(0.02, 0.5)), CutSocket(after=0.1)]
    end = dice.choice(endings)
    return [*begin, StaySilent(dice.uniform(0.0, 1.0)), end]


async def crowd(carrier: StandInCarrier, called: str, callers: int, dice: Random) -> list[CallTrace]:
    """So many of them at once."""
    talkers = [Talker(moody(dice)) for _ in range(callers)]
    placed = [carrier.place_call(f"+1555{dice.randrange(10**7):07}", called, each) for each in talkers]
    return list(await asyncio.gather(*placed))
