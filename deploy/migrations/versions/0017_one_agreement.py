"""One agreement of a person to a plan."""

from alembic import op

from deploy.migrations.frozen import run_step

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Keep the first agreement of each person to a plan, and allow no second; the release before never needs one."""
    run_step(op.get_bind(), "0017")
