"""Identifiers of the document exchange with codes that were closed, or passed on."""

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from directory.app import build_router
from directory.edxml_ids import EdxmlId, parse_edxml_id, resolve_edxml_id
from directory.errors import IdentifierMalformed, UnitNotFound
from foundation.changes import AsOf
from foundation.clocks import VIETNAM
from foundation.runtime import Runtime
from foundation.web import build_app
from tests.directory.conftest import MERGER, World

LATER = AsOf(MERGER + timedelta(days=100))


@pytest.fixture
def merged(world: World) -> World:
    """A commune that ended, one whose code passed on to another unit, and an old code of the older scheme."""
    world.unit("Phường 3", ends=MERGER, agency="H59.31.22", agency_legacy="022.31.00.H59")
    world.unit("Phường Cũ", ends=MERGER, agency="H61.5")
    world.unit("Phường Mới", begins=MERGER, agency="H61.5", continued_from="Phường Cũ")
    world.event(
        "merge_into_new", MERGER, ("Phường 3", "Phường Mới", "whole", True), ("Phường Cũ", "Phường Mới", "whole", True)
    )
    return world


def now(world: World, text: str) -> list[tuple[str, str]]:
    with world.database.read() as reads:
        answer = resolve_edxml_id(reads, text, LATER, VIETNAM)
    return [(unit["organ_id"], unit["name"]) for unit in answer["now"]]


@pytest.mark.parametrize(
    "text",
    ["H59.31.22", " h59.31.22 ", "022.31.00.H59", "H59.31.22,2024/05/12,12/QĐ-UBND", "H59.31.22,2024/5/2,1,2/TB"],
)
def test_a_closed_code_means_the_unit_now(merged: World, text: str) -> None:
    assert now(merged, text) == [("H61.5", "Phường Mới")]


def test_the_day_in_the_identifier_says_whose_code_it_was(merged: World) -> None:
    with merged.database.read() as reads:
        before = resolve_edxml_id(reads, "H61.5,2025/06/30,1/QĐ", LATER, VIETNAM)
        after = resolve_edxml_id(reads, "H61.5,2025/07/01,1/QĐ", LATER, VIETNAM)
        never = resolve_edxml_id(reads, "H59.31.22,2025/07/02,1/QĐ", LATER, VIETNAM)
    assert [origin["name"] for origin in before["origins"]] == ["Phường Cũ"]
    assert [origin["name"] for origin in after["origins"]] == ["Phường Mới"]
    assert (never["borne_that_day"], [unit["name"] for unit in never["now"]]) == (False, ["Phường Mới"])


def test_the_parts_of_an_identifier() -> None:
    found = parse_edxml_id("H59.31.22,2024/05/12,12/QĐ-UBND")
    assert isinstance(found, EdxmlId)
    assert (found.code, str(found.written), found.number) == ("H59.31.22", "2024-05-12", "12/QĐ-UBND")


@pytest.mark.parametrize(
    "text",
    [
        *("", "28756", "H59,2024/13/01,1/QĐ", "H59,2024/05,1/QĐ", "H59,2024/05/12", "H59,2024/05/12, "),
        *("H59\x00", "H59," + "9" * 400, "not a code"),
    ],
)
def test_what_is_no_identifier_is_refused(text: str) -> None:
    with pytest.raises(IdentifierMalformed):
        parse_edxml_id(text)


def test_a_code_nobody_ever_bore_is_refused(merged: World) -> None:
    with merged.database.read() as reads, pytest.raises(UnitNotFound):
        resolve_edxml_id(reads, "H99.9", LATER, VIETNAM)


def test_the_api_answers_and_refuses(merged: World, runtime: Runtime) -> None:
    client = TestClient(build_app(runtime, [build_router(runtime)]), raise_server_exceptions=False)
    answer = client.get("/api/units/edxml", params={"id": "H59.31.22,2024/05/12,12/QĐ", "at": "2025-07-01"})
    assert [unit["organ_id"] for unit in answer.json()["now"]] == ["H61.5"]
    assert client.get("/api/units/edxml", params={"id": "x"}).status_code == 400
    assert client.get("/api/units/edxml").status_code == 400
