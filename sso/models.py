"""The tables of the provider. All ordinary rows: none is part of the register, none outlives its purpose.

Codes, tokens and secrets stand as SHA-256 digests. A grant is what one log-in gave one application; its tokens point
to it and die with it.
"""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Identifier, Json

CLIENT_KINDS = ("confidential", "public")
Absent = sa.JSON(none_as_null=True)
"""JSON that may be missing."""


class Client(Base):
    """An application that may ask: its addresses, what it may use and how it proves itself.

    `register_time`: a preview, which sees the register as of then. `unit_id`: the unit that runs it, where one is named.
    """

    __tablename__ = "sso_client"
    client_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    secret_hash: Mapped[bytes | None]
    former_secret_hash: Mapped[bytes | None]
    former_secret_until: Mapped[datetime | None]
    redirect_uris: Mapped[list[str]] = mapped_column(Json)
    post_logout_redirect_uris: Mapped[list[str]] = mapped_column(Json)
    grant_types: Mapped[list[str]] = mapped_column(Json)
    scopes: Mapped[list[str]] = mapped_column(Json)
    pkce_required: Mapped[bool] = mapped_column(default=True)
    own: Mapped[bool] = mapped_column(default=True)
    id_token_alg: Mapped[str] = mapped_column(default="RS256")
    access_token_format: Mapped[str] = mapped_column(default="opaque")
    home_uri: Mapped[str | None]
    made_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    backchannel_logout_uri: Mapped[str | None]
    particulars: Mapped[dict[str, Any] | None] = mapped_column(Absent)
    registration_hash: Mapped[bytes | None]
    register_time: Mapped[datetime | None]
    unit_id: Mapped[uuid.UUID | None] = mapped_column(Identifier, index=True)
    __table_args__ = (
        sa.CheckConstraint("kind IN ('confidential', 'public')", name="kind"),
        sa.CheckConstraint("(kind = 'public') = (secret_hash IS NULL)", name="secret"),
    )


class BrowserSession(Base):
    """One log-in of one browser; `id` is the `sid` of tokens, the cookie is kept as a digest."""

    __tablename__ = "sso_session"
    id: Mapped[uuid.UUID] = mapped_column(Identifier, primary_key=True)
    cookie_hash: Mapped[bytes] = mapped_column(unique=True)
    person_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("person.id"), index=True)
    account_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("account.id"), index=True)
    auth_time: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    acr: Mapped[str]
    amr: Mapped[str]
    caller: Mapped[str]
    agent: Mapped[str]


class CertificateSession(Base):
    """Which certificate of a key device opened a session; kept as long as a grant of that session may live, so that both end with it.

    `authorities_between`: PEM, those on the certificate's path that came with it and are not in the settings; absent where it needs none.
    """

    __tablename__ = "sso_certificate_session"
    session_id: Mapped[uuid.UUID] = mapped_column(Identifier, primary_key=True)
    sha256: Mapped[str] = mapped_column(index=True)
    ends_at: Mapped[datetime] = mapped_column(index=True)
    authorities_between: Mapped[bytes | None]


class Grant(Base):
    """What one log-in gave one application: the family of its tokens."""

    __tablename__ = "sso_grant"
    id: Mapped[uuid.UUID] = mapped_column(Identifier, primary_key=True)
    client_id: Mapped[str] = mapped_column(sa.ForeignKey("sso_client.client_id"), index=True)
    person_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("person.id"), index=True)
    account_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("account.id"), index=True)
    session_id: Mapped[uuid.UUID | None] = mapped_column(Identifier, index=True)
    scope: Mapped[str]
    auth_time: Mapped[datetime]
    acr: Mapped[str]
    amr: Mapped[str]
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None]
    wishes: Mapped[dict[str, Any] | None] = mapped_column(Absent)
    resources: Mapped[list[str] | None] = mapped_column(Absent)


class Code(Base):
    """An authorization code, bound to its client, address, session and challenge; consumed by one UPDATE."""

    __tablename__ = "sso_code"
    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(sa.ForeignKey("sso_client.client_id"))
    grant_id: Mapped[uuid.UUID] = mapped_column(Identifier)
    session_id: Mapped[uuid.UUID] = mapped_column(Identifier)
    person_id: Mapped[uuid.UUID] = mapped_column(Identifier)
    account_id: Mapped[uuid.UUID] = mapped_column(Identifier)
    redirect_uri: Mapped[str]
    scope: Mapped[str]
    nonce: Mapped[str | None]
    challenge: Mapped[str | None]
    auth_time: Mapped[datetime]
    acr: Mapped[str]
    amr: Mapped[str]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    wishes: Mapped[dict[str, Any] | None] = mapped_column(Absent)
    resources: Mapped[list[str] | None] = mapped_column(Absent)


