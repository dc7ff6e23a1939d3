"""Where Alembic finds the register: the address `hopnhat db upgrade` hands over, one transaction for all steps."""

import sqlalchemy as sa
from alembic import context

connection: sa.Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=None, transaction_per_migration=False)
with context.begin_transaction():
    context.run_migrations()
