"""When the recording of a call begins: at once, or once the caller has agreed to it."""

import structlog

from ivr.call.live import LiveCall
from ivr.call.recorder import StereoRecorder
from ivr.model.ports import Line

log = structlog.get_logger(__name__)


def start_recording(call: LiveCall, line: Line, at: float) -> None:
    """Record what is said and heard from `at` on (seconds since the answer); positions count from the answer.

    A folder that cannot be written is logged: the call goes on without a recording.
    """
    if call.recording is None or call.recorder:
        return
    try:
        call.recorder = StereoRecorder(call.recording, line.rate)
    except OSError as error:
        log.warning("call is not recorded", call_id=call.call_id, error=type(error).__name__)
        return
    call.log.recorded_at(str(call.recording))
    line.listen_along(call.recorder, at)
