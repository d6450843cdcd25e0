"""Pure: every threshold of hearing in one place, with its unit and where the default comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.model.meaning import AnswerKind


def _patience() -> Mapping[AnswerKind, float]:
    return {
        "yes_no": 0.4, "choice": 0.6, "open": 0.7, "none": 0.7, "free": 0.9,
        "digits": 1.2, "number": 1.2, "money": 1.2, "date": 1.2, "time": 1.2,
    }  # fmt: skip


def _settle() -> Mapping[AnswerKind, float]:
    return {"yes_no": 0.2, "choice": 0.22, "free": 0.6, "open": 0.26}


@dataclass(frozen=True, slots=True)
class HearingSettings:
    """Times are seconds, levels dBFS (RMS of 20 ms), differences dB. Defaults tuned with `benchmarks/turns.py`."""

    speech_chance: float = 0.38
    """Silero's chance of speech from which a frame may begin a turn."""

    still_chance: float = 0.35
    """Chance from which a frame keeps a turn going (Silero's own hysteresis)."""

    voiced: float = 0.6
    """Periodicity from which a frame counts as voiced (`asr.voicing`)."""

    quick_chance: float = 0.38
    quick_voiced: float = 0.5
    """The same two while we are silent: a missed "no" costs more than a turn without words."""

    quick_frames: tuple[int, int, int] = (4, 3, 6)
    """While we are silent a turn begins when so many frames are speech, and so many voiced, of the last so many."""

    careful_frames: tuple[int, int, int] = (5, 3, 9)
    """The same while the caller hears us: 100 ms of speech, 60 ms voiced, within 180 ms."""

    rescue_frames: tuple[int, int] = (2, 2)
    """A shorter sound that has already ended is a turn too ("no", "yes") if so many of its frames were speech and
    so many voiced; only while we are silent."""

    steady: float = 0.7
    """Sound whose level moves less than this in 0.1 s is a tone (key, hum); only asked while the caller hears us,
    when Silero hears the speech in our own echo."""

    own_speech_level: float = -60.0
    """Our own sound above this means that the caller hears us."""

    quietest_caller: float = -52.0
    """A turn never begins below this level."""

    above_noise: float = 10.0
    """A turn begins only so far above the middle of the background."""

    above_bursts: float = 6.0
    """A turn begins only so far above the loudest fifth of the background (babble, kitchen). A fifth: one cough in
    three seconds must not deafen us."""

    above_echo: float = 6.0
    """While the caller hears us, a turn begins only so far above the echo expected."""

    echo_return: float = -30.0
    """Echo relative to our own sound before anything is learned."""

    echo_seconds: float = 0.5
    """How long after our own sound its echo may come (telephone plus jitter buffers)."""

    below_caller: float = 30.0
    """Within a turn, sound so far below the caller's loudest is silence. Final consonants are 20 to 30 dB weaker
    than vowels."""

    least_below_caller: float = 12.0
    """However loud the background, the caller's own sound is speech down to this far below the loudest."""

    syllable_below_caller: float = 13.0
    """Each syllable of the caller comes within this of the loudest. Where none does for `syllable_seconds`, what
    still sounds like speech is other people (Silero takes babble for speech, speech.md §2)."""

    syllable_seconds: float = 0.25

    caller_fades: float = 3.0
    """dB a second by which the memory of the caller's loudest sound falls: voices sink towards a sentence's end."""

    read_after: float = 0.12
    """Silence after which the words so far are recognized speculatively."""

    read_backoff: float = 0.04
    """Each speculation that proved premature within a turn makes the next wait longer by this."""

    read_latest: float = 0.24
    """Longest wait for a speculation."""

    slow_reading: float = 0.3
    """When the last reading took longer than this the server is busy: the next speculation waits for `read_latest`, so
    that fewer are made in vain."""

    settle: Mapping[AnswerKind, float] = field(default_factory=_settle)
    """Silence that ends a turn whose words already answer the step, by kind; `default_settle` for the others."""

    default_settle: float = 0.24

    patience: Mapping[AnswerKind, float] = field(default_factory=_patience)
    """Silence that ends a turn whose words do not (yet) answer the step, by kind (domain.md 2.9.1)."""

    unclear_patience: float = 0.95
    """At least so patient when there are words but they make no sense to the step: more may come."""

    open_end_patience: float = 0.5
    """Added when the text ends as if more would come ("double", "I can")."""

    cut_off_patience: float = 1.1
    """Added when it ends where hardly anybody stops ("near the", "and um"). Who looks for a word pauses for one to two
    seconds; waiting costs nothing where no answer can be given yet."""

    sinks: float = 5.0
    """Voices sink towards the end of what they say. If the loudest of the last 0.2 s of speech is within so many dB of
    the loudest of the turn, the caller has probably not finished: so are 57 % of the pauses inside sentences and 10 %
    of the ends (189 commands, 150 prompts; AUC 0.84)."""

    sinks_after: float = 1.2
    """Speech shorter than this has no room to sink."""

    held_patience: float = 0.95
    """At least so patient when the voice has not sunk."""

    held_settle: float = 0.1
    """Added to `settle` when the voice has not sunk."""

    longest: float = 13.0
    """Longest utterance (domain.md 2.9.1; Lex V2 default)."""

    preroll: float = 0.25
    """Sound before the first voiced frame that the recognizer gets: soft first consonants."""

    lead: float = 1.0
    lead_gap: float = 0.6
    """Voice activity misses some short first words ("Hours, please."): loud sound before sure speech is taken with it,
    so far back, and over gaps no longer than this."""

    recognition_limit: float = 5.0
    """A recognition that takes longer has failed."""

    partial_every: float = 0.5
    """Seconds of speech between two questions for words so far, put to engines that have them cheaply."""
