"""Pure: names and lengths of the timers of a call, and what is said when nothing else can be."""

from ivr.model.meaning import Expect

NO_INPUT = "no_input"
BETWEEN_KEYS = "between_keys"
FILLER = "filler"
FETCH_LIMIT = "fetch_limit"
TIMERS = (NO_INPUT, BETWEEN_KEYS, FILLER, FETCH_LIMIT)

NO_INPUT_SECONDS = 5.0
"""domain.md 2.9.1; the first turn of a call gets a second more."""

FILLER_SECONDS = 1.2
FILLER_EVERY_SECONDS = 6.0
FETCH_LIMIT_SECONDS = 12.0
"""domain.md 2.9.1: filler at 1.2 s, then every 6 s, hard limit 12 s."""

FILLERS = {"en": "One moment, please.", "zh": "请稍等。"}
APOLOGY = "I'm sorry, something went wrong on our side. Please call again in a moment."
NOT_ASKED = Expect(kind="none")
GREETED = Expect(step="greeting", kind="none", end_of_turn_seconds=0.45)
"""While who picked up a call of ours says hello: they stop, and wait for us."""
