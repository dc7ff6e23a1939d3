"""`hopnhat verify`: reports and exit codes, with and without an installation."""

import json
from pathlib import Path

import pytest
import typer

from foundation.shell import Shell
from foundation.terminal import run
from signing.verification.command import verify
from tests.signing.verification.conftest import VECTORS
from tests.vectors.authorities import House
from tests.vectors.build import SIGNED

ROOT = str(VECTORS / "pki" / "root.pem")
AT = "2025-06-21T09:00:00+07:00"


def document(name: str) -> str:
    return str(VECTORS / "documents" / f"{name}.pdf")


@pytest.fixture
def hopnhat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    """The command line in an empty folder, in English."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    for name in ("HOPNHAT_CONFIG", "HOPNHAT_LANG", "LANG"):
        monkeypatch.delenv(name, raising=False)
    app = typer.Typer()

    @app.callback()
    def open_shell(context: typer.Context) -> None:
        context.obj = Shell((), lambda _runtime, _glass: pytest.fail("nobody acts here"))

    app.command("verify")(verify)
    return app


def test_a_valid_document_exits_0_and_fits_one_screen(hopnhat: typer.Typer, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(hopnhat, ["verify", document("lt"), "--trust", ROOT]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 20
    assert any("VALID" in line and "lt.pdf" in line for line in lines)
    assert not Path("var").exists()


@pytest.mark.parametrize(("name", "code"), [("page-rewritten", 1), ("b", 2), ("unsigned", 2), ("lta", 0)])
def test_the_exit_code_is_the_verdict(hopnhat: typer.Typer, name: str, code: int) -> None:
    assert run(hopnhat, ["verify", document(name), "--trust", ROOT, "--no-network"]) == code


def test_the_report_has_exactly_the_agreed_form(hopnhat: typer.Typer, capsys: pytest.CaptureFixture[str]) -> None:
    run(hopnhat, ["verify", document("leader-then-seal"), "--trust", ROOT, "--at", AT, "--json"])
    report = json.loads(capsys.readouterr().out)
    assert set(report) == {"verdict", "reason", "summary", "file", "sha256", "format", "at", "signatures"}
    assert (report["verdict"], report["reason"], report["format"], report["at"]) == (
        "valid",
        None,
        "PAdES",
        "2025-06-21T02:00:00Z",
    )
    signature = report["signatures"][0]
    assert set(signature) == {
        "id", "indication", "sub_indication", "level", "signer", "claimed_time", "best_time", "best_time_from",
        "covers_whole_document", "changes_after", "authority", "steps",
    }  # fmt: skip
    assert set(signature["signer"]) == {"name", "certificate_sha256", "person", "unit"}
    assert signature["authority"] == {"verdict": "unknown", "post": None, "unit_at_signing": None, "unit_today": []}
    assert [step["n"] for step in signature["steps"]] == list(range(1, 13))
    assert set(signature["steps"][0]) == {"n", "name", "result", "detail"}
    assert (signature["best_time"], signature["best_time_from"]) == ("2025-06-20T02:00:00Z", "timestamp")


def test_several_files_give_json_lines_and_the_worst_exit_code(
    hopnhat: typer.Typer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        run(hopnhat, ["verify", document("lt"), document("b"), document("annotated"), "--trust", ROOT, "--json"]) == 1
    )
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["verdict"] for line in lines] == ["valid", "undetermined", "invalid"]


def test_a_file_that_is_no_document_is_a_report_and_no_failure_of_ours(
    hopnhat: typer.Typer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "noise.pdf").write_bytes(bytes(range(256)) * 8)
    assert run(hopnhat, ["verify", "noise.pdf", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["verdict"], report["reason"], report["format"]) == ("invalid", "FORMAT_FAILURE", "none")


def test_a_revoked_certificate_is_told_by_a_list_beside_the_root(
    hopnhat: typer.Typer, tmp_path: Path, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "trust"
    folder.mkdir()
    (folder / "root.pem").write_bytes(house.root.pem)
    for number, revocations in enumerate(house.lists(SIGNED, {house.leader.certificate.serial_number: SIGNED})):
        (folder / f"{number}.crl").write_bytes(revocations)
    assert run(hopnhat, ["verify", document("b"), "--trust", str(folder), "--at", AT, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["reason"] == "REVOKED_NO_POE"
    received = ["--received", "2025-06-20T08:59:00+07:00"]
    assert run(hopnhat, ["verify", document("b"), "--trust", str(folder), "--at", AT, *received, "--json"]) == 0


def test_a_manifest_gives_reports_with_its_ids_in_its_order(
    hopnhat: typer.Typer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["lta", "b", "annotated", "lt"] * 4
    lines = [
        {"id": n, "file": document(name), "trust": [ROOT], "at": AT, "detached": []} for n, name in enumerate(names)
    ]
    lines.insert(3, {"id": "missing", "file": "nowhere.pdf"})
    (tmp_path / "m.jsonl").write_text("\n".join(json.dumps(line) for line in lines) + "\n\n")
    assert run(hopnhat, ["verify", "--batch", "m.jsonl", "--json-lines"]) == 1
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [report["id"] for report in reports] == [line["id"] for line in lines]
    assert reports[3]["reason"] == "SIGNED_DATA_NOT_FOUND"
    verdicts = {"lta": "valid", "b": "undetermined", "annotated": "invalid", "lt": "valid"}
    assert [r["verdict"] for r in reports if r["id"] != "missing"] == [verdicts[name] for name in names]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param([], 64, id="nothing"),
        pytest.param(["a.pdf", "--batch", "m.jsonl"], 64, id="both"),
        pytest.param(["nowhere.pdf"], 65, id="no such document"),
        pytest.param([document("b"), "--trust", "nowhere.pem"], 65, id="no such trust"),
        pytest.param([document("b"), "--at", "yesterday"], 65, id="no time"),
        pytest.param([document("b"), "--detached-content", "nowhere"], 65, id="no such content"),
        pytest.param(["--batch", "nowhere.jsonl"], 65, id="no such manifest"),
        pytest.param(["--batch", "bad.jsonl"], 65, id="a manifest that is none"),
    ],
)
def test_what_cannot_be_used_is_refused(hopnhat: typer.Typer, tmp_path: Path, words: list[str], code: int) -> None:
    (tmp_path / "bad.jsonl").write_text("[1, 2]\n")
    assert run(hopnhat, ["verify", *words]) == code
