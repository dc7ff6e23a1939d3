"""Where a person can be reached outside the administration: codes may be mailed there."""

from alembic import op

from deploy.migrations.frozen import run_step

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add a table; the release before does not notice it."""
    run_step(op.get_bind(), "0008")
