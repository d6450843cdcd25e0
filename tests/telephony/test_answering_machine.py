"""A person or a machine: words, pauses and beeps, and always a person where it is not clear."""

import asyncio
from collections import deque

import numpy as np
import pytest

from ivr.model.audio import AudioFrame
from ivr.model.events import CallEvent, Heard, HearingFailed, MachineDetected, PartialHeard, SpeechStarted, TurnTimes
from ivr.model.meaning import Expect
from telephony.answering_machine import AnsweringEars, GreetingJudge
from telephony.answering_words import ENOUGH, is_person_back, weight
from telephony.beeps import BeepDetector


@pytest.mark.parametrize(
    "text",
    [
        "Please leave a message after the tone.",
        "Hi, you have reached Miller. I can't take your call right now.",
        "You've reached the voicemail box of five five five one two one two.",
        "The person you are calling is not available. At the tone, please record your message.",
        "The number you have dialed is unavailable.",
        "Your call has been forwarded to an automatic voice message system.",
        "I'm unable to take your call, leave your name and number and I'll get back to you as soon as I can.",
        "Hi, the person you're calling is using a screening service.",
        "Sorry I can't come to the phone, I'll call you back as soon as possible.",
    ],
)
def test_sentences_of_machines_are_enough(text: str) -> None:
    assert weight(text, "en") >= ENOUGH


@pytest.mark.parametrize(
    "text",
    [
        "Hello?", "Yes?", "Good morning, Acme Corporation, this is Susan speaking, how may I direct your call?",
        "He can't take your call right now, would you like to leave a message?",
        "She can't come to the phone.", "You've reached the Miller residence.", "Who is this?",
        "I'm driving, can I call you back as soon as I get home?", "Doctor Smith's office, can you hold please?",
        "She is not available. Which you, to leave a message.", "You could leave her a message.",
        "You have reached Acme support, this is Sue speaking, press on.", "Is that you, Tom?", "Leave me alone.",
    ],
)  # fmt: skip
def test_sentences_of_people_are_not(text: str) -> None:
    assert weight(text, "en") < ENOUGH


def test_chinese_machines_and_people_are_told_apart() -> None:
    machines = ("您好,您拨打的用户暂时无法接听,请稍后再拨", "请在滴声后留言", "这里是语音信箱", "您所拨打的电话已关机")
    assert all(weight(text, "zh") >= ENOUGH for text in machines)
    people = ("喂", "喂,你好", "您好,哪位?", "他不在,要不要留言?", "我现在不方便", "你是谁", "请问有什么事吗")
    assert all(weight(text, "zh") < ENOUGH for text in people)


def test_who_picks_up_over_the_machine_is_known_by_few_words() -> None:
    assert all(is_person_back(text, "en") for text in ("Hello, I'm here.", "hi", "Sorry, this is Ann", "Who is this?"))
    long = "hello there everybody this is all about us"
    assert not any(is_person_back(text, "en") for text in ("", "please leave a message", "thank you", long))
    assert is_person_back("喂,我在", "zh")
    assert not is_person_back("请留言", "zh")
    assert not is_person_back("谢谢", "zh")


def after(judge: GreetingJudge, seconds: float) -> list[str]:
    return [kind for _ in range(round(seconds * 50)) for kind in judge.hear(0.02, beep_ended=False)]


def spoken(judge: GreetingJudge, seconds: float, text: str | None, *, pause: float = 0.6) -> list[str]:
    """Somebody speaks for so long, and pauses; None: their words were not recognized."""
    told = judge.note(SpeechStarted(judge.now)) + after(judge, seconds + pause)
    over = HearingFailed("none") if text is None else Heard(text, times=TurnTimes(0.0, seconds))
    return told + judge.note(over)


def test_a_hello_is_a_person_as_soon_as_it_is_over() -> None:
    judge = GreetingJudge()
    assert after(judge, 0.4) == []
    assert spoken(judge, 0.5, "hello") == ["human"]
    assert after(judge, 50.0) == []


