"""Applications may see the register as of another instant, and belong to a unit."""

from alembic import op

from deploy.migrations.frozen import run_step

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add two columns and an index; the release before does not notice them."""
    run_step(op.get_bind(), "0010")
