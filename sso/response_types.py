"""Response types: what `/authorize` itself gives an application (OAuth 2.0 Multiple Response Type Encoding Practices).

One table. What a type gives decides all else about it: how its answer may travel, which grants it stands for, whether it
wants a nonce. A hybrid type would be one more line of the table; `token` alone is none: nothing in it tells the
application for whom it was made.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

IMPLICIT: Final = "implicit"
"""The grant of whoever gets tokens from `/authorize` (OpenID Connect Dynamic Client Registration 1.0 §2)."""


@dataclass(frozen=True)
class ResponseType:
    """A type by its registered name, and what it gives."""

    name: str
    code: bool = False
    id_token: bool = False
    token: bool = False

    @property
    def in_front(self) -> bool:
        """Whether the browser carries something that opens by itself: what never stands in a query."""
        return self.id_token or self.token

    @property
    def modes(self) -> tuple[str, ...]:
        """How an answer may travel, the usual way first (§2.1, §5 there)."""
        return ("fragment", "form_post") if self.in_front else ("query", "form_post")

    @property
    def grants(self) -> tuple[str, ...]:
        """The grants an application needs for it."""
        return ("authorization_code",) * self.code + (IMPLICIT,) * self.in_front


CODE: Final = ResponseType("code", code=True)
ID_TOKEN: Final = ResponseType("id_token", id_token=True)
ID_TOKEN_TOKEN: Final = ResponseType("id_token token", id_token=True, token=True)
RESPONSE_TYPES: Final = (CODE, ID_TOKEN, ID_TOKEN_TOKEN)
BY_WORDS: Final = {tuple(sorted(each.name.split())): each for each in RESPONSE_TYPES}


def find_response_type(text: str) -> ResponseType | None:
    """The type a text names, its words in any order (§3 there); None where we have none like it."""
    return CODE if text == "code" else BY_WORDS.get(tuple(sorted(text.split(" "))))


def list_offered(*, implicit_flow: bool) -> tuple[ResponseType, ...]:
    """The types of an installation: those that put tokens into the browser's hands only where the policy says so."""
    return RESPONSE_TYPES if implicit_flow else (CODE,)


def list_modes(types: Iterable[ResponseType]) -> tuple[str, ...]:
    """All ways an answer of these types may travel."""
    return tuple(dict.fromkeys(mode for each in types for mode in each.modes))


def list_grants(types: Iterable[ResponseType]) -> tuple[str, ...]:
    """All grants these types stand for."""
    return tuple(dict.fromkeys(grant for each in types for grant in each.grants))
