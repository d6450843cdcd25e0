"""What every section of config.yaml has in common."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo


def beside_the_file(path: Path, seen: ValidationInfo) -> Path:
    """Relative paths are meant from the folder of config.yaml, wherever the server is started."""
    folder = (seen.context or {}).get("folder")
    return folder / path if folder else path


FolderPath = Annotated[Path, AfterValidator(beside_the_file)]


class Section(BaseModel):
    """Settings that belong together. An unknown one is an error, not a silence."""

    # Defaults are validated too, sections included: that is where their paths learn of the folder.
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, revalidate_instances="always")
