"""Events say who may read the documents of units that ended, and that a record was corrected."""

from alembic import op

from deploy.migrations.frozen import run_step

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add three columns and a kind to events; the release before reads and writes them as ever."""
    run_step(op.get_bind(), "0006")
