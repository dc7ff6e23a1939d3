"""`hopnhat dossier …` and `hopnhat certificate …` at their door: exit codes, rights, what is printed."""

import csv
import json
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import typer
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from foundation.audit import AuditRow
from foundation.runtime import Runtime
from foundation.shell import Actor, Shell
from foundation.terminal import run
from signing.authority.embedded import EmbeddedAuthority
from signing.command import certificate_group, dossier_group
from signing.models import Dossier
from tests.signing.requests.test_importing import OldAuthority
from tests.signing.world import BEGINNING, MERGER, Merged, Token, make_foreign_certificate

NOBODY = Actor("break-glass:root", break_glass="an exercise")


class Terminal:
    """Runs verbs as a person; `out` and `talk` are what the last call said."""

    def __init__(self, runtime: Runtime, capsys: pytest.CaptureFixture[str]) -> None:
        self.runtime = runtime
        self.capsys = capsys
        self.out = self.talk = ""

    def __call__(self, who: uuid.UUID | Actor, *words: str) -> int:
        """The exit code."""
        root = typer.Typer()
        root.add_typer(dossier_group, name="dossier")
        root.add_typer(certificate_group, name="certificate")
        now = self.runtime.clocks.wall()
        actor = who if isinstance(who, Actor) else Actor(str(who), who, logged_in_at=now)
        shell = Shell((), lambda _runtime, _glass: actor)
        shell.__dict__["runtime"] = self.runtime

        @root.callback()
        def begin(context: typer.Context) -> None:
            context.obj = shell

        code = run(root, list(words))
        self.out, self.talk = self.capsys.readouterr()
        return code

    def data(self, who: uuid.UUID | Actor, *words: str) -> Any:
        """What a verb prints as JSON."""
        assert self(who, *words, "--output", "json") == 0, self.talk
        return json.loads(self.out)


@pytest.fixture
def hopnhat(runtime: Runtime, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("HOPNHAT_LANG", "en")
    return Terminal(runtime, capsys)


@pytest.fixture
def clerk(merged: Merged) -> uuid.UUID:
    return merged.world.official("Trần Thị Mỹ Lệ", (merged.new, MERGER, None), duties="clerk")


@pytest.fixture
def hr(merged: Merged) -> uuid.UUID:
    return merged.world.official("Phạm Thị Dương", (merged.province, BEGINNING, None), duties="hr")


def test_dossiers_are_listed_shown_and_sent(
    merged: Merged, hopnhat: Terminal, clerk: uuid.UUID, runtime: Runtime
) -> None:
    dossier = merged.propose()
    rows = hopnhat.data(clerk, "dossier", "list", "--unit", "H61.101")
    assert {(row["dossier"], row["state"]) for row in rows} >= {(dossier, "draft")}
    shown = hopnhat.data(clerk, "dossier", "show", str(dossier))
    assert shown["digest"] == merged.world.digest(dossier)
    assert "Nguyễn Văn An" in {request["subject"] for request in shown["requests"]}
    assert hopnhat(clerk, "dossier", "show", str(dossier)) == 0
    assert f"/signing/dossiers/{dossier}" in hopnhat.talk
    assert hopnhat(clerk, "dossier", "send", str(dossier)) == 75
    with runtime.database.write() as writes:
        merged.world.approve(dossier, merged.head, writes)
    assert hopnhat(clerk, "dossier", "send", str(dossier)) == 0
    assert hopnhat(clerk, "dossier", "send", str(dossier)) == 75
    assert hopnhat.data(clerk, "dossier", "list", "--state", "sent")[0]["dossier"] == dossier


def test_a_table_for_spreadsheets_holds_no_formula(merged: Merged, hopnhat: Terminal, clerk: uuid.UUID) -> None:
    """What signing writes as CSV goes through the one writer that disarms it (`foundation.terminal.print_rows`)."""
    merged.world.official("=HYPERLINK(1)", (merged.one, BEGINNING, MERGER), (merged.new, MERGER, None))
    assert hopnhat(clerk, "dossier", "show", str(merged.propose()), "--output", "csv") == 0, hopnhat.talk
    cells = [cell for row in csv.reader(hopnhat.out.splitlines()) for cell in row]
    assert "'=HYPERLINK(1)" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_the_terminal_speaks_vietnamese(merged: Merged, hopnhat: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = merged.propose()
    monkeypatch.setenv("HOPNHAT_LANG", "vi")
    assert hopnhat(merged.head, "dossier", "show", str(dossier)) == 0
    assert "Thay đổi nội dung" in hopnhat.out


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("dossier", "list"), id="list"),
        pytest.param(("dossier", "show", "{dossier}"), id="show"),
        pytest.param(("dossier", "send", "{dossier}"), id="send"),
        pytest.param(("dossier", "propose", "H61.101", "--since", "2025-07-01"), id="propose"),
        pytest.param(("certificate", "revoke", "{certificate}", "--reason", "x"), id="revoke"),
        pytest.param(("certificate", "import", "{file}", "--person", "{person}"), id="import"),
        pytest.param(("certificate", "import", "--list", "{file}", "--issuer", "{file}"), id="import a list"),
    ],
)
def test_without_the_right_nothing_is_done_and_it_is_written_down(
    merged: Merged, hopnhat: Terminal, tmp_path: Path, words: tuple[str, ...], runtime: Runtime
) -> None:
    file = tmp_path / "a.cer"
    file.write_bytes(make_foreign_certificate("a", MERGER))
    values = {
        "dossier": merged.propose(), "certificate": merged.old.sha256, "file": file, "person": merged.official,
    }  # fmt: skip
    assert hopnhat(merged.official, *(word.format(**values) for word in words)) == 77
    with runtime.database.read() as reads:
        refused = reads.execute(sa.select(AuditRow).where(AuditRow.outcome == "refused")).scalars().all()
        assert len(refused) == 1


