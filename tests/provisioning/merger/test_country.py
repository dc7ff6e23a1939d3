"""The proof on the real tables: after the merger of 2025 every old code is answered as the table of the reform says."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.models import Unit, UnitVersion
from directory.succession import answer_successors
from foundation.changes import AsOf, in_force
from foundation.database import Database, Reads
from foundation.runtime import Runtime, open_runtime
from foundation.settings import build_settings
from tests.services.country import found_country, merge_country
from tests.services.reform_table import DAY, EVE, check_predecessors, check_provinces, check_successors, list_shares
from trial.places import Country, read_country

FEW = ["15", "86", "31"]
"""Lào Cai, whose seat is Yên Bái's; Vĩnh Long of three; Hải Phòng with two island districts."""


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The whole country merged, in one register of units."""
    folder = tmp_path_factory.mktemp("country")
    url = f"sqlite:///{folder / 'register.sqlite'}"
    made = Database(url)
    made.create_all()
    made.close()
    runtime = open_runtime(build_settings({"database": url, "data": str(folder / "data")}))
    merge_country(runtime, folder, found_country(runtime, folder))
    yield runtime.database
    runtime.close()


def count(reads: Reads, level: str) -> int:
    """How many units of a level are in force on the day."""
    standing = sa.select(sa.func.count()).select_from(UnitVersion).join(Unit, Unit.id == UnitVersion.unit_id)
    return reads.execute(standing.where(in_force(UnitVersion, AsOf(DAY)), Unit.level == level)).scalar_one()


def test_every_pair_of_the_country_from_both_ends(country: Database) -> None:
    table = read_country()
    shares = list_shares(table, table.provinces_after)
    assert len([share for share in shares if share.old.code]) == 10_597
    with country.read() as reads:
        check_successors(reads, shares)
        check_predecessors(reads, shares)
        check_provinces(reads, table, table.provinces_after)


def test_the_country_has_34_provinces_3321_communes_and_no_district(country: Database) -> None:
    with country.read() as reads:
        assert [count(reads, level) for level in ("province", "commune", "district")] == [34, 3321, 0]


def test_the_five_island_districts_are_found_by_their_district_code(country: Database) -> None:
    islands = [share for share in read_country().shares if not share.old.code]
    assert len(islands) == 5
    with country.read() as reads:
        for share in islands:
            answer = answer_successors(reads, [share.old.admin_code], AsOf(DAY), "admin-2004", EVE)[0]
            (heir,) = answer["origins"][0]["successors"]
            assert (heir["codes"]["admin"], heir["name"], heir["share"]) == (share.new.code, share.new.name, "whole")


def test_the_agency_code_followed_the_name_and_the_number_the_seat(country: Database) -> None:
    with country.read() as reads:
        answer = answer_successors(reads, ["15"], AsOf(DAY), "admin", DAY)[0]
    assert [origin["name"] for origin in answer["origins"]] == ["Tỉnh Lào Cai"]


@pytest.fixture
def few(runtime: Runtime, tmp_path: Path) -> Country:
    """Three new provinces merged, on either database."""
    table = found_country(runtime, tmp_path, FEW)
    merge_country(runtime, tmp_path, table, FEW)
    return table


def test_three_provinces_from_both_ends(few: Country, runtime: Runtime) -> None:
    shares = list_shares(few, FEW)
    with runtime.database.read() as reads:
        check_successors(reads, shares)
        check_predecessors(reads, shares)
        check_provinces(reads, few, FEW)
        assert count(reads, "commune") == sum(len(few.shares_of(new)) for new in FEW)