def test_silence_is_unknown_after_two_seconds() -> None:
    judge = GreetingJudge()
    assert after(judge, 1.98) == []
    assert after(judge, 0.04) == ["unknown"]


def test_a_long_first_sentence_is_unknown_and_who_never_stops_is_too() -> None:
    assert spoken(GreetingJudge(), 4.0, "good morning and welcome to everything") == ["unknown"]
    judge = GreetingJudge()
    judge.note(SpeechStarted(0.0))
    assert after(judge, 9.96) == []
    assert after(judge, 0.08) == ["unknown"]


def test_without_words_the_length_decides_and_noise_is_unknown() -> None:
    assert spoken(GreetingJudge("zh"), 0.6, None) == ["human"]
    assert spoken(GreetingJudge("zh"), 3.4, None) == ["unknown"]
    assert spoken(GreetingJudge(), 0.6, "") == ["unknown"]
    judge = GreetingJudge()
    assert judge.note(HearingFailed("no turn was under way")) == []


def test_the_first_words_of_a_machine_are_enough_before_it_ends() -> None:
    judge = GreetingJudge()
    assert judge.note(SpeechStarted(0.0)) == []
    assert judge.note(PartialHeard("hi you have reached")) == []
    assert judge.note(PartialHeard("hi you have reached the voicemail of")) == ["machine"]
    assert judge.note(PartialHeard("hi you have reached the voicemail of ann")) == []
    assert judge.hear(0.02, beep_ended=True) == ["beep"]


def test_a_machine_that_pauses_after_hello_is_found_later() -> None:
    judge = GreetingJudge()
    assert spoken(judge, 0.5, "Hello.") == ["human"]
    assert spoken(judge, 2.0, "you've reached Ann") == []
    assert spoken(judge, 2.0, "please leave a message") == ["machine"]


def test_a_beep_after_a_long_greeting_is_a_machine_and_after_a_short_one_is_nothing() -> None:
    judge = GreetingJudge("zh")
    assert spoken(judge, 4.0, None) == ["unknown"]
    assert judge.hear(0.02, beep_ended=True) == ["machine", "beep"]
    judge = GreetingJudge("zh")
    judge.note(SpeechStarted(0.0))
    after(judge, 4.0)
    assert judge.hear(0.02, beep_ended=True) == ["machine", "beep"]
    judge = GreetingJudge()
    spoken(judge, 1.0, "hello")
    assert judge.hear(0.02, beep_ended=True) == []
    judge = GreetingJudge()
    spoken(judge, 4.0, "good morning this is a long sentence")
    after(judge, 6.0)
    assert judge.hear(0.02, beep_ended=True) == []


def test_who_asks_something_is_no_machine_whatever_sounded_like_a_beep() -> None:
    judge = GreetingJudge()
    assert spoken(judge, 4.0, "she is not available, would you like to leave a message?") == ["unknown"]
    assert judge.hear(0.02, beep_ended=True) == []


def test_somebody_who_picks_up_over_the_machine_is_a_person_for_good() -> None:
    judge = GreetingJudge()
    spoken(judge, 3.0, "please leave a message after the tone")
    assert spoken(judge, 2.0, "for english stay on the line") == []
    assert spoken(judge, 0.7, "hello, I'm here") == ["human"]
    assert spoken(judge, 3.0, "please leave a message after the tone") == []
    assert judge.note(PartialHeard("voicemail")) == []
    assert judge.hear(0.02, beep_ended=True) == []


def test_nothing_is_judged_late_in_a_call() -> None:
    judge = GreetingJudge()
    after(judge, 41.0)
    assert spoken(judge, 3.0, "please leave a message after the tone") == []
    assert judge.note(PartialHeard("voicemail")) == []


# ---- beeps


def tone(hertz: float, seconds: float, level: float = 0.2) -> np.ndarray:
    at = np.arange(round(seconds * 8000)) / 8000
    return (np.sin(2 * np.pi * hertz * at) * level * 32767).astype(np.int16)


def beeps(sound: np.ndarray) -> int:
    detector = BeepDetector(8000)
    return sum(detector.read(sound[at : at + 160]) for at in range(0, sound.size, 160))


