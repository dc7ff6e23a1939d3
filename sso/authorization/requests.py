"""An authorization request as it was asked (OAuth 2.0 §4.1.1, OpenID Connect Core §3.1.2.1), before and after its checks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sso.authorization.wishes import NOTHING, Wishes
from sso.clients import Client
from sso.response_types import CODE, ResponseType

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
    "claims",
    "claims_locales",
    "display",
    "resource",
)
"""What is read of a request; everything else is ignored (RFC 6749 §3.1)."""
REPEATABLE: Final = frozenset({"resource"})
"""What may be sent several times (RFC 8707 §2)."""
ASKED: Final = "asked"
"""Our own mark: since when this request waits for a log-in; signed, see `freshness.py`."""

CHOSEN: Final = "chosen"
"""Our own mark: which session was chosen for this request; signed, see `freshness.py`."""


@dataclass(frozen=True)
class Source:
    """Where a request stands: in the query, or kept here under a reference; and whether its client signed it."""

    reference: str | None = None
    signed: bool = False
    late: bool = False


IN_QUERY: Final = Source()


@dataclass(frozen=True)
class Asked:
    """A request whose client and address are known: what may be answered by redirect."""

    client: Client
    redirect_uri: str
    state: str | None
    response_mode: str
    parameters: Mapping[str, str]
    resources: tuple[str, ...] = ()
    source: Source = IN_QUERY
    gives: ResponseType = CODE
    """What its response type gives; as for a code where the type is missing or none of ours, until the checks refuse that."""

    def get(self, name: str) -> str | None:
        """A parameter as it was sent, or None."""
        return self.parameters.get(name)

    def pairs(self) -> list[tuple[str, str]]:
        """The parameters as a query has them."""
        single = [(name, value) for name, value in self.parameters.items() if name not in REPEATABLE]
        return [*single, *(("resource", resource) for resource in self.resources)]

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
    wishes: Wishes = NOTHING
    resources: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    subjects: frozenset[str] = frozenset()
    """What the person must be called at this client, where the request says so; a person fits when there is no other name in it."""
