"""The queue of possible doubles: two records that may be one human, until somebody says so. Ordinary rows, no part of the register."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Identifier, Json, RowId


class MatchCase(Base):
    """Two records, why they may be one human, and what a person answered. `left_id` is the smaller id: a pair is asked about once.

    `state` is open, same, different, or gone (one of the two was joined elsewhere meanwhile).
    """

    __tablename__ = "match_case"
    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    left_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("person.id"))
    right_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("person.id"), index=True)
    score: Mapped[int]
    reasons: Mapped[list[str]] = mapped_column(Json)
    source: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="open", index=True)
    found_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    __table_args__ = (
        sa.UniqueConstraint("left_id", "right_id"),
        sa.CheckConstraint("left_id <> right_id", name="two"),
        sa.CheckConstraint("state IN ('open', 'same', 'different', 'gone')", name="state"),
    )
