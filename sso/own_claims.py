"""Standard claims the register has no place for (OpenID Connect Core §5.1): how a person wants to be shown outside.

Few people have any. Whether anybody has is remembered for some seconds, so that an answer costs no question more.
"""

import time
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

import sqlalchemy as sa

from foundation.database import Reads, Writes
from foundation.errors import BadInput
from sso import models

TABLE: Final = cast(sa.Table, models.OwnClaims.__table__)
ADDRESSES: Final = ("profile", "picture", "website")
NAMES: Final = ("nickname", *ADDRESSES, "gender")
KEPT_SECONDS: Final = 5.0
LONGEST: Final = 500
FIND: Final = sa.select(TABLE.c.claims, TABLE.c.changed_at).where(TABLE.c.person_id == sa.bindparam("person"))
ANY: Final = sa.select(TABLE.c.person_id).limit(1)


class OwnClaims:
    """What people keep about themselves; one per process."""

    def __init__(self) -> None:
        self._anybody = False
        self._read_at = -KEPT_SECONDS

    def find(self, reads: Reads, person_id: uuid.UUID) -> Mapping[str, Any]:
        """A person's own claims, `updated_at` among them; nothing where they keep none."""
        connection = reads.connection()
        if not self._anybody and time.monotonic() - self._read_at >= KEPT_SECONDS:
            self._anybody = connection.execute(ANY).first() is not None
            self._read_at = time.monotonic()
        return self.read(reads, person_id) if self._anybody else {}

    def note(self) -> None:
        """Somebody keeps some: look at once here, and within seconds in other processes."""
        self._anybody = True

    def read(self, reads: Reads, person_id: uuid.UUID) -> Mapping[str, Any]:
        """The same, looked up whether or not anybody has any."""
        row = reads.connection().execute(FIND, {"person": person_id}).first()
        return {**row.claims, "updated_at": int(row.changed_at.timestamp())} if row else {}


def is_tellable(name: str, value: str) -> bool:
    """Whether this can be told under this name: short text on one line, addresses over https."""
    plain = 0 < len(value) <= LONGEST and value.isprintable()
    return name in NAMES and plain and (name not in ADDRESSES or value.startswith("https://"))


def keep_own_claims(writes: Writes, person_id: uuid.UUID, claims: Mapping[str, str], now: datetime) -> None:
    """Keep a person's own claims, whole; none takes them away. Raises BadInput for a name or value that is none."""
    for name, value in claims.items():
        if not is_tellable(name, value):
            raise BadInput("“{name}” cannot be told to applications like this.", name=name)
    writes.execute(sa.delete(TABLE).where(TABLE.c.person_id == person_id))
    if claims:
        writes.execute(sa.insert(TABLE).values(person_id=person_id, claims=dict(claims), changed_at=now))
