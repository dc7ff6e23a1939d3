"""The whole command line at its door: what is told without importing, what a refusal leaves behind, what stands in for a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from foundation.audit import AuditRow
from foundation.runtime import start
from foundation.terminal import run
from provisioning.command import VERBS, app
from provisioning.schema import upgrade
from provisioning.sections import SECTIONS
from tests.services.databases import Databases

HEAVY = ("sqlalchemy", "fastapi", "authlib", "pyhanko", "directory.models", "provisioning.merger")


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings of an installation without tables, nobody logged in."""
    monkeypatch.setenv("HOPNHAT_LANG", "en")
    monkeypatch.setenv("HOPNHAT_TOKEN_FILE", str(tmp_path / "none.json"))
    config = tmp_path / "hopnhat.toml"
    config.write_text(f'database = "sqlite:///{tmp_path}/register.sqlite"\ndata = "{tmp_path}"\n', encoding="utf-8")
    return config


def test_help_and_version_import_no_room() -> None:
    for words in (["--help"], ["--version"], ["version"]):
        asked = (
            "import sys; from foundation.terminal import run; from provisioning.command import app; "
            f"code = run(app, {words!r}); "
            f"sys.exit(code or [name for name in {HEAVY!r} if name in sys.modules] or 0)"
        )
        done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout


def test_each_line_of_help_is_the_verbs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOPNHAT_LANG", "en")
    for verb in VERBS:
        told = (verb.open().help or "").strip().partition("\n\n")[0]
        assert " ".join(told.split()) == verb.help, verb.name


REFUSED = [
    pytest.param(["directory", "sync"], "directory.printing.sync", id="directory-sync"),
    pytest.param(["directory", "rebuild"], "directory.printing.rebuild", id="directory-rebuild"),
    pytest.param(["merger", "resume", "abcdef12"], "provisioning.plan.apply", id="merger-resume"),
    pytest.param(["merger", "undo", "abcdef12", "--reason", "x"], "provisioning.plan.undo", id="merger-undo"),
    pytest.param(["key", "rotate"], "sso.key.rotate", id="key-rotate"),
    pytest.param(["dossier", "send", "7"], "signing.dossier.send", id="dossier-send"),
    pytest.param(["whoami"], "provisioning.verb.refuse", id="a-verb-that-records-nothing-itself"),
]


@pytest.mark.parametrize(("words", "event"), REFUSED)
def test_whoever_is_not_logged_in_is_refused_with_77_and_an_audit_row(
    house: Path, words: list[str], event: str
) -> None:
    runtime = start(SECTIONS, house)
    upgrade(runtime.database)
    assert run(app, ["--config", str(house), *words]) in (77, 1)
    with runtime.database.read() as reads:
        rows = reads.execute(sa.select(AuditRow.event, AuditRow.outcome, AuditRow.actor)).all()
    runtime.close()
    assert [(row.event, row.outcome) for row in rows] == [(event, "refused")]
    assert rows[0].actor.startswith("os:")


@pytest.mark.parametrize(
    "words",
    [
        ["unit", "find", "86"],
        ["merger", "status"],
        ["audit", "list"],
        ["person", "find", "An"],
        ["roster", "status"],
    ],
    ids=" ".join,
)
def test_a_register_without_tables_is_a_plain_sentence(
    house: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert run(app, ["--config", str(house), *words]) == 75
    told = capsys.readouterr().err
    assert "hopnhat init" in told
    assert "hopnhat db upgrade" in told


def test_a_register_without_tables_is_a_plain_sentence_on_postgresql_too(
    house: Path, databases: Databases, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = databases.start_cluster()
    monkeypatch.setenv("HOPNHAT_DATABASE", cluster.create("empty_register"))
    try:
        assert run(app, ["--config", str(house), "unit", "find", "86"]) == 75
    finally:
        cluster.drop("empty_register")
    assert "hopnhat db upgrade" in capsys.readouterr().err
