"""The pages at their door: log in at the sign-on service, read, approve, bring a key."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from cryptography import x509

from directory.models import Account
from foundation.audit import AuditRow
from foundation.bearers import Bearer
from foundation.handling import drain
from signing.jobs import HANDLERS
from signing.models import Dossier, SigningSession
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.signing.site import Site, visit
from tests.signing.world import BEGINNING, Merged, Token
from tests.sso.flow import form_of


def audited(site: Site, event: str) -> list[tuple[str, str]]:
    """Outcome and code of the audit rows of an event."""
    with site.runtime.database.read() as reads:
        rows = reads.execute(sa.select(AuditRow).where(AuditRow.event == event)).scalars()
        return [(row.outcome, row.detail.get("code", "")) for row in rows]


def test_a_head_approves_and_an_official_brings_a_key(site: Site, merged: Merged) -> None:
    dossier = merged.propose()
    head = site.browser()
    text = visit(head, "/signing/", "hoa.lt")
    assert "Waiting for your approval" in text
    assert f"/signing/dossiers/{dossier}" in text
    assert "After the change of units on 1 July 2025" in text
    assert "Nguyễn Văn An" in head.get(f"/signing/dossiers/{dossier}").text
    asked = head.get(f"/signing/dossiers/{dossier}/approve")
    assert head.post(f"/signing/dossiers/{dossier}/approve", data=form_of(asked)).status_code == 303
    drain(site.runtime, {**HANDLERS})
    assert "With the authority" in head.get(f"/signing/dossiers/{dossier}").text

    official = site.browser()
    own = visit(official, "/signing/certificate", "an.nv")
    assert "1 January 2024" in own
    place = re.search(r"/signing/requests/\d+/key", own)
    assert place is not None
    form = form_of(official.get(place.group()))
    refused = official.post(place.group(), data=form, files={"file": ("a.csr", b"nonsense")})
    assert refused.status_code == 400
    assert "it is not a PKCS#10 signing request." in refused.text
    taken = official.post(place.group(), data=form, files={"file": ("a.csr", Token().make_csr())})
    assert taken.status_code == 303
    page = official.get(taken.headers["location"])
    assert "CN=Nguyễn Văn An" in page.text
    file = official.get(f"{taken.headers['location']}/file")
    assert x509.load_der_x509_certificate(file.content).subject is not None
    assert audited(site, "signing.certificate.issue") == [("refused", "csr_refused"), ("done", "")]


def test_an_approval_asks_for_a_fresh_log_in_first(site: Site, merged: Merged, clock: MovableClock) -> None:
    dossier = merged.propose()
    browser = site.browser()
    visit(browser, "/signing/", "hoa.lt")
    clock.advance(minutes=6)
    place = f"/signing/dossiers/{dossier}/approve"
    sent = browser.get(place)
    assert sent.status_code == 303
    assert sent.headers["location"].endswith("&fresh=1")
    posted = browser.post(place, data={"form_token": form_of(browser.get("/signing/certificate"))["form_token"]})
    assert posted.headers["location"].endswith("&fresh=1")
    asked = browser.get(sent.headers["location"])
    assert "prompt=login" in asked.headers["location"]
    assert "Approve dossier" in visit(browser, place, "hoa.lt")


@pytest.mark.parametrize("login", ["an.nv", "la.pv"], ids=["an official", "the head of another commune"])
def test_others_see_no_dossier(site: Site, merged: Merged, login: str) -> None:
    other = merged.world.unit("Xã Ba Động", merged.province)
    merged.world.official("Phạm Văn Lạ", (other, BEGINNING, None), duties="leader", login="la.pv")
    dossier = merged.propose()
    browser = site.browser()
    visit(browser, "/signing/certificate", login)
    for place in ("", "/approve", "/refuse"):
        assert browser.get(f"/signing/dossiers/{dossier}{place}").status_code == 404
    form = {
        "form_token": form_of(browser.get("/signing/certificate"))["form_token"],
        "digest": merged.world.digest(dossier),
    }
    assert browser.post(f"/signing/dossiers/{dossier}/approve", data=form).status_code == 404
    assert audited(site, "signing.dossier.approve") == [("refused", "dossier_not_found")]


def test_a_deputy_reads_why_not_and_is_refused_with_the_holders_named(site: Site, merged: Merged) -> None:
    dossier = merged.propose()
    browser = site.browser()
    visit(browser, "/signing/", "nam.tv")
    page = browser.get(f"/signing/dossiers/{dossier}").text
    assert "Lê Thị Hoa" in page
    assert "Log in again and approve" not in page
    form = {"form_token": form_of(browser.get("/signing/"))["form_token"], "digest": merged.world.digest(dossier)}
    assert browser.post(f"/signing/dossiers/{dossier}/approve", data=form).status_code == 403
    assert audited(site, "signing.dossier.approve") == [("refused", "right_missing")]


def test_a_choice_and_a_refusal_take_their_reason(site: Site, merged: Merged) -> None:
    dossier = merged.propose()
    request = merged.request_of(dossier, merged.official)
    browser = site.browser()
    visit(browser, "/signing/", "nam.tv")
    form = form_of(browser.get(f"/signing/requests/{request}/choice"))
    assert browser.post(f"/signing/requests/{request}/choice", data=form).status_code == 400
    done = browser.post(f"/signing/requests/{request}/choice", data={**form, "reason": "Sẽ nghỉ hưu"})
    assert done.headers["location"] == f"/signing/dossiers/{dossier}"
    assert "Trần Văn Nam chose: Sẽ nghỉ hưu" in browser.get(f"/signing/dossiers/{dossier}").text
    head = site.browser()
    visit(head, "/signing/", "hoa.lt")
    form = form_of(head.get(f"/signing/dossiers/{dossier}/refuse"))
    assert head.post(f"/signing/dossiers/{dossier}/refuse", data=form).status_code == 400
    assert head.post(f"/signing/dossiers/{dossier}/refuse", data={**form, "reason": "Làm lại"}).status_code == 303
    assert "Refused because: Làm lại" in head.get(f"/signing/dossiers/{dossier}").text


def test_asking_and_reporting_a_loss_are_drafts_for_the_head(site: Site, merged: Merged) -> None:
    browser = site.browser()
    visit(browser, "/signing/certificate", "an.nv")
    token = {"form_token": form_of(browser.get("/signing/certificate"))["form_token"]}
    assert browser.post("/signing/certificate/ask", data=token).status_code == 303
    assert browser.post("/signing/certificate/ask", data=token).status_code == 409
    place = f"/signing/certificates/{merged.old.sha256}/lost"
    assert browser.get(place).status_code == 200
    assert browser.post(place, data=token).status_code == 303
    assert browser.post(place, data=token).status_code == 409
    with site.runtime.database.read() as reads:
        drafts = reads.execute(sa.select(Dossier)).scalars().all()
        assert [(draft.state, draft.composed_by) for draft in drafts] == [("draft", str(merged.official))] * 2
    seal = f"/signing/certificates/{merged.old_seals[0].sha256}/lost"
    assert browser.get(seal).status_code == 404
    assert browser.post(seal, data=token).status_code == 403


@pytest.mark.parametrize(
    "place", ["/signing/certificate/ask", "/signing/dossiers/1/approve", "/signing/requests/1/key", "/signing/logout"]
)
def test_a_form_of_another_site_is_refused(site: Site, merged: Merged, place: str) -> None:
    merged.propose()
    browser = site.browser()
    visit(browser, "/signing/certificate", "hoa.lt")
    files = {"file": ("a.csr", b"x")} if place.endswith("key") else None
    assert browser.post(place, data={"form_token": "0" * 48, "digest": "x"}, files=files).status_code == 403


@pytest.mark.parametrize(
    "place", ["/signing/", "/signing/certificate", "/signing/dossiers/1", "/signing/requests/1/key"]
)
def test_a_stranger_logs_in_first(site: Site, place: str) -> None:
    sent = site.browser().get(place)
    assert sent.status_code == 303
    assert sent.headers["location"].startswith("/signing/login?back=")


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("", id="nothing"),
        pytest.param("?code=x&state=y", id="an answer nobody asked for"),
        pytest.param("?error=access_denied&state=y", id="a refusal nobody asked for"),
    ],
)
def test_an_answer_without_its_question_is_refused(site: Site, query: str) -> None:
    assert site.browser().get(f"/signing/login/done{query}").status_code == 502


def test_another_s_answer_is_refused(site: Site, merged: Merged) -> None:
    """A code of another browser's log-in does not log this one in (RFC 6749 §10.12)."""
    browser = site.browser()
    browser.get("/signing/login")
    assert browser.get("/signing/login/done?code=stolen&state=guessed").status_code == 502
    with site.runtime.database.read() as reads:
        assert reads.query(SigningSession).count() == 0


