"""New addresses by an order: made by a template, nobody's before, given like every plan; old ones delivered until their date."""

import stat
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml

from directory.models import Account, MailAddress, PersonDetail
from directory.people import find_accounts, find_people
from foundation.changes import AsOf, register_digest, small_change
from foundation.clocks import parse_instant
from foundation.errors import TryAgain
from foundation.outbox import OutboxJob
from foundation.plans import Plan, find_run, read_plan, record_approval
from foundation.runtime import Runtime
from foundation.shell import Actor
from provisioning.account_command import account_group
from provisioning.mail.address_orders import OrderFaulty, check_template, read_order
from provisioning.merger.apply import apply_plan
from provisioning.merger.planning import Author
from provisioning.merger.undo import plan_taking_back
from tests.provisioning.commands import Answer, build_caller
from tests.provisioning.loads import GLASS, Installation, found
from tests.provisioning.rosters.makers import lan, row
from tests.services.clock import MovableClock

Call = Callable[..., Answer]
DAY_ONE, END = parse_instant("2025-07-01"), parse_instant("2026-06-30")
ORDER = {
    "format": "hopnhat-addresses/1", "title": "Địa chỉ mới", "effective": "2025-07-01T00:00:00+07:00",
    "old_until": "2026-06-30T00:00:00+07:00",
    "domains": [{"unit": "H61", "domain": "vinhlong.gov.vn"}, {"unit": "H61.12.3", "domain": "anbinh.vinhlong.gov.vn"}],
}  # fmt: skip


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setenv("HOPNHAT_LANG", "en")
    return build_caller({"account": account_group}, {}, capsys)


@pytest.fixture
def installation(runtime: Runtime, tmp_path: Path) -> Installation:
    made = found(runtime, tmp_path)
    made.load(
        row(login="hoa.lt", email="hoa@cu.bentre.gov.vn"),
        lan(login="lan.tt", unit_code="286"),
        row(name="Trần Văn Nam", personal_number="086080001111", phone=None, login="nam.tv", unit_code="H61.2",
            unit_scheme="agency", email="nam@vinhlong.gov.vn"),
    )  # fmt: skip
    return made


def write_order(folder: Path, **changes: object) -> Path:
    file = folder / "order.yaml"
    file.write_text(yaml.safe_dump({**ORDER, **changes}, allow_unicode=True), "utf-8")
    return file


def make(installation: Installation, call: Call, **changes: object) -> Plan:
    out = installation.folder / "order.plan"
    answer = call(
        installation.runtime, GLASS, "account", "addresses", write_order(installation.folder, **changes), "--out", out
    )
    assert answer.code == 0, answer.talk
    return read_plan(out)


def give(installation: Installation, plan: Plan) -> None:
    with installation.runtime.database.write() as writes:
        record_approval(writes, plan, "somebody else", installation.runtime.clocks.wall(), {})
    apply_plan(installation.runtime, plan.path, GLASS)


def held(runtime: Runtime, name: str, at: datetime) -> tuple[str, ...]:
    with runtime.database.read() as reads:
        person = reads.execute(sa.select(PersonDetail.person_id).where(PersonDetail.name == name)).scalar_one()
        return find_people(reads, [person], AsOf(at))[person].addresses


