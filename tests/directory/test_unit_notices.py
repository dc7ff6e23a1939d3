"""A mirror of the register follows what was published, in the order in which it was."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from directory.app import build_router
from directory.models import UnitEvent, UnitEventLink
from directory.unit_notices import Cursor, list_notices, parse_cursor
from foundation.changes import Change, open_change, publish, small_change, withdraw
from foundation.clocks import VIETNAM
from foundation.errors import BadInput
from foundation.runtime import Runtime
from foundation.web import build_app
from tests.directory.conftest import MERGER, World
from tests.services.clock import MovableClock

MAY = datetime(2025, 5, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def tell(
    world: World, instant: datetime, published: datetime | None, note: str, event_id: uuid.UUID | None = None
) -> int:
    """An event of this instant, published at that moment. Gives its row."""
    with world.database.write() as writes:
        change = open_change(writes, "test", "tester", published or MAY)
        event = UnitEvent(
            id=event_id or uuid.uuid4(), kind="rename", instant=instant, decision_number=note, change_id=change.id
        )
        link = UnitEventLink(event_id=event.id, predecessor_id=world.units["Xã"], successor_id=world.units["Xã"],
                             share="whole", principal=True, change_id=change.id)  # fmt: skip
        writes.add_all([event, link])
        if published is not None:
            publish(writes, change, published)
        return event.row_id


def take_back(world: World, row: int, published: datetime) -> None:
    """The event and its link are withdrawn."""
    with world.database.write() as writes:
        change: Change = small_change(writes, "undo", "tester", published)
        event = writes.get_one(UnitEvent, row)
        links = (
            writes.execute(sa.select(UnitEventLink.row_id).where(UnitEventLink.event_id == event.id)).scalars().all()
        )
        withdraw(writes, UnitEvent, change, [row])
        withdraw(writes, UnitEventLink, change, links)


@pytest.fixture
def register(world: World) -> World:
    """One commune, of which much will be told."""
    world.unit("Xã", admin_2004="00001")
    return world


def look(world: World, since: Cursor | None, now: datetime, most: int = 1000) -> tuple[list[str], Cursor | None, bool]:
    """What a mirror is told (decision and state), where it goes on, and whether there is more."""
    with world.database.read() as reads:
        page = list_notices(reads, since, now, most=most)
    told = [f"{one['decision']} {one['state']}" for one in page.notices]
    return told, page.next, page.more


def test_a_decree_published_late_is_told_late_whatever_its_instant(register: World) -> None:
    tell(register, MERGER, MAY, "first")
    told, following, _ = look(register, None, MAY + HOUR)
    assert told == ["first published"]
    tell(register, MERGER - 1000 * HOUR, MAY + 2 * HOUR, "dated back")
    tell(register, MERGER + 1000 * HOUR, MAY + 2 * HOUR, "dated ahead")
    told, following, _ = look(register, following, MAY + 3 * HOUR)
    assert told == ["dated back published", "dated ahead published"]
    assert look(register, following, MAY + 4 * HOUR) == ([], following, False)


def test_what_nobody_published_is_not_told(register: World) -> None:
    tell(register, MERGER, None, "draft")
    assert look(register, None, MAY)[0] == []


def test_what_was_taken_back_is_told_as_withdrawn_with_its_links(register: World) -> None:
    row = tell(register, MERGER, MAY, "wrong")
    _, following, _ = look(register, None, MAY + HOUR)
    take_back(register, row, MAY + 2 * HOUR)
    with register.database.read() as reads:
        (notice,) = list_notices(reads, following, MAY + 3 * HOUR).notices
    assert notice["state"] == "withdrawn"
    assert notice["told_at"] == "2025-05-01T02:00:00Z"
    assert [link["from"] for link in notice["links"]] == [str(register.units["Xã"])]


def test_an_event_moved_to_another_instant_is_told_once_and_stands(register: World) -> None:
    known = uuid.uuid4()
    row = tell(register, MERGER, MAY, "postponed", known)
    take_back(register, row, MAY + HOUR)
    tell(register, MERGER + 24 * HOUR, MAY + HOUR, "postponed", known)
    with register.database.read() as reads:
        notices = list_notices(reads, None, MAY + 2 * HOUR).notices
    assert [(one["state"], one["instant"]) for one in notices] == [("published", "2025-07-01T17:00:00Z")]


def test_what_has_not_settled_is_told_again_so_that_nothing_is_missed(register: World) -> None:
    tell(register, MERGER, MAY, "settled")
    tell(register, MERGER, MAY + HOUR, "fresh")
    told, following, _ = look(register, None, MAY + HOUR + timedelta(seconds=5))
    assert told == ["settled published", "fresh published"]
    tell(register, MERGER, MAY + HOUR - timedelta(seconds=3), "seen later than its moment")
    told, following, _ = look(register, following, MAY + HOUR + timedelta(minutes=5))
    assert told == ["seen later than its moment published", "fresh published"]
    assert look(register, following, MAY + 2 * HOUR)[0] == []


def test_a_long_list_comes_in_pages_also_when_it_is_fresh(register: World) -> None:
    for number in range(5):
        tell(register, MERGER, MAY, str(number))
    walked: list[str] = []
    since: Cursor | None = None
    more = True
    while more:
        told, since, more = look(register, since, MAY, most=2)
        walked += told
    assert walked == [f"{number} published" for number in range(5)]


def test_an_instant_chosen_by_the_reader_is_kept(register: World) -> None:
    tell(register, MERGER, MAY, "old")
    assert look(register, Cursor(MAY + HOUR), MAY + 2 * HOUR) == ([], Cursor(MAY + HOUR), False)


@pytest.mark.parametrize(
    "text", ["yesterday", "2025-05-01~", "2025-05-01~x", "2025-05-01~-1", "~5", "2025-05-01~" + "9" * 40]
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_cursor(text, VIETNAM)


def test_the_api_gives_pages_with_a_tag(register: World, runtime: Runtime, clock: MovableClock) -> None:
    clock.set("2025-05-02T00:00:00Z")
    tell(register, MERGER, MAY, "first")
    client = TestClient(build_app(runtime, [build_router(runtime)]), raise_server_exceptions=False)
    first = client.get("/api/units", params={"changed_since": "2025-05-01"})
    body: dict[str, Any] = first.json()
    assert [event["decision"] for event in body["events"]] == ["first"]
    assert body["more"] is False
    again = client.get(
        "/api/units", params={"changed_since": "2025-05-01"}, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304
    assert client.get("/api/units", params={"changed_since": body["next"]}).json()["events"] == []
    assert client.get("/api/units", params={"changed_since": "no"}).status_code == 400
    assert client.get("/api/units", params={"at": "2025-06-30"}).json()["events"] == []
