"""Requests to our server as Twilio makes them: signed over the public address, sent to where the server really is."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import httpx
from twilio.request_validator import RequestValidator

from ivr.model.errors import LineError

ANSWER_SECONDS = 15.0
"""Twilio's limit for the answer to a webhook (error 11200)."""


class WebhookError(LineError):
    """Our server could not be reached or did not answer with 200."""

    code = "line.webhook"

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status
        """HTTP status, 0 where there was none."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the server is, and where the world thinks it is."""

    reachable: str
    """`http://127.0.0.1:8080`: where requests are really sent."""

    public: str
    """`https://host[/prefix]`: what `IVR_PUBLIC_URL` says; signatures are computed over it."""

    def below(self, path: str) -> str:
        """The public address of a path of the server."""
        return f"{self.public.rstrip('/')}/{path.lstrip('/')}"

    def local(self, url: str) -> str:
        """The same address at the server itself, `wss` as `ws` where the server speaks plain HTTP.

        Raises:
            WebhookError: the address is not one of our server's.
        """
        seen, public, real = urlsplit(url), urlsplit(self.public.rstrip("/")), urlsplit(self.reachable.rstrip("/"))
        if seen.netloc != public.netloc or not seen.path.startswith(public.path):
            raise WebhookError(f"{url} is not below the public address {self.public}")
        plain = real.scheme == "http"
        scheme = {"wss": "ws" if plain else "wss", "https": real.scheme}.get(seen.scheme, seen.scheme)
        path = real.path + seen.path.removeprefix(public.path)
        return urlunsplit((scheme, real.netloc, path, seen.query, ""))


class Webhooks:
    """Posts forms. One object per call or for many."""

    def __init__(self, addresses: Addresses, auth_token: str, client: httpx.AsyncClient) -> None:
        self._addresses = addresses
        self._signer = RequestValidator(auth_token)
        self._client = client

    async def post(self, url: str, form: Mapping[str, str]) -> str:
        """The body of the server's answer.

        Args:
            url: the public address.

        Raises:
            WebhookError: not our server's address, no connection, no answer in time, or not 200.
        """
        signature = self._signer.compute_signature(url, dict(form))
        headers = {"X-Twilio-Signature": signature, "User-Agent": "TwilioProxy/1.1 (stand-in)"}
        try:
            answer = await self._client.post(
                self._addresses.local(url), data=dict(form), headers=headers, timeout=ANSWER_SECONDS
            )
        except httpx.HTTPError as error:
            raise WebhookError(f"{urlsplit(url).path}: {type(error).__name__}: {error}") from error
        if answer.status_code >= 300:
            raise WebhookError(f"{urlsplit(url).path} answered {answer.status_code}", answer.status_code)
        return answer.text

    def socket(self, url: str) -> tuple[str, dict[str, str]]:
        """Where to connect for a `<Stream url>`, and the headers of the upgrade."""
        return self._addresses.local(url), {"X-Twilio-Signature": self._signer.compute_signature(url, {})}