def test_addresses_are_made_by_the_nearest_domain_and_old_ones_go_on_until_their_date(
    installation: Installation, call: Call
) -> None:
    plan = make(installation, call)
    assert plan.header.summary["people"] == {"people": 3, "new": 1, "changed": 1, "kept": 1, "numbered": 0}
    give(installation, plan)
    runtime, before = installation.runtime, DAY_ONE - timedelta(seconds=1)
    assert held(runtime, "Lê Thị Hoa", before) == ("hoa@cu.bentre.gov.vn",)
    assert held(runtime, "Lê Thị Hoa", DAY_ONE) == ("hoa.lt@anbinh.vinhlong.gov.vn", "hoa@cu.bentre.gov.vn")
    assert held(runtime, "Lê Thị Hoa", END) == ("hoa.lt@anbinh.vinhlong.gov.vn",)
    assert held(runtime, "Trần Thị Lan", before) == ()
    assert held(runtime, "Trần Thị Lan", DAY_ONE) == ("lan.tt@vinhlong.gov.vn",)
    assert held(runtime, "Trần Văn Nam", END) == ("nam@vinhlong.gov.vn",)
    with runtime.database.read() as reads:
        for typed, at, opens in (
            ("hoa@cu.bentre.gov.vn", DAY_ONE, 1), ("hoa@cu.bentre.gov.vn", END, 0),
            ("hoa.lt@anbinh.vinhlong.gov.vn", before, 0), ("hoa.lt@anbinh.vinhlong.gov.vn", DAY_ONE, 1),
        ):  # fmt: skip
            assert len(find_accounts(reads, typed, AsOf(at))) == opens


def digest(runtime: Runtime) -> str:
    with runtime.database.read() as reads:
        return register_digest(reads)


@pytest.mark.parametrize("day", ["2025-06-26", "2025-07-03"], ids=["before-the-day", "after-it"])
def test_an_order_that_is_taken_back_leaves_every_address_as_it_was(
    installation: Installation, call: Call, clock: MovableClock, day: str
) -> None:
    runtime, before = installation.runtime, digest(installation.runtime)
    plan = make(installation, call)
    give(installation, plan)
    assert digest(runtime) != before
    clock.set(day)
    with runtime.database.read() as reads:
        run = find_run(reads, plan.digest)
    assert run is not None
    one = installation.administrators[0]
    actor, out = Actor(str(one.person_id), one.person_id, one.name), installation.folder / "undo.plan"
    undoing = plan_taking_back(runtime, run, out, actor, Author(actor.label, actor.name), "Sai tên miền")
    assert undoing.left == ()
    give(installation, undoing.plan)
    assert digest(runtime) == before
    assert held(runtime, "Lê Thị Hoa", END) == ("hoa@cu.bentre.gov.vn",)
    assert held(runtime, "Trần Thị Lan", END) == ()
    with runtime.database.read() as reads:
        states = reads.execute(sa.select(OutboxJob.state).where(OutboxJob.change_id == run.change_id)).scalars()
        assert set(states) <= {"cancelled"}


def test_an_address_that_was_anybodys_gets_a_number_and_never_its_place(
    installation: Installation, call: Call, clock: MovableClock
) -> None:
    with installation.runtime.database.write() as writes:
        nam = writes.execute(sa.select(PersonDetail.person_id).where(PersonDetail.name == "Trần Văn Nam")).scalar_one()
        change = small_change(writes, "test", "test", clock.now)
        ended = {
            "valid_from": clock.now - timedelta(days=9),
            "valid_to": clock.now - timedelta(days=1),
            "kind": "alias",
        }
        for address in ("hoa.lt@anbinh.vinhlong.gov.vn", "hoa.lt2@anbinh.vinhlong.gov.vn"):
            writes.add(MailAddress(person_id=nam, address=address, address_key=address, change_id=change.id, **ended))
    plan = make(installation, call)
    assert [line["address"] for line in plan.each_line() if line["login"] == "hoa.lt"] == [
        "hoa.lt3@anbinh.vinhlong.gov.vn"
    ]
    assert plan.header.summary["people"]["numbered"] == 1


def test_a_template_of_names_numbers_namesakes(installation: Installation, call: Call) -> None:
    installation.load(
        row(name="Lê Thị Hoà", personal_number="086080004444", phone=None, login="hoa.khac"), name="more.csv"
    )
    plan = make(installation, call, template="{given}.{initials}@{domain}", keep=False)
    given = {line["login"]: line["address"] for line in plan.each_line()}
    assert given == {
        "hoa.lt": "hoa.lt@anbinh.vinhlong.gov.vn", "hoa.khac": "hoa.lt2@anbinh.vinhlong.gov.vn",
        "lan.tt": "lan.tt@vinhlong.gov.vn", "nam.tv": "nam.tv@vinhlong.gov.vn",
    }  # fmt: skip


