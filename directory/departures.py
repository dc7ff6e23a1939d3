"""Why and when somebody left: retired, resigned, dismissed, died, or an engagement that ended. A row of the register."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Literal, get_args

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from directory.models import one_of
from directory.units import chunked
from foundation.changes import Recorded, visible
from foundation.database import Base, Identifier, Reads

Why = Literal["retired", "resigned", "dismissed", "died", "transferred", "ended"]
WHYS: tuple[str, ...] = get_args(Why)


class PersonDeparture(Recorded, Base):
    """Somebody leaves at an instant, by a decision where there is one; who comes back gets new posts, the row stays."""

    __tablename__ = "person_departure"
    person_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("person.id"), index=True)
    why: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
    decision: Mapped[str | None]
    __table_args__ = (one_of("why", WHYS),)


def find_departures(
    reads: Reads, ids: Iterable[uuid.UUID], known_at: datetime | None = None
) -> dict[uuid.UUID, PersonDeparture]:
    """The last departure of each of these people, past or to come."""
    found: dict[uuid.UUID, PersonDeparture] = {}
    for some in chunked(dict.fromkeys(ids)):
        wanted = (
            sa.select(PersonDeparture)
            .where(PersonDeparture.person_id.in_(some), visible(PersonDeparture, known_at))
            .order_by(PersonDeparture.at, PersonDeparture.row_id)
        )
        found |= {row.person_id: row for row in reads.execute(wanted).scalars()}
    return found
