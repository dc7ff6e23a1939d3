"""Which old documents a person may read now: pure, from the books' codes and the register's answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .heirs import Estate, Keeper
from .oidc import Claims

Chairs = Mapping[str, frozenset[str]]
"""By the permanent id of a unit the duties that a person has there."""


@dataclass(frozen=True, slots=True)
class Inherited:
    """A code under which documents were written, the unit it named, and by which of our units it is read now."""

    code: str
    name: str
    ended: bool
    keeper: Keeper
    open: bool
    """Whether the person's duties in that unit open the documents; if not, others there read them."""


def list_chairs(claims: Claims) -> Chairs:
    """The units in which a person holds a post now, and their duties in each."""
    main = {**(claims.get("post") or {}), "unit": claims.get("unit") or {}}
    found: dict[str, frozenset[str]] = {}
    for post in [main, *(claims.get("posts") or [])]:
        unit = (post.get("unit") or {}).get("id")
        if unit:
            found[str(unit)] = found.get(str(unit), frozenset()).union(post.get("duties") or [])
    return found


def list_inherited(answers: Mapping[str, Iterable[Estate]], chairs: Chairs) -> list[Inherited]:
    """The codes whose documents lie with one of these units; what came whole stands first."""
    found = [
        Inherited(code, estate.name, estate.ended, keeper, bool(keeper.duties & chairs[keeper.unit]))
        for code, estates in answers.items()
        for estate in estates
        for keeper in estate.keepers
        if keeper.unit in chairs
    ]
    return sorted(found, key=lambda each: (not each.keeper.whole, not each.keeper.principal, each.code))
