"""The help desk's limits: per person and hour and day, per account and day; what counts as a proof; whose accounts need an operator."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.models import Post
from foundation.audit import AuditRow
from foundation.changes import small_change
from foundation.runtime import Runtime
from foundation.settings import build_settings
from foundation.shell import Actor
from provisioning.account_command import account_group
from provisioning.help_desk import ProofMissing, build_proof
from provisioning.sections import SECTIONS
from provisioning.settings import HelpDeskSection
from tests.provisioning.commands import Answer, build_caller
from tests.services.clock import MovableClock
from tests.sso.people import BEGINNING, Official, official

PROOF = ("--proof", "căn cước, tại bàn tiếp dân")
Call = Callable[..., Answer]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setenv("HOPNHAT_LANG", "en")
    return build_caller({"account": account_group}, {}, capsys)


@pytest.fixture
def strict(runtime: Runtime) -> Runtime:
    """Two an hour, three a day, two for one account."""
    policy = {"help_desk": {"per_hour": 2, "per_day": 3, "for_one_per_day": 2}}
    core = {"database": runtime.settings.database, "data": str(runtime.settings.data)}
    return replace(runtime, settings=build_settings({**core, **policy}, SECTIONS))


def staff(runtime: Runtime, somebody: Official, name: str, login: str, duties: str) -> Actor:
    """A colleague of the same unit with these duties."""
    someone = official(runtime, name, login, unit="Xã Long Hồ", code=f"H61.{login}", duties="")
    with runtime.database.write() as writes:
        change = small_change(writes, "test", "test", runtime.clocks.wall())
        writes.add(
            Post(
                post_id=someone.account_id, person_id=someone.person_id, unit_id=somebody.unit_id, title="Cán bộ",
                duties=duties, main=False, valid_from=BEGINNING, change_id=change.id,
            )
        )  # fmt: skip
    return Actor(str(someone.person_id), someone.person_id, name)


def count(runtime: Runtime, event: str, outcome: str) -> int:
    with runtime.database.read() as reads:
        wanted = sa.select(sa.func.count()).where(AuditRow.event == event, AuditRow.outcome == outcome)
        return int(reads.execute(wanted).scalar_one())


def test_one_person_opens_no_more_than_the_limit_of_an_hour_and_of_a_day(
    strict: Runtime, call: Call, clock: MovableClock
) -> None:
    somebody = official(strict)
    others = [official(strict, f"Trần Văn {name}", f"{name.lower()}.tv", code=f"H61.9{name}") for name in "ABCD"]
    desk = staff(strict, somebody, "Phạm Thị Giúp", "giup.pt", "help_desk")
    operator_post = [other.unit_id for other in others]
    give_desk(strict, desk, operator_post)
    codes = [call(strict, desk, "account", "reset", str(other.person_id), *PROOF).code for other in others[:3]]
    assert codes == [0, 0, 77]
    clock.advance(hours=1, seconds=1)
    assert call(strict, desk, "account", "unlock", str(others[2].person_id), *PROOF).code == 0
    refused = call(strict, desk, "account", "reset", str(others[3].person_id), *PROOF)
    assert refused.code == 77
    assert "print letters" in refused.talk
    clock.advance(hours=23)
    assert call(strict, desk, "account", "reset", str(others[3].person_id), *PROOF).code == 0
    assert count(strict, "provisioning.account.reset", "refused") == 2


def give_desk(runtime: Runtime, actor: Actor, units: list[uuid.UUID]) -> None:
    """The help desk of these units too."""
    assert actor.person_id is not None
    with runtime.database.write() as writes:
        change = small_change(writes, "test", "test", runtime.clocks.wall())
        for unit_id in units:
            writes.add(
                Post(
                    post_id=unit_id, person_id=actor.person_id, unit_id=unit_id, title="Hỗ trợ", duties="help_desk",
                    main=False, valid_from=BEGINNING, change_id=change.id,
                )
            )  # fmt: skip


def test_an_account_that_is_opened_again_and_again_needs_an_operator(
    strict: Runtime, call: Call, clock: MovableClock
) -> None:
    hoa = official(strict)
    first = staff(strict, hoa, "Phạm Thị Giúp", "giup.pt", "help_desk")
    second = staff(strict, hoa, "Vũ Văn Đỡ", "do.vv", "help_desk")
    operator = staff(strict, hoa, "Đỗ Minh Châu", "chau.dm", "help_desk operator")
    assert call(strict, first, "account", "reset", "hoa.lt", *PROOF).code == 0
    assert call(strict, second, "account", "unlock", "hoa.lt", *PROOF).code == 0
    assert call(strict, second, "account", "reset", "hoa.lt", *PROOF).code == 77
    assert call(strict, operator, "account", "reset", "hoa.lt", *PROOF).code == 0


def test_new_addresses_outside_are_counted_too(strict: Runtime, call: Call, tmp_path: Path) -> None:
    """A code goes to the address once it has rested: setting it opens the account like a reset, and by a file no more than one by one."""
    hoa = official(strict)
    desk = staff(strict, hoa, "Phạm Thị Giúp", "giup.pt", "help_desk")
    told = [
        call(strict, desk, "account", "contact", "hoa.lt", f"{word}@gmail.com", *PROOF).code
        for word in ("a", "a", "b", "c")
    ]
    assert told == [0, 0, 0, 77]  # the same one again changes nothing
    assert call(strict, desk, "account", "reset", "hoa.lt", *PROOF).code == 77
    file = tmp_path / "contacts.csv"
    file.write_text("login,address\nhoa.lt,thief@gmail.com\n", "utf-8")
    assert call(strict, desk, "account", "import-contacts", file, *PROOF).code == 77


def test_nobody_resets_themselves_and_weighty_duties_need_an_operator(runtime: Runtime, call: Call) -> None:
    hoa = official(runtime)
    desk = staff(runtime, hoa, "Phạm Thị Giúp", "giup.pt", "help_desk")
    approver = staff(runtime, hoa, "Ngô Văn Duyệt", "duyet.nv", "approver")
    assert call(runtime, desk, "account", "reset", "giup.pt", *PROOF).code == 77
    assert call(runtime, desk, "account", "reset", str(approver.person_id), *PROOF).code == 77


@pytest.mark.parametrize("proof", ["", "  ", "ok", "0861 8000 1234", "căn"], ids=repr)
def test_a_proof_that_says_nothing_is_refused(runtime: Runtime, call: Call, proof: str) -> None:
    official(runtime)
    assert call(runtime, Actor("break-glass:owner"), "account", "reset", "hoa.lt", "--proof", proof).code == 65
    assert count(runtime, "provisioning.account.reset", "done") == 0


def test_numbers_in_a_proof_are_cut() -> None:
    kept = build_proof("xem thẻ căn cước 086180001234,  gọi 0912 345 678", HelpDeskSection())
    assert kept == "xem thẻ căn cước •••••••••234, gọi •••••••678"


def test_a_proof_is_asked_for() -> None:
    with pytest.raises(ProofMissing):
        build_proof("…", HelpDeskSection())


def test_the_proof_stands_in_the_audit_without_the_number(runtime: Runtime, call: Call) -> None:
    official(runtime)
    told = call(
        runtime, Actor("break-glass:owner"), "account", "reset", "hoa.lt", "--proof", "thẻ căn cước 086180001234"
    )
    assert told.code == 0
    with runtime.database.read() as reads:
        detail = reads.execute(
            sa.select(AuditRow.detail).where(AuditRow.event == "provisioning.account.reset")
        ).scalar_one()
    assert detail["proof"] == "thẻ căn cước •••••••••234"
