"""What was sent: every roster that came for import, and whom it named in each unit. Ordinary rows, no part of the register."""

import uuid
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Identifier, Json, RowId

SEAL_SENT: Final = "roster_sent_unit.people"


class RosterSending(Base):
    """One delivery: whose it is (the unit that covers all units named, unless it was said), when, by whom, and how it came out."""

    __tablename__ = "roster_sending"
    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    sender_id: Mapped[uuid.UUID | None] = mapped_column(Identifier, sa.ForeignKey("unit.id"), index=True)
    sent_at: Mapped[datetime]
    speaks_of: Mapped[datetime]
    actor: Mapped[str]
    files: Mapped[list[str]] = mapped_column(Json)
    rows: Mapped[int]
    people: Mapped[int]
    faults: Mapped[int]
    plan_digest: Mapped[str | None]


class RosterSentUnit(Base):
    """One unit of a delivery. `people` is sealed: whom the rows named, to be compared with the next delivery."""

    __tablename__ = "roster_sent_unit"
    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    sending_id: Mapped[int] = mapped_column(RowId, sa.ForeignKey("roster_sending.id"), index=True)
    unit_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("unit.id"))
    rows: Mapped[int]
    faults: Mapped[int]
    people: Mapped[str]
    __table_args__ = (sa.UniqueConstraint("unit_id", "sending_id"),)
