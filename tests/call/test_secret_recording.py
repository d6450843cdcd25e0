"""A card number is keyed on a real Twilio line, by a telephone that sends each key as a tone too: the recording has the
call before and after it, and nothing of the number on either side."""

import asyncio
import wave
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ivr.model.audio import FRAME_SECONDS, PHONE_RATE, AudioFrame
from ivr.model.commands import Say
from ivr.model.g711 import mulaw_decode
from ivr.model.meaning import Expect, KeyRule
from telephony.dtmf_tones import HIGH_HZ, LOW_HZ, digit_tones
from telephony.standin.carrier import StandInCarrier
from telephony.standin.clip import Clip
from telephony.standin.script import HangUp, Press, Speak, StaySilent, Step, WaitForSilence
from telephony.standin.talker import Talker
from telephony.standin.trace import CallTrace
from telephony.twilio_line import TwilioLine
from tests.call.dialogues import TableDialogue
from tests.call.fakes import ScriptEars, ToneVoice
from tests.call.test_conductor import Rules
from tests.call.test_reception import ANSWERED, LEG, Call
from tests.telephony.serving import CALLED, CALLER, PUBLIC, SECRET, SETTINGS, Desk, serving

CARD = "4111111111111111"
CALLERS_HZ, OURS_HZ = 400.0, 500.0
FRAME = round(PHONE_RATE * FRAME_SECONDS)


def hum(hertz: float, seconds: float) -> NDArray[np.int16]:
    at = np.arange(round(seconds * PHONE_RATE)) / PHONE_RATE
    return (np.sin(2 * np.pi * hertz * at) * 8000).astype(np.int16)


class HummingVoice(ToneVoice):
    """Half a second of one tone, whatever is said."""

    async def speak(self, text: str, rate: int, language: str) -> AsyncIterator[AudioFrame]:
        sound = hum(OURS_HZ, 0.5)
        for at in range(0, sound.size, FRAME):
            yield AudioFrame(sound[at : at + FRAME].tobytes(), rate)


def said(samples: NDArray[np.int16]) -> Speak:
    return Speak(Clip("", samples, 0, samples.size - 1))


def keyed(digits: str) -> Sequence[Step]:
    """Each key as a tone, and then as a message; the tone of the last one goes on a little longer than that."""
    tones = [said(np.frombuffer(digit_tones(digit, PHONE_RATE), "<i2")[: 5 * FRAME]) for digit in digits]
    return [step for tone, digit in zip(tones, digits, strict=True) for step in (tone, Press(digit))] + [tones[-1]]


def has_tone(frame: NDArray[np.int16]) -> bool:
    """Most of it is one low and one high frequency of a keypad (Q.23), in bins of 50 Hz."""
    power = np.abs(np.fft.rfft(frame.astype(float))) ** 2
    near = {round(hertz * FRAME_SECONDS) + aside for hertz in LOW_HZ + HIGH_HZ for aside in (-1, 0, 1)}
    low, high = (max(power[round(hertz * FRAME_SECONDS)] for hertz in group) for group in (LOW_HZ, HIGH_HZ))
    loud = power.sum() > 160 * 100**2
    return bool(loud and sum(power[at] for at in near) > 0.8 * power.sum() and min(low, high) > 0.05 * power.sum())


def hums(frame: NDArray[np.int16], hertz: float) -> bool:
    power = np.abs(np.fft.rfft(frame.astype(float))) ** 2
    return bool(power.sum() > 160 * 100**2 and power[round(hertz * FRAME_SECONDS)] > 0.6 * power.sum())


def frames(samples: NDArray[np.int16]) -> list[NDArray[np.int16]]:
    return [samples[at : at + FRAME] for at in range(0, samples.size - FRAME, FRAME)]


def held(folder: Path) -> tuple[CallTrace, NDArray[np.int16]]:
    """What the telephone sent, and the recording, shape (n, 2)."""
    secret = Expect(step="card", kind="digits", secret=True, keys=KeyRule(least=16, most=16))
    rules: Rules = {
        "": {"begin": ("card", (Say("Key in your card."),), secret)},
        "card": {CARD: ("more", (Say("Thank you. What else?"),), Expect(step="more")),
                 "else": ("more", (), Expect(step="more"))},
        "more": {"else": ("more", (), Expect(step="more"))},
    }  # fmt: skip
    call = Call(ScriptEars(), dialogue=TableDialogue(rules), voice=HummingVoice(), recordings=folder)

    async def take(line: TwilioLine) -> None:
        await call.reception.take(line, ANSWERED, LEG)

    async def run() -> CallTrace:
        steps = [WaitForSilence(quiet=0.3), *keyed(CARD), StaySilent(1.5)]
        talker = Talker([*steps, said(hum(CALLERS_HZ, 0.5)), HangUp()])
        async with asyncio.timeout(60), serving(Desk(take)) as twilio:
            base = f"http://127.0.0.1:{twilio.port}"
            async with StandInCarrier(base, PUBLIC, SETTINGS.account_sid, SECRET) as carrier:
                return await carrier.place_call(CALLER, CALLED, talker)

    trace = asyncio.run(run())
    (record,) = call.store.finished
    assert record.path[-1] == "more"
    assert record.turns[-1].keys == "" or set(record.turns[-1].keys) == {"•"}
    with wave.open(record.recording) as file:
        return trace, np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)


def test_nothing_of_a_card_number_that_is_keyed_is_in_the_recording(tmp_path: Path) -> None:
    trace, kept = held(tmp_path)
    assert (trace.trouble, trace.missed) == ("", [])
    sent = [np.frombuffer(mulaw_decode(sound), "<i2") for _, sound in trace.said]
    assert sum(has_tone(frame) for frame in sent if frame.size == FRAME) > 50, "the tones were sent"
    for side in (0, 1):
        assert not any(has_tone(frame) for frame in frames(kept[:, side]))
    assert sum(hums(frame, CALLERS_HZ) for frame in frames(kept[:, 0])) > 15, "what the caller said later is there"
    assert sum(hums(frame, OURS_HZ) for frame in frames(kept[:, 1])) > 15
