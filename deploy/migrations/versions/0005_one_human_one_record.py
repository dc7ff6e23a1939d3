"""Two records that are one human, why somebody left, and the queue of possible doubles."""

from alembic import op

from deploy.migrations.frozen import run_step

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add three tables; the release before does not notice them."""
    run_step(op.get_bind(), "0005")
