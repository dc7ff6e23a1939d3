"""Printing letters: who gets one, what is kept, what dies."""

import re
import stat
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.credentials import is_code_good
from directory.models import Account, Credential, PersonDetail
from foundation.audit import AuditRow
from foundation.outbox import OutboxJob
from foundation.runtime import Runtime
from foundation.shell import Actor
from provisioning.letters.command import letters
from tests.provisioning.commands import Answer, build_caller
from tests.provisioning.loads import GLASS, Installation, found
from tests.provisioning.rosters.makers import lan, row
from tests.services.passwords import set_password

Call = Callable[..., Answer]
CODE = re.compile(r"(?:[2-9A-HJ-NP-Z] ?){16}")


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOPNHAT_LANG", "en")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    return build_caller({}, {"letters": letters, "other": letters}, capsys)


@pytest.fixture
def installation(runtime: Runtime, tmp_path: Path) -> Installation:
    made = found(runtime, tmp_path)
    nam = {"name": "Trần Văn Nam", "personal_number": "086080001111", "phone": None}
    made.load(
        row(login="hoa.lt"), lan(login="lan.tt", unit_code="286"), row(**nam, unit_code="H61.2", unit_scheme="agency")
    )
    return made


def account_of(runtime: Runtime, name: str) -> Account:
    with runtime.database.read() as reads:
        owner = sa.select(PersonDetail.person_id).where(PersonDetail.name == name)
        return reads.execute(sa.select(Account).where(Account.person_id.in_(owner))).scalar_one()


def pages_of(path: Path) -> list[str]:
    told = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True).stdout
    return told.split("\f")[:-1]


def codes_on(path: Path) -> dict[str, str]:
    """Log-in → code as the letters show them."""
    found = {}
    for page in pages_of(path):
        flat = re.sub(r"\s+", " ", page)
        if "Mã kích hoạt" in flat and (match := CODE.search(flat.split("Mã kích hoạt")[1])):
            login = re.search(r"Tên đăng nhập.*?([a-z0-9.]+\.[a-z0-9]+)", flat.split("activate", 1)[1])
            assert login is not None
            found[login[1]] = match[0].replace(" ", "")
    return found


def is_good(runtime: Runtime, name: str, code: str) -> bool:
    with runtime.database.read() as reads:
        return is_code_good(reads, account_of(runtime, name).id, code, runtime.clocks.wall())


def test_letters_of_a_unit_and_all_under_it_open_their_accounts(call: Call, installation: Installation) -> None:
    runtime, out = installation.runtime, installation.folder / "letters.pdf"
    answer = call(runtime, GLASS, "letters", "--unit", "86", "--out", out)
    assert answer.code == 0, answer.talk
    codes = codes_on(out)
    assert set(codes) == {"hoa.lt", "lan.tt", "nam.tv"}
    assert all(
        is_good(runtime, name, codes[login]) for name, login in (("Lê Thị Hoa", "hoa.lt"), ("Trần Thị Lan", "lan.tt"))
    )
    assert not is_good(runtime, "Lê Thị Hoa", codes["lan.tt"])
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert sorted(path.name for path in installation.folder.glob(".letters*")) == []


def test_bundles_stand_in_the_order_of_the_units_codes_each_behind_its_list(
    call: Call, installation: Installation
) -> None:
    out = installation.folder / "letters.pdf"
    call(installation.runtime, GLASS, "letters", "--unit", "86", "--out", out)
    kinds = [("list" if "BÀN GIAO" in page else "letter") for page in pages_of(out)]
    assert kinds == ["list", "letter"] * 3
    units = re.findall(r"H61\.[\d.]+", "".join(page for page in pages_of(out) if "BÀN GIAO" in page))
    assert units == ["H61.2", "H61.12.3", "H61.12.10"]


def test_a_code_that_is_only_an_example_is_said_to_be_one(call: Call, installation: Installation) -> None:
    out = installation.folder / "letters.pdf"
    call(installation.runtime, GLASS, "letters", "--unit", "86", "--out", out)
    assert ["(mã ví dụ)" in page for page in pages_of(out)] == [False, False, True, True, False, False]


