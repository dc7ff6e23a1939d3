"""Unsealed audit rows are found without walking the sealed ones: the sealer looks every second, the record grows for years."""

from alembic import op

from deploy.migrations.frozen import run_step

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the partial index; readers and writers of the release before do not notice it."""
    run_step(op.get_bind(), "0002")
