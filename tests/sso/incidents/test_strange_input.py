"""Whatever is sent, wherever: a refusal, a page or a redirect, and never a fault of ours (CVE-2026-9803: a malformed header, a 500)."""

from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sso.conftest import Door
from tests.sso.flow import Attempt, form_of
from tests.sso.people import PASSWORD, official

PATHS = (
    *("/authorize", "/login", "/activate", "/recover", "/consent", "/me", "/password", "/logout", "/language"),
    *("/token", "/userinfo", "/introspect", "/revoke", "/jwks", "/static/x", "/.well-known/openid-configuration"),
)
NAMES = (
    *("client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method", "prompt"),
    *("max_age", "response_type", "response_mode", "asked", "next", "ui_locales", "id_token_hint", "login", "password"),
    *("post_logout_redirect_uri", "code", "token", "refresh_token", "grant_type", "client_secret", "access_token"),
    *("new_password", "new_password_again", "account", "answer", "to", "back", "form_token", "code_verifier"),
)
WORDS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            *("van-ban", "code", "S256", "none", "login", "openid", "0", "-1", "9" * 30, "/authorize?", "/me", "//x"),
            *("https://vanban.example.vn/callback", "authorization_code", "refresh_token", "a.b.c", "1.2", "\x00", "ữ"),
            *(
                "eyJhbGciOiJSUzI1NiJ9.e30.AA",
                "/authorize?client_id=van-ban&redirect_uri=%00",
                "\ud83d\ude00",
                "%",
                "{x}",
            ),
        ]
    ),
)
FORMS = st.lists(st.tuples(st.sampled_from(NAMES), WORDS), max_size=8)
HEADERS = st.sampled_from(
    [
        {},
        {"Authorization": "Basic"},
        {"Authorization": "Basic \u00ff\u00fe".encode("latin-1").decode("latin-1")},
        {"Authorization": "Basic dmFuLWJhbg=="},
        {"Authorization": "Basic dmFuLWJhbjo="},
        {"Authorization": "Bearer a.b.c"},
        {"Cookie": "session=x; browser=y; language=zz"},
        {"Cookie": "session=" + "x" * 5000},
        {"Accept-Language": ";q=,*,vi;q=2"},
        {"X-Forwarded-For": "::::, \t"},
        {"Origin": "null"},
        {"Accept": "application/json"},
    ]
)


@pytest.fixture(scope="module")
def known(standing_door: Door) -> Door:
    """The standing door with somebody who may come in."""
    official(standing_door.runtime)
    return standing_door


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(PATHS), method=st.sampled_from(("GET", "POST")), form=FORMS, headers=HEADERS)
def test_no_request_is_a_fault_of_ours(
    known: Door, path: str, method: str, form: list[tuple[str, str]], headers: dict[str, str]
) -> None:
    text = urlencode([(name, value.encode("utf-8", "surrogatepass")) for name, value in form])
    browser = known.browser()
    sent = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    if method == "GET":
        answer = browser.request("GET", f"{path}?{text}", headers=sent)
    else:
        kind = {b"Content-Type": b"application/x-www-form-urlencoded"}
        answer = browser.request("POST", path, content=text, headers={**sent, **kind})
    assert answer.status_code < 500, answer.text


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(Attempt.__dataclass_fields__) + list(NAMES)), value=WORDS)
def test_an_almost_right_request_is_no_fault_of_ours_either(known: Door, name: str, value: str) -> None:
    safe = value.encode("utf-8", "replace").decode()
    answer = known.browser().get(Attempt(known.application).address() + f"&{quote(name)}={quote(safe)}")
    assert answer.status_code < 500
    changed = known.browser().get(Attempt(known.application).address(**{name: safe}))
    assert changed.status_code < 500


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(login=WORDS, password=st.text(max_size=400))
def test_nobody_comes_in_by_strange_text(known: Door, login: str, password: str) -> None:
    browser = known.browser()
    form = {**form_of(browser.get("/login")), "login": login, "password": password}
    text = urlencode([(field, value.encode("utf-8", "replace")) for field, value in form.items()])
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert browser.post("/login", content=text, headers=kind).status_code in (400, 403)


@pytest.mark.parametrize(
    "strange",
    ["\x00", "\x1f\u202e", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "'; --", "x" * 2000],
)
def test_text_that_is_kept_is_kept_by_both_databases(door: Door, strange: str) -> None:
    """The nonce is the one text of a stranger that goes into a table."""
    official(door.runtime)
    browser = door.browser()
    browser.post("/login", data={**form_of(browser.get("/login")), "login": "hoa.lt", "password": PASSWORD})
    answer = browser.get(Attempt(door.application).address(nonce=strange))
    assert answer.status_code == (400 if "\x00" in strange else 303)
    refused = browser.post("/login", data={**form_of(browser.get("/login")), "login": strange, "password": strange})
    assert refused.status_code in (400, 403)
