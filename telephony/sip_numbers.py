"""Pure: telephone numbers as a trunk writes them, and as we do (E.164)."""

from urllib.parse import unquote

from telephony.sip_settings import SipTrunkSettings

ADDRESS_MARKS = "<>\"' \r\n\t"


def to_e164(user: str, trunk: SipTrunkSettings) -> str:
    """The number in the user part of an address the trunk sent: `+8613…`. What is no number stays as it is."""
    text = unquote(user).partition(";")[0]
    plain = "".join(letter for letter in text if letter not in "-.() ")
    digits = plain.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return text
    if plain.startswith("+"):
        return plain
    if plain.startswith("00"):
        return f"+{plain[2:]}"
    if not trunk.country:
        return f"+{plain}" if trunk.style == "digits" else plain
    if plain.startswith("0"):
        return f"+{trunk.country}{plain[1:]}"
    if trunk.style != "national" and plain.startswith(trunk.country) and len(plain) > 10:
        return f"+{plain}"
    return f"+{trunk.country}{plain}"


def as_dialled(number: str, trunk: SipTrunkSettings) -> str:
    """An E.164 number as the trunk wants it; anything else as it is."""
    if not number.startswith("+"):
        return number
    if trunk.style == "e164":
        return trunk.prefix + number
    if trunk.style == "digits":
        return trunk.prefix + number[1:]
    if trunk.country and number.startswith(f"+{trunk.country}"):
        return f"{trunk.prefix}0{number[1 + len(trunk.country) :]}"
    return f"{trunk.prefix}00{number[1:]}"


def sip_address(target: str, trunk: SipTrunkSettings) -> str:
    """The SIP address of a number or of a SIP address, for a request line.

    Raises:
        ValueError: it holds what may not stand in an address.
    """
    if any(mark in target for mark in ADDRESS_MARKS):
        raise ValueError("what is dialled is no SIP address")
    if target.startswith(("sip:", "sips:")):
        return target
    return f"sip:{as_dialled(target, trunk)}@{trunk.host}"
