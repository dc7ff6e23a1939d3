"""Today's schema: the tables of every room, and what a database says it holds."""

import importlib
import pkgutil
import re

import sqlalchemy as sa

from foundation.database import Database
from provisioning.tables import all_tables

ROOMS = ("foundation", "directory", "sso", "signing", "provisioning")
ALEMBIC = "alembic_version"

POSTGRESQL_CATALOGUE = """
SELECT 'column', table_name || '.' || column_name,
       concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default, is_identity)
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'index', tablename || '.' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc
 WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
"""
SQLITE_CATALOGUE = "SELECT type, tbl_name || '.' || name, coalesce(sql, '') FROM sqlite_master"


def create_schema(database: Database) -> None:
    """Every table and guard of every room, in an empty database."""
    all_tables()
    database.create_all()


def describe_schema(database: Database) -> dict[tuple[str, str], str]:
    """What the database holds: kind and name → definition, white space told alike; Alembic's own table left out."""
    catalogue = SQLITE_CATALOGUE if database.sqlite else POSTGRESQL_CATALOGUE
    with database.engine.connect() as connection:
        rows = connection.execute(sa.text(catalogue)).all()
    return {(kind, name): re.sub(r"\s+", " ", text) for kind, name, text in rows if not name.startswith(ALEMBIC)}


def import_everything() -> None:
    """Import each module of the rooms that may declare tables."""
    for room in ROOMS:
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            if module.name.rpartition(".")[2] in {"models", "tables"} or room == "foundation":
                importlib.import_module(module.name)
