"""Understandings learned once for all workers and runs, as the server keeps its own: learning takes seconds."""

import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ivr.model.meaning import Vocabulary
from ivr.nlu.kept import KeptUnderstandings
from ivr.nlu.settings import UnderstandingSettings
from ivr.nlu.understanding import FlowUnderstanding, build_understanding

OURS = Path(tempfile.gettempdir()) / f"ivr-tests-{os.getuid()}"
"""Files in it are named by everything they depend on, so an old one is never taken."""

LEARNED = OURS / "understanding"
"""Of the servers that tests start; learning is most of the time their first start takes."""

PLAIN = OURS / "plain"
"""With the multilingual encoder alone: half of the seconds. Never in one folder with what every encoder learned."""


def understood(vocabularies: Mapping[str, Vocabulary]) -> FlowUnderstanding:
    """What `build_understanding` makes of these words; that what is read back is the same is proved in test_kept.

    Raises:
        ModelMissing: the encoder's weights are not installed.
    """
    with one_at_a_time():
        return KeptUnderstandings(PLAIN, _plain).understanding(vocabularies)


def _plain(vocabularies: Mapping[str, Vocabulary], settings: UnderstandingSettings) -> FlowUnderstanding:
    return build_understanding(vocabularies, settings)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Whoever comes second finds what the first has learned, instead of learning it too."""
    OURS.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (OURS / "learning").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
