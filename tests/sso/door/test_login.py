"""Coming in: how a log-in may be typed, what is never told, and how guessing ends."""

import re
import unicodedata
from datetime import timedelta

import pytest
import sqlalchemy as sa
from passlib.hash import ldap_salted_sha1

from directory.joins import PersonJoin
from directory.models import SEAL_IMPORTED_HASH, Account, Credential
from foundation.audit import AuditRow
from foundation.changes import small_change
from sso.door.login import FAILED
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.services.passwords import set_password
from tests.sso.conftest import Door
from tests.sso.flow import Attempt, answer_of, follow, form_of, log_in, redeem
from tests.sso.people import PASSWORD, official


def try_login(browser: Inside, login: str, password: str = PASSWORD, **more: str) -> int:
    """The status of one try: 303 is in."""
    page = browser.get("/login")
    return browser.post("/login", data={**form_of(page), "login": login, "password": password, **more}).status_code


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("hoa.lt", id="as given"),
        pytest.param("  HOA.LT ", id="upper case and spaces"),
        pytest.param("Hòa.LT", id="accents of a Vietnamese keyboard"),
        pytest.param("hoà. lt", id="the other style, and a space inside"),
        pytest.param(unicodedata.normalize("NFD", "hóa.lt"), id="decomposed"),
        pytest.param("hoa.le", id="old log-in"),
        pytest.param("Hoa.LT@VinhLong.gov.vn", id="mail address"),
    ],
)
def test_a_login_is_understood(door: Door, typed: str) -> None:
    official(door.runtime, alias="hoa.le", address="hoa.lt@vinhlong.gov.vn")
    assert try_login(door.browser(), typed) == 303


@pytest.mark.parametrize(
    "password",
    [
        pytest.param(unicodedata.normalize("NFD", PASSWORD), id="decomposed"),
        pytest.param(PASSWORD.replace(" ", "\u00a0"), id="another space"),
    ],
)
def test_a_password_is_compared_as_it_was_meant(door: Door, password: str) -> None:
    """RFC 8265 §4.2."""
    official(door.runtime)
    assert try_login(door.browser(), "hoa.lt", password) == 303


def text_of_refusal(door: Door, login: str, password: str) -> str:
    """The page of a refused try, without what differs in every page."""
    browser = door.browser()
    page = browser.get("/login")
    refused = browser.post("/login", data={**form_of(page), "login": login, "password": password})
    assert refused.status_code == 403
    text = refused.text.replace(login, "LOGIN")
    different = (
        r"nonce=\"[^\"]+\"|name=\"(form_token|challenge)\" value=\"[^\"]+\"|data-options=\"[^\"]+\"|help desk: \w{16}"
    )
    return re.sub(different, "", text)


def test_every_reason_has_the_same_words_and_status(door: Door) -> None:
    """Unknown, wrong, suspended, closed, not yet activated, shut (CVE-2026-4633, CVE-2026-9794)."""
    official(door.runtime, login="a.known", code="H1")
    official(door.runtime, login="b.suspended", code="H2", state="suspended")
    official(door.runtime, login="c.closed", code="H3", state="closed")
    official(door.runtime, login="d.issued", code="H4", state="issued", with_password=False)
    shut = official(door.runtime, login="e.shut", code="H5")
    browser = door.browser()
    for _try in range(6):
        try_login(browser, shut.login, "wrong")
    texts = {
        text_of_refusal(door, "nobody.at.all", PASSWORD),
        text_of_refusal(door, "a.known", "wrong"),
        text_of_refusal(door, "b.suspended", PASSWORD),
        text_of_refusal(door, "c.closed", PASSWORD),
        text_of_refusal(door, "d.issued", PASSWORD),
        text_of_refusal(door, "e.shut", PASSWORD),
    }
    assert len(texts) == 1
    text = texts.pop()
    assert FAILED in text
    for way in ("/activate?", "/recover?", "tel:19000000"):
        assert way in text


def test_a_refused_page_keeps_the_login_and_never_the_password(door: Door) -> None:
    browser = door.browser()
    page = browser.get("/login?login=hoa.lt")
    assert 'value="hoa.lt"' in page.text
    refused = browser.post("/login", data={**form_of(page), "login": "hoa.lt", "password": "my secret words"})
    assert 'value="hoa.lt"' in refused.text
    assert "my secret words" not in refused.text


def test_after_five_wrong_tries_the_right_password_is_refused_too_for_a_while(door: Door, clock: MovableClock) -> None:
    official(door.runtime)
    for _try in range(5):
        assert try_login(door.browser(), "hoa.lt", "wrong") == 403
    assert try_login(door.browser(), "hoa.lt") == 403
    clock.advance(minutes=16)
    assert try_login(door.browser(), "hoa.lt") == 303


