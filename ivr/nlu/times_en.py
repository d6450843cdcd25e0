"""Pure: English clock times: "half past three", "a quarter to nine", "three thirty p m", "at five in the evening"."""

from datetime import datetime, time, timedelta

from ivr.nlu.words_en import TENS, cardinal

_NOT_A_DATE = datetime(2000, 1, 1)
_BEFORE_HOUR = {"at", "between", "from", "by", "around", "about", "after", "before", "until", "till"}
_AFTER_HOUR = {"oclock", "a", "p", "am", "pm", "in", "sharp", "ish"}


def half_of_day(words: list[str]) -> str:
    """ "am", "pm" or "" as the words name a part of the day."""
    text = " ".join(words)
    if {"evening", "tonight", "afternoon", "pm"} & set(words) or " p m" in text:
        return "pm"
    if {"morning", "am"} & set(words) or " a m" in text:
        return "am"
    return ""


def read_time(words: list[str], used: set[int]) -> tuple[time, set[int]] | None:
    """The first clock time outside the words already used, with the words it took.

    A bare hour from one to seven is read as the afternoon: people ring about business hours.

    Args:
        words: from `words_of`, with "oclock" as one word.
        used: indexes of words that belong to a date.
    """
    half = half_of_day(words)
    for at, word in enumerate(words):
        if word in ("noon", "midday") and words[max(0, at - 1)] != "after":
            return time(12, 0), {at}
        if word == "midnight":
            return time(0, 0), {at}
    return _past_or_to(words, half) or _hour_and_minutes(words, half, used)


def part_of_day(words: list[str]) -> str:
    """morning, afternoon or evening, or "": for callers who name no hour."""
    for word in words:
        if word in ("morning", "afternoon", "evening"):
            return word
        if word in ("tonight", "night"):
            return "evening"
    return ""


def _clock(hour: int, minute: int, half: str) -> time:
    if half == "pm" and hour < 12 or not half and 1 <= hour <= 7:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    return time(hour % 24, minute)


def _small(words: list[str], at: int) -> tuple[int, int] | None:
    if at < 0 or at >= len(words) or words[at] == "a":
        return None
    found = cardinal(words, at, joins=False)
    return found if found and found[0] < 100 else None


def _past_or_to(words: list[str], half: str) -> tuple[time, set[int]] | None:
    for at, word in enumerate(words):
        if word not in ("past", "to", "after") or at == 0:
            continue
        minutes = _minutes_before(words, at)
        hour = _small(words, at + 1)
        if minutes is None or not hour or not 0 < hour[0] <= 24:
            continue
        clock = _clock(hour[0], 0, half)
        shift = timedelta(minutes=-minutes[0] if word == "to" else minutes[0])
        taken = set(range(minutes[1], hour[1]))
        return (datetime.combine(_NOT_A_DATE, clock) + shift).time(), taken
    return None


def _minutes_before(words: list[str], at: int) -> tuple[int, int] | None:
    """(minutes, index of their first word) said right before "past" or "to"."""
    if words[at - 1] == "half":
        return 30, at - 1
    if words[at - 1] == "quarter":
        return 15, at - 1
    for start in range(max(0, at - 3), at):
        found = _small(words, start)
        if found and found[0] < 60 and words[found[1] : at] in (["minutes"], ["minute"]):
            return found[0], start
        if found and found[1] == at and found[0] in (5, 10, 15, 20, 25):
            return found[0], start
    return None


def _hour_and_minutes(words: list[str], half: str, used: set[int]) -> tuple[time, set[int]] | None:
    for at in range(len(words)):
        hour = _small(words, at)
        if not hour or hour[0] > 23 or at and words[at - 1] in TENS or used & set(range(at, hour[1])):
            continue
        minutes, end = _minutes_after(words, hour[1], used)
        marked = (
            (at and words[at - 1] in _BEFORE_HOUR and words[hour[1] : hour[1] + 1] not in (["days"], ["weeks"]))
            or (end < len(words) and words[end] in _AFTER_HOUR and not _is_plain_in(words, end))
            or minutes is not None
        )
        if marked:
            return _clock(hour[0], minutes or 0, half), set(range(at, end))
    return None


def _is_plain_in(words: list[str], at: int) -> bool:
    return words[at] == "in" and words[at + 1 : at + 2] != ["the"]


def _minutes_after(words: list[str], at: int, used: set[int]) -> tuple[int | None, int]:
    colon = words[at : at + 1] == [":"]
    here = at + colon
    if here >= len(words) or here in used:
        return None, at
    after_oh = here + 1 if words[here] in ("oh", "o") else here
    found = _small(words, after_oh)
    if not found or found[0] > 59 or (found[0] < 10 and after_oh == here and not colon):
        return None, at
    return found[0], found[1]
