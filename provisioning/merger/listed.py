"""Rows by many keys at once: however many there are, they are one bound value, so that one statement fits every number of them."""

import json
import uuid
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from foundation.database import Reads


def is_listed(reads: Reads, column: Any, keys: Collection[uuid.UUID | str]) -> sa.ColumnElement[bool]:
    """A clause true where the column, an identity, is one of these; each as a UUID, or as the driver gives it."""
    if reads.connection().dialect.name == "sqlite":
        texts = json.dumps([key.hex if isinstance(key, uuid.UUID) else key for key in keys])
        listed = sa.func.json_each(texts).table_valued("value")
        return sa.type_coerce(column, sa.types.NullType()).in_(sa.select(listed.c.value))
    return sa.type_coerce(column, sa.Uuid()) == sa.any_(sa.cast(list(keys), ARRAY(sa.Uuid())))
