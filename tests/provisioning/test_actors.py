"""Who acts on the command line, and what happens to somebody who may not."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from foundation.audit import AuditRow
from foundation.database import Database
from foundation.errors import NotPermitted
from foundation.runtime import Runtime
from foundation.shell import Actor, Shell
from provisioning.actors import GlassRefused, ReasonNeeded, find_actor
from sso.terminal_login import NotLoggedIn
from tests.provisioning.commands import StagedShell


def rows(runtime: Runtime) -> list[tuple[str, str, str]]:
    with runtime.database.read() as reads:
        found = reads.execute(sa.select(AuditRow.event, AuditRow.actor, AuditRow.outcome).order_by(AuditRow.id))
        return [(row[0], row[1], row[2]) for row in found]


def test_nobody_acts_without_a_log_in(runtime: Runtime, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOPNHAT_TOKEN_FILE", str(tmp_path / "none.json"))
    with pytest.raises(NotLoggedIn):
        find_actor(runtime)


def test_breaking_the_glass_is_audited_at_once(runtime: Runtime) -> None:
    actor = find_actor(runtime, "The administrators are on leave")
    assert actor.person_id is None
    assert actor.label.startswith("break-glass:")
    assert rows(runtime) == [("provisioning.glass.break", actor.label, "done")]


def test_breaking_the_glass_needs_a_reason(runtime: Runtime) -> None:
    with pytest.raises(ReasonNeeded):
        find_actor(runtime, "  ")


def test_only_the_owner_of_the_database_breaks_the_glass(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    if runtime.database.sqlite:
        mine = os.getuid()
        monkeypatch.setattr(os, "getuid", lambda: mine + 1)
        stranger = runtime
    else:
        with runtime.database.begin() as connection:
            connection.execute(sa.text("DROP ROLE IF EXISTS stranger"))
            connection.execute(sa.text("CREATE ROLE stranger LOGIN"))
        stranger = replace(runtime, database=Database(str(runtime.database.url.set(username="stranger"))))
    with pytest.raises(GlassRefused):
        find_actor(stranger, "I would like to")
    if stranger is not runtime:
        stranger.close()


def test_a_refusal_becomes_an_audit_row_with_the_acting_person(runtime: Runtime) -> None:
    shell = StagedShell(runtime, Actor("somebody"))
    assert shell.actor.label == "somebody"
    with pytest.raises(NotPermitted), shell.recorded_refusals("provisioning.plan.apply", "digest"):
        raise NotPermitted
    assert rows(runtime) == [("provisioning.plan.apply", "somebody", "refused")]


def refuse_everybody(_runtime: Runtime, _glass: str | None) -> Actor:
    raise NotLoggedIn


def test_a_refusal_before_anybody_was_found_names_the_machines_user(runtime: Runtime) -> None:
    shell = Shell((), refuse_everybody)
    shell.__dict__["runtime"] = runtime
    with pytest.raises(NotPermitted), shell.recorded_refusals("provisioning.plan.apply"):
        raise NotPermitted
    ((_event, actor, outcome),) = rows(runtime)
    assert actor.startswith("os:")
    assert outcome == "refused"
