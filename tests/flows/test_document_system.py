"""A document system on the real service: one clerk, one session, before and after the merger, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
import yaml

from deploy.demo.document_system.app import build_app
from deploy.demo.document_system.settings import Settings
from directory.models import Unit
from directory.unit_file import read_units
from directory.unit_import import import_units
from foundation.clocks import parse_instant
from foundation.plans import Plan, record_approval
from foundation.runtime import Runtime
from foundation.shell import Actor
from provisioning.app import build_service
from provisioning.installation import FirstAdministrator, found_installation
from provisioning.merger.apply import apply_plan
from provisioning.merger.decree_file import read_decree
from provisioning.merger.planning import Author, make_plan
from provisioning.own_clients import keep_own_clients
from provisioning.rosters.check import Check
from provisioning.rosters.loading import plan_load
from provisioning.rosters.unit_book import open_unit_book
from sso.client_keeping import add_client
from sso.client_registration import NewClient
from tests.services.clock import MovableClock
from tests.services.inside import InsideTransport
from trial.generator import Trial, write_trial
from trial.visitor import Visitor

pytestmark = pytest.mark.flow

DOCUMENTS = "http://127.0.0.1:8100"
ROSTER = "84-tra-vinh-842-thanh-pho-tra-vinh.csv"
"""The people of the story's district alone: what the flow needs."""
ROSTER_DAY = parse_instant("2025-05-20")


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return write_trial(tmp_path_factory.mktemp("trial"))


@dataclass
class Town:
    """The register with the people of one district, and who may change it."""

    runtime: Runtime
    trial: Trial
    folder: Path
    administrators: list[FirstAdministrator]

    @property
    def author(self) -> Author:
        return Author(str(self.administrators[0].person_id), self.administrators[0].name)

    def bring_units(self) -> None:
        with self.runtime.database.read() as reads:
            root = reads.execute(sa.select(Unit.id)).scalar_one()
        rows = read_units((self.trial.folder / "units-before.csv").read_bytes())
        import_units(self.runtime.database, rows, root, self.author.id, self.runtime.clocks.wall())

    def bring_people(self) -> None:
        with self.runtime.database.read() as reads:
            book = open_unit_book(reads, ROSTER_DAY, None)
            with Check(book) as check:
                check.read([self.trial.folder / "rosters" / ROSTER])
                plan = plan_load(
                    reads,
                    self.runtime.sealer,
                    book,
                    check,
                    self.folder / "load.plan",
                    self.author,
                    self.runtime.clocks.wall(),
                )
        self.apply(plan)

    def merge(self) -> None:
        decree = yaml.safe_load((self.trial.folder / "decree.yaml").read_text(encoding="utf-8")) | {"expect": {}}
        path = self.folder / "decree.yaml"
        path.write_text(yaml.safe_dump(decree, allow_unicode=True), encoding="utf-8")
        with self.runtime.database.read() as reads:
            plan = make_plan(
                reads,
                self.runtime.sealer,
                read_decree(path),
                [],
                self.folder / "merger.plan",
                self.author,
                self.runtime.clocks.wall(),
            )
        self.apply(plan)

    def apply(self, plan: Plan) -> None:
        approver, author = str(self.administrators[1].person_id), self.administrators[0]
        with self.runtime.database.write() as writes:
            record_approval(writes, plan, approver, self.runtime.clocks.wall(), plan.header.open)
        apply_plan(self.runtime, plan.path, Actor(str(author.person_id), author.person_id, author.name))


@pytest.fixture
def town(runtime: Runtime, clock: MovableClock, trial: Trial, tmp_path: Path) -> Town:
    clock.set(
        datetime.now(UTC)
    )  # The document system reads a clock of its own, so the service must stand at the same hour.
    with runtime.database.write() as writes:
        made = found_installation(
            writes, "Bộ Nội vụ (ví dụ)", ["Lê Thị Thu Hoa", "Trần Văn Nam"], runtime.clocks.wall()
        )
        keep_own_clients(runtime, writes, clock.now)
    town = Town(runtime, trial, tmp_path, made)
    town.bring_units()
    town.bring_people()
    return town


@pytest.fixture
def clerk(town: Town, tmp_path: Path) -> Iterator[Visitor]:
    """A browser that reaches the service and the document system, each through its own door."""
    runtime = town.runtime
    with runtime.database.write() as writes:
        new = NewClient(
            name="Hệ thống văn bản",
            client_id="documents",
            redirect_uris=(f"{DOCUMENTS}/login/done",),
            post_logout_redirect_uris=(f"{DOCUMENTS}/logged-out",),
            scopes=("openid", "profile", "email", "unit", "verify", "units.heirs"),
        )
        client, secret = add_client(writes, new, "setup", runtime.clocks.wall())
    issuer = runtime.settings.issuer
    service = InsideTransport(build_service(runtime))
    settings = Settings(
        issuer,
        client.client_id,
        str(secret),
        DOCUMENTS,
        tmp_path / "documents",
        town.trial.folder / "old-documents.csv",
    )
    pages = InsideTransport(build_app(settings, service))
    with Visitor() as visitor:
        visitor.http.close()
        visitor.http = httpx.Client(mounts={issuer: service, DOCUMENTS: pages}, follow_redirects=True, timeout=30)
        yield visitor


def test_one_session_lives_through_the_merger(town: Town, clerk: Visitor) -> None:
    known = town.trial.known["commune_clerk"]
    clerk.open(f"{DOCUMENTS}/login")
    clerk.log_in(f" {known.login.upper()}", known.password)
    before = clerk.page.data
    assert (before["unit-code"], before["unit-name"]) == (known.unit_agency, "Phường 3")
    documents_before = int(clerk.open(f"{DOCUMENTS}/documents").data["count"])
    assert "Đơn vị này đang hoạt động" in clerk.open(f"{DOCUMENTS}/units?code={known.unit_agency}").text

    town.merge()

    after = clerk.open(f"{DOCUMENTS}/").data
    assert after["sub"] == before["sub"]
    assert after["unit-name"] == "Phường Trà Vinh"
    assert "Từ 01/07/2025 đơn vị của bạn là Phường Trà Vinh (trước đây: phường 3)" in clerk.page.text
    inherited = clerk.open(f"{DOCUMENTS}/documents")
    assert int(inherited.data["count"]) > documents_before
    assert "nhận một phần và là đơn vị tiếp nhận chính" in inherited.text
    assert "Phường Trà Vinh" in clerk.open(f"{DOCUMENTS}/units?code={known.unit_agency}").text
    four_heirs = clerk.open(f"{DOCUMENTS}/units?code=H59.31").text
    assert four_heirs.count("nhận một phần") == 4


def test_an_unreadable_paper_is_a_verdict_and_log_out_reaches_the_provider(town: Town, clerk: Visitor) -> None:
    known = town.trial.known["commune_chair"]
    clerk.open(f"{DOCUMENTS}/login")
    clerk.log_in(known.login, known.password)
    clerk.open(f"{DOCUMENTS}/verify")
    judged = clerk.submit({}, having="file", files={"file": ("giay.pdf", b"%PDF-1.7 no document at all")})
    assert judged.data["verdict"] == "invalid"
    clerk.submit({}, having="log-out")
    assert clerk.page.data["page"] == "logged-out"
    clerk.open(f"{DOCUMENTS}/login")
    clerk.find_form("password")
