"""A plan that is no longer true is refused, and says what changed, by whom and when."""

import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from directory.models import Login, PersonDetail, Post, UnitCode, UnitVersion
from foundation.changes import Change, withdraw
from foundation.database import Writes
from foundation.plans import Plan, PlanRun
from provisioning.merger import apply as applying
from provisioning.merger.apply import apply_plan
from provisioning.merger.staleness import PlanOverlapped
from tests.provisioning.merger.conftest import DECREE, FOUNDED, Administration
from tests.services.clock import MovableClock

Act = Callable[[Administration, Writes, Change], None]


def hire(administration: Administration, writes: Writes, change: Change) -> None:
    writes.add(
        Post(post_id=uuid.uuid4(), person_id=administration.people["Nam Trần"], unit_id=administration.units["28756"],
             title="Kiêm nhiệm", main=False, valid_from=FOUNDED, change_id=change.id)
    )  # fmt: skip


def retire(administration: Administration, writes: Writes, change: Change) -> None:
    binh = administration.people["Trần Văn Bình"]
    post = writes.execute(sa.select(Post).where(Post.person_id == binh)).scalar_one()
    withdraw(writes, Post, change, [post.row_id])


def rename(administration: Administration, writes: Writes, change: Change) -> None:
    version = writes.execute(
        sa.select(UnitVersion).where(UnitVersion.unit_id == administration.units["28756"])
    ).scalar_one()
    withdraw(writes, UnitVersion, change, [version.row_id])
    writes.add(
        UnitVersion(unit_id=version.unit_id, name="Tên khác", name_key="ten khac", parent_id=version.parent_id,
                    valid_from=version.valid_from, change_id=change.id)
    )  # fmt: skip


def recode(administration: Administration, writes: Writes, change: Change) -> None:
    writes.add(
        UnitCode(unit_id=administration.units["28756"], scheme="agency-legacy", level="commune", code="000.31.22.H08",
                 valid_from=FOUNDED, change_id=change.id)
    )  # fmt: skip


def add_alias(administration: Administration, writes: Writes, change: Change) -> None:
    login = writes.execute(sa.select(Login).where(Login.login == "cuc.nt")).scalar_one()
    writes.add(
        Login(
            account_id=login.account_id,
            login="cuc",
            login_key="cuc",
            kind="alias",
            valid_from=FOUNDED,
            change_id=change.id,
        )
    )


def correct_phone(administration: Administration, writes: Writes, change: Change) -> None:
    binh = administration.people["Trần Văn Bình"]
    detail = writes.execute(sa.select(PersonDetail).where(PersonDetail.person_id == binh)).scalar_one()
    withdraw(writes, PersonDetail, change, [detail.row_id])
    writes.add(
        PersonDetail(person_id=binh, name=detail.name, name_key=detail.name_key, number_index=detail.number_index,
                     number_sealed=detail.number_sealed, phone="0900", valid_from=FOUNDED, change_id=change.id)
    )  # fmt: skip


def planned(administration: Administration) -> Plan:
    plan = administration.plan(DECREE)
    administration.approve(plan)
    return plan


@pytest.mark.parametrize(
    ("act", "subject"),
    [
        pytest.param(hire, "Nam Trần · Kiêm nhiệm", id="somebody-came"),
        pytest.param(retire, "Trần Văn Bình · Chuyên viên", id="somebody-went"),
        pytest.param(rename, "Tên khác", id="a-unit-renamed"),
        pytest.param(recode, "000.31.22.H08", id="a-code-given"),
        pytest.param(add_alias, "cuc", id="a-log-in-added"),
    ],
)
def test_a_stale_plan_is_refused_with_what_changed(
    administration: Administration, act: Act, subject: str, clock: MovableClock
) -> None:
    plan = planned(administration)
    clock.advance(hours=2)
    administration.write("daily.life", lambda writes, change: act(administration, writes, change))
    with pytest.raises(PlanOverlapped) as refused:
        apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"))
    assert subject in {difference.subject for difference in refused.value.differences}
    assert {difference.kind for difference in refused.value.differences} == {"daily.life"}
    assert refused.value.exit_code == 75
    assert "daily.life #" in refused.value.shown
    assert "setup" in refused.value.shown


def test_what_the_plan_did_not_read_does_not_make_it_stale(administration: Administration) -> None:
    plan = planned(administration)
    administration.write("daily.life", lambda writes, change: correct_phone(administration, writes, change))
    apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"))


def test_a_change_between_the_first_line_and_the_last_is_met_at_the_end(
    administration: Administration, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(administration)
    show = applying.show

    def hire_then_show(*arguments: object) -> None:
        administration.write("daily.life", lambda writes, change: hire(administration, writes, change))
        show(*arguments)  # type: ignore[arg-type]  # the same arguments

    monkeypatch.setattr(applying, "show", hire_then_show)
    with pytest.raises(PlanOverlapped):
        apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"))
    with administration.runtime.database.read() as reads:
        run = reads.execute(sa.select(PlanRun)).scalar_one()
        assert run.state == "running"
        assert reads.get_one(Change, run.change_id).published_at is None
