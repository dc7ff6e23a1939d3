"""How long a plan holds SQLite's only writer."""

from pathlib import Path

import pytest

from foundation.database import Database
from provisioning.merger.holding import OFTEN, checkpoint_now_and_then, fit_size, open_writer


@pytest.mark.parametrize(
    ("size", "seconds", "wanted"),
    [
        pytest.param(100, 0.04, 100, id="just-right"),
        pytest.param(100, 0.01, 200, id="grows-at-most-twofold"),
        pytest.param(400, 0.001, 500, id="never-beyond-the-most"),
        pytest.param(400, 4.0, 200, id="shrinks-by-half"),
        pytest.param(120, 4.0, 100, id="never-below-the-least"),
    ],
)
def test_a_transaction_finds_its_own_size(size: int, seconds: float, wanted: int) -> None:
    assert fit_size(size, seconds, 500) == wanted


def test_the_most_is_less_than_the_least_where_somebody_says_so() -> None:
    assert fit_size(8, 0.0001, 8) == 8


def test_commits_of_a_plan_leave_the_log_to_checkpoints_of_their_own(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'register.sqlite'}")
    log = tmp_path / "register.sqlite-wal"
    with open_writer(database) as own:
        with own.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE heavy (content BLOB)")
            connection.exec_driver_sql("INSERT INTO heavy VALUES (zeroblob(8000000))")
        assert log.stat().st_size > 8_000_000
        assert database.engine is not own.engine
        before = (tmp_path / "register.sqlite").stat().st_size
        checkpoint_now_and_then(own, OFTEN + 1)
        assert (tmp_path / "register.sqlite").stat().st_size == before
        checkpoint_now_and_then(own, OFTEN)
        assert (tmp_path / "register.sqlite").stat().st_size > 8_000_000
    database.close()
