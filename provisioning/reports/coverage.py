"""Coverage: who and which unit still lacks something, by name (domain: the lists whose lack stopped work in the summer of 2025).

Every list is told with the number it is out of, so that “nobody” and “nobody asked” are not the same answer.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from cryptography import x509

from directory.models import Account, Certificate, Credential, Login, MailAddress, Post
from directory.units import UnitFacts, chunked
from foundation.audit import AuditRow
from foundation.changes import AsOf, in_force
from foundation.database import Reads
from foundation.i18n import Message, _
from provisioning.merger.report import ENOUGH, SIGNERS_NEEDED, SIGNING
from provisioning.reports.census import PLACES, find_states_instant, is_business_of, name_place
from provisioning.reports.homes import select_homes
from provisioning.reports.measures import Counting
from provisioning.rosters.models import RosterSending, RosterSentUnit
from provisioning.rosters.status import each_sent
from signing.requests.subjects import Standing, build_people
from sso.factors.models import Authenticator, Passkey

IDLE: Final = timedelta(days=45)
"""Accounts that nobody used for so long are to be shut (TCVN 14423:2026 §5)."""
ENDING: Final = timedelta(days=90)
SOON: Final = timedelta(days=60)
SESSIONS: Final = ("sso.session.opened", "sso.account.activated")


@dataclass(frozen=True)
class Lacking:
    """One row: the unit, and the person unless it is the unit itself that lacks something; `why` says what."""

    unit: UnitFacts
    name: str | None
    title: str | None
    login: str | None
    why: Message


@dataclass(frozen=True)
class Coverage:
    """One list: who lacks what, out of how many."""

    name: str
    rows: tuple[Lacking, ...]
    of: int


@dataclass(frozen=True)
class Survey:
    """What every list is made from."""

    reads: Reads
    as_of: AsOf
    now: datetime
    units: Mapping[uuid.UUID, UnitFacts]

    @property
    def counting(self) -> Counting:
        """The measures at the survey's instant."""
        return Counting(self.reads, self.as_of, self.now)

    @property
    def states_at(self) -> datetime:
        """The instant the states of accounts are of."""
        return find_states_instant(self.as_of, self.now)


def build_coverage(survey: Survey, name: str) -> Coverage:
    """The list of this name."""
    return LISTS[name][1](survey, name)


# --- units ---------------------------------------------------------------------------------------------------------


def list_few_signers(survey: Survey, name: str) -> Coverage:
    """Agencies in which fewer than two can sign."""
    agencies = [unit for unit in survey.units.values() if unit.level in SIGNERS_NEEDED]
    leading, signing = count_leading(survey), count_leading(survey, signing=True)
    why = _("{signers} of {leading} leaders and deputies can sign; {enough} are needed")
    rows = tuple(
        Lacking(
            unit, None, None, None,
            Message(why, {"signers": signing.get(unit.id, 0), "leading": leading.get(unit.id, 0), "enough": ENOUGH}),
        )
        for unit in agencies
        if signing.get(unit.id, 0) < ENOUGH
    )  # fmt: skip
    return Coverage(name, rows, len(agencies))


def count_leading(survey: Survey, signing: bool = False) -> dict[uuid.UUID, int]:
    """Leaders and deputies by unit; with `signing` only those who hold a valid certificate."""
    leads = sa.or_(*(Post.duties.contains(duty) for duty in SIGNING))
    query = sa.select(Post.unit_id, sa.func.count(sa.distinct(Post.person_id))).where(
        in_force(Post, survey.as_of), leads
    )
    if signing:
        query = query.where(Post.person_id.in_(survey.counting.select_holders()))
    return {unit: count for unit, count in survey.reads.execute(query.group_by(Post.unit_id))}  # noqa: C416 — rows


def list_no_roster(survey: Survey, name: str) -> Coverage:
    """Agencies that no list has named and no load has brought anybody into."""
    sent = [one for one in each_sent(survey.reads, survey.as_of, None) if one.unit.id in survey.units]
    agencies = [one for one in sent if one.unit.level in SIGNERS_NEEDED]
    named = find_lists(survey)
    missing = Message(_("no roster has been sent"))
    rows = tuple(
        Lacking(one.unit, None, None, None, missing) for one in agencies if not one.people and one.unit.id not in named
    )
    return Coverage(name, rows, len(agencies))


def list_open_faults(survey: Survey, name: str) -> Coverage:
    """Units whose last list still had rows with faults."""
    named = {unit: last for unit, last in find_lists(survey).items() if unit in survey.units}
    why = _("{faults} of {rows} rows have faults; sent on {day}")
    rows = tuple(
        Lacking(
            survey.units[unit], None, None, None,
            Message(why, {"faults": last.faults, "rows": last.rows, "day": last.sent_at.date()}),
        )
        for unit, last in named.items()
        if last.faults
    )  # fmt: skip
    return Coverage(name, rows, len(named))


