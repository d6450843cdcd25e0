"""Pure: every answer we give to Twilio, as TwiML, made by Twilio's own SDK."""

from collections.abc import Mapping

from twilio.twiml.voice_response import Connect, Dial, VoiceResponse

from ivr.model.dial_strings import split
from telephony.twilio_settings import TwilioSettings

LONGEST_PARAMETER = 499
"""Characters of name and value together (Twilio, <Parameter>)."""


SPOKEN = {"en": "en-US", "zh": "zh-CN", "ko": "ko-KR", "ja": "ja-JP", "de": "de-DE", "es": "es-ES", "fr": "fr-FR"}
"""<Say> wants a country too; `en-GB` and the like pass as they are."""


class Twiml:
    """Answers for one deployment."""

    def __init__(self, settings: TwilioSettings) -> None:
        self._settings = settings

    def connect(self, parameters: Mapping[str, str], *, asks_again: bool = True) -> str:
        """Open a two-way stream; when we close it, ask us what comes next, else it is the end of the call. A stream's
        address takes no query, so what it must know goes in parameters."""
        response, connect = VoiceResponse(), Connect()
        stream = connect.stream(
            url=self._settings.socket_url("/twilio/media"),
            status_callback=self._settings.url("/twilio/stream-status"),
        )
        for name, value in parameters.items():
            if len(name) + len(value) <= LONGEST_PARAMETER:
                stream.parameter(name=name, value=value)
        response.append(connect)
        if asks_again:
            response.redirect(self._settings.url("/twilio/after-stream"), method="POST")
        return str(response)

    def dial(self, target: str, timeout_seconds: float) -> str:
        """Connect the caller with `target` (E.164 or a SIP address) and tell us how it went."""
        response = VoiceResponse()
        response.append(self._dial(target, round(timeout_seconds), self._settings.url("/twilio/after-dial")))
        return str(response)

    def rescue(self) -> str:
        """The call of ours broke: apologise, and give the caller a person where there is one."""
        response = VoiceResponse()
        response.say(self._settings.apology_text, language=_spoken(self._settings.apology_language))
        if self._settings.human_number:
            response.append(self._dial(self._settings.human_number, self._settings.ring_seconds, None))
        response.hangup()
        return str(response)

    def unknown_number(self) -> str:
        response = VoiceResponse()
        response.say(self._settings.unknown_number_text, language=_spoken(self._settings.unknown_number_language))
        response.hangup()
        return str(response)

    def hang_up(self) -> str:
        response = VoiceResponse()
        response.hangup()
        return str(response)

    def busy(self) -> str:
        response = VoiceResponse()
        response.reject(reason="busy")
        return str(response)

    def nothing(self) -> str:
        """An empty answer, for requests that only tell us something."""
        return str(VoiceResponse())

    def _dial(self, target: str, timeout: int, action: str | None) -> Dial:
        told = {"action": action, "method": "POST"} if action else {}
        dial = Dial(answer_on_bridge=True, timeout=timeout, time_limit=self._settings.longest_call_seconds, **told)
        if target.startswith(("sip:", "sips:")):
            dial.sip(target)
        else:
            address, keys = split(target)
            dial.number(address, send_digits=keys.replace(",", "wwww") or None)
        return dial


def _spoken(language: str) -> str:
    return SPOKEN.get(language, language)
