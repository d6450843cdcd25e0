"""Settings of what follows a call: the survey, and the cases that make up for a bad one."""

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from ivr.config_section import Section

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=0)]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("write a time zone as 'Asia/Shanghai'") from error
    return name


Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Zone = Annotated[str, AfterValidator(_zone)]


class Survey(Section):
    enabled: bool = True
    flow: str = "survey/post_call"
    sample_rate: Share = 1.0
    rotation: list[str] = ["ces", "nps", "kano_wait"]
    min_days_between: Annotated[float, Field(ge=0.0)] = 0.0
    nps_days_between: Annotated[float, Field(ge=0.0)] = 90.0
    min_talk_seconds: Annotated[float, Field(ge=0.0)] = 0.0
    most_per_campaign_a_day: Count = 0
    most_per_campaign: Count = 0
    follow_up: bool = False
    follow_up_campaign: str = "survey_callback"
    follow_up_after_minutes: Annotated[int, Field(ge=0, le=1440)] = 30


class Recovery(Section):
    urgent_minutes: Annotated[int, Field(ge=1)] = 30
    other_hours: Annotated[int, Field(ge=1)] = 24
    opens: Clock = "09:00"
    closes: Clock = "18:00"
    workdays: list[Annotated[int, Field(ge=1, le=7)]] = [1, 2, 3, 4, 5]
    zone: Zone = "UTC"
    owners: list[str] = []
    escalate_to: list[str] = []
    escalate_again_minutes: Annotated[int, Field(ge=1)] = 60
    most_escalations: Annotated[int, Field(ge=1)] = 3
    webhook: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