def test_a_success_forgives_the_tries_before(door: Door) -> None:
    official(door.runtime)
    for _round in range(3):
        for _try in range(4):
            assert try_login(door.browser(), "hoa.lt", "wrong") == 403
        assert try_login(door.browser(), "hoa.lt") == 303


def test_tries_count_by_account_however_the_login_is_typed(door: Door) -> None:
    official(door.runtime, alias="hoa.le", address="hoa.lt@vinhlong.gov.vn")
    for typed in ("hoa.lt", "HOA.LT", "hoa.le", "hoa.lt@vinhlong.gov.vn", "hòa.lt"):
        assert try_login(door.browser(), typed, "wrong") == 403
    assert try_login(door.browser(), "hoa.lt") == 403


def test_an_old_login_of_two_people_is_decided_by_the_password(door: Door) -> None:
    official(door.runtime, alias="hoa")
    other = official(door.runtime, "Trần Thị Hoa", "hoa.tt", code="H61.13", alias="hoa", with_password=False)
    with door.runtime.database.write() as writes:
        set_password(writes, other.account_id, "một mật khẩu khác", door.runtime.clocks.wall())
    browser = door.browser()
    assert try_login(browser, "hoa", "một mật khẩu khác") == 303
    assert "Trần Thị Hoa" in browser.get("/me").text


def test_the_same_password_twice_asks_one_question(door: Door) -> None:
    official(door.runtime, alias="hoa", unit="Xã An Bình")
    official(door.runtime, "Trần Thị Hoa", "hoa.tt", unit="Xã Tân An", code="H61.13", alias="hoa")
    browser = door.browser()
    page = browser.get("/login")
    asked = browser.post("/login", data={**form_of(page), "login": "hoa", "password": PASSWORD})
    assert asked.status_code == 200
    choices = dict(re.findall(r'name="account" value="([^"]+)" required> ([^<]+)<', asked.text))
    assert sorted(choices.values()) == ["UBND xã An Bình", "UBND xã Tân An"]
    assert "Trần" not in asked.text, "names are not told"
    tan_an = next(key for key, unit in choices.items() if unit == "UBND xã Tân An")
    assert try_login(browser, "hoa", PASSWORD, account=tan_an) == 303
    assert "Trần Thị Hoa" in browser.get("/me").text


def test_the_answer_to_the_question_opens_nothing_by_itself(door: Door) -> None:
    hoa = official(door.runtime, alias="hoa")
    nam = official(door.runtime, "Nguyễn Văn Nam", "nam.nv", code="H61.13")
    assert try_login(door.browser(), "hoa", PASSWORD, account=str(nam.account_id)) == 403
    assert try_login(door.browser(), "hoa", "wrong", account=str(hoa.account_id)) == 403
    assert try_login(door.browser(), "hoa", PASSWORD, account="no-uuid") == 403


def with_imported(door: Door, **until: int) -> object:
    """An official who was never here, with the hash of the old directory."""
    hoa = official(door.runtime, state="issued", with_password=False)
    sealed = door.runtime.sealer.seal(ldap_salted_sha1.hash("mật khẩu cũ").encode(), SEAL_IMPORTED_HASH)
    end = door.runtime.clocks.wall() + timedelta(**until)
    with door.runtime.database.write() as writes:
        writes.add(Credential(account_id=hoa.account_id, imported_hash=sealed, imported_until=end))
    return hoa.account_id


def test_an_account_that_stays_not_activated_gets_no_code_with_its_log_in(door: Door) -> None:
    """A joined record's old password opens what its own owner never activated, and replaces nothing: what it opens is no session."""
    hoa = official(door.runtime, "Lê Thị Hoa", "hoa.x1", code="H61.13", state="issued", with_password=False)
    with_imported(door, days=30)
    now = door.runtime.clocks.wall()
    with door.runtime.database.write() as writes:
        other = writes.execute(sa.select(Account.person_id).where(Account.person_id != hoa.person_id)).scalar_one()
        change = small_change(writes, "person.join", "test", now)
        pair = {"person_id": other, "survivor_id": hoa.person_id, "account_was": "issued", "survivor_was": "issued"}
        writes.add(PersonJoin(**pair, joined_at=now, change_id=change.id))
    browser = door.browser()
    posted = log_in(browser, Attempt(door.application).address(), "hoa.x1", "mật khẩu cũ")
    assert posted.status_code == 303
    assert posted.headers["location"].startswith("/authorize?"), "no answer to the application"
    assert follow(browser, posted).headers["location"].startswith("/login?"), "nor is one given there"


