"""Ways by which one human could be both author and approver of a plan, tried at the verb that approves."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.credentials import hash_password, issue_activation_code, keep_hash, redeem_activation_code
from directory.helped import FOUNDING
from directory.models import Account
from foundation.changes import Change
from foundation.runtime import Runtime
from foundation.shell import Actor
from tests.provisioning.merger.conftest import Administration
from tests.provisioning.merger.test_command import Terminal, decree, refusals, terminal
from tests.services.clock import MovableClock

__all__ = ["decree", "terminal"]
SAID = ("--undecided", "3", "--confirm-codes", "1")
HASH = hash_password("bốn con bò vàng")


def test_who_broke_the_glass_to_make_a_plan_does_not_approve_it_under_their_own_name(
    terminal: Terminal, administration: Administration, decree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root makes the plan as nobody and agrees to it as themselves: nobody may agree to it at all."""
    plan = str(decree.with_suffix(".plan"))
    known = administration.actor
    glass = Actor("break-glass:root", None, "root", "nobody can log in")
    monkeypatch.setattr(administration, "actor", lambda who: glass if who == "root" else known(who))
    assert terminal("root", "plan", str(decree)) == 0
    for who in ("Lê Thị Hoa", "Nam Trần"):
        assert terminal(who, "approve", plan, *SAID) == 77
        assert "in your own name" in terminal.talk
    assert refusals(administration) == [
        ("provisioning.plan.approve", who, "plan_of_glass") for who in ("Lê Thị Hoa", "Nam Trần")
    ]
    terminal("Lê Thị Hoa", "plan", str(decree), "--out", f"{plan}.2")
    assert terminal("Nam Trần", "approve", f"{plan}.2", *SAID) == 0


def take_over(runtime: Runtime, administration: Administration, purpose: str) -> None:
    """Whoever got the approver's code sets a password with it, as the door does."""
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        account_id = writes.execute(
            sa.select(Account.id).where(Account.person_id == administration.people["Nam Trần"])
        ).scalar_one()
        code = issue_activation_code(writes, account_id, now, timedelta(days=7), purpose)
        assert redeem_activation_code(writes, account_id, code, now)
        keep_hash(writes, account_id, HASH, now)


def test_who_resets_the_approver_does_not_approve_in_their_name(
    terminal: Terminal, administration: Administration, decree: Path, runtime: Runtime, clock: MovableClock
) -> None:
    """Make a plan, reset the approver's account with the help desk's right, agree as the approver: not within a day."""
    terminal("Lê Thị Hoa", "plan", str(decree))
    plan = str(decree.with_suffix(".plan"))
    take_over(runtime, administration, "reset")
    clock.advance(hours=23, minutes=59)
    assert terminal("Nam Trần", "approve", plan, *SAID) == 77
    until = (runtime.clocks.wall() + timedelta(minutes=1)).astimezone(runtime.settings.zone)
    assert f"{until:%H:%M %d/%m/%Y}" in terminal.talk.replace("\n", " ")
    assert refusals(administration) == [("provisioning.plan.approve", "Nam Trần", "helped_lately")]
    clock.advance(minutes=1)
    assert terminal("Nam Trần", "approve", plan, *SAID) == 0


@pytest.mark.parametrize(
    ("kind", "held"), [("roster", True), (FOUNDING, False)], ids=["by-a-letter", "first-administrator"]
)
def test_who_printed_the_approvers_letter_does_not_approve_with_it(
    terminal: Terminal,
    administration: Administration,
    decree: Path,
    runtime: Runtime,
    clock: MovableClock,
    kind: str,
    held: bool,
) -> None:
    """Make a plan, print the letter of somebody who has not come in yet, agree as them: not within a day. The first two administrators'
    own codes are handed over by nobody of the register, so they begin at once.
    """
    terminal("Lê Thị Hoa", "plan", str(decree))
    with runtime.database.write() as writes:
        account = writes.execute(
            sa.select(Account).where(Account.person_id == administration.people["Nam Trần"])
        ).scalar_one()
        account.state = "issued"
        change = writes.get_one(Change, account.change_id)
        change.kind, change.opened_at = kind, clock.now
    take_over(runtime, administration, "activation")
    clock.advance(minutes=10)
    plan = str(decree.with_suffix(".plan"))
    assert terminal("Nam Trần", "approve", plan, *SAID) == (77 if held else 0)
    if held:
        assert refusals(administration) == [("provisioning.plan.approve", "Nam Trần", "activated_lately")]
        clock.advance(days=1)
        assert terminal("Nam Trần", "approve", plan, *SAID) == 0
