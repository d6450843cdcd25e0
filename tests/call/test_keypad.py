from ivr.call.keypad import Entry
from ivr.model.meaning import KeyRule

SCALE = KeyRule(most=2, choices={str(number): "" for number in range(11)})
CARD = KeyRule(least=4, most=4, choices={"*": "none", "0": "agent"})


def press(rule: KeyRule, keys: str) -> list[tuple[str, str]]:
    entry = Entry(rule)
    seen: list[tuple[str, str]] = []
    for key in keys:
        entry, verdict = entry.press(key)
        seen.append((entry.keys, verdict))
    return seen


def test_one_key_is_enough_for_a_menu() -> None:
    assert press(KeyRule(choices={"1": "a"}), "1") == [("1", "complete")]
    assert press(KeyRule(choices={"1": "a"}), "7") == [("7", "complete")]


def test_ten_on_a_scale_waits_for_its_second_key_and_nine_does_not() -> None:
    assert press(SCALE, "10") == [("1", "more"), ("10", "complete")]
    assert press(SCALE, "9") == [("9", "complete")]


def test_a_zero_inside_a_number_is_a_digit_and_a_star_in_front_is_a_command() -> None:
    assert press(CARD, "0421") == [("0", "more"), ("04", "more"), ("042", "more"), ("0421", "complete")]
    assert press(CARD, "*") == [("*", "complete")]


def test_the_end_key_ends_an_entry_and_alone_it_is_the_entry() -> None:
    assert press(KeyRule(most=16), "12#") == [("1", "more"), ("12", "more"), ("12", "complete")]
    assert press(KeyRule(most=16), "#") == [("#", "complete")]
