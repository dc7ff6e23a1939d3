"""Log-outs are told to applications; who was helped to a new password is known for a while."""

from alembic import op

from deploy.migrations.frozen import run_step

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add a column to applications and credentials, and a table; the release before does not notice them."""
    run_step(op.get_bind(), "0003")
