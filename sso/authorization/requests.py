"""An authorization request as it was asked (OAuth 2.0 §4.1.1, OpenID Connect Core §3.1.2.1), before and after its checks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sso.clients import Client

PARAMETERS: Final = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "response_mode",
    "prompt",
    "max_age",
    "login_hint",
    "id_token_hint",
    "ui_locales",
    "acr_values",
)
"""What is read of a request; everything else is ignored (RFC 6749 §3.1)."""
ASKED: Final = "asked"
"""Our own mark: since when this request waits for a log-in; signed, see `freshness.py`."""


@dataclass(frozen=True)
class Asked:
    """A request whose client and address are known: what may be answered by redirect."""

    client: Client
    redirect_uri: str
    state: str | None
    response_mode: str
    parameters: Mapping[str, str]

    def get(self, name: str) -> str | None:
        """A parameter as it was sent, or None."""
        return self.parameters.get(name)

    @property
    def prompts(self) -> frozenset[str]:
        """The words of `prompt`."""
        return frozenset((self.get("prompt") or "").split())


@dataclass(frozen=True)
class CheckedRequest:
    """A request that passed every check: the only thing a code is made for."""

    asked: Asked
    scope: str
    nonce: str | None
    challenge: str | None
    max_age: int | None
