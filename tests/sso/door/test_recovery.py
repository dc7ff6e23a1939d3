"""Getting one's account back alone, or asking for help; what a stranger learns: nothing."""

import re

import httpx
import pytest
import sqlalchemy as sa

from foundation.outbox import OutboxJob
from sso.factors.help_requests import ASKED, list_requests
from sso.factors.models import HelpRequest
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.conftest import Door
from tests.sso.door.test_login import try_login
from tests.sso.factors.test_second_factor import answer, code_at, with_app
from tests.sso.flow import form_of
from tests.sso.people import PASSWORD, official

NEW = "mưa rơi trên mái tôn"


def recover(browser: Inside, login: str, code: str, new: str = NEW, again: str | None = None) -> httpx.Response:
    """The second page, filled in."""
    first = browser.get("/recover")
    page = browser.post("/recover", data={**form_of(first), "login": login, "act": "code"})
    given = {"login": login, "otp": code, "new_password": new, "new_password_again": again or new, "act": "set"}
    return browser.post("/recover", data={**form_of(page), **given})


@pytest.mark.parametrize("by", ["app", "recovery code"])
def test_a_code_brings_the_account_back_with_a_new_password(door: Door, clock: MovableClock, by: str) -> None:
    _who, secret, codes = with_app(door, clock)
    elsewhere, browser = door.browser(), door.browser()
    for known in (elsewhere, browser) if by == "app" else (elsewhere,):
        try_login(known, "hoa.lt")
        assert answer(known, codes.pop()).status_code == 303
    done = recover(browser, "HOA. lt", code_at(secret, clock) if by == "app" else codes[0].lower())
    assert done.status_code == 303, done.text
    assert browser.get("/me").status_code == 200
    assert elsewhere.get("/me").status_code == 303
    assert try_login(door.browser(), "hoa.lt") == 403
    assert try_login(door.browser(), "hoa.lt", NEW) == 303


def test_the_code_is_spent(door: Door, clock: MovableClock) -> None:
    _who, _secret, codes = with_app(door, clock)
    assert recover(door.browser(), "hoa.lt", codes[0]).status_code == 303
    assert recover(door.browser(), "hoa.lt", codes[0], "một mật khẩu khác nữa").status_code == 403


def test_what_is_wrong_with_the_password_spends_no_code(door: Door, clock: MovableClock) -> None:
    _who, _secret, codes = with_app(door, clock)
    assert recover(door.browser(), "hoa.lt", codes[0], "kurz").status_code == 400
    assert recover(door.browser(), "hoa.lt", codes[0], NEW, "another").status_code == 400
    assert recover(door.browser(), "hoa.lt", codes[0]).status_code == 303


@pytest.mark.parametrize("state", ["suspended", "closed"])
def test_who_is_shut_out_stays_out(door: Door, clock: MovableClock, state: str) -> None:
    """Disabled means disabled, on every path (CVE-2026-3009, CVE-2025-14559)."""
    from directory.models import Account

    who, _secret, codes = with_app(door, clock)
    with door.runtime.database.write() as writes:
        writes.execute(sa.update(Account).where(Account.id == who.account_id).values(state=state))
    assert recover(door.browser(), "hoa.lt", codes[0]).status_code == 403


def test_an_administration_account_is_brought_back_by_a_person_only(door: Door, clock: MovableClock) -> None:
    official(door.runtime, kind="administration")
    from tests.sso.factors.test_second_factor import set_up

    browser = door.browser()
    try_login(browser, "hoa.lt")
    _secret, codes = set_up(browser, clock)
    assert recover(door.browser(), "hoa.lt", codes[0]).status_code == 403


def test_tries_at_recovery_are_counted_with_all_others(door: Door, clock: MovableClock) -> None:
    _who, _secret, codes = with_app(door, clock)
    for guess in range(6):
        recover(door.browser(), "hoa.lt", f"00000{guess}")
    assert recover(door.browser(), "hoa.lt", codes[0]).status_code == 403
    assert try_login(door.browser(), "hoa.lt") == 403


def plain(page: httpx.Response, login: str) -> str:
    """A page without what differs in every page."""
    text = page.text.replace(login, "LOGIN")
    return re.sub(r"nonce=\"[^\"]+\"|name=\"form_token\" value=\"[^\"]+\"|help desk: \w{16}", "", text)


def test_the_answer_is_alike_for_everybody(door: Door, clock: MovableClock) -> None:
    """No page of recovery tells who is here (CVE-2026-4633, CVE-2026-37981)."""
    with_app(door, clock, login="with.app", code="H1")
    official(door.runtime, "Nam", "no.factor", code="H2")
    official(door.runtime, "Tư", "suspended", code="H3", state="suspended")
    official(door.runtime, "Sáu", "issued", code="H4", state="issued", with_password=False)
    official(door.runtime, "Bảy", "admin", code="H5", kind="administration")
    pages: dict[str, set[str]] = {"code": set(), "ask": set(), "wrong": set()}
    for login in ("with.app", "no.factor", "suspended", "issued", "admin", "nobody.here"):
        browser = door.browser()
        first = browser.get("/recover")
        for act in ("code", "ask"):
            page = browser.post("/recover", data={**form_of(first), "login": login, "act": act})
            assert page.status_code == 200
            pages[act].add(plain(page, login))
        pages["wrong"].add(plain(recover(browser, login, "AAAA-BBBB-CCCC"), login))
    assert {name: len(found) for name, found in pages.items()} == {"code": 1, "ask": 1, "wrong": 1}


def ask(door: Door, login: str) -> None:
    browser = door.browser()
    browser.post("/recover", data={**form_of(browser.get("/recover")), "login": login, "act": "ask"})


def test_a_request_is_kept_once_and_told_again_after_an_hour(door: Door, clock: MovableClock) -> None:
    hoa = official(door.runtime)
    for _time in range(3):
        ask(door, "hoa.lt")
    clock.advance(hours=2)
    ask(door, "hoa.lt")
    with door.runtime.database.read() as reads:
        (one,) = list_requests(reads, clock.now)
        jobs = list(reads.execute(sa.select(OutboxJob.key).where(OutboxJob.kind == ASKED)).scalars())
    assert (one.account_id, one.times) == (hoa.account_id, 2)
    assert jobs == [str(hoa.account_id)] * 2


@pytest.mark.parametrize("login", ["nobody", "suspended"])
def test_nobody_is_asked_to_help_who_is_not_there(door: Door, login: str) -> None:
    official(door.runtime, login="suspended", state="suspended")
    ask(door, login)
    with door.runtime.database.read() as reads:
        assert reads.execute(sa.select(sa.func.count()).select_from(HelpRequest)).scalar_one() == 0


def test_a_request_is_answered_when_the_person_is_back(door: Door, clock: MovableClock) -> None:
    hoa = official(door.runtime, with_code=True)
    ask(door, "hoa.lt")
    clock.advance(60)
    browser = door.browser()
    page = browser.get("/activate")
    given = {"login": "hoa.lt", "code": hoa.code or "", "new_password": NEW, "new_password_again": NEW}
    assert browser.post("/activate", data={**form_of(page), **given}).status_code == 303
    with door.runtime.database.read() as reads:
        assert list_requests(reads, clock.now) == ()


def test_every_failure_offers_activation_recovery_and_the_hotline(door: Door) -> None:
    official(door.runtime)
    browser = door.browser()
    page = browser.get("/login")
    refused = browser.post("/login", data={**form_of(page), "login": "hoa.lt", "password": PASSWORD + "x"})
    for way in ("/activate?", "/recover?", "tel:"):
        assert f'href="{way}' in refused.text
