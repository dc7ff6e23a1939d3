"""The `claims` parameter (OpenID Connect Core §5.5): single claims an application wishes for, at userinfo or in the ID
token.

A wish never opens more than a scope of the client would: a claim is told when some scope the client may have covers it.
What is essential and what is voluntary differ for `acr` alone; all else is told if the register has it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from authlib.oauth2.rfc6749 import InvalidRequestError

from sso.claims import SCOPE_OF
from sso.clients import Client

PLACES: Final = ("userinfo", "id_token")
NAMES_AT_MOST: Final = 60


@dataclass(frozen=True)
class Wishes:
    """A readable `claims` parameter: the claims to tell, by place, and what is demanded of subject and level."""

    userinfo: tuple[str, ...] = ()
    id_token: tuple[str, ...] = ()
    subject: str | None = None
    levels: tuple[str, ...] = ()
    levels_essential: bool = False

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that cover the wishes; what a person is asked to allow."""
        return tuple(dict.fromkeys(SCOPE_OF[name] for name in (*self.userinfo, *self.id_token)))

    def keep(self) -> dict[str, list[str]] | None:
        """What a code and its grant keep of it."""
        kept = {place: list(getattr(self, place)) for place in PLACES if getattr(self, place)}
        return kept or None


NOTHING: Final = Wishes()


def read_wishes(client: Client, text: str | None) -> Wishes:
    """The wishes of a request as far as the client may have them. Raises InvalidRequestError when the parameter cannot be read."""
    if text is None:
        return NOTHING
    try:
        written = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("The claims parameter is not JSON.") from error
    if not isinstance(written, dict) or any(not isinstance(written.get(place, {}), dict) for place in PLACES):
        raise InvalidRequestError("The claims parameter is not a JSON object of objects.")
    wanted = {place: written.get(place, {}) for place in PLACES}
    if sum(map(len, wanted.values())) > NAMES_AT_MOST:
        raise InvalidRequestError("The claims parameter names too many claims.")
    levels, essential = read_levels(wanted)
    return Wishes(
        userinfo=choose_claims(client, wanted["userinfo"]),
        id_token=choose_claims(client, wanted["id_token"]),
        subject=read_subject(wanted),
        levels=levels,
        levels_essential=essential,
    )


def choose_claims(client: Client, wanted: Mapping[str, Any]) -> tuple[str, ...]:
    """The claims of ours among those wanted that a scope of this client covers."""
    return tuple(name for name in wanted if SCOPE_OF.get(name) in client.scopes)


def read_subject(wanted: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The `sub` a request demands, if it does. Raises InvalidRequestError when it is no text."""
    for place in PLACES:
        demand = wanted[place].get("sub")
        if isinstance(demand, dict) and "value" in demand:
            if not isinstance(demand["value"], str):
                raise InvalidRequestError("The sub in the claims parameter is no text.")
            return str(demand["value"])
    return None


def read_levels(wanted: Mapping[str, Mapping[str, Any]]) -> tuple[tuple[str, ...], bool]:
    """The `acr` values a request names in the ID token, and whether it cannot do without (§5.5.1.1 there)."""
    demand = wanted["id_token"].get("acr")
    if not isinstance(demand, dict):
        return (), False
    values = demand.get("values", [demand["value"]] if "value" in demand else [])
    if not isinstance(values, list) or any(not isinstance(value, str) for value in values):
        raise InvalidRequestError("The acr in the claims parameter is no list of texts.")
    return tuple(values), demand.get("essential") is True
