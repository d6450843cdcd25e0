"""Prompts that are ready sound before anyone hears them: at start, and of a version before it goes live."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog

from ivr.call.dialogue import FlowDialogue
from ivr.config import Config
from tts.speaking import SpeakingVoices

log = structlog.get_logger(__name__)

Prompts = Iterable[tuple[str, str]]
"""(text, language) each."""

Told = Callable[[int, int], None]
"""Pieces done, pieces in all."""

LONGEST_SECONDS = 20.0
"""Longest that a published version waits for its prompts; what is missing then is made when it is spoken."""


@dataclass(frozen=True, slots=True)
class PromptsAhead:
    """Makes prompts with the voices that will say them. Never raises for a voice that fails."""

    config: Config
    voices: SpeakingVoices

    async def greeted(self, prompts: Prompts, told: Told = lambda done, total: None) -> None:
        """Those in the languages in which callers are greeted: nobody may wait for them."""
        await self._made(prompts, greeted=True, told=told)

    async def others(self, prompts: Prompts) -> None:
        """Those in the other languages; a slow voice may take minutes, so this goes on beside calls."""
        await self._made(prompts, greeted=False)

    async def before_live(self, dialogue: FlowDialogue) -> None:
        """The prompts of a version that is about to go live, as far as they can be made in `LONGEST_SECONDS`."""
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                await self.greeted(dialogue.prompts())
        except TimeoutError:
            log.warning("a version goes live before all its prompts are made", flow=dialogue.name)

    async def beside_calls(self, dialogue: FlowDialogue) -> None:
        """The rest of its prompts, once it is live."""
        await self.greeted(dialogue.prompts())
        await self.others(dialogue.prompts())

    async def _made(self, prompts: Prompts, *, greeted: bool, told: Told = lambda done, total: None) -> None:
        numbers = self.config.numbers
        first, spoken = {number.language for number in numbers}, self.config.speaking.voices
        wanted = [(text, lang) for text, lang in prompts if lang in spoken and (lang in first) == greeted]
        await self.voices.warm(wanted, progress=told)
        for voice in dict.fromkeys(number.voice for number in numbers if number.voice):
            await self.voices.preferring(voice).warm(wanted)
