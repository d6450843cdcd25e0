"""What the browser phone offers: the numbers of config.yaml, under the names and topics of their flows."""

from collections.abc import Sequence

from ivr.config import Number
from ivr.flow.flow import words_in
from ivr.web.phone import Offered
from ivr.wiring.flows import FlowShelf

MOST_TOPICS = 6


def offered(shelf: FlowShelf) -> Sequence[Offered]:
    """As it is live now: a new title reaches the page with the flow that has it."""
    return [_offer(number, shelf) for number in shelf.config.numbers if not number.number.startswith("sip")]


def _offer(number: Number, shelf: FlowShelf) -> Offered:
    flow = shelf.flow(number.flow).flow
    name = number.name or {language: flow.main.title or number.flow for language in flow.languages}
    topics = {}
    for language in flow.languages:
        titles = [words_in(intent.title, language)[:1] for intent in flow.main.intents.values()]
        topics[language] = [text for (text,) in filter(None, titles)][:MOST_TOPICS]
    return Offered(number.number, name, topics)
