"""The second factor at the door: set up, asked for, spent once, never skipped; what applications are told of it."""

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import sqlalchemy as sa
from passlib.totp import TOTP

from foundation.audit import AuditRow
from sso.factors.models import Authenticator
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.conftest import Door
from tests.sso.door.test_login import try_login
from tests.sso.flow import (
    Attempt,
    answer_of,
    follow,
    form_of,
    get_code,
    log_in,
    read_id_token,
    redeem,
)
from tests.sso.people import PASSWORD, Official, official


def set_up(browser: Inside, clock: MovableClock, address: str = "/me/authenticator") -> tuple[str, list[str]]:
    """Set an app up in a browser that is logged in; gives its secret and the recovery codes."""
    page = browser.get(address)
    assert page.status_code == 200, page.headers.get("location")
    secret = re.sub(r"\s", "", re.findall(r'id="secret">([^<]+)<', page.text)[0])
    done = browser.post("/me/authenticator", data={**form_of(page), "act": "set", "otp": code_at(secret, clock)})
    assert done.status_code == 200, done.text
    return secret, re.findall(r"<li>([0-9A-Z-]{14})</li>", done.text)


def code_at(secret: str, clock: MovableClock, steps: int = 0) -> str:
    """What the app shows now, or so many steps of half a minute from now."""
    return str(TOTP(secret).generate(time=int(clock.now.timestamp()) + 30 * steps).token)


def answer(browser: Inside, code: str, address: str = "/second-factor", **more: str) -> httpx.Response:
    """The code typed on the page."""
    page = browser.get(address)
    assert page.status_code == 200, page.headers.get("location")
    return browser.post("/second-factor", data={**form_of(page), "otp": code, **more})


def with_app(door: Door, clock: MovableClock, **traits: str) -> tuple[Official, str, list[str]]:
    """An official with an app for codes, set up in some browser a minute ago."""
    who = official(door.runtime, **traits)  # type: ignore[arg-type]  # traits are the factory's own
    browser = door.browser()
    assert try_login(browser, who.login) == 303
    secret, codes = set_up(browser, clock)
    clock.advance(60)
    return who, secret, codes


def test_a_password_alone_opens_nothing_once_there_is_an_app(door: Door, clock: MovableClock) -> None:
    """The step's result is proved at the server; no page, no empty POST and no other address skips it (CVE-2026-9087 and its kind)."""
    with_app(door, clock)
    browser = door.browser()
    page = browser.get("/login")
    sent = browser.post("/login", data={**form_of(page), "login": "hoa.lt", "password": PASSWORD})
    assert sent.headers["location"].startswith("/second-factor?")
    for address in ("/me", "/password"):
        assert browser.get(address).headers["location"].startswith("/login")
    assert browser.get("/me/authenticator").headers["location"].startswith("/second-factor")
    assert browser.get("/me/recovery-codes").headers["location"].startswith("/second-factor")
    asked = browser.get(Attempt(door.application).address())
    assert asked.headers["location"].startswith("/second-factor")
    empty = browser.get("/second-factor")
    assert browser.post("/second-factor", data=form_of(empty)).status_code == 400
    silent = browser.get(Attempt(door.application).address(prompt="none"))
    assert answer_of(silent)["error"] == "interaction_required"


def test_the_code_of_the_app_opens_and_the_application_learns_how(door: Door, clock: MovableClock) -> None:
    _who, secret, _codes = with_app(door, clock)
    browser, attempt = door.browser(), Attempt(door.application)
    posted = log_in(browser, attempt.address(), "hoa.lt", PASSWORD)
    done = answer(browser, code_at(secret, clock), posted.headers["location"])
    code = answer_of(follow(browser, done))["code"]
    claims = read_id_token(browser, redeem(browser, attempt, code).json()["id_token"])
    assert claims["acr"] == "urn:hopnhat:two-factors"
    assert claims["amr"] == ["pwd", "otp", "mfa"]
    assert browser.get("/me").status_code == 200


@pytest.mark.parametrize(("steps", "status"), [(-2, 403), (-1, 303), (0, 303), (1, 303), (2, 403)])
def test_a_clock_may_be_half_a_minute_off(door: Door, clock: MovableClock, steps: int, status: int) -> None:
    """RFC 6238 §5.2."""
    _who, secret, _codes = with_app(door, clock)
    clock.advance(300)
    browser = door.browser()
    try_login(browser, "hoa.lt")
    assert answer(browser, code_at(secret, clock, steps)).status_code == status


