"""What the provider keeps for pushed and signed requests, devices, registrations and the keys and wishes of applications."""

from alembic import op

from deploy.migrations.frozen import run_step

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add nullable columns and new tables; readers and writers of the release before do not notice them."""
    run_step(op.get_bind(), "0004")
