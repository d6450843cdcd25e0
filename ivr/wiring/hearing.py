"""Recognizers and ears as config.yaml lists them."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from asr.ears import SpeechEars
from asr.moonshine import MoonshineRecognizer
from asr.settings import HearingSettings
from asr.vad import SileroModel, VoiceActivity
from ivr.call.reception import Plan
from ivr.config import Hearing, RecognizerName
from ivr.model.errors import ModelMissing, RecognizerError
from ivr.model.ports import Recognizer, RecognizerStream

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class HearingShop:
    """Makes ears for calls out of what all calls share."""

    settings: HearingSettings
    activity: SileroModel
    threads: ThreadPoolExecutor
    by_language: dict[str, Recognizer]
    reasons: dict[str, str]
    """Why a language cannot be heard, for /readyz and `ivr check`."""

    def ears_for(self, plan: Plan, rate: int) -> SpeechEars:
        def open_stream(language: str) -> RecognizerStream:
            recognizer = self.by_language.get(language.split("-")[0])
            if recognizer is None:
                raise RecognizerError(self.reasons.get(language, f"no recognizer is configured for {language}"))
            return recognizer.open(rate, language)

        return SpeechEars(
            detector=VoiceActivity(self.activity, rate),
            open_stream=open_stream,
            understanding=plan.understanding,
            threads=self.threads,
            rate=rate,
            language=plan.language,
            settings=self.settings,
        )


@asynccontextmanager
async def hearing(settings: Hearing) -> AsyncIterator[HearingShop]:
    """All recognizers of the server; closed with the block. A language without one is a reason, not a failure."""
    threads = ThreadPoolExecutor(settings.threads, thread_name_prefix="hearing")
    made: dict[RecognizerName, Recognizer] = {}
    try:
        by_language: dict[str, Recognizer] = {}
        reasons: dict[str, str] = {}
        for language, names in settings.recognizers.items():
            missing = []
            for name in names:
                try:
                    made[name] = made.get(name) or _recognizer(name, settings, threads)
                    by_language[language] = made[name]
                    break
                except (ModelMissing, RecognizerError) as error:
                    missing.append(f"{name}: {error}")
            else:
                reasons[language] = f"nobody can hear {language!r}: " + "; ".join(missing)
                log.warning("a language cannot be heard", language=language, reasons=missing)
        patience = {**HearingSettings().patience, **settings.end_of_turn_seconds}
        yield HearingShop(HearingSettings(patience=patience), SileroModel(), threads, by_language, reasons)
    finally:
        for recognizer in made.values():
            await recognizer.close()
        threads.shutdown(wait=False, cancel_futures=True)


def _recognizer(name: RecognizerName, settings: Hearing, threads: ThreadPoolExecutor) -> Recognizer:
    match name:
        case "moonshine":
            return MoonshineRecognizer(threads)
        case "vosk" | "whisper" | "scripted":
            raise RecognizerError(f"{name} is not wired yet")
