"""Which languages nobody hears, and why, before a caller finds out."""

import asyncio
from pathlib import Path

from ivr.config import Hearing
from ivr.wiring.hearing import hearing


def test_a_language_that_nobody_hears_is_told_with_its_reason(tmp_path: Path) -> None:
    async def run() -> None:
        async with hearing(Hearing(recognizers={"zh": ["vosk"]}, models=tmp_path)) as shop:
            told = shop.deaf_to(["zh", "de", "zh"])
        assert list(told) == ["de", "zh"]
        assert told["de"] == "nobody can hear 'de': name a recognizer for it under hearing.recognizers in config.yaml"
        assert told["zh"].startswith("nobody can hear 'zh': vosk: no Vosk model for 'zh' in ")

    asyncio.run(run())
