"""What a synthesis engine is: a blocking call that turns one sentence into samples. `tts.workers` makes it a voice."""

from dataclasses import dataclass
from threading import Event
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Sound:
    samples: NDArray[np.float32]
    """Shape (n,), full scale 1.0, mono."""

    rate: int


class Engine(Protocol):
    """Speaks one sentence at a time; called on a pool thread, from several at once."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str:
        """Changes whenever the same text would sound different: it is part of the key of cached prompts."""

    def languages(self) -> frozenset[str]:
        """Primary language subtags: "en", "zh"."""

    def synthesize(self, sentence: str, language: str, stop: Event) -> Sound:
        """The sound of `sentence`; returns early with anything once `stop` is set, if the engine can.

        Raises:
            VoiceError: the engine could not.
        """


def primary(language: str) -> str:
    """ "zh-CN" → "zh": the subtag voices are chosen by (RFC 5646 §2.2.1)."""
    return language.replace("_", "-").split("-")[0].lower()
