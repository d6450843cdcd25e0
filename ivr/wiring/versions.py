"""A flow in the folder as a version for the store, and a version of the store as a flow."""

from pathlib import Path

from ivr.config import Config
from ivr.flow.flow import Flow
from ivr.flow.loader import flow_of_texts, read_flow
from ivr.flow.problems import Problem
from ivr.model.errors import ConfigError
from ivr.store.flow_versions import FlowVersion
from ivr.wiring.flows import wordings

DRAFT = "draft"
"""How commands name what is in the folder."""


def draft(config: Config, name: str) -> tuple[Flow | None, list[Problem]]:
    """A flow as it is in the folder, and everything found about it."""
    return read_flow(config.flows.folder / f"{name}.yaml", wordings())


def version_of(name: str, flow: Flow, folder: Path) -> FlowVersion:
    """What is published: every file by its path below the folder of flows.

    Raises:
        ConfigError: a subflow lies outside the folder.
    """
    texts = {}
    for place, text in flow.texts.items():
        try:
            texts[Path(place).relative_to(folder).as_posix()] = text
        except ValueError as error:
            raise ConfigError(f"{place} is not below {folder}; move it there to publish {name}") from error
    return FlowVersion(name, flow.version, texts)


def flow_of(version: FlowVersion) -> Flow:
    """
    Raises:
        FlowProblems: this program finds mistakes in what an older one accepted.
    """
    return flow_of_texts(version.texts, f"{version.flow}.yaml", wordings())
