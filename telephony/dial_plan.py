"""Pure: which destinations may be called at all. Toll fraud ends here: what is not allowed by name is forbidden."""

from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberType

from ivr.model.errors import NotAllowed

PREMIUM_PREFIXES = ("+1900", "+1976", "+870", "+881", "+882", "+883", "+878", "+979")
"""Premium services of North America, satellite and global networks, and the international premium service (ITU-T
E.164 assigned country codes)."""

COSTLY_TYPES = (PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.PERSONAL_NUMBER)


@dataclass(frozen=True, slots=True)
class DialPlan:
    allowed: tuple[str, ...] = ()
    """Prefixes in E.164, `+1`, `+4930`; none: nobody may be called."""

    denied: tuple[str, ...] = ()
    """Prefixes inside an allowed one. The longest prefix that fits decides; `PREMIUM_PREFIXES` are always denied."""

    sip_hosts: tuple[str, ...] = ()
    """Hosts to which `sip:` and `sips:` addresses may go."""

    def check(self, target: str) -> str:
        """The destination as it may be dialled: E.164, or a SIP address.

        Raises:
            NotAllowed: it is not a possible number, costs extra, or is not in the plan.
        """
        if target.startswith(("sip:", "sips:")):
            return self._sip(target)
        try:
            number = phonenumbers.parse(target, None)
        except phonenumbers.NumberParseException as error:
            raise NotAllowed("the destination is no number in E.164 (+, country, number)") from error
        dialled = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if not phonenumbers.is_possible_number(number):
            raise NotAllowed("the destination is not a possible telephone number")
        if dialled.startswith(PREMIUM_PREFIXES) or phonenumbers.number_type(number) in COSTLY_TYPES:
            raise NotAllowed("premium, shared-cost and satellite destinations are never dialled")
        if _longest(dialled, self.allowed) <= _longest(dialled, self.denied):
            raise NotAllowed("the dial plan does not allow the destination")
        return dialled

    def _sip(self, target: str) -> str:
        if (
            sip_host(target) not in self.sip_hosts
            or not target.isascii()
            or any(letter in target for letter in " <>\"'")
        ):
            raise NotAllowed("the host of the SIP address is not in the dial plan")
        return target


def sip_host(address: str) -> str:
    """Of `sip:desk@pbx.example:5062;transport=udp`: pbx.example."""
    plain = address.partition(":")[2].partition(";")[0].partition("?")[0]
    return plain.rpartition("@")[2].partition(":")[0].lower()


def _longest(number: str, prefixes: tuple[str, ...]) -> int:
    return max((len(prefix) for prefix in prefixes if number.startswith(prefix)), default=0)
