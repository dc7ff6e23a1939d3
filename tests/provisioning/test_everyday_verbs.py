"""The verbs of everyday: init, accounts, audit, copies of the database, doctor; at their door, with their refusals."""

import json
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.credentials import redeem_activation_code
from directory.models import Account, Login, Post
from foundation.audit import AuditRow
from foundation.changes import AsOf, in_force
from foundation.database import Database
from foundation.runtime import Runtime, open_runtime
from foundation.settings import build_settings
from foundation.shell import Actor
from provisioning.account_command import account_group
from provisioning.audit_command import audit_group
from provisioning.doctor import doctor, look_at_proxy
from provisioning.founding_command import init
from provisioning.people.command import person_group
from provisioning.schema_command import db_group
from provisioning.sections import SECTIONS
from tests.directory.conftest import World
from tests.provisioning.commands import Answer, build_caller
from tests.services.clock import MovableClock
from tests.services.databases import Databases
from tests.services.passwords import set_password

GLASS = Actor("break-glass:root", None, "root", "test")
Call = Callable[..., Answer]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """A verb, run as people run it, answering in English."""
    monkeypatch.setenv("HOPNHAT_LANG", "en")
    groups = {"account": account_group, "person": person_group, "audit": audit_group, "db": db_group}
    return build_caller(groups, {"init": init, "doctor": doctor}, capsys)


def actor_of(runtime: Runtime, person_id: uuid.UUID) -> Actor:
    """A person at the command line."""
    return Actor(str(person_id), person_id, "somebody")


def count_refusals(runtime: Runtime, event: str) -> int:
    """How many refusals of this kind stand in the audit."""
    with runtime.database.read() as reads:
        wanted = sa.select(sa.func.count()).where(AuditRow.event == event, AuditRow.outcome == "refused")
        return int(reads.execute(wanted).scalar_one())


@pytest.fixture
def world(database: Database) -> World:
    """An empty register with factories."""
    return World(database)


@pytest.fixture
def bare(bare_database_url: str, tmp_path: Path, clock: MovableClock) -> Iterator[Runtime]:
    """The product on a database without a table."""
    runtime = open_runtime(
        build_settings({"database": bare_database_url, "data": str(tmp_path / "data")}), clock.clocks
    )
    yield runtime
    runtime.close()


@pytest.fixture
def office(world: World) -> World:
    """Two provinces under a root; people of HR and people without a right."""
    world.unit("Chính phủ", level="central")
    for name in ("Vĩnh Long", "Bến Tre"):
        world.unit(
            f"Tỉnh {name}", level="province", parent="Chính phủ", admin_2004={"Vĩnh Long": "86", "Bến Tre": "83"}[name]
        )
    return world


def test_init_shows_two_codes_once_and_never_founds_twice(bare: Runtime, call: Call) -> None:
    names = ("--administrator", "Lê Thị Hoa", "--administrator", "Trần Văn Nam")
    made = json.loads(call(bare, GLASS, "init", *names, "--output", "json").out)
    assert [one["login"] for one in made] == ["hoa.lt", "nam.tv"]
    with bare.database.write() as writes:
        account = writes.execute(sa.select(Login.account_id).where(Login.login == "hoa.lt")).scalar_one()
        assert redeem_activation_code(writes, account, made[0]["code"], bare.clocks.wall())
        duties = writes.execute(sa.select(Post.duties).where(in_force(Post, AsOf(bare.clocks.wall())))).scalars().all()
    assert all("hr" in held.split() for held in duties)
    again = call(bare, GLASS, "init", *names)
    assert (again.code, "founded before" in again.talk) == (75, True)


def test_init_wants_two_people(bare: Runtime, call: Call) -> None:
    assert call(bare, GLASS, "init", "--administrator", "Lê Thị Hoa").code == 65


@pytest.mark.parametrize(("verb", "state"), [("suspend", "suspended"), ("close", "closed")])
def test_hr_ends_an_account_of_its_own_province(
    runtime: Runtime, office: World, call: Call, verb: str, state: str
) -> None:
    hr = office.official("Lê Thị Hoa", "Tỉnh Vĩnh Long", duties="hr")
    clerk = office.official("Trần Thị Đào", "Tỉnh Vĩnh Long", login="dao.tt")
    answer = call(runtime, actor_of(runtime, hr), "account", verb, "DAO.TT", "--reason", "nghỉ hưu")
    assert answer.code == 0
    with runtime.database.read() as reads:
        assert reads.execute(sa.select(Account.state).where(Account.person_id == clerk)).scalar_one() == state


