"""Mapping tables: old units to new ones, old accounts to people, as CSV and as a workbook."""

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
import typer
from starlette.testclient import TestClient

from directory.app import build_router
from directory.command import unit_group
from directory.models import ForeignAccount, Login, MailAddress, Post
from foundation.audit import AuditRow
from foundation.bearers import Bearer, TokenMissing
from foundation.runtime import Runtime
from foundation.shell import Actor, Shell
from foundation.terminal import run
from foundation.web import TokenRouter, build_app
from tests.directory.conftest import BEFORE, MERGER, World

AFTER = {"at": "2025-07-02"}


class Tokens(TokenRouter):
    """A provider that knows two tokens."""

    def check_token(self, token: str) -> Bearer:
        if token not in ("people", "other"):
            raise TokenMissing
        return Bearer("client", None, frozenset({"people.mapping"} if token == "people" else {"units.heirs"}))


@pytest.fixture
def merged(world: World) -> World:
    """Two communes in one, a province that only got a new code, a district that ended; one official who moved."""
    world.unit("Tỉnh", level="province", admin_2004="86")
    world.unit("Xã Một", ends=MERGER, admin_2004="00001", agency="H01.1")
    world.unit("=Xã Hai", ends=MERGER, admin_2004="00002")
    world.unit("Huyện", level="district", ends=MERGER, admin_2004="755")
    world.unit("Xã Mới", begins=MERGER, admin="00001", agency="H61.1", continued_from="Xã Một")
    world.event("merge_into_new", MERGER, ("Xã Một", "Xã Mới", "whole", True), ("=Xã Hai", "Xã Mới", "part", True))
    world.event("dissolve", MERGER, ("Huyện", "", "whole", True))
    person = world.official("Nguyễn Văn An", "Xã Một", login="an.nv", ends=MERGER)
    with world.database.write() as writes:
        change = world.change(writes)
        row = {"person_id": person, "change_id": change.id, "valid_from": BEFORE}
        account = writes.execute(sa.select(Login.account_id)).scalar_one()
        writes.add_all([
            ForeignAccount(application="Văn bản", foreign_id="1042", foreign_login="@anv", **row),
            MailAddress(address="an@xamot.gov.example", address_key="an@xamot.gov.example", kind="alias", **row),
            MailAddress(address="an@new.gov.example", address_key="an@new.gov.example", **row),
            Login(account_id=account, login="anv.xamot", login_key="anv.xamot", kind="alias", valid_from=BEFORE, change_id=change.id),
            Post(post_id=person, person_id=person, unit_id=world.units["Xã Mới"], title="Chuyên viên", valid_from=MERGER,
                 change_id=change.id),
        ])  # fmt: skip
    return world


@pytest.fixture
def client(merged: World, runtime: Runtime) -> TestClient:
    return TestClient(build_app(runtime, [build_router(runtime), Tokens()]), raise_server_exceptions=False)


def read_rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def read_sheet(content: bytes) -> list[dict[str, Any]]:
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.values)
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_units_with_the_codes_before_and_after(client: TestClient) -> None:
    rows = read_rows(client.get("/api/units/mapping.csv", params=AFTER).content)
    assert [(r["old_code"], r["old_agency_code"], r["new_code"], r["new_agency_code"], r["kind"], r["share"]) for r in rows] == [
        ("00001", "H01.1", "00001", "H61.1", "merge_into_new", "whole"),
        ("00002", "", "00001", "H61.1", "merge_into_new", "part"),
        ("755", "", "", "", "dissolve", "whole"),
    ]  # fmt: skip
    assert rows[0]["old_unit"] != rows[0]["new_unit"]
    assert rows[0]["decision"] == "202/2025/QH15"


def test_the_table_can_be_had_before_the_day_and_is_empty_until_it(client: TestClient) -> None:
    assert read_rows(client.get("/api/units/mapping.csv").content) == []
    assert len(read_rows(client.get("/api/units/mapping.csv", params=AFTER).content)) == 3


def test_no_spreadsheet_runs_a_name(client: TestClient) -> None:
    assert "'=Xã Hai" in client.get("/api/units/mapping.csv", params=AFTER).text
    (row,) = [
        r for r in read_sheet(client.get("/api/units/mapping.xlsx", params=AFTER).content) if r["old_code"] == "00002"
    ]
    assert row["old_name"] == "=Xã Hai"
    assert row["new_code"] == "00001"


