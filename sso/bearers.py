"""Who holds a token, as the other rooms' interfaces know it (`foundation.bearers`)."""

from foundation.bearers import Bearer
from foundation.clocks import Clocks
from foundation.database import Database
from sso.errors import TokenRefused
from sso.keys import KeyRing
from sso.self_contained import find_any_token


def get_bearer(database: Database, clocks: Clocks, keys: KeyRing, issuer: str, token: str) -> Bearer:
    """The bearer of a token of whatever form; a token for another resource is none here. Raises TokenRefused."""
    now = clocks.wall()
    keys.prepare(now)
    with database.read_quickly() as reads:
        found = find_any_token(reads, keys, issuer, token, now)
    if found is None or (found.resources and issuer not in found.resources):
        raise TokenRefused()
    scopes = frozenset(found.scopes)
    return Bearer(found.client_id, found.person_id, scopes, found.auth_time, found.acr, found.register_time)