def test_the_hotline_is_the_units_or_the_one_above(call: Call, installation: Installation) -> None:
    out = installation.folder / "letters.pdf"
    call(installation.runtime, GLASS, "letters", "--unit", "86", "--out", out)
    pages = [page for page in pages_of(out) if "BÀN GIAO" not in page]
    assert ["0270 1022" in page for page in pages] == [True, True, False]
    assert "0270 3822 222" in pages[2]


def test_printing_again_kills_the_earlier_code(call: Call, installation: Installation) -> None:
    runtime, first, second = installation.runtime, installation.folder / "1.pdf", installation.folder / "2.pdf"
    call(runtime, GLASS, "letters", "--unit", "28756", "--out", first)
    call(runtime, GLASS, "letters", "--unit", "28756", "--person", "hoa.lt", "--out", second)
    assert not is_good(runtime, "Lê Thị Hoa", codes_on(first)["hoa.lt"])
    assert is_good(runtime, "Lê Thị Hoa", codes_on(second)["hoa.lt"])
    assert len(pages_of(second)) == 1


def test_a_code_ends_with_its_day(call: Call, installation: Installation) -> None:
    runtime, out = installation.runtime, installation.folder / "1.pdf"
    call(runtime, GLASS, "letters", "--unit", "28756", "--days", "2", "--out", out)
    code = codes_on(out)["hoa.lt"]
    with runtime.database.read() as reads:
        account = account_of(runtime, "Lê Thị Hoa").id
        assert is_code_good(reads, account, code, runtime.clocks.wall() + timedelta(days=2, hours=14))
        assert not is_code_good(reads, account, code, runtime.clocks.wall() + timedelta(days=2, hours=16))


def test_who_has_a_password_gets_no_letter(call: Call, installation: Installation) -> None:
    runtime, out = installation.runtime, installation.folder / "1.pdf"
    with runtime.database.write() as writes:
        set_password(writes, account_of(runtime, "Lê Thị Hoa").id, "một mật khẩu rất dài", runtime.clocks.wall())
    answer = call(runtime, GLASS, "letters", "--unit", "28756", "--out", out)
    assert answer.code == 1
    assert not out.exists()


def test_lists_again_make_no_code(call: Call, installation: Installation) -> None:
    runtime, first, again = installation.runtime, installation.folder / "1.pdf", installation.folder / "2.pdf"
    call(runtime, GLASS, "letters", "--unit", "86", "--out", first)
    assert call(runtime, GLASS, "letters", "--unit", "86", "--lists-only", "--out", again).code == 0
    assert is_good(runtime, "Lê Thị Hoa", codes_on(first)["hoa.lt"])
    assert len(pages_of(again)) == 3


def test_a_code_stands_nowhere_but_on_the_paper(call: Call, installation: Installation) -> None:
    runtime, out = installation.runtime, installation.folder / "1.pdf"
    answer = call(runtime, GLASS, "letters", "--unit", "86", "--out", out)
    with runtime.database.read() as reads:
        kept = [repr(tuple(row)) for row in reads.execute(sa.select(AuditRow.__table__))]
        kept += [repr(tuple(row)) for row in reads.execute(sa.select(OutboxJob.__table__))]
        kept += [repr(tuple(row)) for row in reads.execute(sa.select(Credential.__table__))]
    for code in codes_on(out).values():
        assert code not in answer.out + answer.talk
        assert not any(code in row for row in kept)


def test_somebody_without_the_right_prints_nothing(call: Call, installation: Installation) -> None:
    runtime, out = installation.runtime, installation.folder / "1.pdf"
    hoa = account_of(runtime, "Lê Thị Hoa").person_id
    answer = call(runtime, Actor(str(hoa), hoa, "Lê Thị Hoa"), "letters", "--unit", "86", "--out", out)
    assert answer.code == 77
    assert not out.exists()
    with runtime.database.read() as reads:
        events = [tuple(row) for row in reads.execute(sa.select(AuditRow.event, AuditRow.outcome))]
        lan_code = sa.select(Credential.code_hash).where(
            Credential.account_id == account_of(runtime, "Trần Thị Lan").id
        )
        assert reads.execute(lan_code).scalar() is None
    assert ("provisioning.letter.printed", "refused") in events
