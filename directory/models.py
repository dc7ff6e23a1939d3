"""The tables of the register.

Identities (`unit`, `person`, `account`) are permanent; everything said about them is a dated row that names its change
(`foundation.changes`). Invariants are constraints here, not looks beforehand: one version in force per unit, one bearer per
code, one main post per person, one owner per log-in for ever. Credentials are ordinary rows.
"""

import uuid
from datetime import date, datetime
from typing import Any, Literal, cast, get_args

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.changes import DatedRow, Recorded
from foundation.database import (
    Base,
    Identifier,
    RowId,
    guard_no_overlap,
    guard_one_owner,
    guard_validity,
)
from foundation.standing_rows import keep_for_ever

Level = Literal["central", "province", "district", "commune", "department", "division"]
Scheme = Literal["agency", "agency-legacy", "admin", "admin-2004"]
Duty = Literal["leader", "deputy", "clerk", "approver", "hr", "help_desk", "focal_point", "operator"]
Body = Literal["party", "council", "committee", "front", "department"]
EventKind = Literal[
    "create", "rename", "recode", "reparent", "merge_into_existing", "merge_into_new", "split", "dissolve", "correct"
]
Keepers = Literal["principal", "all", "archive"]
Share = Literal["whole", "part"]
AccountKind = Literal["business", "administration", "technical", "service"]
AccountState = Literal["issued", "active", "suspended", "closed"]

LEVELS: tuple[str, ...] = get_args(Level)
SCHEMES: tuple[str, ...] = get_args(Scheme)
DUTIES: tuple[str, ...] = get_args(Duty)
BODIES: tuple[str, ...] = get_args(Body)
EVENT_KINDS: tuple[str, ...] = get_args(EventKind)


def one_of(column: str, words: tuple[str, ...]) -> sa.CheckConstraint:
    """A check that the column holds one of these words."""
    listed = ", ".join(f"'{word}'" for word in words)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=column)


# --- units ---------------------------------------------------------------------------------------------------------


class Unit(Base):
    """A unit's identity: a random UUID and its level; never deleted."""

    __tablename__ = "unit"
    id: Mapped[uuid.UUID] = mapped_column(Identifier, primary_key=True)
    level: Mapped[str]
    change_id: Mapped[int] = mapped_column(RowId, sa.ForeignKey("change.id"), index=True)
    __table_args__ = (one_of("level", LEVELS),)


class UnitVersion(DatedRow, Base):
    """What a unit is called and where it belongs, for a time; one in force per instant."""

    __tablename__ = "unit_version"
    unit_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("unit.id"), index=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(index=True)
    short_name: Mapped[str | None]
    parent_id: Mapped[uuid.UUID | None] = mapped_column(Identifier, sa.ForeignKey("unit.id"), index=True)
    kind: Mapped[str] = mapped_column(default="office")
    address: Mapped[str | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    hotline: Mapped[str | None]
    example: Mapped[bool] = mapped_column(default=False)


class UnitCode(DatedRow, Base):
    """A code a unit bears for a time; resolvable for ever.

    A code has one bearer at an instant, and a second bearer only when the first handed it on in an event: then the row
    names the predecessor in `continued_from` (DESIGN §4).
    """

    __tablename__ = "unit_code"
    unit_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("unit.id"), index=True)
    scheme: Mapped[str]
    level: Mapped[str]
    code: Mapped[str] = mapped_column(index=True)
    decision_number: Mapped[str | None]
    decision_date: Mapped[date | None]
    decision_issuer: Mapped[str | None]
    continued_from: Mapped[uuid.UUID | None] = mapped_column(Identifier, sa.ForeignKey("unit.id"))
    example: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        one_of("scheme", SCHEMES),
        sa.CheckConstraint("continued_from IS NULL OR continued_from <> unit_id", name="continued"),
    )


class UnitEvent(Recorded, Base):
    """Something that happened to units at an instant, by a legal decision.

    `documents` says who may read what the units kept that passed on in it (None: the room's rule), `archive_id` the unit where
    it is an archive, `readers` the duties that open it, with spaces between. A `correct` event tells that a record was wrong.
    """

    __tablename__ = "unit_event"
    id: Mapped[uuid.UUID] = mapped_column(Identifier, index=True)
    kind: Mapped[str]
    instant: Mapped[datetime] = mapped_column(index=True)
    decision_number: Mapped[str | None]
    decision_date: Mapped[date | None]
    decision_issuer: Mapped[str | None]
    note: Mapped[str | None]
    example: Mapped[bool] = mapped_column(default=False)
    documents: Mapped[str | None]
    archive_id: Mapped[uuid.UUID | None] = mapped_column(Identifier, sa.ForeignKey("unit.id"))
    readers: Mapped[str | None]
    __table_args__ = (one_of("kind", EVENT_KINDS), one_of("documents", get_args(Keepers)))


