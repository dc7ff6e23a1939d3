"""Authlib's authorization server on our storage: it finds the grant, runs its checks in order and words the errors.

Everything that keeps, consumes or issues is ours and happens in the request's one transaction.
"""

from dataclasses import dataclass
from typing import Any, Final

from authlib.oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error

from sso.client_authentication import authenticate_client
from sso.clients import Client
from sso.grants.client_credentials import ClientCredentialsGrant
from sso.grants.code import CodeGrant, Proof
from sso.grants.device import DeviceGrant
from sso.grants.refresh import RefreshGrant
from sso.grants.requests import TokenRequest

REPEATABLE: Final = frozenset({"resource"})


@dataclass(frozen=True)
class Answer:
    """An answer for a program: status, JSON body, headers."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]


class TokenServer(AuthorizationServer):  # type: ignore[misc]  # Authlib ships no types.
    """The token endpoint's logic; holds no state of any request, so one serves all threads."""

    def __init__(self) -> None:
        super().__init__()
        self.register_grant(CodeGrant, [Proof(required=True)])
        self.register_grant(RefreshGrant)
        self.register_grant(ClientCredentialsGrant)
        self.register_grant(DeviceGrant)

    def authenticate_client(self, request: TokenRequest, methods: list[str], endpoint: str = "token") -> Client:
        """The application that asks; `methods` is settled by its registration. Raises ClientRefused, InvalidRequestError."""
        work = request.work
        return authenticate_client(work.provider, work.writes, request.form, request.headers["Authorization"])

    def create_oauth2_request(self, request: TokenRequest) -> TokenRequest:
        """It is one already."""
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Answer:
        """A plain value; the endpoint makes it an answer."""
        return Answer(status, body if isinstance(body, dict) else dict(body or {}), dict(headers))

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens: what must be known is written in the transaction."""

    def answer(self, request: TokenRequest, repeated: frozenset[str]) -> Answer:
        """The answer to a token request. A repeated parameter is refused, whichever it is (RFC 6749 §3.2)."""
        if repeated - REPEATABLE:
            return self.refuse(InvalidRequestError("A parameter was sent twice."))
        if not request.payload.grant_type:
            return self.refuse(InvalidRequestError("The grant_type is missing."))
        answer: Answer = self.create_token_response(request)
        return answer

    def refuse(self, error: OAuth2Error) -> Answer:
        """An error in RFC 6749 §5.2's words."""
        status, body, headers = error()
        return self.handle_response(status, body, headers)
