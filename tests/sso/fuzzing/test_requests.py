"""A short hunt at every address in every run; `make fuzz` is the long one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.databases import Databases
from tests.sso.fuzzing.requests import Hunted, hunt_once, is_fault, open_hunted

TRIES = 120


@pytest.fixture(scope="module")
def hunted(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hunted]:
    """The whole service, on PostgreSQL: it refuses more texts than SQLite."""
    folder: Path = tmp_path_factory.mktemp("hunted")
    with databases.make("postgresql", folder) as url:
        hunted = open_hunted(folder, url)
        yield hunted
        hunted.app.state.runtime.database.close()


def test_no_request_anywhere_is_a_fault_of_ours(hunted: Hunted) -> None:
    answers = [hunt_once(hunted, number) for number in range(TRIES)]
    assert [asked for asked, status in answers if is_fault(status)] == []
    assert len({status for _asked, status in answers}) > 4, "the hunt gets past the first refusal"


def test_every_room_is_hunted(hunted: Hunted) -> None:
    paths = {path for _method, path in hunted.places}
    assert len(paths) > 50
    for beginning in ("/authorize", "/api/", "/signing/", "/login", "/register", "/pki/"):
        assert any(path.startswith(beginning) for path in paths), beginning
