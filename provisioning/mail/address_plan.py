"""The plan that gives new addresses: made from an order, approved and applied like every other plan.

Certificates name the official address, so new ones are given first: with the change each unit's certificate proposals are asked for,
computed at the instant, and the plan says how many certificates name an address that changes.
"""

import re
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from cryptography import x509

from directory.logins import build_login, login_key
from directory.models import Account, Certificate, Login, MailAddress
from directory.names import fold_name, split_name
from directory.units import UnitFacts, chunked, find_subtree, find_units, get_unit_by_code
from foundation.changes import AsOf, Change, in_force, visible
from foundation.clocks import as_rfc3339
from foundation.database import Reads
from foundation.errors import NotFound
from foundation.plans import Plan, PlanHeader, PlanWriter
from provisioning.mail.address_lines import OP
from provisioning.mail.address_orders import AddressOrder, Domain
from provisioning.mail.addresses import domain_of, is_address
from provisioning.merger.book import read_units
from provisioning.merger.holders import order_scope
from provisioning.merger.planning import Author
from provisioning.merger.row_digests import digest_each
from provisioning.reports.coverage import read_addresses as read_named
from provisioning.reports.homes import select_homes

KIND: Final = "addresses"
LETTERS: Final = re.compile(r"[^a-z0-9]+")


class NothingToGive(NotFound):
    """Nobody gets a new address by this order."""

    code = "nothing_to_give"
    sentence = "Nobody gets a new address by this order."


@dataclass(frozen=True)
class Resident:
    """An official with the log-in their address is made from."""

    person_id: uuid.UUID
    unit_id: uuid.UUID
    name: str
    login: str


@dataclass
class Giving:
    """What the planner holds: who held which address ever, and which were given in this plan."""

    order: AddressOrder
    owners: Mapping[str, set[uuid.UUID]]
    held: Mapping[uuid.UUID, list[Any]]
    given: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)

    def is_free(self, address: str, person_id: uuid.UUID) -> bool:
        """Whether nobody else ever held this address."""
        return address not in self.given and self.owners.get(address, set()) <= {person_id}


def plan_addresses(reads: Reads, order: AddressOrder, out: Path, author: Author, now: datetime, source: str) -> Plan:
    """Write the plan. Raises UnitNotFound, NothingToGive; then no file is left."""
    as_of = AsOf(order.effective)
    domains = find_domains(reads, order, as_of)
    residents = read_residents(reads, list(domains), as_of)
    giving = Giving(order, read_owners(reads), read_held(reads, [one.person_id for one in residents], as_of))
    units = find_units(reads, domains, as_of)
    changed: list[uuid.UUID] = []
    with PlanWriter(out) as writer:
        for one in residents:
            line = build_line(giving, one, domains[one.unit_id], units[one.unit_id], source)
            if line is not None:
                changed.append(one.person_id)
                writer.add(OP, **line)
        if not changed:
            raise NothingToGive
        certificates = count_named(reads, changed, as_of)
        return writer.finish(build_header(reads, giving, domains, residents, certificates, author, now))


def find_domains(reads: Reads, order: AddressOrder, as_of: AsOf) -> dict[uuid.UUID, Domain]:
    """The domain of every unit the order covers: the nearest one above. Raises UnitNotFound."""
    named = {get_unit_by_code(reads, one.unit, as_of).id: one for one in order.domains}
    inside = find_units(reads, find_subtree(reads, named, as_of), as_of)
    found: dict[uuid.UUID, Domain] = {}
    for unit in inside.values():
        here: UnitFacts | None = unit
        while here is not None and here.id not in named:
            here = inside.get(here.parent_id) if here.parent_id else None
        if here is not None:
            found[unit.id] = named[here.id]
    return found


def read_residents(reads: Reads, unit_ids: Sequence[uuid.UUID], as_of: AsOf) -> list[Resident]:
    """The officials of these units with a business account, in a fixed order: who served longer keeps the plain name."""
    homes = select_homes(as_of)
    query = (
        sa.select(homes.c.person_id, homes.c.unit_id, homes.c.name, Login.login)
        .select_from(homes)
        .join(Account, sa.and_(Account.person_id == homes.c.person_id, Account.kind == "business"))
        .join(Login, sa.and_(Login.account_id == Account.id, Login.kind == "own", in_force(Login, as_of)))
        .where(Account.state.in_(("issued", "active")))
        .order_by(Login.row_id)
    )
    wanted = set(unit_ids)
    return [Resident(*row) for row in reads.execute(query) if row.unit_id in wanted]


def read_owners(reads: Reads) -> dict[str, set[uuid.UUID]]:
    """Everybody who ever held an address, by its key."""
    owners: dict[str, set[uuid.UUID]] = {}
    for key, person_id in reads.execute(sa.select(MailAddress.address_key, MailAddress.person_id)):
        owners.setdefault(key, set()).add(person_id)
    return owners