@pytest.mark.parametrize(
    ("duties", "unit"),
    [
        pytest.param("hr", "Tỉnh Bến Tre", id="another province"),
        pytest.param("clerk", "Tỉnh Vĩnh Long", id="another duty"),
        pytest.param("", "Tỉnh Vĩnh Long", id="no duty"),
    ],
)
@pytest.mark.parametrize("verb", ["suspend", "reset"])
def test_who_lacks_the_right_is_refused_and_recorded(
    runtime: Runtime, office: World, call: Call, duties: str, unit: str, verb: str
) -> None:
    somebody = office.official("Nguyễn Văn An", unit, duties=duties)
    office.official("Trần Thị Đào", "Tỉnh Vĩnh Long", login="dao.tt")
    word = ("--proof", "thẻ căn cước") if verb == "reset" else ("--reason", "thử")
    answer = call(runtime, actor_of(runtime, somebody), "account", verb, "dao.tt", *word)
    assert answer.code == 77
    assert count_refusals(runtime, f"provisioning.account.{verb}") == 1


def test_nobody_acts_upon_their_own_account(runtime: Runtime, office: World, call: Call) -> None:
    hr = office.official("Lê Thị Hoa", "Tỉnh Vĩnh Long", duties="hr", login="hoa.lt")
    assert call(runtime, actor_of(runtime, hr), "account", "reset", "hoa.lt", "--proof", "tôi đây").code == 77


def test_a_reset_gives_a_code_once_with_its_proof_on_record(runtime: Runtime, office: World, call: Call) -> None:
    clerk = office.official("Trần Thị Đào", "Tỉnh Vĩnh Long", login="dao.tt")
    code = call(runtime, GLASS, "account", "reset", "dao.tt", "--proof", "thẻ căn cước").out.strip()
    with runtime.database.write() as writes:
        account = writes.execute(sa.select(Account.id).where(Account.person_id == clerk)).scalar_one()
        assert redeem_activation_code(writes, account, code, runtime.clocks.wall())
        row = writes.execute(sa.select(AuditRow).where(AuditRow.event == "provisioning.account.reset")).scalar_one()
    assert row.detail == {"proof": "thẻ căn cước"}
    assert code.replace(" ", "") not in json.dumps(row.detail)
    assert call(runtime, GLASS, "account", "reset", "dao.tt", "--proof", " ").code == 65


def test_a_suspended_account_comes_back_as_it_was(runtime: Runtime, office: World, call: Call) -> None:
    clerk = office.official("Trần Thị Đào", "Tỉnh Vĩnh Long", login="dao.tt")
    with runtime.database.write() as writes:
        account = writes.execute(sa.select(Account.id).where(Account.person_id == clerk)).scalar_one()
        set_password(writes, account, "mật khẩu dài lắm", runtime.clocks.wall())
    for verb, state in (("suspend", "suspended"), ("resume", "active")):
        assert call(runtime, GLASS, "account", verb, "dao.tt", "--reason", "thử").code == 0
        with runtime.database.read() as reads:
            assert reads.execute(sa.select(Account.state).where(Account.id == account)).scalar_one() == state
    assert call(runtime, GLASS, "account", "resume", "dao.tt", "--reason", "thử").code == 65


@pytest.mark.parametrize("key", ["dao.tt", "Đào", "trần thị đào"])
def test_people_are_found_by_what_is_known_of_them(runtime: Runtime, office: World, call: Call, key: str) -> None:
    clerk = office.official("Trần Thị Đào", "Tỉnh Vĩnh Long", login="dao.tt")
    found = json.loads(call(runtime, GLASS, "person", "find", key, "--output", "json").out)
    assert [one["person"] for one in found] == [str(clerk)]
    assert found[0]["unit"] == "UBND tỉnh Vĩnh Long"


def test_a_name_of_two_people_is_not_guessed(runtime: Runtime, office: World, call: Call) -> None:
    for login in ("dao.tt", "dao.tt2"):
        office.official("Trần Thị Đào", "Tỉnh Vĩnh Long", login=login)
    assert call(runtime, GLASS, "account", "suspend", "Trần Thị Đào", "--reason", "thử").code == 2
    assert call(runtime, GLASS, "person", "show", "nobody.at.all").code == 1


def test_the_audit_is_listed_verified_and_exported(runtime: Runtime, office: World, call: Call) -> None:
    office.official("Trần Thị Đào", "Tỉnh Vĩnh Long", login="dao.tt")
    call(runtime, GLASS, "account", "suspend", "dao.tt", "--reason", "thử")
    runtime.seal_audit()
    rows = json.loads(call(runtime, GLASS, "audit", "list", "--output", "json").out)
    assert rows[-1]["event"] == "provisioning.account.suspend"
    assert call(runtime, GLASS, "audit", "verify").code == 0
    assert len(call(runtime, GLASS, "audit", "export").out.splitlines()) == len(rows)
    with runtime.database.write() as writes:
        writes.execute(sa.update(AuditRow).values(actor="nobody"))
    answer = call(runtime, GLASS, "audit", "verify", "--output", "json")
    assert (answer.code, json.loads(answer.out)["findings"][0]["code"]) == (1, "rows_changed")


