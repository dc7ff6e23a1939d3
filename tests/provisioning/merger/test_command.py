"""The verbs at their door: exit codes, what stands on stdout, and an audit row for every refusal."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer
import xlsxwriter

from foundation.audit import AuditRow
from foundation.runtime import Runtime
from foundation.shell import Actor, Shell
from foundation.terminal import run
from provisioning.merger.command import merger_group
from tests.provisioning.merger.conftest import DECREE, Administration


class Terminal:
    """Runs `merger …` as a person; `out` and `talk` are what the last call said."""

    def __init__(self, administration: Administration, capsys: pytest.CaptureFixture[str]) -> None:
        self.administration = administration
        self.capsys = capsys
        self.out = self.talk = ""

    def __call__(self, who: str, *words: str) -> int:
        app = typer.Typer()
        app.add_typer(merger_group, name="merger")
        actor = self.administration.actor(who)

        @app.callback()
        def prepare(context: typer.Context) -> None:
            context.obj = TestShell(self.administration.runtime, actor)

        code = run(app, ["merger", *words])
        self.out, self.talk = self.capsys.readouterr()
        return code


class TestShell(Shell):
    """A shell on the test's runtime."""

    __test__ = False

    def __init__(self, runtime: Runtime, actor: Actor) -> None:
        super().__init__((), lambda _runtime, _glass: actor)
        self.__dict__["runtime"] = runtime


