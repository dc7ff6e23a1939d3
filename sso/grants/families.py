"""Families: a grant and all tokens that descend from it end together."""

import uuid
from typing import Final

import sqlalchemy as sa

from sso.provider import Work
from sso.tokens import GRANT

END: Final = (
    sa.update(GRANT)
    .where(GRANT.c.id == sa.bindparam("grant"), GRANT.c.ended_at.is_(None))
    .values(ended_at=sa.bindparam("now"), ended_why=sa.bindparam("why"))
)


def end_family(work: Work, grant_id: uuid.UUID, why: str) -> None:
    """End a grant: every token of it is dead at the next look. Doing it twice does nothing."""
    work.writes.connection().execute(END, {"grant": grant_id, "now": work.now, "why": why})
