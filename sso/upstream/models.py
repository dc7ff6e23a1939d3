"""The one table of links: whose account here an account of another provider opens."""

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