class UnitEventLink(Recorded, Base):
    """What passed from whom to whom in an event: whole or part, one principal successor.

    A creation has no predecessor, a dissolution without heirs no successor.
    """

    __tablename__ = "unit_event_link"
    event_id: Mapped[uuid.UUID] = mapped_column(Identifier, index=True)
    predecessor_id: Mapped[uuid.UUID | None] = mapped_column(Identifier, sa.ForeignKey("unit.id"), index=True)
    successor_id: Mapped[uuid.UUID | None] = mapped_column(Identifier, sa.ForeignKey("unit.id"), index=True)
    share: Mapped[str]
    principal: Mapped[bool]
    __table_args__ = (
        one_of("share", ("whole", "part")),
        sa.CheckConstraint("predecessor_id IS NOT NULL OR successor_id IS NOT NULL", name="ends"),
    )


# --- people --------------------------------------------------------------------------------------------------------


class Person(Base):
    """A person's identity: one random UUID, minted once; OIDC `sub`, SCIM `id`, LDAP RDN. Never changes, never reused."""

    __tablename__ = "person"
    id: Mapped[uuid.UUID] = mapped_column(Identifier, primary_key=True)
    change_id: Mapped[int] = mapped_column(RowId, sa.ForeignKey("change.id"), index=True)


class PersonDetail(DatedRow, Base):
    """What is known of a person for a time; what identifies is sealed (`SEAL_*` contexts below)."""

    __tablename__ = "person_detail"
    person_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(default="official")
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(index=True)
    number_sealed: Mapped[str | None]
    number_index: Mapped[bytes | None] = mapped_column(index=True)
    staff_code: Mapped[str | None]
    birth_date: Mapped[date | None]
    phone: Mapped[str | None]
    sponsor_id: Mapped[uuid.UUID | None] = mapped_column(Identifier, sa.ForeignKey("unit.id"))
    __table_args__ = (one_of("kind", ("official", "external")),)


SEAL_NUMBER = "person_detail.number"
SEAL_IMPORTED_HASH = "credential.imported_hash"


class Post(DatedRow, Base):
    """A post a person holds in a unit for a time; several at once, one main.

    `post_id` stays the same over corrections and when a period is closed; `duties` is a space-separated list of DUTIES
    in their order.
    """

    __tablename__ = "post"
    post_id: Mapped[uuid.UUID] = mapped_column(Identifier, index=True)
    person_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("person.id"), index=True)
    unit_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("unit.id"), index=True)
    title: Mapped[str]
    body: Mapped[str] = mapped_column(default="committee")
    duties: Mapped[str] = mapped_column(default="")
    main: Mapped[bool] = mapped_column(default=True)
    acting: Mapped[bool] = mapped_column(default=False)
    decision: Mapped[str | None]
    __table_args__ = (one_of("body", BODIES),)


class Account(Base):
    """An account of a person, one per kind; its state is an ordinary column, its log-ins are dated rows."""

    __tablename__ = "account"
    id: Mapped[uuid.UUID] = mapped_column(Identifier, primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(default="business")
    state: Mapped[str] = mapped_column(default="issued")
    state_since: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    change_id: Mapped[int] = mapped_column(RowId, sa.ForeignKey("change.id"), index=True)
    __table_args__ = (
        one_of("kind", get_args(AccountKind)),
        one_of("state", get_args(AccountState)),
        sa.UniqueConstraint("person_id", "kind"),
    )


class Credential(Base):
    """What opens an account: an ordinary row, never part of a plan, a digest or a printing of the register.

    `password_hash` is argon2id (PHC string); `imported_hash` is the old directory's, sealed; codes are hashes of one-time codes.
    `helped_at` is when the password was last set with a code that somebody else had handed out (a reset).
    """

    __tablename__ = "credential"
    account_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("account.id"), primary_key=True)
    password_hash: Mapped[str | None]
    password_set_at: Mapped[datetime | None]
    imported_hash: Mapped[str | None]
    imported_until: Mapped[datetime | None]
    code_hash: Mapped[bytes | None]
    code_purpose: Mapped[str | None]
    code_until: Mapped[datetime | None]
    code_made_at: Mapped[datetime | None]
    helped_at: Mapped[datetime | None]


