"""The tables in the code, the steps that build them and the list that names them say the same."""

from foundation.database import Base, Database
from provisioning.schema import find_step, newest_step, upgrade
from provisioning.tables import all_tables
from tests.services.schema import describe_schema, import_everything


def test_the_steps_build_what_the_tables_say(database: Database, bare_database_url: str) -> None:
    stepped = Database(bare_database_url)
    upgrade(stepped)
    assert find_step(stepped) == newest_step()
    assert describe_schema(stepped) == describe_schema(database)
    stepped.close()


def test_an_upgraded_register_is_left_alone(bare_database_url: str) -> None:
    stepped = Database(bare_database_url)
    upgrade(stepped)
    before, after = upgrade(stepped)
    assert before == after == newest_step()
    stepped.close()


def test_every_table_of_every_room_is_named_in_one_place() -> None:
    known = set(all_tables().tables)
    import_everything()
    assert set(Base.metadata.tables) == known
