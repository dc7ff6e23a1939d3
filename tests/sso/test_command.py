"""`hopnhat client …` and `hopnhat key …` as operators run them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from directory.models import UnitVersion
from foundation.audit import AuditRow
from foundation.changes import small_change
from foundation.clocks import parse_instant
from foundation.runtime import Runtime
from foundation.shell import Actor
from foundation.web import build_app
from sso.app import build_router
from sso.client_keeping import add_client
from sso.client_registration import NewClient
from sso.client_snippets import FILES
from sso.command import client_group, key_group
from sso.particulars import PLAIN, Particulars
from tests.provisioning.commands import Answer, build_caller
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.conftest import CALLBACK, Door
from tests.sso.flow import Application, ask_token
from tests.sso.people import official

ASK = {"grant_type": "client_credentials"}
OWNER = Actor("break-glass:owner")
BEFORE = parse_instant("2025-06-01")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    """Runs one call, talking English."""
    monkeypatch.setenv("HOPNHAT_LANG", "en")
    return build_caller({"client": client_group, "key": key_group}, {}, capsys)


def operator(runtime: Runtime, duties: str = "operator") -> Actor:
    """Somebody with a duty at the root."""
    someone = official(runtime, duties=duties)
    return Actor(str(someone.person_id), someone.person_id)


def test_an_application_is_added_and_works(door: Door, call: Callable[..., Answer]) -> None:
    actor = operator(door.runtime)
    words = (
        "client",
        "add",
        "Sổ tay",
        "--id",
        "so-tay",
        "--redirect",
        CALLBACK,
        "--scope",
        "openid",
        "--scope",
        "verify",
    )
    told = call(door.runtime, actor, *words, "--output", "json")
    assert told.code == 0, told.talk
    made = json.loads(told.out)
    application = Application(made["client_id"], made["client_secret"], CALLBACK)
    assert ask_token(door.browser(), application, ASK).json()["scope"] == "verify"
    assert "only now" in told.talk
    listed = json.loads(call(door.runtime, actor, "client", "list", "--output", "json").out)
    assert {client["client_id"] for client in listed} == {"van-ban", "so-tay"}
    shown = call(door.runtime, actor, "client", "show", "so-tay", "--output", "json").out
    assert made["client_secret"] not in shown
    assert "secret_hash" not in shown


def test_applications_come_from_a_file(door: Door, call: Callable[..., Answer], tmp_path: Path) -> None:
    file = tmp_path / "clients.yaml"
    file.write_text(
        "clients:\n"
        f"  - {{name: Một, client_id: mot, redirect_uris: ['{CALLBACK}'], pkce_required: false}}\n"
        "  - {name: Hai, client_id: hai, scopes: [verify]}\n",
        encoding="utf-8",
    )
    told = call(door.runtime, OWNER, "client", "add", "--file", file, "--output", "json")
    assert [made["client_id"] for made in json.loads(told.out)] == ["mot", "hai"]


@pytest.mark.parametrize("content", ["[1, 2]", "name: x\nno_such_field: 1", "{", "- just text"])
def test_a_file_that_describes_none_is_refused_whole(
    door: Door, call: Callable[..., Answer], tmp_path: Path, content: str
) -> None:
    file = tmp_path / "clients.yaml"
    file.write_text(content)
    assert call(door.runtime, OWNER, "client", "add", "--file", file).code == 65


def test_an_application_is_changed_and_keeps_the_rest(door: Door, call: Callable[..., Answer]) -> None:
    words = ("client", "set", "van-ban", "--scope", "verify", "--home", "https://vanban.example.vn/", "--no-pkce")
    assert call(door.runtime, OWNER, *words).code == 0
    shown = json.loads(call(door.runtime, OWNER, "client", "show", "van-ban", "--output", "json").out)
    assert (shown["scopes"], shown["pkce_required"], shown["redirect_uris"]) == (["verify"], False, [CALLBACK])
    assert ask_token(door.browser(), door.application, ASK).json()["scope"] == "verify"
    assert call(door.runtime, OWNER, "client", "set", "van-ban", "--redirect", "http://evil.example/").code == 65
    assert call(door.runtime, OWNER, "client", "set", "nobody", "--name", "x").code == 1


def test_a_secret_is_rotated_and_an_application_removed(door: Door, call: Callable[..., Answer]) -> None:
    told = call(door.runtime, OWNER, "client", "rotate-secret", "van-ban", "--output", "json")
    fresh = Application("van-ban", json.loads(told.out)["client_secret"], CALLBACK)
    assert call(door.runtime, OWNER, "client", "remove", "van-ban").code == 2, "nobody can be asked here"
    assert call(door.runtime, OWNER, "client", "remove", "van-ban", "--confirm", "van-bam").code == 2
    assert call(door.runtime, OWNER, "client", "remove", "van-ban", "--confirm", "van-ban").code == 0
    assert call(door.runtime, OWNER, "client", "show", "van-ban").code == 1
    assert fresh.secret != door.application.secret


def test_keys_are_rotated_and_retired(door: Door, call: Callable[..., Answer]) -> None:
    door.browser().get("/jwks")
    before = json.loads(call(door.runtime, OWNER, "key", "list", "--output", "json").out)
    assert call(door.runtime, OWNER, "key", "rotate", "--alg", "ES256").code == 0
    after = json.loads(call(door.runtime, OWNER, "key", "list", "--output", "json").out)
    assert (len(before), len(after)) == (2, 3)
    kid = before[0]["kid"]
    assert call(door.runtime, OWNER, "key", "retire", kid, "--confirm", kid).code == 0
    assert call(door.runtime, OWNER, "key", "retire", kid, "--confirm", kid).code == 1
    assert call(door.runtime, OWNER, "key", "rotate", "--alg", "HS256").code == 65
    told = call(door.runtime, OWNER, "key", "rotate")
    assert "EdDSA" not in told.talk, "only what is in use: many programs refuse a key set with a kind they do not know"
    assert "in 0 minutes" in call(door.runtime, OWNER, "key", "rotate", "--alg", "PS256").talk


@pytest.mark.parametrize(
    "words",
    [
        ("client", "add", "x", "--redirect", CALLBACK),
        ("client", "set", "van-ban", "--name", "x"),
        ("client", "rotate-secret", "van-ban"),
        ("client", "remove", "van-ban", "--confirm", "van-ban"),
        ("client", "invite", "somebody"),
        ("key", "rotate"),
    ],
)
def test_who_is_no_operator_of_the_root_changes_nothing(
    door: Door, call: Callable[..., Answer], words: tuple[str, ...]
) -> None:
    actor = operator(door.runtime, "hr")
    assert call(door.runtime, actor, *words).code == 77
    assert ask_token(door.browser(), door.application, ASK).status_code == 200
    with door.runtime.database.read() as reads:
        refused = reads.execute(sa.select(AuditRow).where(AuditRow.outcome == "refused")).scalar_one()
    assert (refused.actor, refused.detail["code"]) == (actor.label, "right_missing")
    assert refused.event == f"sso.{words[0]}.{words[1].replace('-', '_')}"


def test_an_operator_below_the_root_is_none(door: Door, call: Callable[..., Answer]) -> None:
    below = official(door.runtime, duties="operator")
    root = official(door.runtime, "Trần Văn Gốc", "goc.tv", unit="Tỉnh Vĩnh Long", code="H61")
    with door.runtime.database.write() as writes:
        writes.execute(
            sa.update(UnitVersion).where(UnitVersion.unit_id == below.unit_id).values(parent_id=root.unit_id)
        )
    actor = Actor(str(below.person_id), below.person_id)
    assert call(door.runtime, actor, "client", "rotate-secret", "van-ban").code == 77


FILE = f"""
clients:
  - client_id: so-tay
    name: Sổ tay
    redirect_uris: ["{CALLBACK}"]
    scopes: [openid, profile]
    id_token_alg: EdDSA
    resources: ["https://so-tay.example.vn/"]
