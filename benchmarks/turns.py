"""Turn taking on real recordings: how long after the last word a turn ends, how often a pausing caller is cut off,
how soon a barge-in is noticed, what starts a turn falsely.

    python -m benchmarks.turns [number of recordings]

Recordings: spoken_commands (Apache-2.0, Picovoice speech-to-intent-benchmark), spoken_digits (CC BY-SA 4.0, Free
Spoken Digit Dataset), Asterisk core sounds (CC BY-SA 3.0).
"""

import sys
import time
from collections.abc import Callable, Sequence

import numpy as np

from asr.meter import SoundMeter
from asr.settings import HearingSettings
from asr.turns import Decision, Read, TurnBegan, TurnEnded, TurnTaker, Verdict
from asr.vad import SileroModel, VoiceActivity
from benchmarks import turn_sounds as sounds
from benchmarks.turn_sounds import FRAME, RATE, Samples
from ivr.model.audio import QUIETEST_DBFS, AudioFrame, level_dbfs
from ivr.model.meaning import AnswerKind, Expect

READING_SECONDS = 0.08
"""A recognition of a short utterance with Moonshine (speech.md §1: 60/91 ms), in audio time."""

MODEL = SileroModel()
SETTINGS = HearingSettings()
Timed = tuple[float, Decision]


def hear(
    sound: Samples,
    *,
    kind: AnswerKind = "open",
    answers: Callable[[float], bool],
    own: Samples | None = None,
    unclear: bool = False,
) -> list[Timed]:
    """Play a sound to turn taking. `answers(t)`: do the words until `t` seconds answer the step?"""
    meter, turns = SoundMeter(VoiceActivity(MODEL, RATE), RATE, SETTINGS), TurnTaker(SETTINGS)
    turns.expect = Expect(kind=kind)
    decided: list[Timed] = []
    due: list[tuple[float, Verdict]] = []
    for at in range(0, sound.size - FRAME + 1, FRAME):
        now = (at + FRAME) / RATE
        frame = AudioFrame(sound[at : at + FRAME].tobytes(), RATE)
        own_level = level_dbfs(own[at : at + FRAME]) if own is not None else QUIETEST_DBFS
        new = list(turns.hear(meter.measure(frame, own_level)))
        for verdict in [verdict for ready, verdict in due if ready <= now]:
            new.extend(turns.read(verdict))
        due = [(ready, verdict) for ready, verdict in due if ready > now]
        for asked in [decision for decision in new if isinstance(decision, Read)]:
            verdict = Verdict(asked.number, answers(now), is_unclear=unclear)
            if asked.final and not due:
                new.extend(turns.read(verdict))
            else:
                due.append((now + READING_SECONDS, verdict))
        decided += [(now, decision) for decision in new]
    return decided


def show(name: str, values: Sequence[float], unit: str = "ms", scale: float = 1000) -> None:
    if not values:
        print(f"  {name:58s} none")
        return
    p50, p95, p99 = np.percentile(values, [50, 95, 99]) * scale
    print(f"  {name:58s} n={len(values):4d}  p50 {p50:5.0f}  p95 {p95:5.0f}  p99 {p99:5.0f} {unit}")


def framed(sound: Samples, tail: float = 2.0) -> Samples:
    """Line hiss before and after."""
    return np.concatenate((sounds.quiet(1.0), sound, sounds.quiet(tail)))


def ends_of_turns(name: str, clips: list[Samples], noise: Samples | None = None, below: float = 0.0) -> None:
    """Delay of the detected end of speech, and of the end of the turn, by rule."""
    misses = cut = reads = 0
    tails: list[float] = []
    waits: dict[str, list[float]] = {"words answer (open)": [], "words do not answer (open)": [], "yes_no": []}
    for clip in clips:
        true_end = 1.0 + sounds.speech_bounds(clip)[1]
        sound = framed(clip)
        if noise is not None:
            sound = sounds.mixed(sound, sounds.with_level(noise, -20 - below))
        for rule, kind, complete in (
            ("words answer (open)", "open", True),
            ("words do not answer (open)", "open", False),
            ("yes_no", "yes_no", True),
        ):
            at_end = lambda now, end=true_end, complete=complete: complete and now >= end - 0.1  # noqa: E731
            decided = hear(sound, kind=kind, answers=at_end)  # type: ignore[arg-type]
            ended = [(now, d) for now, d in decided if isinstance(d, TurnEnded)]
            if rule.startswith("words do"):
                misses += not ended
                cut += sum(d.ended < true_end - 0.25 for _, d in ended)
                reads += sum(isinstance(d, Read) and not d.final for _, d in decided)
            last = [(now, d) for now, d in ended if now > true_end - 0.2]
            if last:
                waits[rule].append(last[0][0] - true_end)
                if rule.startswith("words answer"):
                    tails.append(last[0][1].ended - true_end)
    print(f"{name}: {len(clips)} recordings, never ended {misses}, ended at a pause of their own {cut}, "
          f"speculations per recording {reads / max(1, len(clips)):.1f}")  # fmt: skip
    show("detected end of speech minus true end", tails)
    for rule, values in waits.items():
        show(f"end of turn minus true end: {rule}", values)


def pauses(name: str, clips: list[Samples], *, unclear: bool) -> None:
    """Callers cut off at a pause put into a recording at its deepest dip."""
    words = "words so far mean nothing" if unclear else "words so far mean something, but are not all"
    print(f"{name}: pauses put in at the deepest dip; {words} (open)")
    for seconds in (0.3, 0.4, 0.5, 0.7):
        cut = count = 0
        for clip in clips:
            if gaps := sounds.word_gaps(clip):
                sound, place = framed(sounds.with_pause(clip, gaps[0], seconds)), 1.0 + gaps[0]
                ended = [
                    now for now, d in hear(sound, answers=lambda _: False, unclear=unclear) if isinstance(d, TurnEnded)
                ]
                count += 1
                cut += any(place < now < place + seconds + 0.15 for now in ended)
        print(f"  pause {seconds:.1f} s: cut off {cut} of {count} = {100 * cut / max(1, count):.1f} %")