def test_a_copy_is_taken_and_put_back(bare: Runtime, call: Call, tmp_path: Path) -> None:
    assert call(bare, GLASS, "db", "upgrade").code == 0
    world, copy = World(bare.database), tmp_path / "copy.db"
    world.unit("Xã Cũ")
    assert call(bare, GLASS, "db", "backup", copy).code == 0
    assert call(bare, GLASS, "db", "backup", copy).code == 65
    world.unit("Xã Mới")
    extensions = list_extensions(bare)
    assert call(bare, GLASS, "db", "restore", copy).code == 64
    bare.database.close()
    assert call(bare, GLASS, "db", "restore", copy, "--replace").code == 0
    with bare.database.read() as reads:
        assert reads.execute(sa.text("SELECT count(*) FROM unit")).scalar_one() == 1
    assert list_extensions(bare) == extensions, "they are of who administers the server: neither dropped nor made anew"


def list_extensions(runtime: Runtime) -> list[int]:
    """What PostgreSQL numbers its extensions by, anew each time one is made; none on SQLite."""
    if runtime.database.sqlite:
        return []
    with runtime.database.read() as reads:
        return list(reads.execute(sa.text("SELECT CAST(oid AS int) FROM pg_extension ORDER BY 1")).scalars())


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\x00" + b"\x00" * 100])
def test_what_is_no_copy_is_refused(runtime: Runtime, call: Call, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "copy.db"
    file.write_bytes(content)
    answer = call(runtime, GLASS, "db", "restore", file, "--replace")
    assert answer.code in (65, 69)
    with runtime.database.read() as reads:
        assert reads.execute(sa.text("SELECT count(*) FROM unit")).scalar_one() == 0


def test_doctor_names_the_build_of_the_hash_and_what_mends_the_rest(runtime: Runtime, call: Call) -> None:
    findings = {one["name"]: one for one in json.loads(call(runtime, GLASS, "doctor", "--output", "json").out)}
    assert " ms" in findings["argon2id"]["what"]
    assert findings["database"]["mend"] == "hopnhat init"
    key = runtime.settings.keys / "seal-1.key"
    key.chmod(0o644)
    loose = call(runtime, GLASS, "doctor", "--output", "json")
    assert loose.code == 1
    assert any(one["name"] == "keys" and one["ok"] is False for one in json.loads(loose.out))


def test_sqlite_is_copied_while_somebody_writes(runtime: Runtime, databases: Databases, tmp_path: Path) -> None:
    """The copy is one instant, whatever happens meanwhile; PostgreSQL's own program promises the same."""
    from foundation.copies import copy_sqlite

    source = Path(databases.copy_sqlite(tmp_path / "busy.sqlite").removeprefix("sqlite:///"))
    with sqlite3.connect(source) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE busy (n INTEGER)")
        writer.executemany("INSERT INTO busy VALUES (?)", [(n,) for n in range(1000)])
        writer.commit()
        writer.execute("INSERT INTO busy VALUES (1000)")
        copy_sqlite(source, tmp_path / "copy.sqlite")
        writer.rollback()
    writer.close()
    copied = sqlite3.connect(tmp_path / "copy.sqlite")
    assert copied.execute("SELECT count(*) FROM busy").fetchone() == (1000,)
    copied.close()


def test_doctor_says_by_what_the_proxy_is_known(tmp_path: Path) -> None:
    near: dict[str, object] = {"trusted_proxies": ["127.0.0.1"]}
    asked = {"header": "Client-Cert", "own_authority": True}
    secret = tmp_path / "secret"
    secret.write_text("x" * 32)
    secret.chmod(0o640)
    settled: list[dict[str, object]] = [
        {},
        {"serve": {"socket": tmp_path / "web.sock"}},
        {**near, "proxy_secret": secret, "client_certificate": asked},
        near,
        {**near, "client_certificate": asked},
        {**near, "client_certificate": {**asked, "proxy_by_address": True}},
    ]
    said = [[one.ok for one in look_at_proxy(build_settings(written, SECTIONS))] for written in settled]
    assert said == [[], [True], [True], [None], [False], [None]]
    (refused,) = look_at_proxy(build_settings(settled[-2], SECTIONS))
    assert refused.what.show("vi") == "mọi chương trình tại 127.0.0.1 đều được tin: chứng thư từ đó bị từ chối"


@pytest.mark.parametrize("kept", ["proxy_secret", "socket"])
def test_doctor_finds_what_others_may_open(tmp_path: Path, kept: str) -> None:
    place = tmp_path / "place"
    place.touch()
    written: dict[str, object] = {"serve": {"socket": place}}
    if kept == "proxy_secret":
        written = {"trusted_proxies": ["10.0.0.4"], "proxy_secret": place}
    place.chmod(0o664)
    (loose,) = look_at_proxy(build_settings(written, SECTIONS))
    assert (loose.ok, str(place) in str(loose.mend)) == (False, True)
