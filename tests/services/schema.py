"""Today's schema: the tables of every room."""

import importlib
import pkgutil

from foundation.database import Database

ROOMS = ("foundation", "directory", "sso", "signing", "provisioning")


def create_schema(database: Database) -> None:
    """Every table and guard of every room, in an empty database."""
    import_tables()
    database.create_all()


def import_tables() -> None:
    """Import each module that may declare tables: whatever is named `models`, and all of foundation."""
    for room in ROOMS:
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            if module.name.rpartition(".")[2] == "models" or room == "foundation":
                importlib.import_module(module.name)
