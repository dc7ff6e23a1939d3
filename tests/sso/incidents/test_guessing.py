"""Guess limits: counted on the account before the look, whatever name it is called by, whatever header says where the guess came from."""

import pytest

from directory.models import Login
from foundation.changes import small_change
from tests.services.clock import MovableClock
from tests.sso.door.test_login import try_login
from tests.sso.factors.test_second_factor import answer, code_at, set_up
from tests.sso.flow import form_of
from tests.sso.incidents.conftest import Attacked
from tests.sso.people import BEGINNING, PASSWORD, Official

MOST = 5


def add_name(attacked: Attacked, who: Official, name: str) -> None:
    """One name more that the account is known by."""
    with attacked.runtime.database.write() as writes:
        change = small_change(writes, "test", "test", attacked.clock.now)
        old = {"kind": "alias", "valid_from": BEGINNING, "change_id": change.id}
        writes.add(Login(account_id=who.account_id, login=name, login_key=name, **old))


def test_authelia_cve_2025_24806_every_name_of_an_account_has_one_count(attacked: Attacked) -> None:
    """Its log-in, in any case and with spaces, an old log-in and its mail address."""
    who = attacked.someone(address="ten.rieng@example.vn")
    add_name(attacked, who, "ten.cu")
    names = [who.login, f" {who.login.upper()} ", "ten.cu", "ten.rieng@example.vn", "TEN.RIENG@example.vn"]
    for name in names[:MOST]:
        assert try_login(attacked.browser(), name, "wrong") == 403
    for name in names:
        assert try_login(attacked.browser(), name) == 403, "shut by whatever name"


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "True-Client-IP", "CF-Connecting-IP"])
def test_authentik_cve_2024_47070_no_header_of_a_stranger_says_where_a_guess_came_from(
    attacked: Attacked, header: str
) -> None:
    who = attacked.someone()
    for number in range(MOST):
        stranger = attacked.browser()
        stranger.headers[header] = f"for=10.0.0.{number}" if header == "Forwarded" else f"10.0.0.{number}"
        assert try_login(stranger, who.login, "wrong") == 403
    browser = attacked.browser()
    browser.headers[header] = "127.0.0.1"
    assert try_login(browser, who.login) == 403
    other = attacked.someone()
    seen = attacked.browser()
    seen.headers[header] = "198.51.100.200"
    assert try_login(seen, other.login) == 303
    assert "198.51.100.200" not in seen.get("/me").text


def test_keycloak_cve_2025_3910_and_zitadel_cve_2024_32868_codes_have_the_count_of_the_password(
    attacked: Attacked,
) -> None:
    """A right password in between forgives nothing (ZI CVE-2025-64102: one-time codes; KC CVE-2026-9798: every way of guessing)."""
    who, own = attacked.someone(), attacked.browser()
    assert try_login(own, who.login) == 303
    secret, _codes = set_up(own, attacked.clock)
    attacked.clock.advance(60)
    stranger = attacked.browser()
    for guess in ("000000", "000001"):
        assert try_login(stranger, who.login) == 303
        assert answer(stranger, guess).status_code == 403
    assert try_login(stranger, who.login) == 303
    assert answer(stranger, code_at(secret, attacked.clock)).status_code == 403, (
        "four tries at passwords and codes: shut"
    )


def test_zitadel_cve_2025_64102_one_time_codes_for_a_new_password_are_counted(attacked: Attacked) -> None:
    who = attacked.someone(state="issued", with_password=False, with_code=True)
    form = {"login": who.login, "new_password": PASSWORD, "new_password_again": PASSWORD}
    for number in range(MOST):
        browser = attacked.browser()
        given = {**form_of(browser.get("/activate")), **form, "code": f"AAAA-AAAA-{number:04}"}
        assert browser.post("/activate", data=given).status_code == 403
    browser = attacked.browser()
    right = {**form_of(browser.get("/activate")), **form, "code": who.code or ""}
    assert browser.post("/activate", data=right).status_code == 403


def test_keycloak_cve_2026_9798_codes_of_devices_are_counted(attacked: Attacked) -> None:
    """On the account that types them, and on its network."""
    browser = attacked.browser()
    assert try_login(browser, attacked.someone().login) == 303
    answers = []
    for guess in ("BBBB-BBBB", "CCCC-CCCC", "DDDD-DDDD", "FFFF-FFFF", "GGGG-GGGG", "HHHH-HHHH"):
        form = {**form_of(browser.get("/device")), "user_code": guess}
        answers.append(browser.post("/device", data=form).status_code)
    assert set(answers) == {400}


def test_a_lock_ends_by_itself(attacked: Attacked) -> None:
    clock: MovableClock = attacked.clock
    who = attacked.someone()
    for _try in range(MOST + 1):
        try_login(attacked.browser(), who.login, "wrong")
    assert try_login(attacked.browser(), who.login) == 403
    clock.advance(minutes=16)
    assert try_login(attacked.browser(), who.login) == 303
