"""Units, people, accounts and changes are never deleted; PostgreSQL asks once a statement for those whom rows of people point to.

Decision 0025. What the register holds was checked row by row when it was written, so nothing of it is read again.
"""

from alembic import op

from deploy.migrations.frozen import run_step

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Guards first, then the triggers that ask, then the keys go, in one transaction; no table is read again, however large."""
    run_step(op.get_bind(), "0018")
