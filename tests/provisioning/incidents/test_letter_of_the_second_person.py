"""Somebody prints the letters of their unit, and among them lies the code of whoever has to approve what they do.

One letter of such a person was refused before; the letters of the whole unit held it all the same. Nor does anybody print their own.
"""

import subprocess
from pathlib import Path

import pytest

from foundation.shell import Actor
from tests.provisioning.people.conftest import Call, Office

WAITS = {"state": "issued", "password": None}


@pytest.fixture
def waiting(office: Office) -> Office:
    """Three accounts that wait for their letters: an approver, an HR officer to come, somebody like everybody."""
    office.record("Phạm Phê Duyệt", "x1", "duyet.p", duties="approver", **WAITS)  # type: ignore[arg-type]  # traits
    office.record("Hồ Nhân Sự", "x1", "su.hn", duties="hr", **WAITS)  # type: ignore[arg-type]  # traits
    office.record("Trần Thị Đào", "x1", "dao.tt", **WAITS)  # type: ignore[arg-type]  # traits
    office.record("Vũ Quản Trị", "86", "quan.tri", duties="hr operator", **WAITS)  # type: ignore[arg-type]  # traits
    return office


def printed(office: Office, actor: Actor, call: Call, unit: str, out: Path) -> set[str]:
    """Whose letters somebody gets."""
    answer = call(office.runtime, actor, "account", "letters", "--unit", unit, "--out", str(out))
    assert answer.code == 0, answer.talk
    told = subprocess.run(["pdftotext", "-layout", str(out), "-"], capture_output=True, text=True, check=True).stdout
    return {login for login in ("duyet.p", "su.hn", "dao.tt", "quan.tri") if login in told}


def test_of_whoever_approves_is_not_among_those_of_the_unit(
    waiting: Office, hr: Actor, commune_hr: Actor, call: Call, tmp_path: Path
) -> None:
    assert printed(waiting, commune_hr, call, "H61.1", tmp_path / "a.pdf") == {"dao.tt"}
    assert printed(waiting, hr, call, "H61", tmp_path / "b.pdf") == {"dao.tt"}


def test_is_printed_by_an_operator_but_not_their_own(waiting: Office, call: Call, tmp_path: Path) -> None:
    operator = waiting.actor("quan.tri")
    assert printed(waiting, operator, call, "H61", tmp_path / "a.pdf") == {"duyet.p", "su.hn", "dao.tt"}