def people(client: TestClient, kind: str = "csv", **parameters: str) -> list[dict[str, Any]]:
    answer = client.get(f"/api/people/mapping.{kind}", params=parameters, headers={"Authorization": "Bearer people"})
    assert answer.status_code == 200
    return read_rows(answer.content) if kind == "csv" else read_sheet(answer.content)


def test_people_by_application_as_of_the_day_to_come(client: TestClient, merged: World) -> None:
    (row,) = people(client, application="Văn bản", **AFTER)
    assert (row["old_account"], row["old_login"], row["old_address"]) == ("1042", "'@anv", "an@xamot.gov.example")
    assert (row["login"], row["address"]) == ("an.nv", "an@new.gov.example")
    assert (row["unit_code"], row["post"]) == ("H61.1", "Chuyên viên")
    (now,) = people(client, application="Văn bản")
    assert (now["unit_code"], now["sub"]) == ("H01.1", row["sub"])
    assert people(client, application="Another") == []


def test_without_an_application_old_log_ins_of_our_own_come_too(client: TestClient) -> None:
    rows = people(client, "xlsx", **AFTER)
    assert [(row["application"], row["old_login"]) for row in rows] == [("Văn bản", "@anv"), ("", "anv.xamot")]


@pytest.mark.parametrize(("token", "status"), [("other", 403), ("unknown", 401), ("", 401)])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_people_are_told_to_nobody_without_the_scope(client: TestClient, token: str, status: int, kind: str) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    assert client.get(f"/api/people/mapping.{kind}", headers=headers).status_code == status


class Staged(Shell):
    """A shell on the test's register."""

    def __init__(self, runtime: Runtime, actor: Actor) -> None:
        super().__init__((), lambda _runtime, _glass: actor)
        self.__dict__["runtime"] = runtime


def call(runtime: Runtime, actor: Actor, *words: str) -> int:
    app = typer.Typer()
    app.add_typer(unit_group, name="unit")

    @app.callback()
    def prepare(context: typer.Context) -> None:
        context.obj = Staged(runtime, actor)

    return run(app, ["unit", *words])


GLASS = Actor("break-glass:tester", None, "tester", "because")


def test_the_command_writes_both_kinds_of_file(merged: World, runtime: Runtime, tmp_path: Path) -> None:
    for name in ("units.csv", "units.xlsx"):
        assert call(runtime, GLASS, "export", "--mapping", "--at", "2025-07-02", "--out", str(tmp_path / name)) == 0
    assert len(read_rows((tmp_path / "units.csv").read_bytes())) == 3
    assert len(read_sheet((tmp_path / "units.xlsx").read_bytes())) == 3
    assert call(runtime, GLASS, "export", "--mapping", "--out", str(tmp_path / "units.ods")) == 64
    assert call(runtime, GLASS, "export", "--people") == 64


def test_the_mapping_of_people_needs_the_right_over_everybody_and_is_written_down(
    merged: World, runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    clerk = merged.official("Trần Thị Bình", "Xã Một", duties="hr")
    assert call(runtime, Actor(str(clerk), clerk, "Bình"), "export", "--mapping", "--people") == 77
    assert capsys.readouterr().out == ""
    assert call(runtime, GLASS, "export", "--mapping", "--people", "--application", "Văn bản", "--output", "json") == 0
    assert '"1042"' in capsys.readouterr().out
    with runtime.database.read() as reads:
        events = list(reads.execute(sa.select(AuditRow.event, AuditRow.subject)))
    assert [tuple(event) for event in events] == [("directory.people.export", "Văn bản")]


def test_heirs_on_the_terminal_name_duties_and_nobody(
    merged: World, runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    merged.official("Lê Văn Thư", "Xã Mới", duties="clerk", title="Văn thư", begins=MERGER)
    assert call(runtime, GLASS, "heirs", "00002", "--at", "2025-07-02", "--code-at", "2025-06-30") == 0
    told = capsys.readouterr().out
    assert "Xã Mới" in told
    assert "1 × văn thư" in told
    assert call(runtime, GLASS, "heirs", "00002", "--at", "2025-07-02", "--output", "json") == 0
    assert "person" not in capsys.readouterr().out
    assert call(runtime, GLASS, "heirs", "755", "--at", "2025-07-02") == 1
    assert call(runtime, GLASS, "heirs", "99999") != 0
