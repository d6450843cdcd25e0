"""Recognizers and ears as config.yaml lists them."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from asr.ears import SpeechEars
from asr.models import Shelf
from asr.moonshine import MoonshineRecognizer
from asr.second_opinion import AskWhen, SecondOpinion
from asr.settings import HearingSettings
from asr.vad import SileroModel, VoiceActivity
from asr.vosk import VoskRecognizer
from asr.whisper import WhisperRecognizer
from ivr.call.reception import Plan
from ivr.config import Hearing, RecognizerName
from ivr.model.errors import ModelMissing, RecognizerError
from ivr.model.meaning import Expect, Hypothesis, Meaning
from ivr.model.ports import Recognizer, RecognizerStream, Understanding

log = structlog.get_logger(__name__)


class WordsOnly:
    """Implements `Understanding` where only the words count."""

    def understand(self, hypotheses: Sequence[Hypothesis], expect: Expect) -> Meaning:
        return Meaning(hypotheses[0].text if hypotheses else "")


@dataclass(slots=True)
class HearingShop:
    """Makes ears for calls out of what all calls share."""

    settings: HearingSettings
    activity: SileroModel
    threads: ThreadPoolExecutor
    by_language: dict[str, Recognizer]
    reasons: dict[str, str]
    """Why a language that is named under hearing.recognizers cannot be heard."""

    def deaf_to(self, languages: Iterable[str]) -> Mapping[str, str]:
        """Of these languages those that nobody hears, each with the reason; for /readyz and the start."""
        unnamed = "nobody can hear {!r}: name a recognizer for it under hearing.recognizers in config.yaml"
        deaf = sorted(set(languages) - set(self.by_language))
        return {language: self.reasons.get(language, unnamed.format(language)) for language in deaf}

    def ears_for(self, plan: Plan, rate: int) -> SpeechEars:
        return self._ears(plan.understanding, plan.language, rate)

    def plain_ears(self, language: str, rate: int) -> SpeechEars | None:
        """For the transcript of somebody whose words nobody has to understand; None: we cannot hear this language."""
        return self._ears(WordsOnly(), language, rate) if language.split("-")[0] in self.by_language else None

    def _ears(self, understanding: Understanding, language: str, rate: int) -> SpeechEars:
        def open_stream(language: str) -> RecognizerStream:
            recognizer = self.by_language.get(language.split("-")[0])
            if recognizer is None:
                raise RecognizerError(self.reasons.get(language, f"no recognizer is configured for {language}"))
            return recognizer.open(rate, language)

        return SpeechEars(
            detector=VoiceActivity(self.activity, rate),
            open_stream=open_stream,
            understanding=understanding,
            threads=self.threads,
            rate=rate,
            language=language,
            settings=self.settings,
        )


@asynccontextmanager
async def hearing(settings: Hearing) -> AsyncIterator[HearingShop]:
    """All recognizers of the server; closed with the block. A language without one is a reason, not a failure."""
    threads = ThreadPoolExecutor(settings.threads, thread_name_prefix="hearing")
    by_language: dict[str, Recognizer] = {}
    reasons: dict[str, str] = {}
    try:
        for language, names in settings.recognizers.items():
            missing = []
            for name in names:
                try:
                    by_language[language] = _with_second(_recognizer(name, language, settings, threads), language,
                                                         settings, threads)  # fmt: skip
                    break
                except RecognizerError as error:
                    missing.append(f"{name}: {error}")
            else:
                reasons[language] = f"nobody can hear {language!r}: " + "; ".join(missing)
                log.info("a language cannot be heard", language=language, reasons=missing)
        patience = {**HearingSettings().patience, **settings.end_of_turn_seconds}
        yield HearingShop(HearingSettings(patience=patience), SileroModel(), threads, by_language, reasons)
    finally:
        for recognizer in by_language.values():
            await recognizer.close()
        threads.shutdown(wait=False, cancel_futures=True)


def _recognizer(name: RecognizerName, language: str, settings: Hearing, threads: ThreadPoolExecutor) -> Recognizer:
    """
    Raises:
        ModelMissing: its model is not on this machine; says which command installs it.
        RecognizerError: it does not know the language.
    """
    match name:
        case "moonshine":
            moonshine = MoonshineRecognizer(threads)
            if language not in moonshine.languages():
                raise RecognizerError(f"moonshine reads English, not {language!r}")
            return moonshine
        case "vosk":
            folder = Shelf(settings.models).find("vosk", language)
            if folder is None:
                raise ModelMissing(f"no Vosk model for {language!r} in {settings.models}; see: ivr models list")
            return VoskRecognizer(folder, language)
        case "whisper":
            return WhisperRecognizer(threads, Shelf(settings.models).find("whisper", language), language)


def _with_second(first: Recognizer, language: str, settings: Hearing, threads: ThreadPoolExecutor) -> Recognizer:
    """Where config.yaml names another recognizer to ask when the first is unsure."""
    wanted = settings.second_opinion
    if not wanted.recognizer or wanted.recognizer == first.name:
        return first
    try:
        second = _recognizer(wanted.recognizer, language, settings, threads)
    except RecognizerError as error:
        log.warning("no second opinion", language=language, reason=str(error))
        return first
    return SecondOpinion(
        first, second, AskWhen(more_words_than=wanted.longer_than_words, doubtful_below=wanted.below_confidence)
    )