@pytest.fixture
def terminal(
    administration: Administration, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    monkeypatch.setenv("HOPNHAT_LANG", "en")
    return Terminal(administration, capsys)


@pytest.fixture
def decree(tmp_path: Path) -> Path:
    path = tmp_path / "decree.yaml"
    path.write_text(DECREE, encoding="utf-8")
    return path


def write_list(path: Path, *rows: tuple[str, ...]) -> Path:
    workbook = xlsxwriter.Workbook(path)
    sheet = workbook.add_worksheet("Bố trí")
    sheet.write_string(0, 0, "PHƯƠNG ÁN BỐ TRÍ")
    headings = ("Số định danh", "Họ và tên", "Mã đơn vị cũ", "Mã đơn vị mới", "Chức vụ mới", "Nhiệm vụ", "Khối",
                "Chính/kiêm nhiệm", "Số quyết định")  # fmt: skip
    for line, row in enumerate((headings, *rows), 2):
        for column, cell in enumerate(row):
            sheet.write_string(line, column, cell)
    workbook.close()
    return path


def refusals(administration: Administration) -> list[tuple[str, str, str]]:
    with administration.runtime.database.read() as reads:
        rows = reads.execute(sa.select(AuditRow).where(AuditRow.outcome == "refused").order_by(AuditRow.id)).scalars()
        names = {str(person): word for word, person in administration.people.items()}
        return [(row.event, names.get(row.actor, row.actor), row.detail["code"]) for row in rows]


def test_the_whole_way_from_decree_to_report(
    terminal: Terminal, administration: Administration, decree: Path, tmp_path: Path
) -> None:
    number = administration.numbers["Phạm Chủ Tịch"]
    chair = (
        number,
        "Phạm Chủ Tịch",
        "H08.31.21",
        "H61.101",
        "Chủ tịch UBND phường",
        "Lãnh đạo",
        "UBND",
        "chính",
        "7/QĐ",
    )
    leaver = (administration.numbers["Võ Văn Huyện"], "Võ Văn Huyện", "H08.31", "", "Nghỉ hưu", "", "", "", "8/QĐ")
    places = write_list(tmp_path / "places.xlsx", chair, leaver)
    plan = tmp_path / "decree.plan"
    assert terminal("Lê Thị Hoa", "plan", str(decree), str(places)) == 0
    assert "2 provinces → 1" in terminal.out
    assert "3 > move     1 = stay     0 + new     1 - leave (suspended that day)     1 ? undecided" in terminal.out
    assert f"hopnhat merger approve {plan.name}" in terminal.out
    assert terminal("Lê Thị Hoa", "show", str(plan), "--open") == 0
    assert "Đỗ Chủ Tịch" in terminal.out
    assert terminal("Lê Thị Hoa", "show", str(plan), "--unit", "H61.101", "--output", "json") == 0
    assert {json.loads(line)["op"] for line in terminal.out.splitlines()} >= {"unit.begin", "person.move"}
    assert terminal("Lê Thị Hoa", "show", str(plan), "--output", "json") == 0
    header = json.loads(terminal.out)
    digest = header["digest"][:8]
    assert header["open"] == {"undecided": 1, "conflicts": 0, "codes_to_confirm": 1}
    assert terminal("Nam Trần", "approve", str(plan), "--undecided", "1", "--confirm-codes", "1") == 0
    assert terminal("Lê Thị Hoa", "apply", str(plan), "--digest", digest, "--output", "json") == 0
    assert json.loads(terminal.out)["digest"] == header["digest"]
    assert terminal("Lê Thị Hoa", "status", "--output", "json") == 0
    assert [run["state"] for run in json.loads(terminal.out)] == ["done"]
    assert terminal("Lê Thị Hoa", "report", "--at", "2025-07-01", "--output", "json") == 0
    report = json.loads(terminal.out)
    assert report["at"] == "2025-06-30T17:00:00Z"
    assert report["totals"]["people"] == sum(unit["people"] for unit in report["units"]) == 6
    back = tmp_path / "undo.plan"
    assert terminal("Lê Thị Hoa", "undo", digest, "--reason", "Hoãn", "--out", str(back)) == 0
    assert "hopnhat merger approve undo.plan" in terminal.out
    assert terminal("Lê Thị Hoa", "show", str(back), "--output", "json") == 0
    undoing = json.loads(terminal.out)["digest"][:8]
    assert terminal("Nam Trần", "approve", str(back), "--digest", undoing) == 0
    assert terminal("Lê Thị Hoa", "apply", str(back), "--digest", undoing) == 0
    assert terminal("Lê Thị Hoa", "status", digest, "--output", "json") == 0
    assert json.loads(terminal.out)["state"] == "undone"
    assert refusals(administration) == []


def test_rights_are_refused_with_77_and_an_audit_row(
    terminal: Terminal, administration: Administration, decree: Path
) -> None:
    administration.add_person("Trưởng 86", "86", "hr")
    plan = str(decree.with_suffix(".plan"))
    assert terminal("Trần Văn Bình", "plan", str(decree)) == 77
    assert terminal("Trưởng 86", "plan", str(decree)) == 77
    assert not Path(plan).exists()
    assert terminal("Lê Thị Hoa", "plan", str(decree)) == 0
    assert terminal("Lê Thị Hoa", "approve", plan) == 77
    assert terminal("Trần Văn Bình", "approve", plan) == 77
    assert "Lê Thị Hoa" in terminal.talk
    assert terminal("Trần Văn Bình", "apply", plan) == 77
    assert terminal("Lê Thị Hoa", "apply", plan) == 77
    assert refusals(administration) == [
        ("provisioning.plan.make", "Trần Văn Bình", "right_missing"),
        ("provisioning.plan.make", "Trưởng 86", "right_missing"),
        ("provisioning.plan.approve", "Lê Thị Hoa", "own_plan"),
        ("provisioning.plan.approve", "Trần Văn Bình", "right_missing"),
        ("provisioning.plan.apply", "Trần Văn Bình", "right_missing"),
        ("provisioning.plan.apply", "Lê Thị Hoa", "plan_not_approved"),
    ]


def test_nobody_is_asked_where_there_is_no_terminal(terminal: Terminal, decree: Path) -> None:
    plan = str(decree.with_suffix(".plan"))
    terminal("Lê Thị Hoa", "plan", str(decree))
    assert terminal("Nam Trần", "approve", plan) == 2
    assert "--undecided" in terminal.talk
    assert terminal("Nam Trần", "approve", plan, "--undecided", "3") == 2
    assert "--confirm-codes" in terminal.talk
    assert terminal("Nam Trần", "approve", plan, "--undecided", "3", "--confirm-codes", "1") == 0
    assert terminal("Lê Thị Hoa", "apply", plan) == 2
    assert "--digest" in terminal.talk
    assert terminal("Lê Thị Hoa", "apply", plan, "--digest", "00000000") == 2


def test_every_fault_of_a_placement_list_is_told_at_its_place(
    terminal: Terminal, administration: Administration, decree: Path, tmp_path: Path
) -> None:
    binh = administration.numbers["Trần Văn Bình"]
    places = write_list(
        tmp_path / "places.xlsx",
        ("12345", "Ai Đó", "H08.31.21", "H61.101", "Chuyên viên", "", "", "", ""),
        (binh, "Trần Văn Bình", "H08.31.21", "", "", "", "", "", ""),
        (binh, "Trần Văn Bình", "H08.31.21", "H61.101", "Chuyên viên", "vua", "trời", "", ""),
        (binh, "Trần Văn Bình", "H08.31.21", "", "Chuyên viên", "", "", "", ""),
    )
    assert terminal("Lê Thị Hoa", "plan", str(decree), str(places), "--output", "json") == 65
    found = [(fault["sheet"], fault["row"], fault["column"], fault["code"]) for fault in json.loads(terminal.out)]
    assert found == [
        ("Bố trí", 4, "personal_number", "number-length"),
        ("Bố trí", 6, "duties", "duty-unknown"),
        ("Bố trí", 6, "body", "body-unknown"),
        ("Bố trí", 7, "new_unit_code", "destination-missing"),
    ]
    assert not decree.with_suffix(".plan").exists()


def test_people_and_units_that_do_not_fit_are_told_at_their_place(
    terminal: Terminal, administration: Administration, decree: Path, tmp_path: Path
) -> None:
    binh, cuc = administration.numbers["Trần Văn Bình"], administration.numbers["Nguyễn Thị Cúc"]
    places = write_list(
        tmp_path / "places.xlsx",
        (binh, "Người Khác", "H08.31.21", "H61.101", "Chuyên viên", "", "", "", ""),
        ("086000000999", "Không Ai", "H08.31.21", "H61.101", "Chuyên viên", "", "", "", ""),
        (cuc, "Nguyễn Thị Cúc", "H08.31.22", "H08.31.21", "Chuyên viên", "", "", "", ""),
    )
    assert terminal("Lê Thị Hoa", "plan", str(decree), str(places), "--output", "json") == 65
    found = [(fault["row"], fault["column"], fault["code"]) for fault in json.loads(terminal.out)]
    assert found == [
        (4, "name", "name-differs"),
        (5, "personal_number", "person-unknown"),
        (6, "new_unit_code", "unit-unknown"),
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b"%PDF-1.7", "PDF", id="a-pdf"),
        pytest.param(b"a;b;c\n1;2;3\n", "no placement list", id="another-table"),
        pytest.param("Số định danh;Họ và tên;Mã đơn vị mới\n".encode(), "places nobody", id="headings-alone"),
    ],
)
def test_an_empty_or_unreadable_source_stops_everything(
    terminal: Terminal, decree: Path, tmp_path: Path, content: bytes, told: str
) -> None:
    places = tmp_path / "places.csv"
    places.write_bytes(content)
    assert terminal("Lê Thị Hoa", "plan", str(decree), str(places)) == 65
    assert told in terminal.talk
    assert not decree.with_suffix(".plan").exists()


def test_faults_of_a_decree_are_told_at_their_lines(terminal: Terminal, decree: Path) -> None:
    decree.write_text(DECREE.replace("28756", "99999"), encoding="utf-8")
    assert terminal("Lê Thị Hoa", "plan", str(decree), "--output", "json") == 65
    faults = json.loads(terminal.out)
    assert ("unit_unknown", "events[1].from[1].unit") in {(fault["code"], fault["path"]) for fault in faults}


def test_the_schema_of_a_decree_is_printed(terminal: Terminal) -> None:
    assert terminal("Lê Thị Hoa", "schema") == 0
    assert json.loads(terminal.out)["title"] == "A decree (hopnhat-decree/1)"
