"""Pure: what a site can tune about understanding. Defaults from measurements (docs: nlu.md)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnderstandingSettings:
    accept: float = 0.75
    """Confidence from which an intent is acted on; the head is fitted so that at most `wrong_actions` are wrong."""

    confirm: float = 0.35
    """Confidence from which "did you mean …?" is asked; below it the caller is asked again."""

    wrong_actions: float = 0.05
    """Greatest share of turns acted on wrongly that the fitting allows, on held-out, noised examples."""

    unprepared_actions: float = 0.25
    """The same for questions of the same trade that no intent covers; a stricter share makes known requests wait."""

    out_of_scope_share: float = 0.2
    """Share of turns that are about something else, assumed when calibrating."""

    word_error_rates: tuple[float, ...] = (0.1, 0.2)
    """Simulated recognition errors, one noised copy of the examples each, for training and calibration."""

    folds: int = 5
    """Held-out folds for calibration; 3 from 2,000 examples on."""

    most_guesses: int = 3
    phone_region: str = "US"
    """ISO country whose numbering plan reads phone numbers in English; Chinese uses CN."""

    seed: int = 20260302