def test_a_code_is_used_once(door: Door, clock: MovableClock) -> None:
    """RFC 6238 §5.2: also not by who looked over the shoulder."""
    _who, secret, _codes = with_app(door, clock)
    code = code_at(secret, clock)
    for expected in (303, 403):
        browser = door.browser()
        try_login(browser, "hoa.lt")
        assert answer(browser, code).status_code == expected


def test_of_many_who_show_the_same_code_at_once_one_gets_in(door: Door, clock: MovableClock) -> None:
    _who, secret, _codes = with_app(door, clock)
    code, browsers = code_at(secret, clock), [door.browser() for _ in range(4)]
    forms = []
    for browser in browsers:
        try_login(browser, "hoa.lt")
        forms.append({**form_of(browser.get("/second-factor")), "otp": code})
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda one: one[0].post("/second-factor", data=one[1]), zip(browsers, forms, strict=True))
        )
    assert sorted(answer.status_code for answer in answers) == [303, 403, 403, 403]


def test_a_recovery_code_stands_in_once_in_any_writing(door: Door, clock: MovableClock) -> None:
    _who, _secret, codes = with_app(door, clock)
    assert len(set(codes)) == 10
    for typed, expected in ((codes[0].lower().replace("-", " "), 303), (codes[0], 403), (codes[1], 303)):
        browser = door.browser()
        try_login(browser, "hoa.lt")
        assert answer(browser, typed).status_code == expected


def test_new_recovery_codes_end_the_old_ones(door: Door, clock: MovableClock) -> None:
    _who, secret, codes = with_app(door, clock)
    browser = door.browser()
    try_login(browser, "hoa.lt")
    answer(browser, code_at(secret, clock))
    made = browser.post("/me/recovery-codes", data=form_of(browser.get("/me/recovery-codes")))
    assert len(re.findall(r"<li>[0-9A-Z-]{14}</li>", made.text)) == 10
    other = door.browser()
    try_login(other, "hoa.lt")
    assert answer(other, codes[2]).status_code == 403


def test_another_persons_code_opens_nothing(door: Door, clock: MovableClock) -> None:
    with_app(door, clock)
    _nam, secret, codes = with_app(door, clock, name="Nam", login="nam.nv", code="H61.13")
    for typed in (code_at(secret, clock), codes[0]):
        browser = door.browser()
        try_login(browser, "hoa.lt")
        assert answer(browser, typed).status_code == 403


def test_guesses_at_the_code_shut_the_account_for_the_password_too(door: Door, clock: MovableClock) -> None:
    """One count for all factors, and a right password does not clear it (CVE-2024-4629, CVE-2025-64102)."""
    _who, secret, _codes = with_app(door, clock)
    browser = door.browser()
    try_login(browser, "hoa.lt")
    for guess in ("000000", "000001", "000002"):
        answer(browser, guess)
        if guess == "000001":
            try_login(browser, "hoa.lt")
    assert answer(browser, code_at(secret, clock)).status_code == 403
    assert try_login(door.browser(), "hoa.lt") == 403
    clock.advance(minutes=16)
    fresh = door.browser()
    assert try_login(fresh, "hoa.lt") == 303
    assert answer(fresh, code_at(secret, clock)).status_code == 303


def test_a_right_password_waits_ten_minutes_for_its_code(door: Door, clock: MovableClock) -> None:
    _who, secret, _codes = with_app(door, clock)
    browser = door.browser()
    try_login(browser, "hoa.lt")
    page = browser.get("/second-factor")
    clock.advance(minutes=11)
    late = browser.post("/second-factor", data={**form_of(page), "otp": code_at(secret, clock)})
    assert late.headers["location"].startswith("/login")


def test_a_remembered_computer_is_not_asked_and_says_no_more_than_it_knows(door: Door, clock: MovableClock) -> None:
    _who, secret, _codes = with_app(door, clock)
    browser = door.browser()
    try_login(browser, "hoa.lt")
    answer(browser, code_at(secret, clock), remember="yes")
    browser.cookies.delete("session")
    clock.advance(days=29)
    attempt = Attempt(door.application)
    claims = read_id_token(
        browser, redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).json()["id_token"]
    )
    assert claims["acr"] == "urn:hopnhat:password"
    browser.cookies.delete("session")
    clock.advance(days=2)
    try_login(browser, "hoa.lt")
    assert browser.get("/me").status_code == 303


