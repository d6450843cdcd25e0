"""What is counted, watched and told elsewhere, as config.yaml writes it."""

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from ivr.config_section import Section


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone {name!r}; write it as Europe/Berlin") from error
    return name


class Insight(Section):
    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    settle_seconds: Annotated[float, Field(ge=0.0)] = 120.0
    every_seconds: Annotated[float, Field(gt=0.0)] = 15.0
    handling_seconds: Annotated[float, Field(gt=0.0)] = 240.0


class Telemetry(Section):
    enabled: bool = False
    endpoint: Annotated[str, Field(pattern=r"^https?://\S+$")] = "http://127.0.0.1:4318/v1/traces"
    service: str = "ivr"
    share: Annotated[float, Field(ge=0.0, le=1.0)] = 1.0