def barge_in(clips: list[Samples], prompt: Samples) -> None:
    """Delay from the caller's first voiced frame to the decision, over our prompt and its echo."""
    print("barge-in over a prompt at -20 dBFS; echo 200 ms late, 30 dB down")
    for level in (-20, -26, -32):
        delays, early, missed, cut = [], 0, 0, 0
        for number, clip in enumerate(clips):
            caller = sounds.with_level(clip, level)
            start = 2.0 + 0.13 * (number % 7)
            sound = np.concatenate((sounds.quiet(start), caller))[: 12 * RATE]
            own = sounds.with_level(np.resize(prompt, sound.size), -20)
            sound = sounds.mixed(sound, echo_of(own, -30, sound.size))
            voiced = start + sounds.first_voiced(clip)
            starts = [(now, d) for now, d in hear(sound, answers=lambda _: False, own=own) if isinstance(d, TurnBegan)]
            began, reach = [now for now, _ in starts], [d.at for _, d in starts]
            early += bool(began and began[0] < voiced - 0.3)
            missed += not began
            cut += any(at > start + sounds.speech_bounds(caller)[0] + SETTINGS.preroll + 0.1 for at in reach[:1])
            delays += [now - voiced for now in began[:1] if now >= voiced - 0.3]
        show(f"caller at {level} dBFS (missed {missed}, before speech {early}, beginning lost {cut})", delays)
    delays, missed = [], 0
    for clip in clips:
        began = [now for now, d in hear(framed(clip), answers=lambda _: False) if isinstance(d, TurnBegan)]
        missed += not began
        delays += [now - 1.0 - sounds.first_voiced(clip) for now in began[:1]]
    show(f"while we are silent (missed {missed})", delays)


def echo_of(own: Samples, gain: float, size: int, seconds: float = 0.2) -> Samples:
    late = np.concatenate((np.zeros(round(seconds * RATE), np.int16), own))[:size]
    return np.asarray(late * 10 ** (gain / 20), np.int16)


def false_starts(clips: list[Samples], speech: list[Samples]) -> None:
    """Turns begun by what is not the caller."""
    print("turns begun by what is not the caller (of so many trials)")
    counts: dict[str, list[int]] = {}
    prompt = np.concatenate(clips[:12])

    def trial(name: str, sound: Samples, own: Samples | None) -> None:
        began = any(isinstance(d, TurnBegan) for _, d in hear(sound, answers=lambda _: False, own=own))
        counts.setdefault(name, []).append(began)

    for name, noise in sounds.disturbances():
        sound = framed(noise)
        own = sounds.with_level(np.resize(prompt, sound.size), -20)
        trial(name.split()[0] + ", we are silent", sound, None)
        trial(name.split()[0] + ", we speak", sounds.mixed(sound, echo_of(own, -30, sound.size)), own)
    for gain in (-40, -30, -24, -18):
        for clip in clips[:40]:
            own = sounds.with_level(np.concatenate((np.zeros(RATE, np.int16), clip, clip)), -18)
            for late in (0.12, 0.3, 0.48):
                echo = sounds.mixed(echo_of(own, gain, own.size, late), sounds.quiet(1.0))
                trial(f"echo {gain} dB", echo, own)
    noise = sounds.kitchen()
    for at in range(0, noise.size - 6 * RATE, 6 * RATE):
        trial("kitchen -35 dBFS, we are silent", sounds.with_level(noise[at : at + 6 * RATE], -35), None)
    for number in range(8):
        voices = sounds.mixed(*(np.roll(speech[(number * 6 + k) % len(speech)], 5000 * k) for k in range(6)))
        trial("babble -38 dBFS, we are silent", sounds.with_level(np.tile(voices, 2), -38), None)
    for name, results in counts.items():
        print(f"  {name:58s} {sum(results)} of {len(results)}")


def cost(clip: Samples) -> None:
    for name, sound in (("speech", clip), ("line hiss -62 dBFS", sounds.quiet(10.0)), ("digital silence", clip * 0)):
        began = time.process_time()
        hear(sound, answers=lambda _: False)
        spent = (time.process_time() - began) / (sound.size / FRAME)
        print(f"  CPU per 20 ms frame, {name:30s} {spent * 1e6:.0f} us")


def main() -> None:
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    speech, prompts, digits = sounds.commands()[:most], sounds.prompts()[:most], sounds.digits()[:most]
    level = [sounds.with_level(clip, -20) for clip in speech[:80]]
    ends_of_turns("spoken commands", speech)
    ends_of_turns("spoken commands, kitchen noise 15 dB down", level, sounds.kitchen(), 15)
    babble = sounds.mixed(*(np.roll(clip, 7000 * k) for k, clip in enumerate(speech[:6])))
    ends_of_turns("spoken commands, babble 15 dB down", level, np.tile(babble, 4), 15)
    if prompts:
        ends_of_turns("Asterisk prompts", prompts)
    ends_of_turns("single digits", digits)
    pauses("spoken commands", speech, unclear=True)
    pauses("spoken commands", speech, unclear=False)
    if prompts:
        barge_in(speech, np.concatenate(prompts[:12]))
        false_starts(prompts, speech)
    cost(np.concatenate(speech[:4]))


if __name__ == "__main__":
    main()
