"""A join beside other acts upon the same human: one comes after the other, and nothing is left under the id that was joined."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.models import Account, Post
from foundation.changes import visible
from foundation.clocks import as_rfc3339
from foundation.errors import HopnhatError
from foundation.plans import PlanHeader, PlanWriter, record_approval
from foundation.shell import Actor
from provisioning.account_kinds import open_account_of_kind
from provisioning.account_states import move_account
from provisioning.merger.apply import apply_plan
from provisioning.merger.staleness import digest_units
from provisioning.people import joining
from provisioning.people.errors import JoinRefused
from provisioning.people.joining import Pair, join_people
from provisioning.rosters.plan import LOAD
from tests.provisioning.people.conftest import Office

GLASS = Actor("break-glass:root", None, "root", "test")


def join(office: Office, actor: Actor, pair: Pair) -> None:
    """Join in a transaction of its own."""
    with office.runtime.database.write() as writes:
        join_people(writes, actor, pair, "một người", office.runtime.clocks.wall())


def test_an_account_opened_meanwhile_is_seen_by_the_join(office: Office, hr: Actor) -> None:
    pair = Pair(
        office.record("Trần Thị Đào", "x1", "dao.tt"), office.record("Trần Thị Đào", "x2", "dao.x2", duties="hr")
    )
    with ThreadPoolExecutor(1) as pool:
        with office.runtime.database.write() as writes:
            open_account_of_kind(writes, hr, pair.loser, "administration", "r", office.runtime.clocks.wall())
            joined = pool.submit(join, office, hr, pair)
            with pytest.raises(TimeoutError):
                joined.result(timeout=0.4)
        with pytest.raises(JoinRefused):
            joined.result(timeout=30)


def test_a_plan_that_ends_beside_a_join_leaves_no_post_under_the_joined_id(
    office: Office, hr: Actor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pair = Pair(office.record("Trần Thị Đào", "x1", "dao.tt"), office.record("Trần Thị Đào", "x2", "dao.x2"))
    plan = write_plan(office, pair.loser, tmp_path / "p.plan")
    inside, go, real = threading.Event(), threading.Event(), joining.carry_over_addresses

    def carry_slowly(*given: object) -> object:
        inside.set()
        assert go.wait(20)
        return real(*given)  # type: ignore[arg-type]  # Handed on as it came.

    monkeypatch.setattr(joining, "carry_over_addresses", carry_slowly)
    with ThreadPoolExecutor(2) as pool:
        joined = pool.submit(join, office, hr, pair)
        assert inside.wait(20)
        applied = pool.submit(apply_plan, office.runtime, plan, GLASS)
        with pytest.raises(TimeoutError):
            applied.result(timeout=0.4)
        go.set()
        joined.result(timeout=30)
        with pytest.raises(HopnhatError):
            applied.result(timeout=30)
    with office.runtime.database.read() as reads:
        posts = reads.execute(sa.select(Post.title).where(Post.person_id == pair.loser, visible(Post))).scalars().all()
    assert "Người duyệt" not in posts


def write_plan(office: Office, person: uuid.UUID, path: Path) -> Path:
    """An approved plan that gives somebody a post more."""
    now, unit = office.runtime.clocks.wall(), office.units["x2"]
    with office.runtime.database.read() as reads:
        state = digest_units(reads, [unit], now)
        newest = reads.execute(sa.text("SELECT max(id) FROM change")).scalar_one()
    post = {
        "id": str(uuid.uuid4()), "unit": str(unit), "title": "Người duyệt", "body": "committee", "duties": "approver",
        "main": False,
    }  # fmt: skip
    header = PlanHeader(
        kind="roster", title="t", made_at=as_rfc3339(now), made_by="x", author="y", effective=as_rfc3339(now),
        scope=[str(unit)], known_change=newest, state=state, summary={}, open={},
    )  # fmt: skip
    with PlanWriter(path) as writer:
        writer.add(LOAD, person=str(person), name="Đào", unit=str(unit), source="a", posts=[post])
        plan = writer.finish(header)
    with office.runtime.database.write() as writes:
        record_approval(writes, plan, "somebody", now, {})
    return plan.path


def test_accounts_under_a_joined_id_are_shut_with_the_person(office: Office, hr: Actor) -> None:
    """However one came to be there."""
    pair = Pair(office.record("Trần Thị Đào", "x1", "dao.tt"), office.record("Trần Thị Đào", "x2", "dao.x2"))
    join(office, hr, pair)
    now = office.runtime.clocks.wall()
    with office.runtime.database.write() as writes:
        change = writes.execute(sa.text("SELECT max(id) FROM change")).scalar_one()
        writes.add(
            Account(
                id=uuid.uuid4(), person_id=pair.loser, kind="administration", state="active", state_since=now,
                change_id=change,
            )
        )  # fmt: skip
        writes.flush()
        move_account(writes, hr, pair.survivor, "suspend", "nghỉ việc", now)
        states = writes.execute(
            sa.select(Account.state).where(Account.person_id == pair.loser, Account.kind == "administration")
        )
        assert states.scalar_one() == "suspended"
