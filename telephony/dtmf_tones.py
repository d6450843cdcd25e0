"""Pure: keys as sound, for lines that have no other way to send them (ITU-T Q.23)."""

import numpy as np

KEYPAD = ("123A", "456B", "789C", "*0#D")
LOW_HZ = (697, 770, 852, 941)
HIGH_HZ = (1209, 1336, 1477, 1633)
TONE_SECONDS = 0.1
PAUSE_SECONDS = 0.1
LEVEL = 0.25
"""Peak of one of the two tones, of full scale: about -15 dBFS each."""


def digit_tones(digits: str, rate: int) -> bytes:
    """PCM of the keys one after the other, 100 ms of tone and 100 ms of pause each; other characters are pauses."""
    time = np.arange(round(TONE_SECONDS * rate)) / rate
    pcm = bytearray()
    for digit in digits.upper():
        tone = np.zeros(time.size)
        for row, keys in enumerate(KEYPAD):
            if digit in keys:
                pair = (LOW_HZ[row], HIGH_HZ[keys.index(digit)])
                tone = sum((np.sin(2 * np.pi * hertz * time) for hertz in pair), tone)
        pcm += (tone * LEVEL * 32767).astype("<i2").tobytes() + bytes(2 * round(PAUSE_SECONDS * rate))
    return bytes(pcm)