class AccessToken(Base):
    """An opaque access token; without a grant it speaks for the client alone."""

    __tablename__ = "sso_access_token"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    grant_id: Mapped[uuid.UUID | None] = mapped_column(Identifier, sa.ForeignKey("sso_grant.id"), index=True)
    client_id: Mapped[str] = mapped_column(sa.ForeignKey("sso_client.client_id"))
    scope: Mapped[str]
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    resources: Mapped[list[str] | None] = mapped_column(Absent)


class RefreshToken(Base):
    """A refresh token of a family; used once, then replaced."""

    __tablename__ = "sso_refresh_token"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    grant_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("sso_grant.id"), index=True)
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class SigningKey(Base):
    """A signing key of the provider: published before it signs, sealed at rest, retired after the longest token."""

    __tablename__ = "sso_signing_key"
    kid: Mapped[str] = mapped_column(primary_key=True)
    alg: Mapped[str]
    private_sealed: Mapped[str]
    public: Mapped[dict[str, Any]] = mapped_column(Json)
    made_at: Mapped[datetime]
    signs_from: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class Guess(Base):
    """Failed tries on one account or one unknown log-in; `subject` is a blind index."""

    __tablename__ = "sso_guess"
    subject: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int]
    since: Mapped[datetime]
    shut_until: Mapped[datetime | None]


class Consent(Base):
    """That a person lets a stranger's application have these scopes; the administration's own ask nobody."""

    __tablename__ = "sso_consent"
    person_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("person.id"), primary_key=True)
    client_id: Mapped[str] = mapped_column(sa.ForeignKey("sso_client.client_id"), primary_key=True)
    scope: Mapped[str]
    given_at: Mapped[datetime]


class KeptRequest(Base):
    """An authorization request kept here under a reference: pushed (RFC 9126), or unfolded from an object; spent with its code."""

    __tablename__ = "sso_kept_request"
    reference_hash: Mapped[bytes] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(sa.ForeignKey("sso_client.client_id"))
    parameters: Mapped[dict[str, Any]] = mapped_column(Json)
    signed: Mapped[bool]
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    asked_from: Mapped[bytes | None]
    """The network of one that nobody proved, as a blind index."""
    asked_near: Mapped[bytes | None]
    """The same of the wider network around it (`sso/waiting.py`)."""
    opened_at: Mapped[datetime | None]
    """When somebody was sent to log in for it."""
    __table_args__ = (sa.Index("ix_sso_kept_request_client_id_asked_from", "client_id", "asked_from"),)


class DeviceCode(Base):
    """A log-in asked for on one device and done on another (RFC 8628); both codes as digests, consumed by one UPDATE."""

    __tablename__ = "sso_device_code"
    device_hash: Mapped[bytes] = mapped_column(primary_key=True)
    user_code_hash: Mapped[bytes] = mapped_column(unique=True)
    client_id: Mapped[str] = mapped_column(sa.ForeignKey("sso_client.client_id"))
    scope: Mapped[str]
    resources: Mapped[list[str] | None] = mapped_column(Absent)
    state: Mapped[str]
    interval: Mapped[int]
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    polled_at: Mapped[datetime | None]
    session_id: Mapped[uuid.UUID | None] = mapped_column(Identifier)
    asked_from: Mapped[bytes | None]
    """The network of one that nobody proved, as a blind index."""
    asked_near: Mapped[bytes | None]
    """The same of the wider network around it (`sso/waiting.py`)."""
    __table_args__ = (
        sa.CheckConstraint("state IN ('waiting', 'allowed', 'refused', 'used')", name="state"),
        sa.Index("ix_sso_device_code_client_id_asked_from", "client_id", "asked_from"),
    )


class UsedAssertion(Base):
    """A token that an application proved itself with: kept until it is over, so that nobody shows it again."""

    __tablename__ = "sso_used_assertion"
    assertion_hash: Mapped[bytes] = mapped_column(primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(index=True)


class InitialToken(Base):
    """Leave to register an application, so many times until then."""

    __tablename__ = "sso_initial_token"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    note: Mapped[str]
    uses_left: Mapped[int]
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)


class ClientLogo(Base):
    """The picture of an application, taken over from it and shown from our own origin."""

    __tablename__ = "sso_client_logo"
    client_id: Mapped[str] = mapped_column(sa.ForeignKey("sso_client.client_id"), primary_key=True)
    content: Mapped[bytes]
    media_type: Mapped[str]


class OwnClaims(Base):
    """Standard claims the register has no place for, as a person wants them told: nickname, website, picture and the like."""

    __tablename__ = "sso_own_claims"
    person_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("person.id"), primary_key=True)
    claims: Mapped[dict[str, Any]] = mapped_column(Json)
    changed_at: Mapped[datetime]
