"""The tables of this room: dossiers and their requests, what the embedded authority issued, its lists, page sessions.

Certificates themselves belong to the register (`directory.models.Certificate`). No private key of anybody is kept here.
"""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from directory.models import one_of
from foundation.database import Base, Identifier, RowId
from signing.vocabulary import GROUNDS, KINDS, STATES


class Dossier(Base):
    """A batch of requests of one managing unit, approved as a whole.

    `trigger` names what it came from (`change:<id>`, `asked:<uuid>`), `about` whom it concerns (`staff`, or the uuid of one person who
    could otherwise approve their own request). `digest` is the frozen content at approval (64 hexadecimal digits).
    """

    __tablename__ = "dossier"
    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    unit_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("unit.id"), index=True)
    trigger: Mapped[str]
    about: Mapped[str]
    state: Mapped[str] = mapped_column(default="draft")
    composed_by: Mapped[str]
    composed_at: Mapped[datetime]
    instant: Mapped[datetime]
    digest: Mapped[str | None]
    approved_by: Mapped[uuid.UUID | None] = mapped_column(Identifier, sa.ForeignKey("person.id"))
    approved_at: Mapped[datetime | None]
    approver_post: Mapped[str | None]
    logged_in_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    refusal: Mapped[str | None]
    __table_args__ = (one_of("state", STATES), sa.UniqueConstraint("unit_id", "trigger", "about"))


class CertificateRequest(Base):
    """One thing asked of the authority about one person or one agency.

    `content` is what the certificate will say (vocabulary.as_content), `replaces` the SHA-256 of the certificate that is changed,
    renewed or revoked, `alternative` the other kind the law allows; `chosen_by` and `choice_reason` tell who decided and why.
    """

    __tablename__ = "certificate_request"
    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    dossier_id: Mapped[int] = mapped_column(RowId, sa.ForeignKey("dossier.id"), index=True)
    kind: Mapped[str]
    ground: Mapped[str]
    alternative: Mapped[str | None]
    person_id: Mapped[uuid.UUID | None] = mapped_column(Identifier, sa.ForeignKey("person.id"), index=True)
    unit_id: Mapped[uuid.UUID | None] = mapped_column(Identifier, sa.ForeignKey("unit.id"), index=True)
    content: Mapped[dict[str, Any]]
    replaces: Mapped[str | None]
    legal_basis: Mapped[str | None]
    event_id: Mapped[uuid.UUID | None] = mapped_column(Identifier)
    requested_by: Mapped[str]
    chosen_by: Mapped[str | None]
    choice_reason: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="draft")
    csr: Mapped[bytes | None]
    issued_sha256: Mapped[str | None]
    finished_at: Mapped[datetime | None]
    refusal: Mapped[str | None]
    __table_args__ = (
        one_of("kind", KINDS),
        one_of("ground", GROUNDS),
        one_of("state", STATES),
        sa.CheckConstraint("(person_id IS NULL) <> (unit_id IS NULL)", name="subject"),
        sa.CheckConstraint("kind IN ('new', 'recovery') OR replaces IS NOT NULL", name="replaces"),
    )


class AuthorityCertificate(Base):
    """What the embedded authority issued: one row per request, one request per row; the source of its lists."""

    __tablename__ = "authority_certificate"
    serial: Mapped[str] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(RowId, sa.ForeignKey("certificate_request.id"), unique=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    der: Mapped[bytes]
    issued_at: Mapped[datetime]
    not_after: Mapped[datetime]
    revoked_at: Mapped[datetime | None] = mapped_column(index=True)
    reason: Mapped[str | None]


class CertifiedKey(Base):
    """Every public key a known certificate carries (SHA-256 of its SubjectPublicKeyInfo), so that none is certified twice."""

    __tablename__ = "certified_key"
    key_sha256: Mapped[str] = mapped_column(primary_key=True)
    certificate_sha256: Mapped[str]


class RevocationList(Base):
    """A signed list; its number is the CRL number (RFC 5280 §5.2.3) and never falls."""

    __tablename__ = "revocation_list"
    number: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    der: Mapped[bytes]
    made_at: Mapped[datetime]
    next_at: Mapped[datetime]
    __table_args__ = ({"sqlite_autoincrement": True},)


class SignOnLogout(Base):
    """A log-out the sign-on service told these pages about; kept as long as a session or a log-in under way could outlast it.

    `jti_hash` is the SHA-256 of the token's id, so that each token counts once.
    """

    __tablename__ = "signing_sign_on_logout"
    jti_hash: Mapped[bytes] = mapped_column(primary_key=True)
    sid: Mapped[str | None] = mapped_column(index=True)
    person_id: Mapped[uuid.UUID | None] = mapped_column(Identifier, index=True)
    told_at: Mapped[datetime]
    kept_until: Mapped[datetime] = mapped_column(index=True)


class SigningSession(Base):
    """A person's session on the signing pages, known by the hash of its cookie; `sid` is the session at the sign-on service."""

    __tablename__ = "signing_session"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("person.id"), index=True)
    sid: Mapped[str | None] = mapped_column(index=True)
    logged_in_at: Mapped[datetime]
    started_at: Mapped[datetime]
    ends_at: Mapped[datetime]