def test_the_old_directorys_password_works_and_becomes_todays(door: Door) -> None:
    account_id = with_imported(door, days=30)
    assert try_login(door.browser(), "hoa.lt", "mật khẩu cũ") == 303
    with door.runtime.database.read() as reads:
        kept = reads.execute(sa.select(Credential).where(Credential.account_id == account_id)).scalar_one()
        assert (kept.password_hash or "").startswith("$argon2id$")
        assert kept.imported_hash is None
        state = reads.execute(sa.select(Account.state).where(Account.id == account_id)).scalar_one()
    assert state == "active"
    assert try_login(door.browser(), "hoa.lt", "mật khẩu cũ") == 303


def test_the_old_directorys_password_ends_at_its_date(door: Door, clock: MovableClock) -> None:
    with_imported(door, days=30)
    clock.advance(days=31)
    assert try_login(door.browser(), "hoa.lt", "mật khẩu cũ") == 403


def test_each_login_gets_a_session_of_its_own(door: Door) -> None:
    """Session fixation: what the browser had before is worth nothing afterwards."""
    official(door.runtime)
    browser = door.browser()
    assert try_login(browser, "hoa.lt") == 303
    first = browser.cookies["session"]
    assert try_login(browser, "hoa.lt") == 303
    assert browser.cookies["session"] != first
    stale = door.browser()
    stale.cookies.set("session", first)
    assert stale.get("/me").status_code == 303


def test_a_form_without_its_browsers_token_is_refused(door: Door) -> None:
    official(door.runtime)
    browser = door.browser()
    page = browser.get("/login")
    stolen = form_of(page)
    refused = door.browser().post("/login", data={**stolen, "login": "hoa.lt", "password": PASSWORD})
    assert refused.status_code == 403
    assert 'data-code="form_expired"' in refused.text
    without = browser.post("/login", data={"login": "hoa.lt", "password": PASSWORD})
    assert 'data-code="form_expired"' in without.text


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/authorize@evil.example",
        "javascript:alert(1)",
        "/logout",
        "/me\r\nX: y",
    ],
)
def test_the_way_back_is_always_ours(door: Door, target: str) -> None:
    official(door.runtime)
    browser = door.browser()
    page = browser.get("/login", params={"next": target})
    posted = browser.post("/login", data={**form_of(page), "next": target, "login": "hoa.lt", "password": PASSWORD})
    assert posted.headers["location"] == "/me"


def test_what_happened_is_in_the_audit_without_secrets(door: Door) -> None:
    hoa = official(door.runtime)
    try_login(door.browser(), "hoa.lt", "wrong secret")
    try_login(door.browser(), "hoa.lt")
    with door.runtime.database.read() as reads:
        rows = list(
            reads.execute(
                sa.select(AuditRow).where(AuditRow.event.like("sso.session.%")).order_by(AuditRow.id)
            ).scalars()
        )
    assert [(row.event, row.outcome) for row in rows] == [
        ("sso.session.refused", "refused"),
        ("sso.session.opened", "done"),
    ]
    assert rows[1].actor == str(hoa.person_id)
    assert "wrong secret" not in repr([(row.subject, row.detail) for row in rows])
    assert rows[1].detail["caller"] == "127.0.0.1"


def test_the_answer_to_the_application_comes_with_the_log_in(door: Door) -> None:
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    posted = log_in(browser, attempt.address(), "hoa.lt", PASSWORD)
    answer = answer_of(posted)
    assert posted.headers["location"].startswith(door.application.redirect_uri)
    assert (answer["state"], answer["iss"]) == (attempt.state, door.runtime.settings.issuer)
    assert {name.split("=")[0] for name in posted.headers.get_list("set-cookie")} == {
        "session",
        "device",
        "session_state",
    }
    assert redeem(browser, attempt, answer["code"]).status_code == 200
    assert "code" in answer_of(browser.get(Attempt(door.application).address())), "and the browser is logged in"


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"response_mode": "form_post"}, id="an answer that is a page"),
        pytest.param({"scope": "nothing we know"}, id="a refusal"),
        pytest.param({"prompt": "consent"}, id="something more to ask"),
        pytest.param({"redirect_uri": "https://elsewhere.example/"}, id="an address nobody registered"),
        pytest.param({"client_id": "nobody"}, id="an application nobody knows"),
    ],
)
def test_what_is_no_plain_answer_is_left_to_the_authorization_request(door: Door, changed: dict[str, str]) -> None:
    official(door.runtime)
    browser = door.browser()
    page = browser.get("/login", params={"next": Attempt(door.application).address(**changed)})
    posted = browser.post("/login", data={**form_of(page), "login": "hoa.lt", "password": PASSWORD})
    assert posted.headers["location"].startswith("/authorize?"), "whoever is in stays in"
    assert browser.get("/me").status_code == 200
