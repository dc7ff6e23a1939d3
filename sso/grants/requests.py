"""A token request as Authlib reads it: the body only, never the query, with our transaction beside it."""

from typing import Any

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from foundation.forms import Form
from sso.provider import Work


class TokenRequest(OAuth2Request):  # type: ignore[misc]  # Authlib ships no types.
    """One request of a program; its address is built from the configured issuer, never from the Host header."""

    def __init__(self, work: Work, path: str, form: Form, authorization: str | None) -> None:
        # Transport is settled at start (settings refuse plain http off loopback), so Authlib's own look at the scheme is always content.
        super().__init__(
            "POST",
            f"https://{work.provider.issuer.partition('://')[2]}{path}",
            headers={"Authorization": authorization or ""},
        )
        self.payload = BasicOAuth2Payload(form)
        self.work = work
        self.resources = form.every("resource")
        self._sent = form

    @property
    def form(self) -> dict[str, Any]:
        """The parameters of the body."""
        return self._sent
