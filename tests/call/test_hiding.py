"""A secret leaves no trace, whether it is keyed or, against the request, said."""

from ivr.call.hiding import hidden
from ivr.model.events import DigitPressed, Heard, PartialHeard, SpeechStarted
from ivr.model.meaning import Hypothesis, Meaning, SlotValue, Word

SAID = Heard(
    "four one one one", 0.9, (Hypothesis("for one one one"),), (Word("four", 0.0, 0.2),),
    Meaning("four one one one", slots=(SlotValue("pin", "4111"),)), engine="moonshine",
)  # fmt: skip


def test_neither_keys_nor_words_of_a_secret_are_written_down() -> None:
    assert hidden(DigitPressed("4")) == DigitPressed("•")
    assert hidden(PartialHeard("four one")) == PartialHeard("•")
    assert hidden(SAID) == Heard("•", 0.9, meaning=Meaning("•"), engine="moonshine")
    assert hidden(Heard("")) == Heard("")
    assert hidden(SpeechStarted(1.0)) == SpeechStarted(1.0)


def test_which_command_was_said_is_no_secret() -> None:
    agent = Heard("an agent please", meaning=Meaning("an agent please", control="agent", control_confidence=0.9))
    assert hidden(agent) == Heard("•", meaning=Meaning("•", control="agent", control_confidence=0.9))
