"""`/me/profile`: what one wants applications to be told; kept, mended, taken away, by its owner alone."""

from tests.sso.conftest import Door
from tests.sso.door.test_login import try_login
from tests.sso.flow import Attempt, form_of, get_code, redeem, userinfo
from tests.sso.people import PASSWORD, official

ALL = {
    "nickname": "Chị Hoa",
    "picture": "https://xa.example.vn/hoa.jpg",
    "profile": "https://xa.example.vn/hoa",
    "website": "https://xa.example.vn/",
    "gender": "nữ",
}


def test_what_is_written_is_told_to_applications(door: Door) -> None:
    official(door.runtime)
    official(door.runtime, "Nam", "nam.nv", code="H61.13")
    browser, attempt = door.browser(), Attempt(door.application)
    tokens = redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).json()
    page = browser.get("/me/profile")
    assert page.status_code == 200
    assert '<a href="/me/profile">' in browser.get("/me").text
    assert browser.post("/me/profile", data={**form_of(page), **ALL}).headers["location"] == "/me?changed=factors"
    told = userinfo(browser, tokens["access_token"]).json()
    assert {name: told[name] for name in ALL} == ALL
    assert "updated_at" in told
    assert "Chị Hoa" in browser.get("/me/profile").text
    other = door.browser()
    try_login(other, "nam.nv")
    assert "Chị Hoa" not in other.get("/me/profile").text


def test_what_is_emptied_is_told_no_more(door: Door) -> None:
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    tokens = redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).json()
    for values in (ALL, dict.fromkeys(ALL, "")):
        browser.post("/me/profile", data={**form_of(browser.get("/me/profile")), **values})
    told = userinfo(browser, tokens["access_token"]).json()
    assert not {*ALL, "updated_at"} & set(told)


REFUSED = (
    ("picture", "http://xa.example.vn/hoa.jpg"),
    ("website", "javascript:alert(1)"),
    ("profile", "https://" + "x" * 500),
    ("nickname", "x" * 501),
    ("nickname", "Chị\nHoa"),
)


def test_what_cannot_be_told_is_refused_beside_its_field(door: Door) -> None:
    official(door.runtime)
    browser = door.browser()
    try_login(browser, "hoa.lt")
    token = form_of(browser.get("/me/profile"))
    for name, value in REFUSED:
        answer = browser.post("/me/profile", data={**token, **ALL, name: value})
        assert answer.status_code == 400, value
        assert f'id="{name}-error"' in answer.text, value
    assert "Chị Hoa" not in browser.get("/me/profile").text, "nothing was kept"


def test_nobody_writes_without_a_session_or_a_token_of_the_form(door: Door) -> None:
    official(door.runtime)
    stranger, browser = door.browser(), door.browser()
    assert stranger.get("/me/profile").headers["location"].startswith("/login")
    try_login(browser, "hoa.lt")
    assert browser.post("/me/profile", data=ALL).status_code == 403
