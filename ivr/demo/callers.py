"""Read the callers of the demonstration from YAML, and give them their voices."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ivr.demo.check import Expected
from ivr.model.errors import ConfigError
from telephony.standin.carrier import Agent
from telephony.standin.clip import Clip, tone
from telephony.standin.script import (
    CutSocket,
    HangUp,
    Press,
    Speak,
    StaySilent,
    Step,
    UntilLineCloses,
    WaitForSilence,
)
from telephony.standin.talker import Talker
from telephony.standin.voices import MOST_SHIFT, CallerVoices, Speaker, recording

Model = TypeVar("Model", bound=BaseModel)
Named = TypeVar("Named")
Seconds = Annotated[float, Field(ge=0.0, le=600.0)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WaitLine(Strict):
    wait_for_silence: Seconds
    longest: Seconds = 20.0


class SayLine(Strict):
    say: Annotated[str, Field(min_length=1)]
    after: Seconds | None = None
    only: Seconds | None = None
    recording: Path | None = None
    """A WAV of these words instead of the caller's made voice, relative to the file of callers."""


class PressLine(Strict):
    press: Annotated[str, Field(pattern=r"^[0-9*#A-D]+$")]
    after: Seconds | None = None
    gap: Seconds = 0.3


class StayLine(Strict):
    stay_silent: Seconds


class UntilLine(Strict):
    until_line_closes: Seconds


class HangUpLine(Strict):
    hang_up: Literal[True]
    after: Seconds | None = None


class BeepLine(Strict):
    beep: Annotated[float, Field(gt=0.0, le=5.0)]
    """Seconds of an answering machine's tone."""

    hertz: Annotated[float, Field(ge=300.0, le=3400.0)] = 1000.0


class CutLine(Strict):
    cut_socket: Literal[True]
    after: Seconds | None = None


Line = WaitLine | SayLine | PressLine | StayLine | UntilLine | HangUpLine | CutLine | BeepLine

_VERBS: dict[str, type[Line]] = {
    "wait_for_silence": WaitLine,
    "say": SayLine,
    "press": PressLine,
    "stay_silent": StayLine,
    "until_line_closes": UntilLine,
    "hang_up": HangUpLine,
    "cut_socket": CutLine,
    "beep": BeepLine,
}


class _Voice(Strict):
    shift: Annotated[float, Field(ge=-MOST_SHIFT, le=MOST_SHIFT)] = 0.0
    level_dbfs: Annotated[float, Field(ge=-60.0, le=-3.0)] = -20.0
    noise_snr_db: Annotated[float, Field(ge=0.0, le=60.0)] | None = None


class _Agent(Strict):
    outcome: Literal["completed", "busy", "no-answer", "failed", "canceled"] = "completed"
    seconds: Seconds = 3.0
    caller_hangs_up: bool = False


class CallerEntry(Strict):
    name: Annotated[str, Field(min_length=1)]
    about: str = ""
    number: Annotated[str, Field(pattern=r"^\+\d{6,15}$")]
    called: Annotated[str, Field(pattern=r"^\+\d{6,15}$")] | None = None
    voice: _Voice = _Voice()
    agent: _Agent = _Agent()
    does: list[dict[str, Any]] = Field(min_length=1)
    expect: Expected = Expected()


@dataclass(frozen=True, slots=True)
class DemoCaller:
    """One caller: who, what they do, and what must come of it."""

    name: str
    about: str
    number: str
    called: str | None
    """The number dialled; None: whichever the demonstration answers."""

    speaker: Speaker
    agent: Agent
    lines: tuple[Line, ...]
    expected: Expected
    folder: Path

    def talker(self, voices: CallerVoices) -> Talker:
        """A caller ready to call, with all words already made into sound. One talker makes one call.

        Raises:
            VoiceError: words could not be made, or a recording cannot be read.
        """
        return Talker([self._step(line, voices) for line in self.lines], noise_dbfs=self.speaker.noise_dbfs)

    def _step(self, line: Line, voices: CallerVoices) -> Step:
        match line:
            case WaitLine():
                return WaitForSilence(line.wait_for_silence, line.longest)
            case SayLine():
                return Speak(self._clip(line, voices), line.after, line.only)
            case PressLine():
                return Press(line.press, line.after, line.gap)
            case StayLine():
                return StaySilent(line.stay_silent)
            case UntilLine():
                return UntilLineCloses(line.until_line_closes)
            case HangUpLine():
                return HangUp(line.after)
            case CutLine():
                return CutSocket(line.after)
            case BeepLine():
                return Speak(tone(line.hertz, line.beep, self.speaker.level_dbfs))

    def _clip(self, line: SayLine, voices: CallerVoices) -> Clip:
        if line.recording:
            return recording(self.folder / line.recording, line.say, self.speaker.level_dbfs)
        return voices.say(line.say, self.speaker)


def load_callers(path: Path | None = None) -> tuple[DemoCaller, ...]:
    """The callers of a file; without one, those that ship with the package.

    Raises:
        ConfigError: the file cannot be read, or what it says is wrong: with caller, step and what to write instead.
    """
    return read_list(path or Path(str(files("ivr.demo").joinpath("callers.yaml"))), _caller)


def read_list(path: Path, make: Callable[[Path, str, Any], Named]) -> tuple[Named, ...]:
    """Everybody a file lists, made by `make` from the file, where in it they are, and what is written of them.

    Raises:
        ConfigError: the file cannot be read, or what it says is wrong.
    """
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not YAML: {error}") from error
    if not isinstance(written, list) or not written:
        raise ConfigError(f"{path}: write a list of callers, each beginning with `- name:`")
    names = [entry.get("name") if isinstance(entry, Mapping) else None for entry in written]
    places = [f"{path}: caller {number}" + (f" ({name})" if name else "") for number, name in enumerate(names, 1)]
    made = tuple(make(path, place, entry) for place, entry in zip(places, written, strict=True))
    if twice := sorted({str(name) for name in names if names.count(name) > 1}):
        raise ConfigError(f"{path}: two callers are called {', '.join(twice)}; give each a name of its own")
    return made


def _caller(path: Path, where: str, written: Any) -> DemoCaller:
    return caller_of(path, where, read(CallerEntry, written, where))


def caller_of(path: Path, where: str, entry: CallerEntry) -> DemoCaller:
    lines = tuple(_line(f"{where}, step {step}", line) for step, line in enumerate(entry.does, 1))
    return DemoCaller(
        entry.name,
        entry.about,
        entry.number,
        entry.called,
        Speaker(**entry.voice.model_dump()),
        Agent(**entry.agent.model_dump()),
        lines,
        entry.expect,
        path.parent,
    )


def _line(where: str, written: dict[str, Any]) -> Line:
    verbs = [verb for verb in _VERBS if verb in written]
    if len(verbs) != 1:
        found = ", ".join(written) or "nothing"
        raise ConfigError(f"{where}: one of {', '.join(_VERBS)} is needed, here is {found}")
    return read(_VERBS[verbs[0]], written, where)


def read(model: type[Model], written: Any, where: str) -> Model:
    try:
        return model.model_validate(written)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{where}: {place + ': ' if place else ''}{first['msg']}") from error