class Login(DatedRow, Base):
    """A log-in accepted for a time. `own` is the account's current one and never given to another account; an `alias`
    is an old one that may fit several people until its end date.
    """

    __tablename__ = "login"
    account_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("account.id"), index=True)
    login: Mapped[str]
    login_key: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(default="own")
    origin_id: Mapped[uuid.UUID | None] = mapped_column(Identifier, sa.ForeignKey("unit.id"))
    __table_args__ = (one_of("kind", ("own", "alias")),)


class MailAddress(DatedRow, Base):
    """An official mail address for a time; `own` never belongs to two people, an `alias` is an old one still delivered."""

    __tablename__ = "mail_address"
    person_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("person.id"), index=True)
    address: Mapped[str]
    address_key: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(default="own")
    verified: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (one_of("kind", ("own", "alias")),)


class ForeignAccount(DatedRow, Base):
    """The account a person had in another application, for systems that are converted."""

    __tablename__ = "foreign_account"
    person_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("person.id"), index=True)
    application: Mapped[str]
    foreign_id: Mapped[str]
    foreign_login: Mapped[str | None]
    # The guard looks for the same account elsewhere at every row, and SQLite's is a trigger without an index of its own.
    __table_args__ = (sa.Index("ix_foreign_account_foreign_id", "application", "foreign_id"),)


class Certificate(DatedRow, Base):
    """A certificate the register knows, of a person or of a unit; validity is the certificate's own.

    Revocation is told by withdrawing the row and adding one with `revoked_at` and `reason` (RFC 5280 §5.3.1 words).
    """

    __tablename__ = "certificate"
    person_id: Mapped[uuid.UUID | None] = mapped_column(Identifier, sa.ForeignKey("person.id"), index=True)
    unit_id: Mapped[uuid.UUID | None] = mapped_column(Identifier, sa.ForeignKey("unit.id"), index=True)
    der: Mapped[bytes]
    sha256: Mapped[str] = mapped_column(index=True)
    serial: Mapped[str]
    issuer: Mapped[str]
    subject: Mapped[str]
    revoked_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    __table_args__ = (sa.CheckConstraint("(person_id IS NULL) <> (unit_id IS NULL)", name="subject"),)


def guard_tables() -> None:
    """Attach the invariants that both databases keep (DESIGN §4)."""
    tables: dict[Any, sa.Table] = {
        model: cast(sa.Table, model.__table__)
        for model in (UnitVersion, UnitCode, PersonDetail, Post, Login, MailAddress, ForeignAccount, Certificate)
    }
    for table in tables.values():
        guard_validity(table)
    guard_no_overlap(tables[UnitVersion], "one_version_in_force", ["unit_id"])
    guard_no_overlap(tables[UnitCode], "one_bearer_of_a_code", ["scheme", "level", "code"])
    guard_one_owner(
        tables[UnitCode],
        "code_never_given_twice",
        ["scheme", "level", "code"],
        "unit_id",
        "withdrawn_by IS NULL AND continued_from IS NULL",
    )
    guard_no_overlap(tables[PersonDetail], "one_detail_in_force", ["person_id"])
    guard_no_overlap(tables[Post], "one_period_of_a_post", ["post_id"])
    guard_no_overlap(tables[Post], "one_main_post", ["person_id"], "withdrawn_by IS NULL AND main")
    guard_no_overlap(tables[Login], "one_own_login", ["account_id"], "withdrawn_by IS NULL AND kind = 'own'")
    guard_one_owner(
        tables[Login],
        "login_never_reissued",
        ["login_key"],
        "account_id",
        "withdrawn_by IS NULL AND kind = 'own'",
        hashed=True,
    )
    guard_no_overlap(tables[MailAddress], "one_own_address", ["person_id"], "withdrawn_by IS NULL AND kind = 'own'")
    guard_one_owner(
        tables[MailAddress],
        "address_never_reissued",
        ["address_key"],
        "person_id",
        "withdrawn_by IS NULL AND kind = 'own'",
        hashed=True,
    )
    guard_no_overlap(tables[ForeignAccount], "one_foreign_account", ["application", "foreign_id"])


def keep_identities() -> None:
    """What is said of units and people points to them for ever (docs/decisions/0025)."""
    for kept in (Unit, Person, Account):
        keep_for_ever(cast(sa.Table, kept.__table__))


guard_tables()
keep_identities()