def test_proposals_can_be_asked_for_by_code(merged: Merged, hopnhat: Terminal, hr: uuid.UUID, runtime: Runtime) -> None:
    assert hopnhat(hr, "dossier", "propose", "H61.101", "--since", "2025-07-01") == 0
    assert hopnhat.talk.startswith("2 dossiers are drafted")
    with runtime.database.read() as reads:
        assert {row.composed_by for row in reads.query(Dossier)} == {str(hr)}


def test_a_holder_brings_a_signing_request(
    merged: Merged, hopnhat: Terminal, tmp_path: Path, authority: EmbeddedAuthority
) -> None:
    csr = tmp_path / "an.csr"
    csr.write_bytes(Token().make_csr())
    assert hopnhat(merged.official, "certificate", "request", "--csr", str(csr)) == 2
    dossier = merged.propose()
    merged.world.approve_and_send(dossier, merged.head)
    assert hopnhat(NOBODY, "certificate", "request", "--csr", str(csr)) == 77
    assert hopnhat(merged.official, "certificate", "request", "--csr", str(csr)) == 0
    chain = x509.load_pem_x509_certificates(hopnhat.out.encode())
    assert chain[1].public_bytes(serialization.Encoding.DER) == authority.chain()[0]
    assert hopnhat(merged.official, "certificate", "request", "--csr", str(csr)) == 2


def test_a_log_in_of_this_morning_brings_no_signing_request(
    merged: Merged, hopnhat: Terminal, runtime: Runtime, tmp_path: Path, authority: EmbeddedAuthority
) -> None:
    csr = tmp_path / "an.csr"
    csr.write_bytes(Token().make_csr())
    merged.world.approve_and_send(merged.propose(), merged.head)
    for since in (runtime.clocks.wall() - timedelta(minutes=6), None):
        old = Actor(str(merged.official), merged.official, logged_in_at=since)
        assert hopnhat(old, "certificate", "request", "--csr", str(csr)) == 77
        assert "log in again" in hopnhat.talk
    assert hopnhat(merged.official, "certificate", "request", "--csr", str(csr)) == 0


