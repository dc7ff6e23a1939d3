"""Second factors, passkeys, known browsers, former passwords, requests for help."""

from alembic import op

from deploy.migrations.frozen import run_step

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add six tables; the release before does not notice them."""
    run_step(op.get_bind(), "0009")