def find_lists(survey: Survey) -> dict[uuid.UUID, Any]:
    """The last list that named each unit by the survey's instant: when it came, its rows, and how many of them have faults."""
    query = (
        sa.select(RosterSentUnit.unit_id, RosterSentUnit.rows, RosterSentUnit.faults, RosterSending.sent_at)
        .join(RosterSending, RosterSending.id == RosterSentUnit.sending_id)
        .where(RosterSending.sent_at <= survey.states_at)
        .order_by(RosterSentUnit.id)
    )
    return {row.unit_id: row for row in survey.reads.execute(query)}


# --- people --------------------------------------------------------------------------------------------------------


def each_official(survey: Survey, *more: Any, clause: sa.ColumnElement[bool] | None = None) -> Iterator[Any]:
    """Officials of the survey's units with their log-in and what else is asked for, by unit and name."""
    homes = select_homes(survey.as_of)
    own = sa.and_(Login.account_id == Account.id, Login.kind == "own", in_force(Login, survey.as_of))
    query = (
        sa.select(homes.c.unit_id, homes.c.person_id, homes.c.name, homes.c.title, Login.login, *more)
        .select_from(homes)
        .outerjoin(Account, is_business_of(homes, survey.as_of.known_at))
        .outerjoin(Credential, Credential.account_id == Account.id)
        .outerjoin(Login, own)
        .order_by(homes.c.unit_id, homes.c.name)
    )
    if clause is not None:
        query = query.where(clause)
    for row in survey.reads.execute(query.execution_options(yield_per=2000)):
        if row.unit_id in survey.units:
            yield row


def count_officials(survey: Survey) -> int:
    """How many officials the survey's units have."""
    homes = select_homes(survey.as_of)
    rows = survey.reads.execute(sa.select(homes.c.unit_id, sa.func.count()).group_by(homes.c.unit_id))
    return sum(count for unit, count in rows if unit in survey.units)


def name_row(survey: Survey, row: Any, why: Message) -> Lacking:
    """One official."""
    return Lacking(survey.units[row.unit_id], row.name, row.title, row.login, why)


def list_no_account(survey: Survey, name: str) -> Coverage:
    """Officials without an account, or with one that is shut."""
    shut = sa.or_(Account.id.is_(None), Account.state.in_(("suspended", "closed")))
    rows = tuple(
        name_row(survey, row, Message(PLACES[row.state or "none"]))
        for row in each_official(survey, Account.state, clause=shut)
    )
    return Coverage(name, rows, count_officials(survey))


def list_not_activated(survey: Survey, name: str) -> Coverage:
    """Officials who have not come in yet: how they could, and until when."""
    place = name_place(False, survey.states_at).label("place")
    rows = tuple(
        name_row(survey, row, Message(PLACES[row.place]))
        for row in each_official(survey, place, clause=Account.state == "issued")
    )
    return Coverage(name, rows, count_officials(survey))


def list_no_address(survey: Survey, name: str) -> Coverage:
    """Officials without an address of their own."""
    holders = sa.select(MailAddress.person_id).where(MailAddress.kind == "own", in_force(MailAddress, survey.as_of))
    return list_outside(survey, name, holders, Message(_("no official e-mail address")))


def list_no_factor(survey: Survey, name: str) -> Coverage:
    """Officials who have come in and have neither an authenticator nor a passkey."""
    held: set[uuid.UUID] = set()
    for factor in (Authenticator, Passkey):
        made = sa.select(factor.account_id).where(factor.made_at <= survey.states_at)
        held.update(survey.reads.execute(made).scalars())
    active = list(each_official(survey, Account.id, clause=Account.state == "active"))
    missing = Message(_("no second factor"))
    rows = tuple(name_row(survey, row, missing) for row in active if row.id not in held)
    return Coverage(name, rows, len(active))


def list_no_certificate(survey: Survey, name: str) -> Coverage:
    """Officials without a valid certificate."""
    return list_outside(survey, name, survey.counting.select_holders(), Message(_("no valid certificate")))


def list_outside(survey: Survey, name: str, holders: sa.Select[Any], why: Message) -> Coverage:
    """Officials who are not among these."""
    held = set(survey.reads.execute(holders).scalars())
    rows = tuple(name_row(survey, row, why) for row in each_official(survey) if row.person_id not in held)
    return Coverage(name, rows, count_officials(survey))


