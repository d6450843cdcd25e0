"""Help for a call over HTTP: the same that the desk shows, for a CRM that is the agent's screen."""

from dataclasses import dataclass

import structlog

from ivr.assist.next_best import Found, next_best
from ivr.assist.rules import Rule, Situation
from ivr.call.reception import Reception
from ivr.console.desk_advice import MOST_SAID
from ivr.console.desk_parts import level_of
from ivr.console.desk_talk import Suggestion
from ivr.model.assist import Similar
from ivr.model.errors import IvrError
from ivr.web.assist import Help
from ivr.wiring.assisting import Assistance
from ivr.wiring.desk import Suggestions
from ivr.wiring.routing import RoutingWires, live_handoff

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CallHelp:
    """What `ivr.web.assist` asks."""

    routing: RoutingWires
    reception: Reception
    assistance: Assistance
    suggestions: Suggestions

    async def find(self, call_id: str, who: str) -> Help:
        """
        Raises:
            NotThere: the call is not on the line here.
        """
        known = live_handoff(self.routing, self.reception, call_id)
        said = self._said(call_id)
        before = await self.assistance.before(known)
        similar, answers = Similar(), tuple[Suggestion, ...]()
        try:
            similar = await self.assistance.similar(who, known, said)
            answers = await self.suggestions.find(call_id, said[-1], known.language) if said else ()
        except IvrError as error:
            log.warning("a call could not be helped", call_id=call_id, code=error.code)
        finally:
            self.assistance.over(who, call_id)
        best = answers[0] if answers else None
        found = Found(best.question if best else "", best.confidence if best else 0.0, similar.outcomes)
        now = Situation(known, before, level_of(known.mood) or "none", 0.0, tuple(said))
        return Help(next_best(now, found, self.assistance.house_rules()), answers, similar, before)

    def agent_of(self, call_id: str) -> str:
        """Who has the call, or is being rung for it; empty: nobody."""
        floor = self.routing.dispatcher.centre.floor
        entry = next((one for one in floor.entries.values() if one.call_id == call_id), None)
        if entry is None:
            return ""
        return entry.agent_id or next((floor.offers[offer].agent_id for offer in entry.offers), "")

    def rules(self) -> tuple[tuple[Rule, ...], str]:
        held = self.assistance.house_rules()
        return held, self.assistance.rules.trouble

    def _said(self, call_id: str) -> list[str]:
        call = self.reception.live.get(call_id)
        return [turn.heard for turn in call.log.turns if turn.heard][-MOST_SAID:] if call else []
