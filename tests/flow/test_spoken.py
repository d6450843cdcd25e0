"""A sample of the shipped conversations, spoken by a real voice over 8 kHz and heard by the real recognizer, as
`ivr flow test --voice` plays all of them."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from ivr.config import Config, Flows, Hearing, Speaking
from ivr.flow.conversation import rehearse
from ivr.flow.driving import EngineDriver
from ivr.flow.loader import load_flow
from ivr.flow.vocabulary import vocabulary
from ivr.model.errors import ConfigError, ModelMissing
from ivr.wiring.flows import wordings
from ivr.wiring.rehearsing import conversations_of
from ivr.wiring.spoken import Spoken, spoken
from tests.understood import understood

FLOWS = Path(__file__).parents[2] / "flows"
SAMPLE = {
    "bank/hotline": (
        "a branch is found and texted",
        "the wrong digits are corrected",
        "another place at the offer to text",
    ),
    "appliance/hotline": ("an installation with a reserve, in seven turns", "it does not cool, the tip helps"),
    "survey/post_call": ("not satisfied is not satisfied", "nine", "how easy it was, by voice"),
}

pytestmark = pytest.mark.voice


@pytest.fixture(autouse=True)
def _fresh_logs() -> Iterator[None]:
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize("flow", SAMPLE)
def test_shipped_conversations_go_as_written_when_they_are_spoken(flow: str, tmp_path: Path) -> None:
    config = Config(
        flows=Flows(folder=FLOWS),
        speaking=Speaking(voices={"en": ["hibari"]}, cache=tmp_path / "prompts"),
        hearing=Hearing(recognizers={"en": ["moonshine"]}),
    )
    scripts = [script for _, script in conversations_of(config, flow) if script.name in SAMPLE[flow]]
    assert len(scripts) == len(SAMPLE[flow])
    loaded = load_flow(FLOWS / f"{flow}.yaml", wordings())

    async def spoken_by_callers() -> list[str]:
        async with spoken(config) as (rehearsing, unheard):
            if "en" in unheard:
                pytest.skip(unheard["en"])
            # English alone, and with the smaller encoder.
            words = await asyncio.to_thread(understood, {"en": vocabulary(loaded, "en")})
            heard = rehearsing.heard_as(words)
            assert isinstance(heard, Spoken)
            failures = []
            for script in scripts:
                driver = EngineDriver(loaded, script, {"en": heard})
                failures += await asyncio.to_thread(rehearse, script, driver)
            return failures

    try:
        assert asyncio.run(spoken_by_callers()) == []
    except (ModelMissing, ConfigError) as error:
        pytest.skip(str(error))