"""


def written(tmp_path: Path, text: str = FILE) -> Path:
    """The file in version control."""
    file = tmp_path / "clients.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def planned(call: Callable[..., Answer], runtime: Runtime, file: Path, *more: str) -> dict[str, Any]:
    """What the file would change."""
    told = call(runtime, OWNER, "client", "plan", file, "--output", "json", *more)
    assert told.code == 0, told.talk
    return dict(json.loads(told.out))


def test_a_file_is_planned_applied_and_then_changes_nothing(
    door: Door, call: Callable[..., Answer], tmp_path: Path
) -> None:
    file = written(tmp_path)
    plan = planned(call, door.runtime, file)
    assert [(change["op"], change["client_id"]) for change in plan["changes"]] == [("add", "so-tay")]
    told = call(door.runtime, OWNER, "client", "apply", file, "--digest", plan["digest"], "--output", "json")
    made = json.loads(told.out)
    assert made["client_secret"], "shown this once"
    assert planned(call, door.runtime, file)["changes"] == []
    written(tmp_path, FILE.replace("[openid, profile]", "[openid]"))
    plan = planned(call, door.runtime, file)
    assert plan["changes"] == [
        {"op": "set", "client_id": "so-tay", "fields": {"scopes": [["openid", "profile"], ["openid"]]}}
    ]
    told = call(door.runtime, OWNER, "client", "apply", file, "--digest", plan["digest"])
    assert told.code == 0, told.talk
    shown = json.loads(call(door.runtime, OWNER, "client", "show", "so-tay", "--output", "json").out)
    assert (shown["scopes"], shown["id_token_alg"]) == (["openid"], "EdDSA")
    assert shown["resources"] == ["https://so-tay.example.vn/"]
    keys = json.loads(call(door.runtime, OWNER, "key", "list", "--output", "json").out)
    assert "EdDSA" in {key["alg"] for key in keys}, "a key for what the application asks"


def test_a_plan_that_nobody_read_is_not_applied(door: Door, call: Callable[..., Answer], tmp_path: Path) -> None:
    file = written(tmp_path)
    digest = planned(call, door.runtime, file)["digest"]
    call(door.runtime, OWNER, "client", "add", "Sổ tay", "--id", "so-tay", "--redirect", CALLBACK)
    stale = call(door.runtime, OWNER, "client", "apply", file, "--digest", digest)
    assert stale.code == 75, "somebody else registered it meanwhile"
    shown = json.loads(call(door.runtime, OWNER, "client", "show", "so-tay", "--output", "json").out)
    assert "resources" not in shown, "and nothing was done"


def test_pruning_removes_what_the_file_does_not_name(door: Door, call: Callable[..., Answer], tmp_path: Path) -> None:
    file = written(tmp_path)
    assert {change["op"] for change in planned(call, door.runtime, file)["changes"]} == {"add"}
    plan = planned(call, door.runtime, file, "--prune")
    assert [(change["op"], change["client_id"]) for change in plan["changes"]] == [
        ("add", "so-tay"),
        ("remove", "van-ban"),
    ]
    told = call(door.runtime, OWNER, "client", "apply", file, "--digest", plan["digest"], "--prune")
    assert told.code == 0, told.talk
    assert call(door.runtime, OWNER, "client", "show", "van-ban").code == 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("- {name: a}", id="no id"),
        pytest.param("- {name: a, client_id: aa}\n- {name: b, client_id: aa}", id="an id twice"),
        pytest.param(
            f"- {{name: a, client_id: van-ban, kind: public, redirect_uris: ['{CALLBACK}']}}", id="another kind"
        ),
        pytest.param("- {name: a, client_id: aa, subject_type: secret}", id="a particular there is not"),
        pytest.param("- {name: a, client_id: aa, policy_uri: 'javascript:alert(1)'}", id="a script on our pages"),
        pytest.param("- {name: a, client_id: aa, jwks_uri: 'http://10.0.0.1/keys'}", id="keys by plain http"),
        pytest.param("- {name: a, client_id: aa, token_endpoint_auth_method: private_key_jwt}", id="keys missing"),
    ],
)
def test_a_file_that_cannot_be_is_refused(door: Door, call: Callable[..., Answer], tmp_path: Path, text: str) -> None:
    assert call(door.runtime, OWNER, "client", "plan", written(tmp_path, text)).code == 65


def test_somebody_is_invited_to_register(door: Door, call: Callable[..., Answer]) -> None:
    told = call(door.runtime, OWNER, "client", "invite", "the archive", "--uses", "2")
    invited = json.loads(told.out)
    assert invited["registration_endpoint"].endswith("/register")
    assert len(invited["initial_access_token"]) == 43
    assert "off in the settings" in told.talk


def test_a_preview_is_registered_by_instant_and_ended(door: Door, call: Callable[..., Answer]) -> None:
    words = ("client", "set", "van-ban", "--register-time")

    def standing() -> dict[str, Any]:
        return dict(json.loads(call(door.runtime, OWNER, "client", "show", "van-ban", "--output", "json").out))

    assert call(door.runtime, OWNER, *words, "2025-07-01T00:00+07:00").code == 0
    assert standing()["register_time"] == "2025-06-30T17:00:00Z"
    assert "2025-06-30" in call(door.runtime, OWNER, "client", "list").out
    assert call(door.runtime, OWNER, "client", "set", "van-ban", "--name", "Khác").code == 0
    assert standing()["register_time"] == "2025-06-30T17:00:00Z", "another change leaves it"
    assert call(door.runtime, OWNER, *words, "tomorrow").code == 65
    assert call(door.runtime, OWNER, *words, "now").code == 0
    assert standing()["register_time"] is None


def test_previews_and_units_stand_in_the_file_too(door: Door, call: Callable[..., Answer], tmp_path: Path) -> None:
    who = official(door.runtime)
    file = written(tmp_path, FILE + "    register_time: 2025-07-01\n    unit: H61.12\n")
    plan = planned(call, door.runtime, file)
    assert call(door.runtime, OWNER, "client", "apply", file, "--digest", plan["digest"]).code == 0
    shown = json.loads(call(door.runtime, OWNER, "client", "show", "so-tay", "--output", "json").out)
    assert (shown["register_time"], shown["unit_id"]) == ("2025-06-30T17:00:00Z", str(who.unit_id))
    assert planned(call, door.runtime, file)["changes"] == []
    plan = planned(call, door.runtime, written(tmp_path, FILE + "    unit: H61.12\n"))
    assert plan["changes"][0]["fields"] == {"register_time": ["2025-06-30T17:00:00Z", None]}
    assert call(door.runtime, OWNER, "client", "plan", written(tmp_path, FILE + "    unit: H99\n")).code == 1
    listed = written(tmp_path, FILE + f"    unit_id: {who.unit_id}\n    register_time: '2025-07-01T00:00+07:00'\n")
    assert planned(call, door.runtime, listed)["changes"] == []


@pytest.fixture
def old_province(door: Door) -> dict[str, Application]:
    """Applications of a province that ended, of a commune that went on under the new one, of one that ended with it, and of
    others; by id.
    """
    runtime = door.runtime
    gone = official(runtime, "Trần Văn Gốc", "goc.tv", unit="Tỉnh Trà Vinh", code="H59")
    stays = official(runtime, "Lê Văn Bảy", "bay.lv", unit="Sở Nội vụ", code="H59.2")
    ends = official(runtime, "Lê Văn Ba", "ba.lv", unit="Phường 3", code="H59.31")
    other = official(runtime, "Lê Văn Tư", "tu.lv", unit="Tỉnh Vĩnh Long", code="H61")
    made = {}
    with runtime.database.write() as writes:
        for below in (stays, ends):
            put = sa.update(UnitVersion).where(UnitVersion.unit_id == below.unit_id)
            writes.execute(put.values(parent_id=gone.unit_id, valid_to=BEFORE))
        writes.execute(sa.update(UnitVersion).where(UnitVersion.unit_id == gone.unit_id).values(valid_to=BEFORE))
        change = small_change(writes, "test", "test", runtime.clocks.wall())
        writes.add(
            UnitVersion(
                unit_id=stays.unit_id, name="Sở Nội vụ", name_key="so noi vu", kind="office", valid_from=BEFORE,
                parent_id=other.unit_id, change_id=change.id,
            )
        )  # fmt: skip
        for name, owner, rest in (
            ("tinh", gone, PLAIN),
            ("so", stays, PLAIN),
            ("phuong", ends, PLAIN),
            ("khoa", ends, Particulars(token_endpoint_auth_method="private_key_jwt", jwks_uri="https://app.vn/keys")),
            ("khac", other, PLAIN),
        ):
            new = NewClient(name=name, client_id=name, scopes=("verify",), unit_id=owner.unit_id, particulars=rest)
            client, secret = add_client(writes, new, "test", runtime.clocks.wall())
            made[name] = Application(client.client_id, secret, "")
    return made


def test_all_secrets_of_an_old_province_are_rotated_in_one_plan(
    door: Door, call: Callable[..., Answer], old_province: dict[str, Application], clock: MovableClock
) -> None:
    words = ("client", "rotate-secret", "--unit", "H59", "--grace-hours", "72", "--output", "json")
    plan = json.loads(call(door.runtime, OWNER, *words).out)
    assert {each["client_id"]: each["what"] for each in plan["applications"]} == {
        "tinh": "a new secret", "so": "a new secret", "phuong": "a new secret", "khoa": "proves itself by keys",
    }  # fmt: skip
    browser = door.browser()
    assert ask_token(browser, old_province["tinh"], ASK).status_code == 200, "a plan changes nothing"
    assert call(door.runtime, OWNER, *words, "--digest", "0" * 64).code == 75
    told = call(door.runtime, OWNER, *words, "--digest", plan["digest"])
    fresh = {each["client_id"]: each["client_secret"] for each in json.loads(told.out)}
    assert set(fresh) == {"tinh", "so", "phuong"}
    assert call(door.runtime, OWNER, *words, "--digest", plan["digest"]).code == 75, "done once"
    browser = Inside.of(build_app(door.runtime, [build_router(door.runtime)]))
    for name, secret in fresh.items():
        assert ask_token(browser, Application(name, secret, ""), ASK).status_code == 200
        assert ask_token(browser, old_province[name], ASK).status_code == 200, "the grace"
    clock.advance(hours=72)
    answers = {name: ask_token(browser, old_province[name], ASK).status_code for name in fresh}
    assert set(answers.values()) == {401}
    assert ask_token(browser, old_province["khac"], ASK).status_code == 200, "another province's"


def test_what_to_rotate_is_said_once(door: Door, call: Callable[..., Answer]) -> None:
    for words in ((), ("van-ban", "--unit", "H61"), ("van-ban", "--digest", "00")):
        assert call(door.runtime, OWNER, "client", "rotate-secret", *words).code == 65, words
    assert call(door.runtime, OWNER, "client", "rotate-secret", "--unit", "H99").code == 1


def test_who_is_no_operator_rotates_no_province(
    door: Door, call: Callable[..., Answer], old_province: dict[str, Application]
) -> None:
    actor = operator(door.runtime, "hr")
    plan = json.loads(call(door.runtime, OWNER, "client", "rotate-secret", "--unit", "H59", "--output", "json").out)
    told = call(door.runtime, actor, "client", "rotate-secret", "--unit", "H59", "--digest", plan["digest"])
    assert told.code == 77
    assert ask_token(door.browser(), old_province["tinh"], ASK).status_code == 200


def test_every_program_is_told_what_to_paste(door: Door, call: Callable[..., Answer]) -> None:
    mismatch = {"oidc-client-ts": "public", "mayan-edms": "--no-pkce", "oidc-agent": "device"}
    assert len(FILES) == 13
    for program in FILES:
        told = call(door.runtime, OWNER, "client", "show", "van-ban", "--snippet", program)
        assert told.code == 0, (program, told.talk)
        assert "van-ban" in told.out, program
        assert door.runtime.settings.issuer.partition("://")[2] in told.out, program
        assert "«" not in told.out, program
        assert str(door.application.secret) not in told.out, program
        assert mismatch.get(program, "") in told.talk, program
        assert bool(told.talk) == (program in mismatch), f"nothing is missing for {program}"


def test_a_program_nobody_knows_is_told_which_are_known(door: Door, call: Callable[..., Answer]) -> None:
    told = call(door.runtime, OWNER, "client", "show", "van-ban", "--snippet", "netscape")
    assert told.code == 65
    assert "mod_auth_openidc" in told.talk
