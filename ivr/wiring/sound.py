"""Deleting the recording of one call, for the API and the console."""

from functools import partial

from ivr.config import Config
from ivr.store.calls import SqlCallStore
from ivr.store.retention import erase_recording
from ivr.web.erasures import SoundEraser


def sound_eraser(config: Config, store: SqlCallStore) -> SoundEraser:
    return partial(erase_recording, folder=config.recording.folder, records=store.archive, mentions=store)