def test_certificates_are_listed_and_shown(merged: Merged, hopnhat: Terminal) -> None:
    rows = hopnhat.data(merged.head, "certificate", "list", "--unit", "H61.101")
    assert [row["sha256"] for row in rows] == [merged.old.sha256]
    assert hopnhat.data(merged.head, "certificate", "list", "--person", "an.nv")[0]["state"] == "valid"
    assert hopnhat(merged.head, "certificate", "list", "--person", "an.nv", "--at", "2020-01-01") == 1
    assert hopnhat(merged.head, "certificate", "list") == 64
    assert hopnhat.data(merged.head, "certificate", "show", merged.old.serial)["sha256"] == merged.old.sha256
    assert hopnhat(merged.head, "certificate", "show", merged.old.sha256, "--pem") == 0
    assert hopnhat.out.startswith("-----BEGIN CERTIFICATE-----")
    assert hopnhat(merged.head, "certificate", "show", "abc") == 1


def test_certificates_come_in_by_file_and_by_manifest(
    merged: Merged, hopnhat: Terminal, hr: uuid.UUID, tmp_path: Path
) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.cer").write_bytes(make_foreign_certificate(name, MERGER))
    assert hopnhat(hr, "certificate", "import", str(tmp_path / "a.cer"), "--person", "hoa.lt") == 0
    assert "1 certificates are new" in hopnhat.talk
    manifest = tmp_path / "holders.csv"
    manifest.write_text(
        f"file,person,unit\na.cer,hoa.lt,\nb.cer,{merged.deputy},\nc.cer,,H61.101\n", encoding="utf-8-sig"
    )
    assert hopnhat(hr, "certificate", "import", "--manifest", str(manifest)) == 0
    assert "2 certificates are new in the register, 1 were known" in hopnhat.talk
    manifest.write_text("file,person,unit\na.cer,hoa.lt,H61.101\n")
    assert hopnhat(hr, "certificate", "import", "--manifest", str(manifest)) == 65
    assert hopnhat(hr, "certificate", "import", str(tmp_path / "a.cer")) == 64
    assert hopnhat(hr, "certificate", "import", str(tmp_path / "a.cer"), "--person", "nobody") == 1


def test_a_list_of_another_authority_comes_in(merged: Merged, hopnhat: Terminal, hr: uuid.UUID, tmp_path: Path) -> None:
    old, now = OldAuthority(), merged.world.runtime.clocks.wall()
    (tmp_path / "old.crl").write_bytes(old.list(merged.old.serial, now=now))
    (tmp_path / "old.cer").write_bytes(old.certificate)
    words = ("certificate", "import", "--list", str(tmp_path / "old.crl"))
    assert hopnhat(hr, *words) == 64
    assert hopnhat(hr, *words, "--issuer", str(tmp_path / "old.cer")) == 0
    assert hopnhat.data(merged.head, "certificate", "show", merged.old.sha256)["state"] == "revoked"


def test_a_revocation_is_a_draft_with_its_reason(merged: Merged, hopnhat: Terminal, clerk: uuid.UUID) -> None:
    words = ("certificate", "revoke", merged.old.sha256, "--reason", "Nghỉ hưu từ 1/8", "--lost")
    assert hopnhat(clerk, *words) == 0
    dossier = hopnhat.data(clerk, "dossier", "list", "--state", "draft")[0]["dossier"]
    request = hopnhat.data(clerk, "dossier", "show", str(dossier))["requests"][0]
    assert (request["kind"], request["choice_reason"], request["replaces"]) == (
        "revocation", "Nghỉ hưu từ 1/8", merged.old.sha256,
    )  # fmt: skip
    assert hopnhat(clerk, *words) == 75
    merged.world.approve_and_send(dossier, merged.head)
