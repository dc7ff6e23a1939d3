"""Rows by many identities at once: however many there are, they are one bound value, so that one statement fits every number of them.

Identities that only find others are read and given back as text: a UUID is made where a plan needs one, not at each row.
"""

import json
import uuid
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from foundation.database import Reads


def is_listed(reads: Reads, column: Any, keys: Collection[uuid.UUID | str]) -> sa.ColumnElement[bool]:
    """A clause true where the column, an identity, is one of these; each as a UUID, or as `as_written` gives it."""
    texts = write_identities(reads, keys)
    if is_sqlite(reads):
        listed = sa.func.json_each(json.dumps(texts)).table_valued("value")
        return sa.type_coerce(column, sa.types.NullType()).in_(sa.select(listed.c.value))
    return sa.type_coerce(column, sa.Uuid()) == sa.any_(sa.cast(sa.literal(texts, ARRAY(sa.Text())), ARRAY(sa.Uuid())))


def as_written(column: Any) -> sa.ColumnElement[str]:
    """An identity as the database writes it: 32 digits on SQLite, with dashes on PostgreSQL."""
    return sa.cast(column, sa.Text())


def write_identities(reads: Reads, keys: Collection[uuid.UUID | str]) -> list[str]:
    """Identities as this database writes them."""
    sqlite = is_sqlite(reads)
    return [key if isinstance(key, str) else key.hex if sqlite else str(key) for key in keys]


def is_sqlite(reads: Reads) -> bool:
    """Which of the two databases this is."""
    return reads.connection().dialect.name == "sqlite"
