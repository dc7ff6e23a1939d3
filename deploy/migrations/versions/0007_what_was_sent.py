"""What was sent: every roster that came for import, and whom it named in each unit."""

from alembic import op

from deploy.migrations.frozen import run_step

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add two tables; the release before does not notice them."""
    run_step(op.get_bind(), "0007")
