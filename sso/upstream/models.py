"""Links, whose account here an account of another provider opens; and the sessions that were opened by one."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Identifier


class UpstreamLink(Base):
    """An account elsewhere (`issuer`, `subject`) that opens an account here; made and taken away by its owner."""

    __tablename__ = "sso_upstream_link"
    id: Mapped[uuid.UUID] = mapped_column(Identifier, primary_key=True)
    issuer: Mapped[str]
    subject: Mapped[str]
    account_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("account.id"))
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    __table_args__ = (sa.UniqueConstraint("issuer", "subject"), sa.UniqueConstraint("account_id", "issuer"))


class UpstreamSession(Base):
    """A session of ours that another provider's word opened: what that provider calls it, for log-outs both ways."""

    __tablename__ = "sso_upstream_session"
    session_id: Mapped[uuid.UUID] = mapped_column(Identifier, primary_key=True)
    issuer: Mapped[str]
    subject: Mapped[str]
    sid: Mapped[str | None]
    hint_sealed: Mapped[str]
    """Its ID token, which says at its log-out who leaves (OpenID Connect RP-Initiated Logout 1.0 §2)."""
    ends_at: Mapped[datetime] = mapped_column(index=True)
    __table_args__ = (sa.Index("ix_sso_upstream_session_issuer_subject", "issuer", "subject"),)
