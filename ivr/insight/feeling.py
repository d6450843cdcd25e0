"""Pure: the mood of one caller as their sentences come, as a live call feels it: for calls by text."""

from dataclasses import dataclass

from ivr.insight.emotion import Mood, heard
from ivr.insight.sentiment import sentiment


@dataclass(slots=True)
class Feeling:
    """Of one call; ask it once for each sentence, in order."""

    mood: Mood = Mood()

    def __call__(self, words: str) -> str:
        """amber, red or empty."""
        self.mood, _ = heard(self.mood, sentiment(words), words)
        return "" if self.mood.level == "none" else self.mood.level