def test_the_way_back_stays_on_these_pages(site: Site, merged: Merged) -> None:
    for back in ("https://other.example.vn/", "//other.example.vn", "/me"):
        browser = site.browser()
        visit(browser, f"/signing/login?back={back}", "an.nv")
        assert browser.get("/signing/certificate").status_code == 200


def test_a_session_ends_with_its_hours_its_account_and_its_log_out(
    site: Site, merged: Merged, clock: MovableClock
) -> None:
    def opened() -> Inside:
        browser = site.browser()
        visit(browser, "/signing/certificate", "an.nv")
        assert browser.get("/signing/certificate").status_code == 200
        return browser

    late = opened()
    clock.advance(hours=8, seconds=1)
    assert late.get("/signing/certificate").status_code == 303
    left = opened()
    token = form_of(left.get("/signing/certificate"))
    cookie = left.cookies["signing"]
    away = left.post("/signing/logout", data=token)
    assert urlsplit(away.headers["location"]).path == "/logout"
    left.cookies.set("signing", cookie, domain="127.0.0.1")
    assert left.get("/signing/certificate").status_code == 303
    suspended = opened()
    with site.runtime.database.write() as writes:
        writes.execute(sa.update(Account).where(Account.person_id == merged.official).values(state="suspended"))
    assert suspended.get("/signing/certificate").status_code == 303


