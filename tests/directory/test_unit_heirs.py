"""Who may read what a unit kept, by its events and what the decree says of documents."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from directory.app import build_router
from directory.errors import UnitNotFound
from directory.models import UnitEvent
from directory.unit_heirs import answer_heirs, answer_many_heirs
from foundation.bearers import Bearer, TokenMissing
from foundation.changes import AsOf
from foundation.runtime import Runtime
from foundation.web import TokenRouter, build_app
from tests.directory.conftest import MERGER, World

LATER = MERGER + timedelta(days=400)


def readers(world: World, code: str, at: object = LATER) -> list[tuple[str, str]]:
    """Unit and rule of everybody who may read what the bearer of this code kept."""
    with world.database.read() as reads:
        answer = answer_heirs(reads, code, AsOf(at))  # type: ignore[arg-type]  # a moment
    (origin,) = answer["origins"]
    return [(heir["name"], heir["rule"]) for heir in origin["heirs"]]


def decide(world: World, event: object, **said: object) -> None:
    """What a decree says of documents; written here by hand."""
    with world.database.write() as writes:
        writes.execute(sa.update(UnitEvent).where(UnitEvent.id == event).values(**said))


@pytest.fixture
def divided(world: World) -> World:
    """A commune divided between two, the first its principal heir; an archive beside them."""
    world.unit("Cũ", ends=MERGER, admin_2004="00001")
    world.unit("Chính", begins=MERGER, admin_2004="00002")
    world.unit("Phụ", begins=MERGER, admin_2004="00003")
    world.unit("Lưu trữ", level="department", agency="H01.9")
    return world


def split(world: World) -> object:
    return world.event("split", MERGER, ("Cũ", "Chính", "part", True), ("Cũ", "Phụ", "part", False))


def test_before_its_end_a_unit_reads_its_own(divided: World) -> None:
    split(divided)
    assert readers(divided, "00001", MERGER - timedelta(seconds=1)) == [("Cũ", "own")]


def test_without_a_word_all_successors_read(divided: World) -> None:
    split(divided)
    assert readers(divided, "00001") == [("Chính", "all"), ("Phụ", "all")]


def test_a_decree_may_name_the_principal_one_alone(divided: World) -> None:
    decide(divided, split(divided), documents="principal")
    assert readers(divided, "00001") == [("Chính", "principal")]


def test_a_decree_may_name_an_archive(divided: World) -> None:
    decide(divided, split(divided), documents="archive", archive_id=divided.units["Lưu trữ"])
    assert readers(divided, "00001") == [("Lưu trữ", "archive")]


def test_a_unit_that_ended_without_successor_leaves_an_archive_or_nobody(divided: World) -> None:
    event = divided.event("dissolve", MERGER, ("Cũ", "", "whole", True))
    assert readers(divided, "00001") == []
    decide(divided, event, documents="archive", archive_id=divided.units["Lưu trữ"])
    assert readers(divided, "00001") == [("Lưu trữ", "archive")]


def test_an_archive_that_ended_is_followed(divided: World) -> None:
    decide(divided, split(divided), documents="archive", archive_id=divided.units["Lưu trữ"])
    divided.unit("Sở", level="department", begins=MERGER, agency="H01.10")
    again = MERGER + timedelta(days=100)
    with divided.database.write() as writes:
        writes.execute(sa.text("UPDATE unit_version SET valid_to = :at WHERE name = 'Lưu trữ'").bindparams(
            sa.bindparam("at", again.replace(tzinfo=None) if divided.database.sqlite else again)))  # fmt: skip
    divided.event("merge_into_existing", again, ("Sở", "Sở", "whole", True), ("Lưu trữ", "Sở", "whole", True))
    assert readers(divided, "00001") == [("Sở", "all")]


def test_a_unit_that_stands_opens_its_documents_only_where_the_decree_says_so(world: World) -> None:
    world.unit("Lớn", admin_2004="00001")
    world.unit("Nhỏ", begins=MERGER, admin_2004="00002")
    event = world.event("split", MERGER, ("Lớn", "Lớn", "part", True), ("Lớn", "Nhỏ", "part", False))
    assert readers(world, "00001") == [("Lớn", "own")]
    decide(world, event, documents="all")
    assert readers(world, "00001") == [("Lớn", "own"), ("Nhỏ", "all")]


@pytest.mark.parametrize(
    ("said", "shares"),
    [("all", {"Nhỏ": "part", "Sở": "part"}), (None, {"Sở": "whole"})],
    ids=["divided-with-its-documents", "divided-without"],
)
def test_what_was_given_away_before_is_not_passed_on_whole(world: World, said: str | None, shares: object) -> None:
    """A unit gave a part away in one reform and passed whole in the next: its heir has all only if the documents were not divided."""
    again = MERGER + timedelta(days=100)
    world.unit("Lớn", ends=again, admin_2004="00001")
    world.unit("Nhỏ", begins=MERGER, admin_2004="00002")
    world.unit("Sở", level="department", begins=MERGER, agency="H01.10")
    event = world.event("split", MERGER, ("Lớn", "Lớn", "part", True), ("Lớn", "Nhỏ", "part", False))
    decide(world, event, documents=said)
    world.event("merge_into_existing", again, ("Sở", "Sở", "whole", True), ("Lớn", "Sở", "whole", True))

    def found(at: datetime) -> dict[str, str]:
        with world.database.read() as reads:
            (origin,) = answer_heirs(reads, "00001", AsOf(at), code_at=MERGER - timedelta(days=1))["origins"]
        return {heir["name"]: heir["share"] for heir in origin["heirs"]}

    assert found(again - timedelta(days=1))["Lớn"] == ("part" if said else "whole")
    assert found(again + timedelta(days=1)) == shares


def test_only_certain_duties_read_and_a_decree_may_name_others(divided: World) -> None:
    event = split(divided)
    clerk = divided.official("Văn Thư", "Chính", duties="clerk", begins=MERGER)
    divided.official("Chuyên Viên", "Chính", begins=MERGER)
    approver = divided.official("Người Duyệt", "Chính", duties="approver", begins=MERGER)
    for said, expected in ((None, clerk), ("approver", approver)):
        decide(divided, event, readers=said)
        with divided.database.read() as reads:
            (origin,) = answer_heirs(reads, "00001", AsOf(LATER))["origins"]
        assert [post["person"] for post in origin["heirs"][0]["posts"]] == [str(expected)]


def test_a_code_nobody_bore_is_refused(divided: World) -> None:
    with divided.database.read() as reads, pytest.raises(UnitNotFound):
        answer_heirs(reads, "99999", AsOf(LATER))


class Tokens(TokenRouter):
    """A provider that knows two tokens."""

    def check_token(self, token: str) -> Bearer:
        if token not in ("documents", "other"):
            raise TokenMissing
        return Bearer("client", None, frozenset({"units.heirs"} if token == "documents" else {"verify"}))


def test_many_codes_are_answered_in_their_order_without_the_posts(divided: World) -> None:
    split(divided)
    divided.official("Văn Thư", "Chính", duties="clerk", begins=MERGER)
    with divided.database.read() as reads:
        many = answer_many_heirs(reads, ["H01.9", "99999", " 00001"], AsOf(LATER))
        alone = answer_heirs(reads, "00001", AsOf(LATER))
    assert [answer["code"] for answer in many] == ["H01.9", "99999", "00001"]
    assert many[1]["origins"] == []
    assert [heir.pop("posts") != [] for heir in alone["origins"][0]["heirs"]] == [True, False]
    assert many[2] == alone


@pytest.mark.parametrize(("token", "status"), [("documents", 200), ("other", 403), ("unknown", 401), ("", 401)])
def test_the_api_asks_for_a_token_of_its_scope(divided: World, runtime: Runtime, token: str, status: int) -> None:
    split(divided)
    client = TestClient(build_app(runtime, [build_router(runtime), Tokens()]), raise_server_exceptions=False)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = client.get("/api/units/00001/documents-heirs", params={"at": "2025-07-01"}, headers=headers)
    many = client.post("/api/units/documents-heirs", json={"codes": ["00001"], "at": "2025-07-01"}, headers=headers)
    assert (answer.status_code, many.status_code) == (status, status)
    if status == 200:
        assert [heir["name"] for heir in answer.json()["origins"][0]["heirs"]] == ["Chính", "Phụ"]
        assert [heir["name"] for heir in many.json()["answers"][0]["origins"][0]["heirs"]] == ["Chính", "Phụ"]
        assert many.headers["cache-control"] == "no-store"
        assert client.get("/api/units/99999/documents-heirs", headers=headers).status_code == 404
