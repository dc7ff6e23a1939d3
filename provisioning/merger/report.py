"""What became of a merger, at an instant it names: accounts, activations, certificates, and units with fewer than two signers.

Figures are counted unit by unit from the register, so that they add up; `known_at` repeats an old report. People, posts and
certificates are rows of the register and are told as of the instant. Accounts are ordinary rows that only know their present state:
their figures (`OF_NOW`) are as of the moment of counting, whatever instant the report is of, and every output says so.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from directory.models import Account, Certificate, Credential, PersonDetail, Post
from directory.units import UnitFacts, find_subtree, list_units
from foundation.changes import AsOf, in_force
from foundation.database import Reads
from provisioning.merger.levels import order_units

SIGNING = ("leader", "deputy")
ENOUGH = 2
SIGNERS_NEEDED = ("province", "commune", "department")


@dataclass(frozen=True)
class UnitReport:
    """One unit's figures; `signers` are leaders and deputies with a valid certificate of their own."""

    unit: uuid.UUID
    code: str
    name: str
    level: str
    people: int
    accounts: int
    active: int
    letters: int
    suspended: int
    certificates: int
    agency_certificates: int
    leading: int
    signers: int

    @property
    def lacks_signers(self) -> bool:
        """Fewer than two who can sign, in a unit that signs (domain: what went wrong in 2025)."""
        return self.level in SIGNERS_NEEDED and self.signers < ENOUGH


@dataclass(frozen=True)
class Report:
    """All units of a subtree at an instant, and their sums."""

    at: datetime
    known_at: datetime | None
    counted_at: datetime
    units: tuple[UnitReport, ...]
    without_post: Mapping[str, int]

    def total(self, figure: str) -> int:
        """The sum of a figure over all units."""
        return sum(getattr(unit, figure) for unit in self.units)

    @property
    def without_signers(self) -> list[UnitReport]:
        """Units with fewer than two signers."""
        return [unit for unit in self.units if unit.lacks_signers]


OF_NOW = ("accounts", "active", "letters", "suspended")
"""Figures of accounts, which have no past: they are as of the moment of counting."""
FIGURES = tuple(each.name for each in fields(UnitReport) if each.name not in ("unit", "code", "name", "level"))


def build_report(reads: Reads, as_of: AsOf, now: datetime, roots: Iterable[uuid.UUID] = ()) -> Report:
    """The report of everything under `roots`, or of the whole register, counted now; people are counted where their main post is."""
    units = list_units(reads, as_of)
    chosen = list(roots)
    if chosen:
        inside = find_subtree(reads, chosen, as_of)
        units = [unit for unit in units if unit.id in inside]
    figures = gather_figures(reads, as_of)
    lines = tuple(build_unit(unit, figures) for unit in order_units(units))
    return Report(as_of.at, as_of.known_at, now, lines, {} if chosen else count_without_post(reads, as_of))


Figures = dict[str, dict[uuid.UUID, int]]


def gather_figures(reads: Reads, as_of: AsOf) -> Figures:
    """Each figure by unit, one statement each."""
    main = sa.and_(in_force(Post, as_of), Post.main)
    account = sa.select(Post.unit_id, sa.func.count()).join(
        Account, sa.and_(Account.person_id == Post.person_id, Account.kind == "business")
    )
    opened = sa.or_(Credential.password_hash.is_not(None), Credential.imported_hash.is_not(None))
    held = (
        sa.select(Certificate.person_id).where(valid_certificate(as_of), Certificate.person_id.is_not(None)).distinct()
    )
    posts = sa.select(Post.unit_id, sa.func.count(sa.distinct(Post.person_id)))
    leading = sa.or_(*(Post.duties.contains(duty) for duty in SIGNING))
    statements = {
        "people": sa.select(Post.unit_id, sa.func.count()).where(main),
        "accounts": account.where(main),
        "active": account.where(main, Account.state == "active"),
        "suspended": account.where(main, Account.state == "suspended"),
        "letters": account.outerjoin(Credential, Credential.account_id == Account.id).where(
            main, Account.state == "issued", sa.or_(Credential.account_id.is_(None), sa.not_(opened))
        ),
        "certificates": posts.where(main, Post.person_id.in_(held)),
        "leading": posts.where(in_force(Post, as_of), leading),
        "signers": posts.where(in_force(Post, as_of), leading, Post.person_id.in_(held)),
    }
    found: Figures = {name: count(reads, statement.group_by(Post.unit_id)) for name, statement in statements.items()}
    agency = sa.select(Certificate.unit_id, sa.func.count()).where(
        valid_certificate(as_of), Certificate.unit_id.is_not(None)
    )
    found["agency_certificates"] = count(reads, agency.group_by(Certificate.unit_id))
    return found


def count(reads: Reads, statement: Any) -> dict[uuid.UUID, int]:
    """A figure by unit, from a statement that gives units and numbers."""
    return {row[0]: row[1] for row in reads.execute(statement) if row[0] is not None}


def count_without_post(reads: Reads, as_of: AsOf) -> dict[str, int]:
    """Business accounts of people who hold no post at the instant, by state: the undecided, and those who left."""
    # By EXISTS: PostgreSQL compares a person with every holder of a post where the list of them is too long to be hashed.
    holding = sa.exists().where(Post.person_id == Account.person_id, in_force(Post, as_of))
    known = sa.select(PersonDetail.person_id).where(in_force(PersonDetail, as_of))
    rows = reads.execute(
        sa.select(Account.state, sa.func.count())
        .where(Account.kind == "business", ~holding, Account.person_id.in_(known))
        .group_by(Account.state)
    )
    return {row[0]: row[1] for row in rows}


def valid_certificate(as_of: AsOf) -> sa.ColumnElement[bool]:
    """Certificates in their time and not revoked at the instant."""
    return sa.and_(
        in_force(Certificate, as_of), sa.or_(Certificate.revoked_at.is_(None), Certificate.revoked_at > as_of.at)
    )


def build_unit(unit: UnitFacts, figures: Figures) -> UnitReport:
    """One unit's line."""
    counts = {name: figures[name].get(unit.id, 0) for name in FIGURES}
    return UnitReport(unit=unit.id, code=unit.code or "", name=unit.name, level=unit.level, **counts)
