"""How sessions began (certificate, another provider), factors to be looked at again, and where unproved requests came from."""

from alembic import op

from deploy.migrations.frozen import run_step

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add three tables and three columns that may be empty; the release before does not notice them."""
    run_step(op.get_bind(), "0016")
