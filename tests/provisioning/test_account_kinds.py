"""Accounts of other kinds: apart, for those who need them, opened by an operator, shut with the business one."""

import json
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from directory.credentials import check_password
from directory.models import SEAL_IMPORTED_HASH, Account, Credential, Login
from foundation.runtime import Runtime
from foundation.shell import Actor
from provisioning.account_command import account_group
from tests.provisioning.commands import Answer, build_caller
from tests.provisioning.test_day_one import old_hash
from tests.provisioning.test_help_desk import staff
from tests.services.clock import MovableClock
from tests.sso.people import official

GLASS = Actor("break-glass:owner", None, "owner", "the test")
WHY = ("--reason", "quản trị hệ thống")
Call = Callable[..., Answer]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setenv("HOPNHAT_LANG", "en")
    return build_caller({"account": account_group}, {}, capsys)


def open_for(runtime: Runtime, call: Call, actor: Actor, login: str, kind: str = "administration") -> Answer:
    return call(runtime, actor, "account", "open", login, "--kind", kind, *WHY)


def accounts(runtime: Runtime, call: Call, login: str) -> dict[str, tuple[str, str]]:
    told = json.loads(call(runtime, GLASS, "account", "list", login, "--output", "json").out)
    return {one["kind"]: (one["login"], one["state"]) for one in told}


def test_an_operator_opens_an_administration_account_apart_from_the_business_one(runtime: Runtime, call: Call) -> None:
    hoa = official(runtime, duties="hr")
    operator = staff(runtime, hoa, "Đỗ Minh Châu", "chau.dm", "operator")
    told = open_for(runtime, call, operator, "hoa.lt")
    assert told.code == 0, told.talk
    assert "qt.hoa.lt" in told.talk
    assert accounts(runtime, call, "hoa.lt") == {
        "business": ("hoa.lt", "active"),
        "administration": ("qt.hoa.lt", "issued"),
    }


@pytest.mark.parametrize("duties", ["hr", "help_desk", "approver", "leader", ""])
def test_nobody_but_an_operator_opens_one(runtime: Runtime, call: Call, duties: str) -> None:
    hoa = official(runtime, duties="hr")
    other = staff(runtime, hoa, "Phạm Thị Giúp", "giup.pt", duties)
    assert open_for(runtime, call, other, "hoa.lt").code == 77
    assert "administration" not in accounts(runtime, call, "hoa.lt")


def test_nobody_opens_one_for_themselves(runtime: Runtime, call: Call) -> None:
    hoa = official(runtime, duties="operator")
    actor = Actor(str(hoa.person_id), hoa.person_id, "Lê Thị Hoa")
    assert open_for(runtime, call, actor, "hoa.lt").code == 77


@pytest.mark.parametrize(
    ("duties", "kind", "times"),
    [("", "administration", 1), ("hr", "service", 1), ("hr", "business", 1), ("hr", "administration", 2)],
    ids=["no duty", "service", "business", "twice"],
)
def test_an_account_without_need_is_refused(runtime: Runtime, call: Call, duties: str, kind: str, times: int) -> None:
    official(runtime, duties=duties)
    codes = [open_for(runtime, call, GLASS, "hoa.lt", kind).code for _time in range(times)]
    assert codes[-1] == 65


def test_somebody_without_weight_may_have_a_technical_one(runtime: Runtime, call: Call) -> None:
    official(runtime)
    assert open_for(runtime, call, GLASS, "hoa.lt", "technical").code == 0
    assert accounts(runtime, call, "hoa.lt")["technical"] == ("kt.hoa.lt", "issued")


def test_a_log_in_that_was_somebodys_gets_a_number(runtime: Runtime, call: Call) -> None:
    official(runtime, duties="hr")
    official(runtime, "Quách Tĩnh", "qt.hoa.lt", code="H61.13", unit="Xã Long Hồ")
    assert "qt.hoa.lt2" in open_for(runtime, call, GLASS, "hoa.lt").talk


def test_shutting_the_business_account_shuts_the_others_and_each_is_opened_by_itself(
    runtime: Runtime, call: Call, clock: MovableClock
) -> None:
    official(runtime, duties="hr")
    open_for(runtime, call, GLASS, "hoa.lt")
    reason = ("--reason", "nghỉ việc")
    assert call(runtime, GLASS, "account", "suspend", "hoa.lt", *reason).code == 0
    assert {state for _login, state in accounts(runtime, call, "hoa.lt").values()} == {"suspended"}
    assert call(runtime, GLASS, "account", "resume", "hoa.lt", *reason).code == 0
    assert accounts(runtime, call, "hoa.lt")["administration"][1] == "suspended"
    assert call(runtime, GLASS, "account", "resume", "hoa.lt", "--kind", "administration", *reason).code == 0
    assert accounts(runtime, call, "hoa.lt")["administration"][1] == "issued"
    assert call(runtime, GLASS, "account", "close", "hoa.lt", *reason).code == 0
    assert {state for _login, state in accounts(runtime, call, "hoa.lt").values()} == {"closed"}


def test_help_desk_and_human_resources_leave_other_kinds_alone(runtime: Runtime, call: Call) -> None:
    hoa = official(runtime)
    open_for(runtime, call, GLASS, "hoa.lt", "technical")
    desk = staff(runtime, hoa, "Phạm Thị Giúp", "giup.pt", "help_desk hr")
    proof = ("--proof", "căn cước, tại bàn tiếp dân")
    for words in (("reset", *proof), ("unlock", *proof), ("suspend", *WHY), ("close", *WHY)):
        verb, *rest = words
        answer = call(runtime, desk, "account", verb, "hoa.lt", *rest, "--kind", "technical")
        assert answer.code == 77, verb
    assert call(runtime, GLASS, "account", "reset", "hoa.lt", *proof, "--kind", "technical", "--by-mail").code == 64
    assert call(runtime, GLASS, "account", "reset", "hoa.lt", *proof, "--kind", "godlike").code == 64


def test_an_old_password_never_opens_one(runtime: Runtime, call: Call) -> None:
    official(runtime, duties="hr")
    open_for(runtime, call, GLASS, "hoa.lt")
    with runtime.database.write() as writes:
        account = writes.execute(sa.select(Account).where(Account.kind == "administration")).scalar_one()
        credential = writes.get_one(Credential, account.id)
        credential.imported_hash = runtime.sealer.seal(old_hash("old one").encode(), SEAL_IMPORTED_HASH)
        assert check_password(runtime.sealer, credential, account.kind, "old one", runtime.clocks.wall()) is None
        assert writes.execute(sa.select(Login.login).where(Login.account_id == account.id)).scalar_one() == "qt.hoa.lt"