def test_a_program_of_the_subject_brings_the_key_over_http(site: Site, merged: Merged) -> None:
    dossier = merged.propose()
    merged.world.approve_and_send(dossier, merged.head)
    request = merged.request_of(dossier, merged.official)
    browser, place = site.browser(), f"/signing/requests/{request}/csr"
    csr = Token().make_csr()
    assert browser.post(place, content=csr, headers={"Content-Type": "application/pkcs10"}).status_code == 401
    visit(browser, "/signing/certificate", "an.nv")
    assert [entry["request"] for entry in browser.get("/signing/requests").json()] == [request]
    assert browser.post(place, content=csr, headers={"Content-Type": "text/plain"}).status_code == 400
    assert browser.post(place, content=b"x" * 20_000, headers={"Content-Type": "application/pkcs10"}).status_code == 413
    refused = browser.post(place, content=b"nonsense", headers={"Content-Type": "application/pkcs10"})
    assert (refused.status_code, refused.json()["error"]) == (400, "csr_refused")
    taken = browser.post(place, content=csr, headers={"Content-Type": "application/pkcs10"})
    assert taken.status_code == 201
    assert len(x509.load_pem_x509_certificates(taken.content)) == 3
    assert browser.get("/signing/requests").json() == []


def test_a_session_left_open_brings_no_key_and_refuses_and_chooses_nothing(
    site: Site, merged: Merged, clock: MovableClock
) -> None:
    """Whoever sits down at an unlocked screen after lunch must not get a certificate in somebody's name."""
    dossier = merged.propose()
    merged.world.approve_and_send(dossier, merged.head)
    request = merged.request_of(dossier, merged.official)
    browser, program = site.browser(), {"Content-Type": "application/pkcs10"}
    visit(browser, "/signing/certificate", "an.nv")
    form = form_of(browser.get(f"/signing/requests/{request}/key"))
    clock.advance(minutes=6)
    for answer in (
        browser.get(f"/signing/requests/{request}/key"),
        browser.post(f"/signing/requests/{request}/key", data=form, files={"file": ("a.csr", Token().make_csr())}),
        browser.get(f"/signing/dossiers/{dossier}/refuse"),
        browser.post(f"/signing/dossiers/{dossier}/refuse", data={**form, "reason": "x"}),
        browser.post(f"/signing/requests/{request}/choice", data={**form, "reason": "x"}),
    ):
        assert answer.status_code == 303
        assert answer.headers["location"].endswith("&fresh=1")
    refused = browser.post(f"/signing/requests/{request}/csr", content=Token().make_csr(), headers=program)
    assert (refused.status_code, refused.json()["error"]) == (403, "login_too_old")
    assert audited(site, "signing.certificate.issue") == [("refused", "login_too_old")]
    visit(browser, f"/signing/requests/{request}/key", "an.nv")
    taken = browser.post(f"/signing/requests/{request}/csr", content=Token().make_csr(), headers=program)
    assert taken.status_code == 201


@pytest.mark.parametrize(("minutes", "status"), [(4, 201), (6, 403), (None, 403)])
def test_a_token_of_an_old_log_in_brings_no_key(
    site: Site, merged: Merged, clock: MovableClock, minutes: int | None, status: int
) -> None:
    """The same door with a stolen or forgotten token of the command line."""
    dossier = merged.propose()
    merged.world.approve_and_send(dossier, merged.head)
    place = f"/signing/requests/{merged.request_of(dossier, merged.official)}/csr"
    at = None if minutes is None else site.runtime.clocks.wall() - timedelta(minutes=minutes)
    site.app.state.check_token = lambda _token: Bearer("hopnhat-cli", merged.official, frozenset({"act"}), at)
    headers = {"Content-Type": "application/pkcs10", "Authorization": "Bearer x"}
    assert site.browser().post(place, content=Token().make_csr(), headers=headers).status_code == status


def test_pages_speak_vietnamese(site: Site, merged: Merged) -> None:
    merged.propose()
    assert "Chờ bạn phê duyệt" in visit(site.browser("vi"), "/signing/", "hoa.lt")