def list_idle(survey: Survey, name: str) -> Coverage:
    """Accounts in use that nobody came in by for 45 days."""
    since = survey.states_at - IDLE
    seen = sa.select(AuditRow.subject).where(
        AuditRow.event.in_(SESSIONS), AuditRow.outcome == "done", AuditRow.at > since, AuditRow.at <= survey.states_at
    )
    used = set(survey.reads.execute(seen.distinct()).scalars())
    older = sa.or_(Account.state_since.is_(None), Account.state_since <= since)
    rows = list(each_official(survey, Account.id, clause=sa.and_(Account.state == "active", older)))
    idle = tuple(
        name_row(survey, row, Message(_("not used for {days} days"), {"days": IDLE.days}))
        for row in rows
        if str(row.id) not in used
    )
    return Coverage(name, idle, sum(1 for _row in each_official(survey, clause=Account.state == "active")))


# --- certificates --------------------------------------------------------------------------------------------------


def each_holder(survey: Survey) -> Iterator[tuple[Any, list[Certificate]]]:
    """Officials with valid certificates, with these."""
    rows = {row.person_id: row for row in each_official(survey)}
    query = sa.select(Certificate).where(survey.counting.is_valid(), Certificate.person_id.is_not(None))
    held: dict[uuid.UUID, list[Certificate]] = {}
    for certificate in survey.reads.execute(query.order_by(Certificate.valid_from.desc())).scalars():
        if certificate.person_id in rows and certificate.person_id is not None:
            held.setdefault(certificate.person_id, []).append(certificate)
    for person_id, row in rows.items():
        if person_id in held:
            yield row, held[person_id]


def list_mismatch(survey: Survey, name: str) -> Coverage:
    """Officials whose newest certificate names another organisation or another address than the register."""
    holders = list(each_holder(survey))
    rows: list[Lacking] = []
    standing = Standing(survey.as_of)
    for part in chunked(holders):
        subjects = build_people(survey.reads, [row.person_id for row, _held in part], standing)
        for row, held in part:
            subject = subjects.get(row.person_id)
            if subject is not None and (why := compare(held[0].der, subject.unit, subject.email)) is not None:
                rows.append(name_row(survey, row, why))
    return Coverage(name, tuple(rows), len(holders))


def compare(der: bytes, unit: str, address: str | None) -> Message | None:
    """What a certificate says otherwise than the register, or None. A certificate without an address says nothing of it."""
    certificate = x509.load_der_x509_certificate(der)
    organisations = [
        str(part.value)
        for kind in (x509.NameOID.ORGANIZATION_NAME, x509.NameOID.ORGANIZATIONAL_UNIT_NAME)
        for part in certificate.subject.get_attributes_for_oid(kind)
    ]
    if organisations and unit not in organisations:
        return Message(_("the certificate names {said}"), {"said": organisations[0]})
    named = read_addresses(certificate)
    if named and (address or "").lower() not in named:
        return Message(_("the certificate names the address {said}"), {"said": sorted(named)[0]})
    return None


def read_addresses(certificate: x509.Certificate) -> set[str]:
    """The mail addresses a certificate names."""
    found = {str(part.value).lower() for part in certificate.subject.get_attributes_for_oid(x509.NameOID.EMAIL_ADDRESS)}
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return found
    return found | {address.lower() for address in names.get_values_for_type(x509.RFC822Name)}


def list_ending(survey: Survey, name: str) -> Coverage:
    """Officials whose last certificate ends within 90 days."""
    holders = list(each_holder(survey))
    rows = []
    for row, held in holders:
        ends = [one.valid_to for one in held]
        last = None if None in ends else max(end for end in ends if end is not None)
        if last is not None and last <= survey.as_of.at + ENDING:
            soon = last <= survey.as_of.at + SOON
            text = _("ends on {day}, within 60 days") if soon else _("ends on {day}, within 90 days")
            rows.append(name_row(survey, row, Message(text, {"day": last.date()})))
    return Coverage(name, tuple(rows), len(holders))


Lister = Callable[[Survey, str], Coverage]
LISTS: Final[Mapping[str, tuple[str, Lister]]] = {
    "few-signers": (_("Agencies with fewer than two signers"), list_few_signers),
    "no-account": (_("Officials without an account"), list_no_account),
    "not-activated": (_("Officials who have not activated their account"), list_not_activated),
    "no-address": (_("Officials without an e-mail address"), list_no_address),
    "no-second-factor": (_("Officials without a second factor"), list_no_factor),
    "no-certificate": (_("Officials without a valid certificate"), list_no_certificate),
    "certificate-other": (
        _("Officials whose certificate names another organisation or address"),
        list_mismatch,
    ),
    "certificate-ending": (_("Officials whose certificate ends within 90 days"), list_ending),
    "idle": (_("Accounts not used for 45 days"), list_idle),
    "no-roster": (_("Agencies without a roster"), list_no_roster),
    "open-faults": (_("Units whose last roster has faults"), list_open_faults),
}
"""Every list by name: what it is called, and how it is made."""
