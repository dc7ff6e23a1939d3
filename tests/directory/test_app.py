"""The public unit API."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from directory.app import build_router
from foundation.runtime import Runtime
from foundation.web import build_app
from tests.directory.conftest import MERGER, World


@pytest.fixture
def client(runtime: Runtime, world: World) -> TestClient:
    """The API on a register where two communes merged."""
    world.unit("Xã Một", ends=MERGER, admin_2004="00001")
    world.unit("=Xã Hai", ends=MERGER, admin_2004="00002")
    world.unit("Xã Mới", begins=MERGER, admin_2004="00003", agency="H61.1")
    world.event("merge_into_new", MERGER, ("Xã Một", "Xã Mới", "whole", True), ("=Xã Hai", "Xã Mới", "part", True))
    return TestClient(build_app(runtime, [build_router(runtime)]), raise_server_exceptions=False)


def test_a_unit_its_successors_and_predecessors(client: TestClient) -> None:
    at = {"at": "2025-07-01"}
    assert client.get("/api/units/00001", params=at).json()["in_force"] is False
    successors = client.get("/api/units/00001/successors", params=at).json()
    assert successors["origins"][0]["successors"][0]["codes"] == {"admin": "00003", "agency": "H61.1"}
    predecessors = client.get("/api/units/H61.1/predecessors", params=at).json()
    assert {p["name"] for p in predecessors["origins"][0]["predecessors"]} == {"Xã Một", "=Xã Hai"}
    assert len(client.get("/api/units/H61.1/history", params=at).json()["units"]) == 1


def test_today_is_before_the_merger_and_says_so(client: TestClient) -> None:
    assert client.get("/api/units/00001/successors").json()["origins"][0]["successors"][0]["name"] == "Xã Một"
    assert client.get("/api/units/00003").status_code == 404


def test_an_answer_known_already_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/api/units/00001", params={"at": "2025-07-01"})
    again = client.get(
        "/api/units/00001", params={"at": "2025-07-01"}, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_many_codes_in_one_request(client: TestClient) -> None:
    answer = client.post("/api/units/successors", json={"codes": ["00002", "x"], "at": "2025-07-01"})
    assert [len(one["origins"]) for one in answer.json()["answers"]] == [1, 0]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/units/99999", 404),
        ("/api/units/99999/successors", 404),
        ("/api/units/00001?at=yesterday", 400),
        ("/api/units/00001?scheme=tax", 400),
        ("/api/units/%00", 400),
        ("/api/units/" + "9" * 2000, 404),
    ],
)
def test_a_refusal_is_json_with_a_code(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/json")


def test_too_many_codes_are_refused(client: TestClient) -> None:
    assert client.post("/api/units/successors", json={"codes": ["1"] * 10_001}).status_code in (400, 422)


def pour(client: TestClient, path: str, headers: dict[str, str]) -> tuple[int, str]:
    """Send four megabytes in chunks; the status and the error's code."""

    def endless() -> Iterator[bytes]:
        for _ in range(64):
            yield b'{"codes": ["' + b"1" * 65_524

    answer = client.post(path, content=endless(), headers={"Content-Type": "application/json", **headers})
    return answer.status_code, answer.json()["error"]


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "10"}], ids=["in chunks", "with a length that lies"])
def test_a_body_without_an_end_is_not_read_into_memory(client: TestClient, headers: dict[str, str]) -> None:
    assert pour(client, "/api/units/successors", headers) == (413, "body_too_large")


def test_a_large_body_is_told_how_much_may_be_sent(client: TestClient) -> None:
    answer = client.post("/api/units/successors", json={"codes": ["1" * 2_000_000]}, headers={"Accept-Language": "en"})
    assert answer.status_code == 413
    assert "1024 KB" in answer.json()["message"]


def test_ten_thousand_codes_fit(client: TestClient) -> None:
    answer = client.post("/api/units/successors", json={"codes": ["000.00.00.H61.101"] * 10_000})
    assert answer.status_code == 200
    assert client.post("/api/units/successors", json={"codes": ["1" * 201]}).status_code == 400
