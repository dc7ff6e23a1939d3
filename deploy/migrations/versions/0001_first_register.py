"""The first register: every table and guard of the first release."""

from alembic import op

from deploy.migrations.frozen import run_step

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    run_step(op.get_bind(), "0001")
