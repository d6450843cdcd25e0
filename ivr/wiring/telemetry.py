"""Traces of this server, if they are wanted: the one place that knows where they are sent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ivr.call.reception import Watching
from ivr.config_insight import Telemetry
from ivr.model.errors import ConfigError


@asynccontextmanager
async def traces(settings: Telemetry) -> AsyncIterator[tuple[Watching, ...]]:
    """Who is to be told of calls; nobody where telemetry is off. What waits is sent when the block is left.

    Raises:
        ConfigError: it is on, and the extra is not installed.
    """
    if not settings.enabled:
        yield ()
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        from ivr.web.traces import CallTraces
    except ImportError as error:
        raise ConfigError("telemetry: needs OpenTelemetry; install it with: pip install 'ivr[telemetry]'") from error
    found = CallTraces(OTLPSpanExporter(endpoint=settings.endpoint), settings.service, settings.share)
    try:
        yield (found,)
    finally:
        await asyncio.to_thread(found.close)
