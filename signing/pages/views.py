"""What the templates get: small frozen values, made from rows and the register."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cryptography import x509
from cryptography.x509.oid import NameOID

from directory.certificates import KnownCertificate, find_certificates
from directory.chains import full_name
from directory.people import find_people
from foundation.changes import AsOf
from foundation.clocks import local_day
from foundation.database import Reads
from foundation.i18n import Message, _
from signing.models import CertificateRequest, Dossier
from signing.requests.dossiers import STAFF, count_requests
from signing.requests.subjects import Standing
from signing.vocabulary import GROUND_SENTENCES, ISSUING_KINDS, KIND_NAME_PLURALS, KIND_NAMES, STATE_NAMES

CERTIFICATE_STATES = {
    "valid": _("Valid"),
    "revoked": _("Revoked"),
    "expired": _("Expired"),
    "early": _("Not valid yet"),
}


@dataclass(frozen=True)
class CertificateView:
    """One certificate; `state` is a word of CERTIFICATE_STATES, `state_name` its sentence."""

    sha256: str
    serial: str
    name: str
    unit: str
    issuer: str
    begins: datetime
    ends: datetime | None
    state: str
    state_name: str
    revoked_at: datetime | None

    @property
    def begins_on(self) -> date:
        """Its first day, in the administration's zone."""
        return local_day(self.begins)

    @property
    def ends_on(self) -> date | None:
        """Its last day."""
        return local_day(self.ends) if self.ends else None


@dataclass(frozen=True)
class RequestView:
    """One request as a line of a dossier or of a person's own page."""

    id: int
    dossier: int
    kind: str
    kind_name: str
    ground: str
    subject: str
    unit: str
    detail: str
    state: str
    state_name: str
    legal_basis: str | None
    replaces: CertificateView | None
    alternative_name: str | None
    choice: str | None
    chooser: str | None
    refusal: str | None
    wants_key: bool
    agency: bool


@dataclass(frozen=True)
class DossierView:
    """One dossier as a line: number, unit, what it came from, how many of each kind."""

    id: int
    unit: str
    title: Message
    about: str | None
    state: str
    state_name: str
    counts: tuple[tuple[str, int], ...]
    total: int
    composed_at: datetime
    approved_at: datetime | None
    approver: str | None
    approver_post: str | None


def view_certificate(known: KnownCertificate, now: datetime) -> CertificateView:
    """A certificate of the register."""
    parsed = x509.load_der_x509_certificate(known.der)
    return CertificateView(
        sha256=known.sha256,
        serial=known.serial,
        name=read_part(parsed.subject, NameOID.COMMON_NAME),
        unit=read_part(parsed.subject, NameOID.ORGANIZATION_NAME),
        issuer=read_part(parsed.issuer, NameOID.COMMON_NAME),
        begins=known.valid_from,
        ends=known.valid_to,
        state=(state := state_of(known, now)),
        state_name=CERTIFICATE_STATES[state],
        revoked_at=known.revoked_at,
    )


def read_part(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    """One part of a distinguished name, as text."""
    parts = name.get_attributes_for_oid(oid)
    return str(parts[0].value) if parts else ""


def read_parts(known: KnownCertificate) -> tuple[str, ...]:
    """The subject's distinguished name, part by part from the country down."""
    return tuple(part.rfc4514_string() for part in x509.load_der_x509_certificate(known.der).subject.rdns)


def state_of(known: KnownCertificate, now: datetime) -> str:
    """The word for where a certificate stands now."""
    if known.revoked_at is not None and known.revoked_at <= now:
        return "revoked"
    if known.valid_to is not None and known.valid_to <= now:
        return "expired"
    return "valid" if known.valid_from <= now else "early"


def view_requests(reads: Reads, rows: Sequence[CertificateRequest], now: datetime) -> list[RequestView]:
    """Requests in the order given."""
    names = name_people(reads, (row.chosen_by for row in rows), now)
    replaced = find_certificates(reads, (row.replaces for row in rows if row.replaces))
    return [view_request(row, replaced.get(row.replaces or ""), names, now) for row in rows]


def view_request(
    row: CertificateRequest, replaced: KnownCertificate | None, names: Mapping[str, str], now: datetime
) -> RequestView:
    """One request."""
    content = row.content
    return RequestView(
        id=row.id,
        dossier=row.dossier_id,
        kind=row.kind,
        kind_name=KIND_NAMES[row.kind],
        ground=GROUND_SENTENCES[row.ground],
        subject=str(content["name"]),
        unit=str(content.get("unit") or content.get("superior") or ""),
        detail=", ".join(str(content[key]) for key in ("division", "email", "code") if content.get(key)),
        state=row.state,
        state_name=STATE_NAMES[row.state],
        legal_basis=row.legal_basis,
        replaces=view_certificate(replaced, now) if replaced else None,
        alternative_name=KIND_NAMES[row.alternative] if row.alternative else None,
        choice=row.choice_reason,
        chooser=names.get(row.chosen_by or ""),
        refusal=row.refusal,
        wants_key=row.state == "sent" and row.kind in ISSUING_KINDS,
        agency=row.unit_id is not None,
    )


def view_dossiers(reads: Reads, rows: Sequence[Dossier], now: datetime) -> list[DossierView]:
    """Dossiers in the order given."""
    counts = count_requests(reads, (row.id for row in rows))
    approvers = (str(row.approved_by) for row in rows if row.approved_by)
    names = name_people(reads, [*approvers, *(row.about for row in rows), *(row.composed_by for row in rows)], now)
    chains = Standing(AsOf(now)).read_chains(reads, {row.unit_id for row in rows})
    units = {unit_id: full_name(chain) for unit_id, chain in chains.items()}
    return [view_dossier(row, counts.get(row.id, {}), names, units[row.unit_id]) for row in rows]


def view_dossier(row: Dossier, counts: Mapping[str, int], names: Mapping[str, str], unit: str) -> DossierView:
    """One dossier."""
    return DossierView(
        id=row.id,
        unit=unit,
        title=title_of(row, names),
        about=names.get(row.about) if row.about != STAFF else None,
        state=row.state,
        state_name=STATE_NAMES[row.state],
        counts=tuple((KIND_NAME_PLURALS[kind], counts[kind]) for kind in KIND_NAMES if kind in counts),
        total=sum(counts.values()),
        composed_at=row.composed_at,
        approved_at=row.approved_at,
        approver=names.get(str(row.approved_by)),
        approver_post=row.approver_post,
    )


def title_of(row: Dossier, names: Mapping[str, str]) -> Message:
    """What a dossier came from, as a sentence."""
    if row.trigger.startswith("asked:"):
        return Message(_("Asked for by {name}"), {"name": names.get(row.composed_by, "—")})
    return Message(_("After the change of units on {day}"), {"day": local_day(row.instant)})


def name_people(reads: Reads, labels: Iterable[str | None], now: datetime) -> dict[str, str]:
    """Names by the text of a person's id; what is no id is passed over."""
    ids = {parsed for label in labels if (parsed := read_id(label)) is not None}
    return {str(person_id): person.name for person_id, person in find_people(reads, ids, AsOf(now)).items()}


def read_id(label: str | None) -> uuid.UUID | None:
    """A person's id from an actor's label, or None."""
    try:
        return uuid.UUID(label or "")
    except ValueError:
        return None
