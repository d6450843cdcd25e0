"""What the browser phone offers: the public numbers of config.yaml, under the names and topics of their flows."""

from collections.abc import Sequence

from ivr.config import Number
from ivr.flow.flow import words_in
from ivr.web.phone import Offered
from ivr.wiring.flows import FlowShelf

MOST_TOPICS = 6


def offered(shelf: FlowShelf) -> Sequence[Offered]:
    """As it is live now: a new title reaches the page with the flow that has it."""
    found = {called: shelf.config.number_for(called) for called in shelf.config.public_numbers()}
    return [_offer(called, number, shelf) for called, number in found.items() if number]


def _offer(called: str, number: Number, shelf: FlowShelf) -> Offered:
    flow = shelf.flow(number.flow).flow
    name = number.name or {language: flow.main.title or number.flow for language in flow.languages}
    intents = [intent for intent in flow.main.intents.values() if intent.kind in ("task", "question")]
    topics = {}
    for language in flow.languages:
        titles = [words_in(intent.title, language)[:1] for intent in intents]
        topics[language] = [text for (text,) in filter(None, titles)][:MOST_TOPICS]
    return Offered(called, name, topics)