NOTHING = np.zeros(4000, np.int16)


@pytest.mark.parametrize("hertz", [440, 850, 1000, 1400, 2000])
@pytest.mark.parametrize("seconds", [0.2, 0.5, 1.2])
def test_a_tone_that_ends_is_a_beep(hertz: float, seconds: float) -> None:
    noise = np.random.default_rng(1).normal(0, 200, 4000).astype(np.int16)
    assert beeps(np.concatenate([NOTHING, tone(hertz, seconds), NOTHING])) == 1
    assert beeps(np.concatenate([noise, tone(hertz, seconds), noise])) == 1


def test_keys_ring_back_clicks_and_whistles_are_no_beeps() -> None:
    keys = tone(770, 0.3) + tone(1336, 0.3)
    sweep_at = np.arange(8000) / 8000
    whistle = (np.sin(2 * np.pi * (600 * sweep_at + 500 * sweep_at**2)) * 6000).astype(np.int16)
    for sound in (keys, tone(425, 2.5), tone(1000, 0.06), tone(120, 0.5), tone(1000, 0.5, 0.002), whistle):
        assert beeps(np.concatenate([NOTHING, sound, NOTHING])) == 0


def test_a_vowel_that_swells_or_falls_is_no_beep_though_its_overtones_are_faint() -> None:
    vowel = tone(400, 0.3)
    swelling = (vowel * np.linspace(0.5, 1.0, vowel.size)).astype(np.int16)
    gliding = (np.sin(2 * np.pi * np.cumsum(np.linspace(400, 425, vowel.size)) / 8000) * 6000).astype(np.int16)
    assert beeps(np.concatenate([NOTHING, vowel, NOTHING])) == 1
    assert beeps(np.concatenate([NOTHING, swelling, NOTHING])) == 0
    assert beeps(np.concatenate([NOTHING, gliding, NOTHING])) == 0


# ---- the ears


class Told:
    """Ears whose events are written down beforehand: those of each frame, then those of `news`."""

    def __init__(self, frames: list[list[CallEvent]], news: list[CallEvent]) -> None:
        self.frames, self.later, self.expected, self.closed = deque(frames), deque(news), list[Expect](), False

    async def hear(self, frame: AudioFrame, own_level_dbfs: float) -> list[CallEvent]:
        return self.frames.popleft() if self.frames else []

    def expect(self, expect: Expect) -> None:
        self.expected.append(expect)

    async def news(self) -> CallEvent:
        return self.later.popleft()

    async def close(self) -> None:
        self.closed = True


def test_the_verdict_comes_after_a_hello_and_before_the_words_of_a_machine() -> None:
    began, hello = SpeechStarted(0.0), Heard("hello", times=TurnTimes(0.0, 0.4))
    machine = PartialHeard("please leave a message after the tone")
    told = Told([[began, hello]], [machine])
    ears = AnsweringEars(told, GreetingJudge(), 8000)
    wanted = Expect(step="x")

    async def run() -> list[CallEvent]:
        ears.expect(wanted)
        heard = await ears.hear(AudioFrame(bytes(320), 8000), -90.0)
        news = [await ears.news(), await ears.news()]
        await ears.close()
        return [*heard, *news]

    events = asyncio.run(run())
    assert events == [began, hello, MachineDetected("human"), MachineDetected("machine"), machine]
    assert told.expected == [wanted]
    assert told.closed


def test_the_end_of_a_beep_in_the_sound_is_told() -> None:
    told = Told([[Heard("please leave a message after the tone", times=TurnTimes(0.0, 3.0))]], [])
    ears = AnsweringEars(told, GreetingJudge(), 8000)
    sound = np.concatenate([NOTHING[:160], tone(1000, 0.4), NOTHING])

    async def run() -> list[CallEvent]:
        frames = [AudioFrame(sound[at : at + 160].tobytes(), 8000) for at in range(0, sound.size, 160)]
        return [event for frame in frames for event in await ears.hear(frame, -90.0)]

    events = asyncio.run(run())
    assert [event.kind for event in events if isinstance(event, MachineDetected)] == ["machine", "beep"]
