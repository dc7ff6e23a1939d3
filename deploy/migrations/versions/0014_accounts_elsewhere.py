"""Accounts of other applications are found by application and id."""

from alembic import op

from deploy.migrations.frozen import run_step

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make the index; the release before writes as it did."""
    run_step(op.get_bind(), "0014")
