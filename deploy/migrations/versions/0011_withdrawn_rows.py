"""Only rows that were withdrawn are indexed by who withdrew them."""

from alembic import op

from deploy.migrations.frozen import run_step

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the indexes anew; the release before asks nothing that needs the larger ones."""
    run_step(op.get_bind(), "0011")