def read_held(reads: Reads, people: Sequence[uuid.UUID], as_of: AsOf) -> dict[uuid.UUID, list[Any]]:
    """The known addresses of these people that hold at the instant or begin later."""
    held: dict[uuid.UUID, list[Any]] = {}
    for part in chunked(people):
        rows = reads.execute(
            sa.select(
                MailAddress.person_id, MailAddress.row_id, MailAddress.address, MailAddress.kind,
                MailAddress.valid_from, MailAddress.valid_to,
            ).where(
                MailAddress.person_id.in_(part), visible(MailAddress),
                sa.or_(MailAddress.valid_to.is_(None), MailAddress.valid_to > as_of.at),
            ).order_by(MailAddress.row_id)
        )  # fmt: skip
        for row in rows:
            held.setdefault(row.person_id, []).append(row)
    return held


def build_line(giving: Giving, one: Resident, domain: Domain, unit: UnitFacts, source: str) -> dict[str, Any] | None:
    """The line of one person, or nothing for whoever keeps the address they have."""
    order = giving.order
    rows = giving.held.get(one.person_id, [])
    own = [row for row in rows if row.kind == "own"]
    current = next((row.address for row in own if row.valid_from <= order.effective), None)
    if order.keep and current is not None and domain_of(current.lower()) == domain.domain:
        giving.counts["kept"] += 1
        return None
    address = make_address(giving, one, domain, unit)
    if address is None:
        giving.counts["without"] += 1
        return None
    if current is not None and login_key(current) == address:
        giving.counts["kept"] += 1
        return None
    giving.counts["new" if current is None else "changed"] += 1
    return {
        "person": str(one.person_id),
        "name": one.name,
        "login": one.login,
        "unit": str(one.unit_id),
        "address": address,
        "from": [current] if current else [],
        "by": domain.template or order.template,
        "source": f"{source}: {f'{current} → ' if current else ''}{address}",
        "ended": [row.row_id for row in own if row.valid_from < order.effective],
        "gone": [row.row_id for row in own if row.valid_from >= order.effective],
        "aliases": [row.row_id for row in rows if row.kind == "alias" and row.valid_to is None],
        "until": as_rfc3339(order.old_until),
    }


def make_address(giving: Giving, one: Resident, domain: Domain, unit: UnitFacts) -> str | None:
    """A free address by the template, with a number where the plain one is somebody's; None where it gives no address."""
    family, middle, given = (LETTERS.sub("", part) for part in map(fold_name, split_name(one.name)))
    fields = {
        "login": one.login.partition("@")[0], "given": given, "family": family, "middle": middle,
        "initials": build_login(one.name, "{initials}"), "unit": LETTERS.sub("", fold_name(unit.short_name or unit.name)),
        "domain": domain.domain,
    }  # fmt: skip
    local, _at, host = (domain.template or giving.order.template).format(**fields).rpartition("@")
    local = re.sub(r"\.{2,}", ".", local).strip(".")
    for number in range(1, 10_000):
        address = f"{local}{number if number > 1 else ''}@{host}"
        if not is_address(address):
            return None
        if giving.is_free(address, one.person_id):
            giving.given.add(address)
            giving.counts["numbered"] += number > 1
            return address
    return None


def count_named(reads: Reads, people: Sequence[uuid.UUID], as_of: AsOf) -> int:
    """How many of these people hold a valid certificate that names an address."""
    count = 0
    for part in chunked(people):
        wanted = sa.select(Certificate.der).where(
            Certificate.person_id.in_(part), in_force(Certificate, as_of), Certificate.revoked_at.is_(None)
        )
        count += sum(bool(read_named(x509.load_der_x509_certificate(der))) for der in reads.execute(wanted).scalars())
    return count


def build_header(
    reads: Reads,
    giving: Giving,
    domains: Mapping[uuid.UUID, Domain],
    residents: Sequence[Resident],
    certificates: int,
    author: Author,
    now: datetime,
) -> PlanHeader:
    """The first line: who, what for, how many, the state of the units that were read."""
    order = giving.order
    book = read_units(reads, order.effective)
    scope = order_scope(book, list(domains))
    tops = [unit for unit in scope if not book.has_ancestor_in(unit, set(scope))]
    counts = giving.counts
    return PlanHeader(
        kind=KIND,
        title=order.title,
        made_at=as_rfc3339(now),
        made_by=author.shown,
        author=author.id,
        effective=as_rfc3339(order.effective),
        decision=order.decision.number if order.decision else None,
        scope=[str(unit) for unit in tops],
        known_change=reads.execute(sa.select(sa.func.max(Change.id))).scalar_one() or 0,
        state={str(unit): digest for unit, digest in digest_each(reads, book, scope)},
        summary={
            "people": {
                "people": len(residents),
                **{key: counts[key] for key in ("new", "changed", "kept", "numbered")},
            },
            "old_until": as_rfc3339(order.old_until),
            "units": {"people in": len(domains)},
        },
        open={"without_address": counts["without"], "certificates_to_change": certificates},
    )
