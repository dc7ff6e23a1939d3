"""The address outside the administration where a person can be reached; an ordinary row, sealed, gone with the person's need for it."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Identifier

SEAL_ADDRESS = "contact_address.address"


class ContactAddress(Base):
    """One a person; `recorded_at` is when exactly this address was put on record, `recorded_by` and `proof` by whom and upon what."""

    __tablename__ = "contact_address"
    person_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("person.id"), primary_key=True)
    address_sealed: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    proof: Mapped[str]
