"""The tables of the factors: ordinary rows, gone with the account's need for them."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Identifier, Json, RowId

SEAL_SECRET = "sso_authenticator.secret"  # noqa: S105  # The name of a context, not a secret.


def of_account() -> Mapped[uuid.UUID]:
    """The account a row belongs to."""
    return mapped_column(Identifier, sa.ForeignKey("account.id"), index=True)


class Authenticator(Base):
    """An app that counts time steps (RFC 6238), one an account; `last_step` is the newest that was used."""

    __tablename__ = "sso_authenticator"
    account_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("account.id"), primary_key=True)
    secret_sealed: Mapped[str]
    made_at: Mapped[datetime]
    last_step: Mapped[int] = mapped_column(sa.BigInteger)


class RecoveryCode(Base):
    """A code for the day the phone is lost: a keyed digest, used once."""

    __tablename__ = "sso_recovery_code"
    account_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("account.id"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Device(Base):
    """A browser an account has come in with; until `remembered_until` it is not asked for a second factor."""

    __tablename__ = "sso_device"
    id: Mapped[uuid.UUID] = mapped_column(Identifier, primary_key=True)
    account_id: Mapped[uuid.UUID] = of_account()
    cookie_hash: Mapped[bytes]
    agent: Mapped[str]
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    remembered_until: Mapped[datetime | None]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    __table_args__ = (sa.UniqueConstraint("cookie_hash", "account_id"),)


class Passkey(Base):
    """A key of a device or a password store (WebAuthn); the private half never leaves it."""

    __tablename__ = "sso_passkey"
    id: Mapped[uuid.UUID] = mapped_column(Identifier, primary_key=True)
    account_id: Mapped[uuid.UUID] = of_account()
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(sa.BigInteger)
    name: Mapped[str]
    transports: Mapped[list[str]] = mapped_column(Json)
    backed_up: Mapped[bool]
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class FactorReview(Base):
    """That an account was opened anew and its owner has not yet said which of its factors are theirs."""

    __tablename__ = "sso_factor_review"
    account_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("account.id"), primary_key=True)
    since: Mapped[datetime]


class FormerPassword(Base):
    """The hash of a password an account had, so that it does not come back too soon."""

    __tablename__ = "sso_former_password"
    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    account_id: Mapped[uuid.UUID] = of_account()
    password_hash: Mapped[str]
    ended_at: Mapped[datetime]


class HelpRequest(Base):
    """That somebody who cannot get in asked to be helped; one open one an account."""

    __tablename__ = "sso_help_request"
    id: Mapped[uuid.UUID] = mapped_column(Identifier, primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    caller: Mapped[str]
    times: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    __table_args__ = (
        sa.Index(
            "uq_sso_help_request_open",
            "account_id",
            unique=True,
            sqlite_where=sa.text("answered_at IS NULL"),
            postgresql_where=sa.text("answered_at IS NULL"),
        ),
        sa.Index("ix_sso_help_request_account_id", "account_id"),
    )
