"""The classes of incident that imports of people have caused elsewhere, each as a test named after it (with where it happened)."""

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.models import Account, Login, PersonDetail, Post
from foundation.changes import visible
from foundation.runtime import Runtime
from provisioning.rosters.command import roster_group
from tests.provisioning.commands import Answer, build_caller
from tests.provisioning.loads import GLASS, Installation, found
from tests.provisioning.rosters.makers import lan, roster, row, write_csv, write_xlsx

Call = Callable[..., Answer]
NEWCOMER = row(name="Võ Văn Tám", personal_number="086080001111", phone=None)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOPNHAT_LANG", "en")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    return build_caller({"roster": roster_group}, {}, capsys)


@pytest.fixture
def installation(runtime: Runtime, tmp_path: Path) -> Installation:
    return found(runtime, tmp_path)


def send(call: Call, installation: Installation, path: Path) -> Answer:
    out = installation.folder / f"{path.stem}.plan"
    return call(installation.runtime, GLASS, "roster", "import", path, "--out", out, "--output", "json")


def standing(runtime: Runtime) -> set[tuple[str, str]]:
    """Everybody whom a roster brought and who holds a post, with the state of their account."""
    with runtime.database.read() as reads:
        wanted = (
            sa.select(PersonDetail.name, Account.state)
            .join(Account, Account.person_id == PersonDetail.person_id)
            .join(Post, Post.person_id == PersonDetail.person_id)
            .where(
                visible(PersonDetail), visible(Post), Post.valid_to.is_(None), PersonDetail.number_index.is_not(None)
            )
        )
        return {(name, state) for name, state in reads.execute(wanted)}


def test_mass_disable_because_a_list_shrank(call: Call, installation: Installation) -> None:
    """glpi #984 disabled 512 users on a warning; here a list of one takes nothing from the two it forgets."""
    installation.load(row(), lan(), NEWCOMER)
    before = standing(installation.runtime)
    told = json.loads(send(call, installation, write_csv(installation.folder / "b.csv", roster(row()))).out)
    assert told["open"]["missing"] == 2
    assert standing(installation.runtime) == before
    assert len(before) == 3


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_successful_but_empty_source(call: Call, installation: Installation, kind: str) -> None:
    """wg-portal #744: an answer without anybody was taken for an order to disable everybody."""
    installation.load(row(), lan())
    path = installation.folder / f"b.{kind}"
    write_csv(path, roster()) if kind == "csv" else write_xlsx(path, {"A": roster()})
    assert call(installation.runtime, GLASS, "roster", "check", path).code == 65
    answer = send(call, installation, path)
    assert answer.code != 0
    assert not (installation.folder / "b.plan").exists()
    assert len(standing(installation.runtime)) == 2


def test_an_unreadable_file_beside_a_good_one(call: Call, installation: Installation) -> None:
    """opnsense #10128: what could not be read was taken for nobody. One file that cannot be read stops the whole import."""
    good, bad = write_csv(installation.folder / "a.csv", roster(row())), installation.folder / "b.xlsx"
    bad.write_bytes(b"PK\x03\x04 cut off")
    out = installation.folder / "a.plan"
    assert call(installation.runtime, GLASS, "roster", "import", good, bad, "--out", out).code == 1
    assert not out.exists()


def test_two_people_become_one_by_their_mail_address(installation: Installation) -> None:
    """Entra across tenants, kobotoolbox #7102: linked by mail or name. Here an address joins nobody; the second keeps it as an old one."""
    installation.load(row(email="vanphong@vinhlong.gov.vn"))
    installation.load(lan(email="vanphong@vinhlong.gov.vn"), name="b.csv")
    assert {name for name, _state in standing(installation.runtime)} == {"Lê Thị Hoa", "Trần Thị Lan"}


def test_a_second_account_because_the_list_came_again(installation: Installation) -> None:
    """nextcloud #8764: everybody twice after a rename. The number is the key: another unit, name in capitals, still one account."""
    installation.load(row(login="hoa.lt"))
    installation.load(row(login="hoa.lt", name="LÊ THỊ HOA", unit_code="00286", title="Kế toán"), name="b.csv")
    with installation.runtime.database.read() as reads:
        accounts = sa.select(sa.func.count()).select_from(Login).where(Login.login_key == "hoa.lt")
        assert reads.execute(accounts).scalar_one() == 1
        people = sa.select(sa.func.count(sa.distinct(PersonDetail.person_id))).where(
            PersonDetail.name_key == "le thi hoa"
        )
        assert reads.execute(people).scalar_one() == 1


def test_composed_and_decomposed_letters_are_two_people(installation: Installation) -> None:
    """wasp #4698, funnel #1544: one name in NFC and in NFD was two keys."""
    plan = installation.load(
        row(login="hoa.lt", main="chính"),
        row(name=unicodedata.normalize("NFD", "Lê Thị Hoa"), login="hoa.lt", main="kiêm nhiệm", title="Kế toán"),
    )
    assert plan.header.summary["people"]["new"] == 1


def test_a_letter_that_has_no_decomposition_is_lost_in_a_log_in(installation: Installation) -> None:
    """`đ` survives “strip the marks”: Trần Đức became `tran.đuc` elsewhere, or lost the letter."""
    plan = installation.plan(row(name="Trần Đức Đăng"))
    assert [line["login"] for line in plan.each_line()] == ["dang.td"]


@pytest.mark.parametrize(
    "title", ["Trưởng phòng, phụ trách *", "Phó (thường trực)", 'Ủy viên "A" \\ B', "Chuyên viên; kiêm văn thư"]
)
def test_signs_that_mean_something_to_a_directory(installation: Installation, title: str) -> None:
    """calibre-web #3231, rustdesk #12658, user-sync.py #288: commas, stars and brackets broke names and filters."""
    quoted = '"' + title.replace('"', '""') + '"'
    installation.load(row(title=quoted))
    with installation.runtime.database.read() as reads:
        assert reads.execute(sa.select(Post.title).where(visible(Post), Post.title == title)).scalar_one() == title
