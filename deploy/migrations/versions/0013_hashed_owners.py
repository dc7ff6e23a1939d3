"""PostgreSQL compares hashes of log-ins and addresses where it keeps them from a second owner: a fifth of what a person costs less."""

from alembic import op

from deploy.migrations.frozen import run_step

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make two constraints anew; log-ins wait while they are built, some seconds for 300,000 people."""
    run_step(op.get_bind(), "0013")
