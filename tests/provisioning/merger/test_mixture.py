"""How long the directory is mixed is told from a rehearsal, else from the last printing, else not made up."""

import json

import pytest

from directory.printing.deeds import SYNC
from foundation.audit import record
from foundation.settings import build_settings
from provisioning.merger.mixture import count_entries, estimate_mixture
from provisioning.merger.rehearsal import REHEARSED
from provisioning.sections import SECTIONS
from tests.provisioning.merger.conftest import DECREE, Administration
from tests.provisioning.merger.test_command import Terminal, terminal

__all__ = ["terminal"]


def note(administration: Administration, event: str, subject: str, **detail: object) -> None:
    runtime = administration.runtime
    with runtime.database.write() as writes:
        record(writes, runtime.clocks.wall(), event, "somebody", subject, detail)


def test_the_plans_own_rehearsal_comes_first_then_the_last_printing(administration: Administration) -> None:
    plan, runtime = administration.plan(DECREE), administration.runtime
    entries = count_entries(plan)
    assert entries > 5

    def estimate() -> float | None:
        with runtime.database.read() as reads:
            return estimate_mixture(reads, plan)

    assert estimate() is None
    note(administration, SYNC, "dc=x", added=100, changed=0, deleted=0, seconds=2.0)
    assert estimate() == pytest.approx(entries * 0.02)
    note(administration, REHEARSED, "another plan", printed=99.0)
    assert estimate() == pytest.approx(entries * 0.02)
    note(administration, REHEARSED, plan.digest, printed=7.5)
    assert estimate() == 7.5


def test_the_verb_that_applies_says_it(administration: Administration, terminal: Terminal) -> None:
    runtime = administration.runtime
    values = {"database": str(runtime.database.url), "data": str(runtime.settings.data), "ldap": {"private": True}}
    object.__setattr__(runtime, "settings", build_settings(values, SECTIONS))
    plan = administration.plan(DECREE)
    administration.approve(plan)
    note(administration, REHEARSED, plan.digest, printed=7.5)
    assert terminal("Lê Thị Hoa", "apply", str(plan.path), "--digest", plan.digest[:8]) == 0
    assert "for about 8 s it shows old and new side by side" in terminal.talk


def test_where_no_directory_is_printed_nothing_is_said(administration: Administration, terminal: Terminal) -> None:
    plan = administration.plan(DECREE)
    administration.approve(plan)
    note(administration, REHEARSED, plan.digest, printed=7.5)
    words = ("apply", str(plan.path), "--digest", plan.digest[:8], "--output", "json")
    assert terminal("Lê Thị Hoa", *words) == 0
    assert json.loads(terminal.out)["directory_mixed_seconds"] is None
