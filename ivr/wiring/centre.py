"""A call centre that is ready to take calls: what `open_centre` built, in one place."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ivr.call.reception import Reception
from ivr.config import Config
from ivr.environment import Environment
from ivr.model.ports import Dialer
from ivr.store.calls import SqlCallStore
from ivr.web.live import LiveCalls
from ivr.web.metrics import Meters
from ivr.wiring.campaigns import CampaignWires
from ivr.wiring.desk import DeskWires
from ivr.wiring.flows import FlowShelf
from ivr.wiring.forgetting import Forgetting
from ivr.wiring.hearing import HearingShop
from ivr.wiring.insight import InsightWires
from ivr.wiring.publishing import PublishedFlows
from ivr.wiring.routing import RoutingWires
from ivr.wiring.sip import SipWires
from ivr.wiring.twilio import TwilioWires
from ivr.wiring.warming import PromptsAhead
from ivr.wiring.webrtc import WebRtcWires
from tts.speaking import SpeakingVoices

Progress = Callable[[str, int, int], None]
"""What is being done, how much of it is done, and how much there is."""

APOLOGIES = {
    "en": "I'm sorry, something went wrong on our side. Please call again in a moment.",
    "zh": "非常抱歉,我们的系统出了点问题,请稍后再拨。",
}


@dataclass(frozen=True, slots=True)
class Centre:
    """A call centre that is ready to take calls."""

    config: Config
    environment: Environment
    flows: FlowShelf
    published: PublishedFlows
    voices: SpeakingVoices
    hearing: HearingShop
    store: SqlCallStore
    reception: Reception
    live: LiveCalls
    meters: Meters
    routing: RoutingWires
    desks: DeskWires
    insight: InsightWires
    twilio: TwilioWires | None = None
    webrtc: WebRtcWires | None = None
    sip: SipWires = field(default_factory=SipWires)
    campaigns: CampaignWires | None = None
    forgetting: Forgetting | None = None

    @property
    def dialer(self) -> Dialer | None:
        """Who places calls: Twilio where there is an account, else the first trunk that calls out."""
        return self.twilio.dialer if self.twilio else next(iter(self.sip.trunks.values()), None)

    async def warm(self, progress: Progress = lambda what, done, total: None) -> None:
        """Make the prompts that never change, in the languages callers are greeted in: nobody waits for them."""
        ahead = PromptsAhead(self.config, self.voices)
        await ahead.greeted(self._prompts(), lambda done, total: progress("prompts", done, total))

    async def warm_the_rest(self) -> None:
        """The other languages; a slow voice may take minutes, so this goes on beside the first calls."""
        await PromptsAhead(self.config, self.voices).others(self._prompts())

    def _prompts(self) -> list[tuple[str, str]]:
        said = [(text, language) for language, text in APOLOGIES.items()]
        return said + [prompt for dialogue in self.flows.flows.values() for prompt in dialogue.prompts()]
