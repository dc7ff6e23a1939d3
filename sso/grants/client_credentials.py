"""The client credentials grant: a program in its own name, for the scopes of programs (RFC 6749 §4.4)."""

from typing import Any

from authlib.oauth2.rfc6749 import InvalidScopeError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant as Skeleton

from sso.resources import check_resources
from sso.scopes import PROGRAM_SCOPES, join_scope, split_scope
from sso.tokens import issue_access


class ClientCredentialsGrant(Skeleton):  # type: ignore[misc]  # Authlib ships no types.
    """Authlib's checks; scopes of people are never given to a program."""

    def validate_requested_scope(self) -> None:
        """Refuse when nothing of what was asked may be given. Raises InvalidScopeError."""
        asked = split_scope(self.request.payload.scope)
        may = [scope for scope in self.request.client.scopes if scope in PROGRAM_SCOPES]
        given = [scope for scope in asked if scope in may] if asked else may
        if asked and not given:
            raise InvalidScopeError()
        self.request.scope = join_scope(given)

    def generate_token(self, scope: str | None = None, **_unused: object) -> dict[str, Any]:
        """An access token without a person."""
        work = self.request.work
        resources = check_resources(work.writes, work.provider.issuer, self.request.resources)
        return issue_access(work, self.request.client, self.request.scope, resources=resources)

    def save_token(self, token: dict[str, Any]) -> None:
        """Nothing: issuing keeps."""