def test_a_remembered_computer_is_one_accounts_only(door: Door, clock: MovableClock) -> None:
    _hoa, secret, _codes = with_app(door, clock)
    with_app(door, clock, name="Nam", login="nam.nv", code="H61.13")
    browser = door.browser()
    try_login(browser, "hoa.lt")
    answer(browser, code_at(secret, clock), remember="yes")
    try_login(browser, "nam.nv")
    assert browser.get("/me").status_code == 303


def test_an_administration_account_always_has_two_and_a_short_session(door: Door, clock: MovableClock) -> None:
    """TCVN 14423:2026 §5."""
    official(door.runtime, kind="administration")
    browser = door.browser()
    try_login(browser, "hoa.lt")
    assert browser.get("/me").status_code == 303
    sent = browser.get("/second-factor")
    assert sent.headers["location"].startswith("/me/authenticator")
    secret, _codes = set_up(browser, clock, sent.headers["location"])
    assert browser.get("/me").status_code == 200
    clock.advance(minutes=5)
    assert browser.get("/me").status_code == 303
    try_login(browser, "hoa.lt")
    page = browser.get("/second-factor")
    assert 'name="remember"' not in page.text
    assert answer(browser, code_at(secret, clock), remember="yes").status_code == 303
    browser.cookies.delete("session")
    try_login(browser, "hoa.lt")
    assert browser.get("/me").status_code == 303
    clock.advance(60)
    assert answer(browser, code_at(secret, clock)).status_code == 303
    remove = browser.post("/me/authenticator", data={**form_of(browser.get("/me/authenticator")), "act": "remove"})
    assert remove.status_code == 400
    clock.advance(days=61)
    try_login(browser, "hoa.lt")
    answer(browser, code_at(secret, clock))
    assert browser.get(Attempt(door.application).address()).headers["location"].startswith("/password?")


def test_an_app_is_taken_away_only_by_who_just_used_one(door: Door, clock: MovableClock) -> None:
    _who, secret, _codes = with_app(door, clock)
    browser = door.browser()
    try_login(browser, "hoa.lt")
    answer(browser, code_at(secret, clock))
    page = browser.get("/me/authenticator")
    clock.advance(minutes=16)
    late = browser.post("/me/authenticator", data={**form_of(page), "act": "remove"})
    assert late.headers["location"].startswith("/login")
    try_login(browser, "hoa.lt")
    answer(browser, code_at(secret, clock))
    done = browser.post("/me/authenticator", data={**form_of(page), "act": "remove"})
    assert done.headers["location"] == "/me?changed=factors"
    fresh = door.browser()
    try_login(fresh, "hoa.lt")
    assert fresh.get("/me").status_code == 200


@pytest.mark.parametrize("draft", ["", "s1.1.AAAA", "another's"])
def test_only_the_secret_that_was_shown_is_set_up(door: Door, clock: MovableClock, draft: str) -> None:
    """Nobody brings a secret of their own choice into another's account (CVE-2026-37982's kind)."""
    official(door.runtime)
    official(door.runtime, "Nam", "nam.nv", code="H61.13")
    nam, hoa = door.browser(), door.browser()
    try_login(nam, "nam.nv")
    try_login(hoa, "hoa.lt")
    theirs = nam.get("/me/authenticator")
    secret = re.sub(r"\s", "", re.findall(r'id="secret">([^<]+)<', theirs.text)[0])
    form = form_of(hoa.get("/me/authenticator"))
    brought = {**form, "draft": form_of(theirs)["draft"] if draft == "another's" else draft}
    sent = hoa.post("/me/authenticator", data={**brought, "act": "set", "otp": code_at(secret, clock)})
    assert sent.status_code == 303
    with door.runtime.database.read() as reads:
        assert reads.execute(sa.select(sa.func.count()).select_from(Authenticator)).scalar_one() == 0


def test_no_secret_stands_in_clear_and_what_happened_is_written_down(door: Door, clock: MovableClock) -> None:
    _who, secret, codes = with_app(door, clock)
    browser = door.browser()
    try_login(browser, "hoa.lt")
    answer(browser, "000000")
    with door.runtime.database.read() as reads:
        kept = reads.execute(sa.select(Authenticator.secret_sealed)).scalar_one()
        rows = list(reads.execute(sa.select(AuditRow).order_by(AuditRow.id)).scalars())
    assert secret not in kept
    events = [row.event for row in rows if row.event.startswith(("sso.session", "sso.factor"))]
    assert events[1:] == ["sso.factor.added", "sso.session.raised", "sso.session.begun", "sso.factor.refused"]
    assert not [row for row in rows if secret in repr(row.detail) or codes[0] in repr(row.detail)]
