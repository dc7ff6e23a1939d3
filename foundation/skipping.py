"""Adding a row unless it is there already: what must exist once is left to the database's own constraint, on either of the two."""

from typing import cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from foundation.database import Base, Writes


def insert_or_skip(writes: Writes, model: type[Base]) -> sa.Insert:
    """An INSERT into the model's table, to be given its values, that leaves out each row which a unique key of the table refuses.

    Whoever is adding the same row in another transaction is waited for.
    """
    table = cast(sa.Table, model.__table__)
    if writes.connection().dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()