def test_the_plan_holds_what_certificates_wait_for_and_asks_for_proposals_at_the_instant(
    installation: Installation, call: Call
) -> None:
    give(installation, make(installation, call))
    with installation.runtime.database.read() as reads:
        asked = reads.execute(sa.select(OutboxJob.due).where(OutboxJob.kind == "propose_certificates")).scalars().all()
    assert set(asked) == {DAY_ONE}


def test_a_plan_is_stale_when_an_address_changed_meanwhile(
    installation: Installation, call: Call, clock: MovableClock
) -> None:
    plan = make(installation, call)
    with installation.runtime.database.write() as writes:
        change = small_change(writes, "test", "test", clock.now)
        own = writes.execute(sa.select(MailAddress).where(MailAddress.address == "hoa@cu.bentre.gov.vn")).scalar_one()
        own.withdrawn_by = change.id
    with pytest.raises(TryAgain):
        give(installation, plan)
    assert held(installation.runtime, "Trần Thị Lan", DAY_ONE) == ()


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"format": "x"}, "format"),
        ({"old_until": "2025-06-30"}, "“old_until” must lie after"),
        ({"template": "{login}"}, "end with @{domain}"),
        ({"template": "{nickname}@{domain}"}, "not known: nickname"),
        ({"template": "all@{domain}"}, "must name the person"),
        ({"template": "{login @{domain}"}, "template"),
        ({"template": "|{login}@{domain}"}, "gives no address"),
        ({"domains": []}, "domains"),
        ({"domains": [{"unit": "H61", "domain": "Vinhlong.gov.vn"}]}, "domains.0.domain"),
        ({"domains": [{"unit": "H61", "domain": "x.vn"}, {"unit": "H61", "domain": "y.vn"}]}, "A unit stands twice"),
    ],
    ids=["version", "end", "no domain", "field", "nobody", "brace", "pipe", "no domains", "upper case", "twice"],
)
def test_a_faulty_order_is_refused_with_its_place(tmp_path: Path, changes: dict[str, object], place: str) -> None:
    with pytest.raises(OrderFaulty) as refused:
        read_order(write_order(tmp_path, **changes))
    assert place in refused.value.shown


def test_a_template_cannot_reach_into_objects() -> None:
    with pytest.raises(ValueError, match=r"not known: login\.__class__"):
        check_template("{login.__class__}@{domain}")


def test_who_has_no_right_makes_no_plan(installation: Installation, call: Call) -> None:
    runtime, out = installation.runtime, installation.folder / "order.plan"
    with runtime.database.read() as reads:
        hoa = reads.execute(sa.select(PersonDetail.person_id).where(PersonDetail.name == "Lê Thị Hoa")).scalar_one()
    actor = Actor(str(hoa), hoa, "Lê Thị Hoa")
    order = write_order(installation.folder)
    assert call(runtime, actor, "account", "addresses", order, "--out", out).code == 77
    assert call(runtime, actor, "account", "aliases").code == 77
    assert not out.exists()


# --- the alias file ------------------------------------------------------------------------------------------------


def alias_lines(text: str) -> dict[str, str]:
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    return {old: new for old, new in rows}  # noqa: C416 — rows do not type as pairs


