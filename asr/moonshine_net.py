"""The Moonshine tiny network on onnxruntime: sound to features, then one token at a time for several readings at once.

Weights come from the wheel moonshine-voice 0.1.0 (later wheels carry none). Sessions are shared by all threads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from asr.model_files import check_files
from asr.models import find_model
from asr.tokens import START, Tokens

RATE = 16000
"""Samples per second the network was trained on."""

_LAYERS, _HEADS, _HEAD_SIZE = 6, 8, 36
_PAST = [f"past_key_values.{n}.decoder.{part}" for n in range(_LAYERS) for part in ("key", "value")]
_CROSS = [name.replace("decoder", "encoder") for name in _PAST]
_OUT_PAST = [name.replace("past_key_values", "present") for name in _PAST]
_OUT_CROSS = [name.replace("past_key_values", "present") for name in _CROSS]

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Encoded:
    """An utterance the decoder can read, and its first guess."""

    seconds: float
    fixed: dict[str, NDArray[np.float32] | NDArray[np.int64] | NDArray[np.bool_]]
    """What stays the same at every step. Batch size 1: the decoder spreads it over all readings, which saves a
    third of a step against copying it."""

    log_probs: Floats
    """Of the first token, shape (1, tokens)."""

    past: list[Floats]
    """Keys and values of the decoder's own attention, each (readings, 8, steps, 36)."""


class MoonshineNet:
    """One network for the whole server."""

    def __init__(self, folder: Path) -> None:
        """Load the files of the model moonshine-tiny-en from a folder.

        Raises:
            ModelMissing: a file is absent.
            RecognizerError: a file is not the one this code was measured with.
        """
        check_files(folder, find_model("moonshine-tiny-en").files)
        self.tokens = Tokens((folder / "tokenizer.bin").read_bytes())
        self._encoder = _session(folder / "encoder_model.ort")
        self._decoder = _session(folder / "decoder_model_merged.ort")

    def encode(self, sound: Floats) -> Encoded:
        """Read mono sound at `RATE`, shape (samples,), values within -1 to 1."""
        batch = np.ascontiguousarray(sound, np.float32)[None]
        mask = np.ones(batch.shape, np.int64)
        hidden = self._encoder.run(None, {"input_values": batch, "attention_mask": mask})[0]
        feed = {
            "input_ids": np.array([[START]], np.int64),
            "encoder_hidden_states": hidden,
            "encoder_attention_mask": mask,
            "use_cache_branch": np.array([False]),
        }
        nothing = np.zeros((1, _HEADS, 0, _HEAD_SIZE), np.float32)
        feed.update(dict.fromkeys([*_PAST, *_CROSS], nothing))
        out = self._decoder.run(["logits", *_OUT_PAST, *_OUT_CROSS], feed)
        fixed = {
            "encoder_hidden_states": hidden,
            "encoder_attention_mask": mask,
            "use_cache_branch": np.array([True]),
            **dict(zip(_CROSS, out[1 + len(_PAST) :], strict=True)),
        }
        return Encoded(batch.shape[1] / RATE, fixed, _log_softmax(out[0][:, -1]), list(out[1 : 1 + len(_PAST)]))

    def step(self, heard: Encoded, tokens: Sequence[int], past: list[Floats]) -> tuple[Floats, list[Floats]]:
        """Add one token to each of n readings; log-probabilities of the next, shape (n, tokens), and the new past."""
        feed = dict(heard.fixed)
        feed["input_ids"] = np.array(tokens, np.int64)[:, None]
        feed.update(zip(_PAST, past, strict=True))
        out = self._decoder.run(["logits", *_OUT_PAST], feed)
        return _log_softmax(out[0][:, -1]), list(out[1:])


@cache
def shared_net(folder: Path) -> MoonshineNet:
    """Loaded once in a program, however often it opens its ears anew; raises as `MoonshineNet`."""
    return MoonshineNet(folder)


def choose_past(past: list[Floats], rows: Sequence[int]) -> list[Floats]:
    """The past of the readings `rows`, in that order."""
    if list(rows) == list(range(past[0].shape[0])):
        return past
    return [part[list(rows)] for part in past]


def _session(path: Path) -> ort.InferenceSession:
    """One thread per inference; the calls are the parallel part. The arena keeps the largest sound ever seen."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    result: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True, dtype=np.float32))
    return result
