"""The child that holds one pyttsx3 engine: a JSON request per line on stdin, a JSON answer per line on stdout.

Request {"text", "voice", "pace", "file"} → answer {"ok": true} with the WAV in `file`, or {"ok": false, "error"}.
The first answer is {"ok": true} once the engine stands. Imports nothing of ours: it starts fast.
"""

import ctypes
import json
import os
import signal
import sys
import wave
from typing import Any, TextIO

_PR_SET_PDEATHSIG = 1
_TRIES = 4
"""The espeak driver of pyttsx3 2.99 writes an empty file for 1 to 7 sentences in 100 (measured; its callback runs on
another thread than its loop); the next try is nearly always right."""


def main(parent: int) -> None:
    _die_with(parent)
    answers = _private_stdout()
    try:
        engine = _engine()
    except (ImportError, RuntimeError, OSError, KeyError) as error:
        _answer(answers, error=f"{type(error).__name__}: {error}")
        return
    _answer(answers)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            _save(engine, request)
        except (RuntimeError, OSError, ValueError, KeyError) as error:
            _answer(answers, error=type(error).__name__)
        else:
            _answer(answers)


def _die_with(parent: int) -> None:
    """Linux kills us when the server's thread that started us ends, however it ends (prctl(2))."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we asked
            sys.exit(1)


def _private_stdout() -> TextIO:
    """pyttsx3 prints "Audio saved to …" on stdout: keep the real one for answers and let it print on stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _engine() -> Any:
    if sys.platform == "linux":
        _lend_espeak()
    import pyttsx3

    return pyttsx3.init()


def _lend_espeak() -> None:
    """pyttsx3 opens libespeak-ng.so.1 by name: where the system has none, load the one of espeakng-loader under it."""
    try:
        ctypes.CDLL("libespeak-ng.so.1")
    except OSError:
        import espeakng_loader

        ctypes.CDLL(str(espeakng_loader.get_library_path()))
        os.environ["ESPEAK_DATA_PATH"] = str(espeakng_loader.get_data_path())


def _save(engine: Any, request: dict[str, Any]) -> None:
    if request["voice"]:
        engine.setProperty("voice", request["voice"])
    engine.setProperty("rate", request["pace"])
    for _ in range(_TRIES):
        engine.save_to_file(request["text"], request["file"])
        engine.runAndWait()
        if _has_sound(request["file"]):
            return


def _has_sound(file: str) -> bool:
    try:
        with wave.open(file, "rb") as sound:
            return sound.getnframes() > 0
    except (OSError, EOFError, wave.Error):
        return False


def _answer(answers: TextIO, error: str = "") -> None:
    answers.write(json.dumps({"ok": not error, "error": error}) + "\n")
    answers.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
