"""Requests that nobody proved say, as a blind index, which network they came from."""

from alembic import op

from deploy.migrations.frozen import run_step

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add a column that may be empty to two tables, and its index; the release before does not notice them."""
    run_step(op.get_bind(), "0012")
