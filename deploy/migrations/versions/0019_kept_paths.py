"""What the path of a key device's certificate needs is kept with the session it opened."""

from alembic import op

from deploy.migrations.frozen import run_step

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Add one column that may be empty; the release before does not notice it, and no row is written."""
    run_step(op.get_bind(), "0019")
