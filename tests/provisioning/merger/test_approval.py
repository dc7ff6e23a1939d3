"""Who may agree to a plan, and how: freshly logged in; alone only to a small plan, with a reason, and never in silence."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from foundation.audit import AuditRow
from foundation.errors import NotPermitted
from foundation.plans import Plan, find_approval
from foundation.runtime import Runtime
from foundation.settings import build_settings
from foundation.shell import Actor
from provisioning.merger.apply import apply_plan
from provisioning.merger.approval import ClocksApart, LoginStale, OwnPlanTooLarge, approve_plan, count_changes
from provisioning.merger.settings import MergerSection
from provisioning.plan_rights import GlassCannotApprove, OwnPlan
from tests.provisioning.merger.conftest import DECREE, Administration
from tests.provisioning.merger.test_command import Terminal, terminal
from tests.provisioning.merger.test_small_decrees import THREE_LINES
from tests.services.clock import MovableClock

__all__ = ["terminal"]


def small(administration: Administration) -> Plan:
    return administration.plan(THREE_LINES, [administration.row("Trần Văn Bình", None, "H61", "Phó phòng")])


def allowing(runtime: Runtime, most: int) -> Runtime:
    """The installation where an author may approve so many changes alone."""
    section = {
        "database": str(runtime.database.url),
        "data": str(runtime.settings.data),
        "merger": {"author_may_approve": most},
    }
    return replace(runtime, settings=build_settings(section, [MergerSection]))


@pytest.mark.parametrize(
    ("minutes", "refusal"),
    [(0, None), (14, None), (16, LoginStale), (-0.5, None), (-10, ClocksApart)],
    ids=["just-now", "a-little-ago", "long-ago", "half-a-minute-ahead", "dated-after-this-clock"],
)
def test_whoever_approves_has_just_logged_in(
    administration: Administration, minutes: float, refusal: type[NotPermitted] | None
) -> None:
    plan = small(administration)
    nam = administration.actor("Nam Trần")
    assert nam.logged_in_at is not None
    nam = replace(nam, logged_in_at=nam.logged_in_at - timedelta(minutes=minutes))
    if refusal is None:
        assert approve_plan(administration.runtime, plan, nam, {}).said["logged_in_at"]
    else:
        with pytest.raises(refusal) as caught:
            approve_plan(administration.runtime, plan, nam, {})
        assert caught.value.values["minutes"] == (10 if refusal is ClocksApart else 15)


def test_the_approval_is_kept_with_the_digest_and_the_log_in(administration: Administration) -> None:
    """Once: whoever agrees again, or twice in one moment, finds what they said first."""
    plan = small(administration)
    first, again = (approve_plan(administration.runtime, plan, administration.actor("Nam Trần"), {}) for _ in range(2))
    assert first.row_id == again.row_id
    with administration.runtime.database.read() as reads:
        row = reads.execute(sa.select(AuditRow).where(AuditRow.event == "provisioning.plan.approve")).scalar_one()
        approval = find_approval(reads, plan.digest)
    assert (row.subject, row.outcome) == (plan.digest, "done")
    assert row.detail["logged_in_at"]
    assert approval is not None
    assert "own" not in approval.said


def glass(administration: Administration) -> Actor:
    return Actor("break-glass:root", None, "root", "alone here", administration.runtime.clocks.wall())


@pytest.mark.parametrize(
    ("most", "reason", "refusal"),
    [
        pytest.param(0, "Một mình trực", OwnPlan, id="where-it-is-not-allowed"),
        pytest.param(10, None, OwnPlan, id="without-a-reason"),
        pytest.param(0, None, OwnPlan, id="neither"),
    ],
)
def test_an_author_alone_is_refused(
    administration: Administration, most: int, reason: str | None, refusal: type[NotPermitted]
) -> None:
    plan = small(administration)
    with pytest.raises(refusal):
        approve_plan(allowing(administration.runtime, most), plan, administration.actor("Lê Thị Hoa"), {}, reason)


def test_an_author_alone_is_refused_a_large_plan(administration: Administration) -> None:
    plan = administration.plan(DECREE)
    assert count_changes(plan) > 10
    with pytest.raises(OwnPlanTooLarge):
        approve_plan(
            allowing(administration.runtime, 10), plan, administration.actor("Lê Thị Hoa"), plan.header.open, "Gấp"
        )


def test_whoever_breaks_the_glass_is_no_author_who_may_approve(administration: Administration) -> None:
    plan = small(administration)
    with pytest.raises(GlassCannotApprove):
        approve_plan(allowing(administration.runtime, 10), plan, glass(administration), {}, "Gấp")


def test_a_small_plan_its_author_approved_is_applied_and_reported(
    administration: Administration, terminal: Terminal, clock: MovableClock
) -> None:
    plan = small(administration)
    assert count_changes(plan) == 1
    runtime, hoa = allowing(administration.runtime, 1), administration.actor("Lê Thị Hoa")
    approve_plan(runtime, plan, hoa, {}, "Người thứ hai nghỉ phép")
    apply_plan(runtime, plan.path, hoa)
    assert terminal("Nam Trần", "show", str(plan.path)) == 0
    assert "by its own author: Người thứ hai nghỉ phép" in terminal.out
    assert terminal("Nam Trần", "report") == 0
    assert "1 plans were approved by their own author:" in terminal.out
    assert "Lê Thị Hoa: Người thứ hai nghỉ phép" in terminal.out
    assert terminal("Nam Trần", "report", "--output", "json") == 0
    (own,) = json.loads(terminal.out)["own_approvals"]
    assert (own["digest"], own["reason"]) == (plan.digest, "Người thứ hai nghỉ phép")


def test_the_verb_refuses_an_old_log_in_with_77_and_an_audit_row(
    administration: Administration,
    terminal: Terminal,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    plan = small(administration)
    old = administration.actor("Nam Trần")
    clock.advance(minutes=20)
    monkeypatch.setattr(administration, "actor", lambda _who: old)
    assert terminal("Nam Trần", "approve", str(plan.path), "--digest", plan.digest[:8]) == 77
    assert "hopnhat login" in terminal.talk
    with administration.runtime.database.read() as reads:
        row = reads.execute(sa.select(AuditRow).where(AuditRow.outcome == "refused")).scalar_one()
    assert (row.event, row.subject, row.detail["code"]) == ("provisioning.plan.approve", plan.digest, "login_stale")
