"""G.711 against an independent implementation (CPython's C code, gone in 3.13) and against itself."""

import warnings

import numpy as np
import pytest

from ivr.model import g711

EVERY_SAMPLE = np.arange(65536, dtype="<u2").tobytes()
EVERY_CODE = bytes(range(256))

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    audioop = pytest.importorskip("audioop", reason="audioop left Python with 3.13; it is only the oracle here")


def test_mulaw_agrees_with_audioop_for_every_sample_and_every_code() -> None:
    assert g711.mulaw_encode(EVERY_SAMPLE) == audioop.lin2ulaw(EVERY_SAMPLE, 2)
    assert g711.mulaw_decode(EVERY_CODE) == audioop.ulaw2lin(EVERY_CODE, 2)


def test_alaw_agrees_with_audioop_for_every_sample_and_every_code() -> None:
    assert g711.alaw_encode(EVERY_SAMPLE) == audioop.lin2alaw(EVERY_SAMPLE, 2)
    assert g711.alaw_decode(EVERY_CODE) == audioop.alaw2lin(EVERY_CODE, 2)


def test_silence_bytes_are_what_silence_encodes_to() -> None:
    assert g711.mulaw_encode(bytes(6)) == g711.MULAW_SILENCE * 3
    assert g711.alaw_encode(bytes(6)) == g711.ALAW_SILENCE * 3


def test_sound_coded_twice_is_the_sound_coded_once() -> None:
    once = g711.mulaw_decode(g711.mulaw_encode(EVERY_SAMPLE))
    assert g711.mulaw_decode(g711.mulaw_encode(once)) == once
    once = g711.alaw_decode(g711.alaw_encode(EVERY_SAMPLE))
    assert g711.alaw_decode(g711.alaw_encode(once)) == once


def test_nothing_is_coded_as_nothing() -> None:
    assert g711.mulaw_encode(b"") == g711.mulaw_decode(b"") == g711.alaw_encode(b"") == g711.alaw_decode(b"") == b""


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="multiple of element size"):
        g711.mulaw_encode(b"\x00")
    with pytest.raises(ValueError, match="multiple of element size"):
        g711.alaw_encode(b"\x00\x00\x00")
