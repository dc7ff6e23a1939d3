"""Which old documents now belong to a person's units: pure, from the books' codes and the register's answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .oidc import Claims
from .units import Origin


@dataclass(frozen=True, slots=True)
class Inherited:
    """A code under which documents were written, the unit it named, and how that unit's affairs came to ours."""

    code: str
    name: str
    ended: bool
    whole: bool
    principal: bool
    heir: str
    """The name of our unit that inherited."""


def list_unit_ids(claims: Claims) -> frozenset[str]:
    """The permanent ids of all units in which a person holds a post now."""
    posts = [post.get("unit") or {} for post in claims.get("posts") or []]
    return frozenset(str(unit["id"]) for unit in [claims.get("unit") or {}, *posts] if unit.get("id"))


def list_inherited(answers: Mapping[str, Iterable[Origin]], units: frozenset[str]) -> list[Inherited]:
    """The codes whose bearers have become, whole or in part, one of these units; what passed whole comes first."""
    found = [
        Inherited(code, origin.name, origin.ended, heir.whole, heir.principal, heir.name)
        for code, origins in answers.items()
        for origin in origins
        for heir in origin.successors
        if heir.unit in units
    ]
    return sorted(found, key=lambda each: (not each.whole, not each.principal, each.code))
