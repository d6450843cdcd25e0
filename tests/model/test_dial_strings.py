"""Numbers with an extension."""

import pytest

from ivr.model.dial_strings import presses, split


@pytest.mark.parametrize(
    ("written", "address", "keys", "pressed"),
    [
        ("+15555550120", "+15555550120", "", []),
        ("+15555550120,,204#", "+15555550120", ",,204#", [(4.0, "204#")]),
        ("+15555550120,1,,204", "+15555550120", ",1,,204", [(2.0, "1"), (4.0, "204")]),
        ("+15555550120,,", "+15555550120", ",,", []),
        ("sip:a,1@pbx.test", "sip:a,1@pbx.test", "", []),
    ],
)
def test_the_keys_of_an_extension_wait_as_its_commas_say(
    written: str, address: str, keys: str, pressed: list[tuple[float, str]]
) -> None:
    assert split(written) == (address, keys)
    assert presses(keys) == pressed
