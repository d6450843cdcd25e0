"""Prompts are made with the voices that will say them, in the language of the greeting first."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from ivr.call.dialogue import FlowDialogue
from ivr.config import Number
from ivr.flow.loader import load_flow
from ivr.model.errors import VoiceError
from ivr.wiring import warming
from ivr.wiring.clock import SystemClock
from ivr.wiring.flows import wordings
from ivr.wiring.warming import PromptsAhead
from tests.wiring.kit import FLOW, config
from tts.cache import PromptCache
from tts.chain import VoiceChain, VoicePlace
from tts.speaking import SpeakingVoices

TEXT = """\
flow: hours
languages: [en, zh]
start: greet
agent: person
steps:
  greet: { say: { en: Welcome., zh: 您好。 }, then: person }
  person: { queue: people, otherwise: bye }
  bye: { hangup: self_service_completed }
"""


class Notes:
    """A voice that notes what it is asked to say, and says a moment of silence."""

    def __init__(self, name: str, said: list[tuple[str, str]], *, stuck: bool = False) -> None:
        self.name, self.said, self.stuck = name, said, stuck

    def languages(self) -> frozenset[str]:
        return frozenset({"en", "zh"})

    async def speak(self, text: str, rate: int, language: str) -> Any:
        self.said.append((self.name, text))
        if self.stuck:
            await asyncio.Event().wait()
        raise VoiceError("dumb")
        yield

    async def close(self) -> None: ...


@pytest.fixture(autouse=True)
def _fresh_logs() -> None:
    structlog.reset_defaults()


def asked_to_say(folder: Path, run: Any, *, stuck: bool = False, voice: str = "") -> list[tuple[str, str]]:
    """What each voice was asked for while `run(ahead, dialogue)` ran."""
    settings = config(folder, TEXT, numbers=[Number(number="*", flow=FLOW, voice=voice)])
    dialogue = FlowDialogue(FLOW, load_flow(settings.flows.folder / f"{FLOW}.yaml", wordings()))
    said: list[tuple[str, str]] = []

    async def opened() -> None:
        chain = VoiceChain([VoicePlace(Notes(name, said, stuck=stuck)) for name in ("first", "second")])
        voices = SpeakingVoices(chain, PromptCache(folder / "prompts"), SystemClock())
        await run(PromptsAhead(settings, voices), dialogue)
        await voices.close()

    asyncio.run(opened())
    return said


def test_before_a_version_is_live_its_prompts_in_the_language_of_the_greeting_are_made(tmp_path: Path) -> None:
    said = asked_to_say(tmp_path, lambda ahead, dialogue: ahead.before_live(dialogue))
    assert ("first", "Welcome.") in said
    assert not [text for _, text in said if "您" in text]


def test_beside_calls_the_other_languages_follow(tmp_path: Path) -> None:
    said = asked_to_say(tmp_path, lambda ahead, dialogue: ahead.beside_calls(dialogue))
    texts = [text for _, text in said]
    assert texts.index("Welcome.") < texts.index("您好。")


def test_a_number_with_a_voice_of_its_own_gets_its_prompts_in_that_voice(tmp_path: Path) -> None:
    said = asked_to_say(tmp_path, lambda ahead, dialogue: ahead.before_live(dialogue), voice="second")
    welcomes = [name for name, text in said if text == "Welcome."]
    assert welcomes[0] == "first"
    assert "second" in welcomes


def test_a_voice_that_hangs_keeps_a_version_from_going_live_for_a_while_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warming, "LONGEST_SECONDS", 0.01)
    with capture_logs() as logs:
        said = asked_to_say(tmp_path, lambda ahead, dialogue: ahead.before_live(dialogue), stuck=True)
    assert len(said) == 1
    assert [one["event"] for one in logs] == ["a version goes live before all its prompts are made"]