@pytest.mark.parametrize(
    ("at", "lines"),
    [
        ("2025-06-30T23:59:59+07:00", {}),
        ("2025-07-01", {"hoa@cu.bentre.gov.vn": "hoa.lt@anbinh.vinhlong.gov.vn"}),
        ("2026-06-29", {"hoa@cu.bentre.gov.vn": "hoa.lt@anbinh.vinhlong.gov.vn"}),
        ("2026-06-30", {}),
    ],
    ids=["the day before", "day one", "the last day", "its date"],
)
def test_the_alias_file_holds_old_addresses_until_their_date(
    installation: Installation, call: Call, at: str, lines: dict[str, str]
) -> None:
    give(installation, make(installation, call))
    out = installation.folder / "virtual"
    answer = call(installation.runtime, GLASS, "account", "aliases", "--at", at, "--out", out)
    assert answer.code == 0, answer.talk
    assert alias_lines(out.read_text("ascii")) == lines
    assert stat.S_IMODE(out.stat().st_mode) == 0o644
    assert not list(installation.folder.glob(".virtual*"))
    if lines:
        assert "2026-06-29T17:00:00Z" in out.read_text("ascii")


@pytest.mark.parametrize(
    "address",
    [
        "|/bin/sh@x.vn", "/var/mail/root@x.vn", ":include:/etc/passwd", "a@x.vn b@y.vn", "a@x.vn\tb@y.vn",
        "a@x.vn\nroot@x.vn attacker@y.vn", "@x.vn", "# a@x.vn", "a,b@x.vn", '"a b"@x.vn', "hoà@x.vn",
    ],
    ids=repr,
)  # fmt: skip
def test_an_old_address_that_is_no_plain_mailbox_is_never_written(
    installation: Installation, call: Call, clock: MovableClock, address: str
) -> None:
    add_alias(installation, clock, "Trần Văn Nam", address)
    answer = call(installation.runtime, GLASS, "account", "aliases", "--out", installation.folder / "virtual")
    assert answer.code == 1
    assert alias_lines((installation.folder / "virtual").read_text("ascii")) == {}


def add_alias(installation: Installation, clock: MovableClock, name: str, address: str) -> None:
    with installation.runtime.database.write() as writes:
        person = writes.execute(sa.select(PersonDetail.person_id).where(PersonDetail.name == name)).scalar_one()
        change = small_change(writes, "test", "test", clock.now)
        writes.add(
            MailAddress(person_id=person, address=address, address_key=address, kind="alias", valid_from=clock.now,
                        change_id=change.id)
        )  # fmt: skip


def test_shared_shut_and_homeless_old_addresses_go_nowhere(
    installation: Installation, call: Call, clock: MovableClock
) -> None:
    runtime = installation.runtime
    for name, address in (
        ("Trần Văn Nam", "chung@cu.vn"), ("Lê Thị Hoa", "chung@cu.vn"), ("Trần Văn Nam", "hoa@cu.bentre.gov.vn"),
        ("Trần Thị Lan", "lan@cu.vn"), ("Lê Thị Hoa", "hoa.cu@cu.vn"), ("Trần Văn Nam", "nam@cu.vn"),
    ):  # fmt: skip
        add_alias(installation, clock, name, address)
    with runtime.database.write() as writes:
        hoa = sa.select(PersonDetail.person_id).where(PersonDetail.name == "Lê Thị Hoa")
        writes.execute(sa.update(Account).where(Account.person_id.in_(hoa)).values(state="suspended"))
    out = installation.folder / "virtual"
    answer = call(runtime, GLASS, "account", "aliases", "--out", out, "--output", "csv")
    assert answer.code == 1
    assert alias_lines(out.read_text("ascii")) == {"nam@cu.vn": "nam@vinhlong.gov.vn"}
    for address in ("chung@cu.vn", "hoa@cu.bentre.gov.vn", "lan@cu.vn", "hoa.cu@cu.vn"):
        assert address in answer.out


def test_a_file_that_cannot_be_put_in_place_leaves_the_old_one(installation: Installation, call: Call) -> None:
    give(installation, make(installation, call))
    (installation.folder / "taken").mkdir()
    answer = call(installation.runtime, GLASS, "account", "aliases", "--out", installation.folder / "taken")
    assert answer.code == 65
    assert "taken" in answer.talk
    assert not list(installation.folder.glob(".taken*"))
