"""Resource indicators (RFC 8707): for which resource a token is, and who may ask about it.

A resource is an identifier that a confidential application registered as guarded by it. A token without one is for the
provider itself (userinfo) and the house's own interfaces; a token for a resource opens that resource and nothing else.
"""

from collections.abc import Sequence
from typing import Any, Final

from authlib.oauth2 import OAuth2Error

from foundation.database import Reads
from sso.clients import list_clients

AT_MOST: Final = 5


class InvalidTarget(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types.
    """A resource nobody guards here, or one that was not granted (RFC 8707 §2)."""

    error = "invalid_target"


def check_resources(reads: Reads, issuer: str, resources: Sequence[str]) -> tuple[str, ...]:
    """The resources of a request, each once. Raises InvalidTarget."""
    wanted = tuple(dict.fromkeys(resources))
    if not wanted:
        return ()
    known = {issuer, *(resource for client in list_clients(reads) for resource in client.particulars.resources)}
    if len(wanted) > AT_MOST or not known.issuperset(wanted):
        raise InvalidTarget()
    return wanted


def narrow(granted: Sequence[str], asked: Sequence[str]) -> tuple[str, ...]:
    """The resources of one token: those asked for, all of them granted before; or all granted. Raises InvalidTarget."""
    wanted = tuple(dict.fromkeys(asked))
    if not set(wanted) <= set(granted):
        raise InvalidTarget()
    return wanted or tuple(granted)


def name_audience(resources: Sequence[str], issuer: str) -> Any:
    """The `aud` of a token for these resources: one as text, several as a list, none is the provider itself."""
    if not resources:
        return issuer
    return resources[0] if len(resources) == 1 else list(resources)
