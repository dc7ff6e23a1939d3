"""Scopes: what an application may ask for, and which claims each opens (OpenID Connect Core §5.4; the domain's own beside them)."""

from typing import Final

PERSON_SCOPES: Final = ("openid", "profile", "email", "phone", "address", "unit", "offline_access")
PROGRAM_SCOPES: Final = ("verify", "units.heirs", "people.mapping")
ACT_SCOPE: Final = "act"
"""Opens the acting verbs of the command line and the pages of the house's own rooms; rights come from posts, never from this."""
ALL_SCOPES: Final = (*PERSON_SCOPES, *PROGRAM_SCOPES, ACT_SCOPE)

CLAIMS: Final = {
    "profile": (
        *("name", "family_name", "middle_name", "given_name", "preferred_username", "birthdate", "former_subs"),
        *("nickname", "profile", "picture", "website", "gender", "zoneinfo", "locale", "updated_at"),
    ),
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_number_verified"),
    "address": ("address",),
    "unit": ("unit", "unit_id", "unit_code", "unit_name", "post", "posts", "former_units"),
}


def split_scope(text: str | None) -> tuple[str, ...]:
    """The scopes of a space-separated list, each once, in order."""
    return tuple(dict.fromkeys((text or "").split()))


def join_scope(scopes: tuple[str, ...] | list[str]) -> str:
    """A space-separated list."""
    return " ".join(scopes)


def allowed_scope(asked: str | None, allowed: list[str]) -> str:
    """What is granted of a list asked for: the scopes the client may have, in the order asked; unknown ones are ignored (RFC 6749 §3.3)."""
    return join_scope([scope for scope in split_scope(asked) if scope in allowed])
