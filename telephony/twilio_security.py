"""Pure: is this request really Twilio's? Checked against the configured public address, never against what the
request says of itself (Host and X-Forwarded headers can be forged)."""

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl

from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from ivr.model.errors import NotAllowed
from telephony.twilio_settings import TwilioSettings

MOST_FIELDS = 200


class Form(Mapping[str, str]):
    """Fields of a form: the last value under each name, all of them for the signature."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs
        self._last = dict(pairs)

    def __getitem__(self, name: str) -> str:
        return self._last[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._last)

    def __len__(self) -> int:
        return len(self._last)

    def getlist(self, name: str) -> list[str]:
        """Under the name Twilio's validator looks for."""
        return [value for each, value in self._pairs if each == name]


class TwilioSignature:
    """Header names are looked up in lower case, as ASGI gives them."""

    def __init__(self, settings: TwilioSettings) -> None:
        self._settings = settings
        self._account = RequestValidator(settings.auth_token)
        self._keys = {key: RequestValidator(secret) for key, secret in settings.shared_keys.items()}

    def form(self, path: str, query: str, body: bytes, headers: Mapping[str, str]) -> Form:
        """Fields of a signed form. `path` begins with a slash, `query` and `body` are as they came.

        Raises:
            NotAllowed: the signature is missing or wrong, or the body is no form.
        """
        try:
            pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError as error:
            raise NotAllowed("the body of the webhook is not a form") from error
        form = Form(pairs)
        self._check(self._settings.url(path) + (f"?{query}" if query else ""), form, headers)
        return form

    def check_socket(self, path: str, headers: Mapping[str, str]) -> None:
        """The upgrade of the media socket.

        Raises:
            NotAllowed: the signature is wrong, or missing though the settings require it.
        """
        if self._settings.require_socket_signature or SIGNATURE_HEADER.lower() in headers:
            self._check(self._settings.socket_url(path), Form([]), headers)

    def _check(self, url: str, form: Form, headers: Mapping[str, str]) -> None:
        signature = headers.get(SIGNATURE_HEADER.lower(), "")
        key_settings = headers.get(SIGNATURE_SETTINGS_HEADER.lower(), "")
        validator = self._keys.get(_key_id(key_settings)) if key_settings else self._account
        algorithm = get_signature_algorithm(key_settings)
        if not signature or validator is None or not validator.validate(url, form, signature, algorithm):
            raise NotAllowed("the Twilio signature is missing or wrong; is IVR_PUBLIC_URL what Twilio calls?")


def _key_id(key_settings: str) -> str:
    parts = (part.partition("=") for part in key_settings.split(","))
    return next((value.strip() for name, _, value in parts if name.strip() == "key"), "")
