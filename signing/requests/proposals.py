"""What the law asks of a unit's certificates after its merger: pure, from what was and what is.

Agencies, by the guidance of May 2025 for the reorganisation: two units into a new one: the content of one certificate is
changed to the new unit, the others are revoked; one into an existing one: the existing one keeps its own, the other's is revoked;
only the superior body or the name changes: the content is changed. People: who works elsewhere now, or whose unit or address
reads differently, gets the content changed (Decree 68/2024 Art. 15), who left loses the certificate (Art. 17), who moved
without one gets a new one (Art. 10). Where Art. 15 and Art. 17 both fit, the change is proposed and revocation stands beside it.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from signing.vocabulary import Ground, Kind

SIGNING_DUTIES = frozenset({"leader", "deputy", "clerk"})
"""Who signs or seals every day: without a certificate they are proposed one even if they did not move."""


@dataclass(frozen=True)
class Held:
    """A certificate somebody can use today: its SHA-256 and since when it is valid."""

    sha256: str
    since: datetime


@dataclass(frozen=True)
class Place:
    """Where somebody belongs, as a certificate names it; two places are the same place if all of it is."""

    unit_id: uuid.UUID
    unit: str
    province: str | None


@dataclass(frozen=True)
class PersonCase:
    """One person before and after; `after` is None for who left, `before` for who joined."""

    person_id: uuid.UUID
    before: Place | None
    after: Place | None
    address_before: str | None
    address_after: str | None
    duties: frozenset[str]
    held: tuple[Held, ...]


@dataclass(frozen=True)
class Ended:
    """A unit that ended in the merger and whose affairs came here, the principal one first among several."""

    unit_id: uuid.UUID
    principal: bool
    held: tuple[Held, ...]


@dataclass(frozen=True)
class UnitCase:
    """One agency: whether it reads differently now, what it holds, and the ended units it continues."""

    unit_id: uuid.UUID
    altered: bool
    held: tuple[Held, ...]
    ended: tuple[Ended, ...]


@dataclass(frozen=True)
class Proposal:
    """One request to be put before the head: about a person or an agency, for a certificate or against one."""

    kind: Kind
    ground: Ground
    person_id: uuid.UUID | None = None
    unit_id: uuid.UUID | None = None
    replaces: str | None = None
    alternative: Kind | None = None


def propose(people: Sequence[PersonCase], agency: UnitCase, instant: datetime) -> list[Proposal]:
    """Everything to propose for one unit, the agency's own first; certificates made since `instant` are left alone."""
    found = list(propose_for_agency(agency, instant))
    for case in sorted(people, key=lambda case: str(case.person_id)):
        found += propose_for_person(case, instant)
    return found


def propose_for_person(case: PersonCase, instant: datetime) -> Iterator[Proposal]:
    """What is to be done about one person's certificates."""
    old = [held for held in case.held if held.since < instant]
    current = len(old) < len(case.held)
    if case.after is None:
        for held in case.held:
            yield Proposal("revocation", "left", case.person_id, replaces=held.sha256)
        return
    ground = find_ground(case)
    if ground is not None:
        for position, held in enumerate(old):
            if position == 0 and not current:
                yield Proposal("change", ground, case.person_id, replaces=held.sha256, alternative="revocation")
            else:
                yield Proposal("revocation", ground, case.person_id, replaces=held.sha256)
    if not case.held and (ground == "moved" or case.duties & SIGNING_DUTIES):
        yield Proposal("new", "none_yet", case.person_id)


def find_ground(case: PersonCase) -> Ground | None:
    """Why a person's certificate no longer says what is so, or None."""
    if case.before is None or case.after is None:
        return "moved" if case.after is not None else None
    if case.before.unit_id != case.after.unit_id:
        return "moved"
    if case.before != case.after:
        return "unit_altered"
    if case.address_before is not None and case.address_before != case.address_after:
        return "address_altered"
    return None


def propose_for_agency(case: UnitCase, instant: datetime) -> Iterator[Proposal]:
    """What is to be done about the agency's certificate and about those of the units it continues."""
    own = [held for held in case.held if held.since < instant]
    current = len(own) < len(case.held)
    passed_on: str | None = None
    if own and case.altered and not current:
        yield Proposal("change", "agency_altered", unit_id=case.unit_id, replaces=own[0].sha256)
    elif not case.held:
        passed_on = next((held.sha256 for ended in in_order(case.ended) for held in ended.held), None)
        if passed_on is None:
            yield Proposal("new", "none_yet", unit_id=case.unit_id)
        else:
            yield Proposal(
                "change", "agency_passed_on", unit_id=case.unit_id, replaces=passed_on, alternative="revocation"
            )
    for ended in in_order(case.ended):
        for held in ended.held:
            if held.sha256 != passed_on:
                yield Proposal("revocation", "agency_ended", unit_id=ended.unit_id, replaces=held.sha256)


def in_order(ended: Sequence[Ended]) -> list[Ended]:
    """The principal predecessor first, then in a fixed order."""
    return sorted(ended, key=lambda unit: (not unit.principal, str(unit.unit_id)))
