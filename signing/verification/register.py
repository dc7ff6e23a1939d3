"""The register as a witness: the holder of a certificate, the posts held at the time of signing, the unit then and today.

Reads only. Everything of the past is read as it is known now; `today` is the register's clock.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from directory.certificates import KnownCertificate, find_certificate
from directory.event_steps import load_links
from directory.inheritance import follow
from directory.models import UnitEvent
from directory.people import PostFacts, find_person
from directory.unit_faces import stands
from directory.units import UnitFacts, last_facts
from foundation.changes import AsOf, visible
from foundation.clocks import local_day
from foundation.database import Database, Reads
from foundation.errors import Unreachable
from foundation.i18n import Message
from foundation.transactions import RegisterUnready
from signing.verification.authority import (
    SIGNING_DUTIES,
    Held,
    Moments,
    Standing,
    UnitName,
    unknown_certificate,
)


@dataclass(frozen=True)
class DirectoryRegister:
    """`authority.Register` over the directory's tables."""

    database: Database
    today: datetime

    def find_standing(self, certificate_sha256: str, moments: Moments) -> Standing:
        """The standing of a certificate's holder at these moments; unknown too where the database does not answer."""
        try:
            return self._ask(certificate_sha256, moments)
        except (RegisterUnready, Unreachable):
            return Standing(Held.UNKNOWN, Message("The register does not answer, so it says nothing about the signer."))

    def _ask(self, certificate_sha256: str, moments: Moments) -> Standing:
        """The standing, from the register's tables."""
        with self.database.read() as reads:
            known = find_certificate(reads, certificate_sha256)
            if known is None:
                return unknown_certificate()
            if known.person_id is not None:
                return judge_person(reads, known.person_id, moments, self.today)
            return judge_unit(reads, known, moments, self.today)


def judge_person(reads: Reads, person_id: uuid.UUID, moments: Moments, today: datetime) -> Standing:
    """Whether a person held a post that signs, at every moment at which it must have been held."""
    first = moments.all[0]
    held = [signing_post(reads, person_id, moment) for moment in moments.all]
    post = held[0] or any_post(reads, person_id, first)
    person = find_person(reads, person_id, AsOf(first)) or find_person(reads, person_id, AsOf(today))
    standing = Standing(
        verdict=weigh(held),
        detail=Message("The signer held no post at that time."),
        person=str(person_id),
        holder_name=person.name if person else None,
        post=post.title if post else None,
    )
    if post is None:
        return standing
    placed = place(reads, standing, post.unit_id, first, today)
    return replace(placed, detail=explain(placed, moments))


def weigh(held: list[PostFacts | None]) -> Held:
    """Held at all moments, at none, or (so that only an unproven time decides) unknown."""
    if all(held):
        return Held.HELD
    return Held.UNKNOWN if any(held) else Held.NOT_HELD


def signing_post(reads: Reads, person_id: uuid.UUID, moment: datetime) -> PostFacts | None:
    """A post with a duty that signs, in a unit that stood, at `moment`; the main one first."""
    person = find_person(reads, person_id, AsOf(moment))
    for post in person.posts if person else ():
        unit = last_facts(reads, [post.unit_id], AsOf(moment)).get(post.unit_id)
        if set(post.duties) & set(SIGNING_DUTIES) and unit is not None and stands(unit, AsOf(moment)):
            return post
    return None


def any_post(reads: Reads, person_id: uuid.UUID, moment: datetime) -> PostFacts | None:
    """The main post at `moment`, whatever its duties."""
    person = find_person(reads, person_id, AsOf(moment))
    return person.main_post if person else None


def explain(standing: Standing, moments: Moments) -> Message:
    """The verdict in words."""
    assert standing.unit_at_signing is not None
    values = {"post": standing.post, "unit": standing.unit_at_signing.name}
    if standing.verdict is Held.HELD:
        return Message("The signer was {post} of {unit}.", values)
    if standing.verdict is Held.NOT_HELD:
        return Message("The signer was {post} of {unit}, a post that does not sign for the unit.", values)
    return Message(
        "The signer was {post} of {unit} at one of the possible times only, and nothing proves when it was signed.",
        values,
    )


def judge_unit(reads: Reads, known: KnownCertificate, moments: Moments, today: datetime) -> Standing:
    """Whether an agency stood when its seal was set."""
    assert known.unit_id is not None
    first = moments.all[0]
    stood = [stood_at(reads, known.unit_id, moment) for moment in moments.all]
    verdict = Held.HELD if all(stood) else Held.UNKNOWN if any(stood) else Held.NOT_HELD
    placed = place(
        reads,
        Standing(verdict, Message("The register does not know the unit at that time.")),
        known.unit_id,
        first,
        today,
    )
    if placed.unit_at_signing is None:
        return placed
    words = {
        Held.HELD: Message("The seal of {unit}, which stood at that time.", {"unit": placed.unit_at_signing.name}),
        Held.UNKNOWN: Message(
            "The seal of {unit}, which stood at one of the possible times only, and nothing proves when it was set.",
            {"unit": placed.unit_at_signing.name},
        ),
        Held.NOT_HELD: Message(
            "The seal of {unit}, which did not stand at that time.", {"unit": placed.unit_at_signing.name}
        ),
    }
    return replace(placed, detail=words[verdict])


def stood_at(reads: Reads, unit_id: uuid.UUID, moment: datetime) -> bool:
    """Whether a unit was in force at `moment`."""
    unit = last_facts(reads, [unit_id], AsOf(moment)).get(unit_id)
    return unit is not None and stands(unit, AsOf(moment))


def place(reads: Reads, standing: Standing, unit_id: uuid.UUID, moment: datetime, today: datetime) -> Standing:
    """The standing with the unit as it was at `moment` and what it is today."""
    then = last_facts(reads, [unit_id], AsOf(moment)).get(unit_id)
    if then is None:
        return standing
    links = load_links(reads, [unit_id], AsOf(today))
    units = last_facts(reads, links.keys() | {unit_id}, AsOf(today))
    standing_units = {unit.id for unit in units.values() if stands(unit, AsOf(today))}
    heirs = follow(unit_id, links, standing_units)
    names = tuple(name_unit(units[heir.unit_id]) for heir in heirs if heir.unit_id in units)
    own = name_unit(then)
    changed_on = first_event(reads, heirs[0].path[:1]) if heirs else None
    return replace(standing, unit_at_signing=own, unit_today=names, since=tell_change(own, names, changed_on))


def name_unit(unit: UnitFacts) -> UnitName:
    """A unit as the report names it: a territory by its People's Committee."""
    return UnitName(unit.code, unit.agency_name)


def first_event(reads: Reads, path: tuple[uuid.UUID, ...]) -> datetime | None:
    """When the first event of a path happened."""
    if not path:
        return None
    return reads.execute(
        sa.select(UnitEvent.instant).where(UnitEvent.id == path[0], visible(UnitEvent)).limit(1)
    ).scalar()


def tell_change(then: UnitName, now: tuple[UnitName, ...], changed_on: datetime | None) -> Message | None:
    """What became of a unit, in words; None while it is what it was."""
    if now == (then,):
        return None
    if not now:
        return Message("{unit} no longer exists, and the register names no successor.", {"unit": then.name})
    names = ", ".join(f"{unit.name} ({unit.code})" if unit.code else unit.name for unit in now)
    if changed_on is None:
        return Message("{unit} is today {names}.", {"unit": then.name, "names": names})
    return Message(
        "{unit} was merged into {names} on {day}.", {"unit": then.name, "names": names, "day": local_day(changed_on)}
    )
