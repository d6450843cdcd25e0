"""What agents are helped with while they talk, as config.yaml writes it."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from ivr.config_section import FolderPath, Section


class Assist(Section):
    rules: FolderPath = Path("flows/advice.yaml")
    similar_cases: bool = True
    show_notes: bool = True
    solved: Annotated[list[str], Field(min_length=1)] = ["resolved"]
    days: Annotated[int, Field(ge=1, le=365)] = 90
    most_cases: Annotated[int, Field(ge=1, le=20_000)] = 2_000
    likeness: Annotated[float, Field(ge=0.0, le=1.0)] = 0.34
    every_seconds: Annotated[float, Field(gt=0.0)] = 300.0
