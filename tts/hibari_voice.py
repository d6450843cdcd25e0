"""The embedded English neural voice (hibari-tts): 24 kHz, thread-safe, about 1 % of a core while it speaks.

Only the voice inside the wheel is used; the others would be downloaded during a call.
"""

import re
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from threading import Event
from typing import Any

import numpy as np

from ivr.model.errors import VoiceError
from tts.engine import Sound

_SEED = 0
"""Of the model's noise source: the same text always gives the same samples, so a cached prompt is the spoken one."""


_NUMBER_SIGN = re.compile(r"\b[Nn]o\. ?(?=\d)")
"""The model's own splitter takes "No. 5" for two sentences, "No" and "5"."""


class HibariEngine:
    """One model for all calls, and all engines; one inference thread each. The first takes a second and 200 MB."""

    def __init__(self, speed: float = 1.0) -> None:
        """
        Args:
            speed: 1.0 is the voice's own pace, 0.5 slow, 2.0 fast.

        Raises:
            VoiceError: the package is not installed.
        """
        self.name = "hibari"
        self._speed = speed
        self._model = _loaded()

    @property
    def version(self) -> str:
        try:
            return f"{version('hibari-tts')}/heart/{self._speed:g}"
        except PackageNotFoundError:
            return f"unknown/heart/{self._speed:g}"

    def languages(self) -> frozenset[str]:
        return frozenset({"en"})

    def synthesize(self, sentence: str, language: str, stop: Event) -> Sound:
        parts: list[np.ndarray[Any, np.dtype[np.float32]]] = []
        for part in self._model.stream(_NUMBER_SIGN.sub("number ", sentence), speed=self._speed, seed=_SEED):
            if stop.is_set():
                break
            parts.append(part)
        samples = np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)
        return Sound(samples, int(self._model.sample_rate))


@cache
def _loaded() -> Any:
    """Once in a program, however often it opens its voices anew."""
    try:
        from hibari import Hibari
    except ImportError as error:
        raise VoiceError("the hibari voice is not installed: pip install hibari-tts==0.2.1") from error
    model = Hibari(voice="heart", threads=1)
    model("Ready.", seed=_SEED)
    return model
