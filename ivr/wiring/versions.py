"""A flow in the folder as a version for the store, a version of the store as a flow, and the way to publish one."""

import asyncio
import re
from dataclasses import dataclass, replace
from pathlib import Path

from ivr.config import Config
from ivr.flow.flow import Flow
from ivr.flow.loader import flow_of_texts, load_flow, read_flow
from ivr.flow.problems import Problem
from ivr.model.errors import ConfigError, NotThere
from ivr.store.flow_versions import By, FlowVersion, FlowVersions, LiveFlow
from ivr.wiring.flows import FlowShelf, surroundings_of, wordings
from ivr.wiring.rehearsing import rehearsed

NAME = re.compile(r"[\w-]+(/[\w-]+)*")
"""Names lead into the folder of flows and nowhere else."""

DRAFT = "draft"
"""How commands name what is in the folder."""


def name_of(config: Config, written: str) -> str:
    """The name of a flow or a folder of flows, as people write it: bank/hotline, or the path of its file."""
    path, folder = Path(written), config.flows.folder.resolve()
    if path.suffix != ".yaml" and not (path.exists() and path.resolve() != folder and not (folder / path).exists()):
        return written.rstrip("/")
    inside = path.resolve()
    return inside.relative_to(folder).with_suffix("").as_posix() if inside.is_relative_to(folder) else written


def draft(config: Config, name: str) -> tuple[Flow | None, list[Problem]]:
    """A flow as it is in the folder, and everything found about it."""
    return read_flow(config.flows.folder / f"{name}.yaml", wordings(), around=surroundings_of(config))


def sound_draft(config: Config, name: str, path: Path | None = None) -> Flow:
    """A flow as it is in the folder (or in any other file).

    Raises:
        FlowProblems: there is an error in it.
    """
    return load_flow(path or config.flows.folder / f"{name}.yaml", wordings())


@dataclass(frozen=True, slots=True)
class FlowDesk:
    """Where flows are published, from the command line and over HTTP: nothing goes live that cannot run."""

    config: Config
    store: FlowVersions

    async def publish(self, name: str, by: By, wanted: str = DRAFT, *, untested: bool = False) -> LiveFlow:
        """Give all new calls the draft or a kept version.

        Args:
            untested: even if its conversations go differently: for emergencies, and kept in the history.

        Raises:
            FlowProblems: there is an error in it; what is live stays live.
            ConversationsFailed: the draft does not do what the conversations beside it say; as above.
            ConfigError: it lacks the language of a number.
            NotThere: there is no such version.
        """
        version, unproven = await self._ready(name, wanted, untested)
        return replace(await self.store.publish(version, by, untested=unproven), untested=unproven)

    async def canary(self, name: str, wanted: str, share: float, by: By, *, untested: bool = False) -> LiveFlow:
        """Give a share of new calls to the draft or a kept version; an empty version ends it. Raises as `publish`."""
        if not wanted:
            return await self.store.canary(name, "", 0.0, by)
        version, unproven = await self._ready(name, wanted, untested)
        await self.store.keep(version, by)
        live = await self.store.canary(name, version.version, share, by, untested=unproven)
        return replace(live, untested=unproven)

    async def _ready(self, name: str, wanted: str, untested: bool) -> tuple[FlowVersion, bool]:
        """Checked, learned (so that servers on this machine read what was learned) and tested; whether it goes live
        without a conversation played. A kept version was tested when it was a draft, by conversations that may say
        something else by now."""
        version = await named_version(self.config, self.store, name, wanted)
        played = await asyncio.to_thread(self._prove, version, wanted == DRAFT and not untested)
        return version, untested or (wanted == DRAFT and not played)

    def _prove(self, version: FlowVersion, tested: bool) -> int:
        """Conversations played."""
        shelf = FlowShelf(self.config)
        dialogue = shelf.published(version)
        return rehearsed(self.config, dialogue, shelf.understanding(dialogue)) if tested else 0


async def named_version(config: Config, store: FlowVersions, name: str, wanted: str) -> FlowVersion:
    """A version by what people call it: `draft`, `live`, `previous`, or the beginning of its id.

    Raises:
        FlowProblems: the draft has an error.
        NotThere: there is no such version.
    """
    if not NAME.fullmatch(name):
        raise NotThere("no flow has a name like that; write it as in config.yaml: bank/hotline")
    if wanted == DRAFT:
        return version_of(name, sound_draft(config, name), config.flows.folder)
    if wanted in ("live", "previous"):
        live = (await store.live()).get(name)
        if live is None:
            raise NotThere(f"{name} was never published; do that first: ivr flow publish {name}")
        wanted = live.version if wanted == "live" else live.previous
    return await store.version(name, wanted)


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
