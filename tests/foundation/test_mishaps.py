"""What goes wrong around a command ends in one sentence and an exit code, never in a page of a program's insides."""

import errno
import os
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer
import xlsxwriter

from foundation.errors import OurFault
from foundation.mishaps import DiskFull, FileAbsent, FileClosed, build_refusal
from foundation.terminal import run
from foundation.transactions import ConnectionsTaken, told_plainly


def fault(number: int, file: str | None = None) -> OSError:
    return OSError(number, os.strerror(number), file)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (fault(errno.ENOSPC), DiskFull),
        (fault(errno.EDQUOT, "a.plan"), DiskFull),
        (xlsxwriter.exceptions.FileCreateError(fault(errno.ENOSPC)), DiskFull),
        (fault(errno.EACCES, "a.plan"), FileClosed),
        (fault(errno.EROFS, "a.plan"), FileClosed),
        (fault(errno.ENOENT, "gone/a.plan"), FileAbsent),
        (fault(errno.EIO), OurFault),
        (ValueError("x"), OurFault),
    ],
    ids=["full", "quota", "a-workbook", "closed", "read-only", "absent", "broken-disk", "ours"],
)
def test_an_error_of_the_system_is_told(error: Exception, kind: type[Exception]) -> None:
    assert type(build_refusal(error)) is kind


@pytest.mark.parametrize(
    ("text", "code"), [("database or disk is full", 75), ("could not extend file: No space left on device", 75)]
)
def test_a_database_without_room_says_so(text: str, code: int) -> None:
    with pytest.raises(DiskFull) as refused, told_plainly():
        raise sa.exc.OperationalError("INSERT", {}, Exception(text))
    assert refused.value.exit_code == code


@pytest.mark.parametrize(
    "text",
    [
        "FATAL:  sorry, too many clients already",
        "FATAL:  remaining connection slots are reserved for non-replication superuser connections",
        'FATAL:  too many connections for role "hopnhat"',
    ],
    ids=["server", "reserved", "role"],
)
def test_a_server_that_takes_nobody_more_lets_people_come_again(text: str) -> None:
    with pytest.raises(ConnectionsTaken) as refused, told_plainly():
        raise sa.exc.OperationalError("connect", None, Exception(text))
    assert refused.value.status == 503


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (fault(errno.ENOSPC), 75, "Trên đĩa không còn chỗ"),
        (fault(errno.EACCES, "a.plan"), 65, "a.plan"),
        (RuntimeError("bug"), 70, "RuntimeError: bug"),
    ],
    ids=["full", "closed", "a-defect"],
)
def test_a_command_that_stumbles_ends_with_its_exit_code(
    error: Exception, code: int, told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOPNHAT_LANG", "vi")
    app = typer.Typer()

    @app.command()
    def stumble() -> None:
        raise error

    assert run(app, []) == code
    said = capsys.readouterr().err
    assert told in said
    assert ("Traceback" in said) is (code == 70)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = typer.Typer()

    @app.command()
    def write() -> None:
        (tmp_path / "gone" / "a.plan").write_text("x")

    assert run(app, []) == 65
    assert "gone" in capsys.readouterr().err
