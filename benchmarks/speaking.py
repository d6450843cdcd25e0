"""How soon each voice of this machine is heard: first audio cold and cached, real-time factor, silence before sound.

Run: OMP_NUM_THREADS=1 python -m benchmarks.speaking [--repeats 3]
First audio is from asking `SpeakingVoices.speak` to having the first 20 ms frame of an English prompt of 50 to 70
characters (20 prompts, a cache that has none of them / all of them).
"""

import argparse
import asyncio
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ivr.model.audio import PHONE_RATE, AudioFrame
from ivr.model.errors import VoiceError
from ivr.model.ports import Voice
from tts.cache import PromptCache
from tts.chain import VoiceChain, VoicePlace
from tts.espeak_voice import EspeakEngine
from tts.hibari_voice import HibariEngine
from tts.pyttsx3_voice import Pyttsx3Voice
from tts.speaking import SpeakingVoices
from tts.workers import PooledVoice

PROMPTS = (
    "Thank you for calling Northwind Bank, how can I help you today?",
    "Please tell me the last four digits of your card number.",
    "Your current account balance is two hundred and fifty dollars.",
    "I found a branch near Central Park, it closes at six o'clock.",
    "Would you like to book an appointment for Tuesday morning?",
    "I am sorry, I did not understand, could you repeat that?",
    "Your card has been blocked and a new one is on its way.",
    "Please hold while I transfer you to a representative.",
    "Your installation is scheduled for Friday at three thirty.",
    "To confirm, you want to pay eighty nine dollars, is that right?",
    "The technician will arrive between nine and eleven in the morning.",
    "You can say balance, payments, or speak to an agent.",
    "Is there anything else I can help you with today?",
    "Your complaint has been registered with number four seven two one.",
    "Please enter your account number followed by the pound key.",
    "The flight from Denver to Seattle leaves at seven in the evening.",
    "We have sent a confirmation message to your mobile phone.",
    "For security reasons, please tell me your date of birth.",
    "Your order was shipped yesterday and will arrive on Monday.",
    "Thank you for your patience, have a wonderful day.",
)


class RealClock:
    def now(self) -> float:
        return time.monotonic()

    def utc(self) -> datetime:
        return datetime.now(UTC)


async def first_audio(speaking: SpeakingVoices, prompt: str) -> tuple[float, float, float, float]:
    """(ms to first frame, ms to the end, seconds of sound, ms of near silence before the first audible sample)."""
    began = time.perf_counter()
    frames: list[AudioFrame] = []
    first = 0.0
    async for frame in speaking.speak(prompt, PHONE_RATE, "en"):
        first = first or time.perf_counter() - began
        frames.append(frame)
    whole = time.perf_counter() - began
    samples = np.abs(np.concatenate([frame.samples for frame in frames]).astype(int))
    lead = float(np.flatnonzero(samples > 104)[0]) / PHONE_RATE  # 104: -50 dBFS
    return first * 1000, whole * 1000, len(samples) / PHONE_RATE, lead * 1000


def line(label: str, values: list[float]) -> str:
    p50, p95, p99 = np.percentile(values, [50, 95, 99])
    return f"  {label:<26} p50 {p50:7.1f}   p95 {p95:7.1f}   p99 {p99:7.1f}"


async def measure(voice: Voice, repeats: int) -> None:
    cold, cached, factors, leads = [], [], [], []
    for repeat in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            cache = PromptCache(Path(folder))
            speaking = SpeakingVoices(VoiceChain([VoicePlace(voice, str(repeat))]), cache, RealClock())
            for prompt in PROMPTS:
                first, whole, seconds, lead = await first_audio(speaking, prompt)
                cold.append(first)
                factors.append(whole / 1000 / seconds)
                leads.append(lead)
            for prompt in PROMPTS:
                cached.append((await first_audio(speaking, prompt))[0])
            await cache.close()
    print(voice.name)
    print(line("first audio, uncached, ms", cold))
    print(line("first audio, cached, ms", cached))
    print(line("silence before sound, ms", leads))
    print(f"  real-time factor, uncached {float(np.median(factors)):.4f}")


async def crowd(voice: Voice, calls: int) -> None:
    """All calls ask for a prompt of their own at the same moment."""
    with tempfile.TemporaryDirectory() as folder:
        cache = PromptCache(Path(folder))
        speaking = SpeakingVoices(VoiceChain([VoicePlace(voice, piece_seconds=30.0)]), cache, RealClock())
        prompts = [f"Caller {number}: {PROMPTS[number % len(PROMPTS)]}" for number in range(calls)]
        firsts = [result[0] for result in await asyncio.gather(*(first_audio(speaking, text) for text in prompts))]
        await cache.close()
    print(line(f"{calls} calls at once, ms", firsts))


async def main(repeats: int) -> None:
    with ThreadPoolExecutor(2) as pool:
        for engine in (HibariEngine, EspeakEngine):
            try:
                voice = PooledVoice(engine(), pool)
            except VoiceError as error:
                print(f"{engine.__name__} skipped: {error}")
                continue
            await measure(voice, repeats)
            for calls in (8, 32):
                await crowd(voice, calls)
        child = Pyttsx3Voice()
        try:
            await child.start()
            await measure(child, repeats)
        except VoiceError as error:
            print(f"pyttsx3 skipped: {error}")
        finally:
            await child.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    asyncio.run(main(parser.parse_args().repeats))
