"""Enumeration: nobody learns from words, status or size who has an account, and in which state."""

import re

import pytest

from tests.sso.door.test_login import try_login
from tests.sso.flow import form_of
from tests.sso.incidents.conftest import Attacked
from tests.sso.people import PASSWORD

CASES = ("unknown", "wrong", "suspended", "closed", "issued", "shut")


def prepare(attacked: Attacked, case: str) -> str:
    """A log-in of this kind."""
    if case == "unknown":
        return "khong.ai"
    state = case if case in ("suspended", "closed", "issued") else "active"
    who = attacked.someone(state=state, with_password=state != "issued")
    if case == "shut":
        for _try in range(6):
            try_login(attacked.browser(), who.login, "wrong")
    return who.login


def post(attacked: Attacked, path: str, login: str, fields: dict[str, str]) -> tuple[int, str]:
    """Status and page of an answer, without what differs each time: the log-in itself, seals, numbers of requests, nonces."""
    browser = attacked.browser()
    page = browser.get(path)
    answer = browser.post(path, data={**form_of(page), "login": login, **fields})
    text = answer.text.replace(login, "LOGIN")
    text = re.sub(r'(value|data-options|nonce|content)="[^"]*"|[0-9a-f]{16}|&#34;challenge&#34;[^,]*', "", text)
    return answer.status_code, text


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        pytest.param("/login", {"password": "wrong"}, id="keycloak CVE-2026-4633 log-in"),
        pytest.param("/recover", {"act": "who"}, id="keycloak CVE-2026-9794 recovery"),
        pytest.param("/recover", {"act": "ask"}, id="zitadel CVE-2026-23511 asking for help"),
        pytest.param(
            "/recover",
            {"act": "set", "otp": "AAAA-AAAA-AAAA", "new_password": PASSWORD, "new_password_again": PASSWORD},
            id="keycloak CVE-2026-37981 recovery code",
        ),
        pytest.param(
            "/activate",
            {"code": "AAAA-AAAA-AAAA", "new_password": PASSWORD, "new_password_again": PASSWORD},
            id="keycloak CVE-2026-37981 activation",
        ),
    ],
)
def test_the_answer_is_alike_for_everybody(attacked: Attacked, path: str, fields: dict[str, str]) -> None:
    answers = {case: post(attacked, path, prepare(attacked, case), fields) for case in CASES}
    first = answers["unknown"]
    assert first[0] in (200, 403)
    assert {case for case, answer in answers.items() if answer != first} == set()


def test_no_key_is_named_to_who_has_not_logged_in(attacked: Attacked) -> None:
    """No list of an account's passkeys for whoever types its log-in (KC CVE-2026-4633's kin)."""
    who = attacked.someone()
    page = attacked.browser().get(f"/login?login={who.login}").text
    assert "allowCredentials&#34;: [{" not in page
    assert str(who.account_id) not in page
