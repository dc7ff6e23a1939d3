"""Accounts of other administrations' providers that open accounts here."""

from alembic import op

from deploy.migrations.frozen import run_step

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add one table; the release before does not notice it."""
    run_step(op.get_bind(), "0015")
