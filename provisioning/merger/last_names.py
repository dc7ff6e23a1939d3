"""What a person is called last, inside a statement: a person has many periods, and a join with all of them would tell everything twice."""

from typing import Any

import sqlalchemy as sa

from directory.models import PersonDetail
from foundation.changes import visible


def last_name(person_id: Any) -> sa.ScalarSelect[str]:
    """The name in the newest known period of the person in this column."""
    detail = sa.orm.aliased(PersonDetail)
    return (
        sa.select(detail.name)
        .where(detail.person_id == person_id, visible(detail))
        .order_by(detail.valid_from.desc(), detail.row_id.desc())
        .limit(1)
        .correlate_except(detail)
        .scalar_subquery()
    )
