"""The frame: what every answer carries, kind errors, forms bound to their browser, health."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from foundation.bearers import Bearer, TokenMissing, check_bearer
from foundation.database import Database
from foundation.errors import HopnhatError, NotFound, NotPermitted, TryAgain, Unreachable
from foundation.forms import BROWSER_COOKIE, Form, sign_browser
from foundation.pages import render
from foundation.runtime import Runtime, open_runtime
from foundation.settings import SettingsRefused, build_settings
from foundation.web import ErrorPage, TokenRouter, build_app, is_own_path, machine_route, page_route
from foundation.web_section import WebSection
from tests.services.clock import START
from tests.services.inside import Inside


class Crowded(HopnhatError):
    """Too many at once."""

    code = "crowded"
    status = 503


def fail(request: Request, form: Form) -> Response:
    """One refusal of each kind, by name."""
    kinds: dict[str, Exception] = {
        "again": TryAgain("Somebody else was first. Please try again."),
        "right": NotPermitted(),
        "far": Unreachable(),
        "crowd": Crowded("Many people are here."),
        "bug": ZeroDivisionError("the secret is 4711"),
        "values": NotPermitted("Held by {names}.", names="<script>alert(1)</script>"),
    }
    raise kinds[form.text("kind")]


def show(request: Request, _form: Form) -> Response:
    """A page with a form."""
    return render(
        request, "foundation/error.html", ErrorPage("shown", "x"), form_targets=("https://app.vn",), scripts=True
    )


def take(_request: Request, form: Form) -> Response:
    """What a form brought."""
    return PlainTextResponse(form.text("word"))


def build_router() -> TokenRouter:
    """A room for these tests."""
    router = TokenRouter()
    router.check_token = check_word
    router.add_route("/fail", page_route(fail), methods=["GET"])
    router.add_route("/api/fail", machine_route(fail), methods=["GET"])
    router.add_route("/form", page_route(show), methods=["GET"])
    router.add_route("/form", page_route(take), methods=["POST"])
    router.add_route("/guarded", machine_route(guarded), methods=["GET"])

    @router.get("/api/typed")
    def typed(number: int) -> dict[str, int]:
        """An endpoint with types."""
        return {"number": number}

    return router


def check_word(token: str) -> Bearer:
    """One token is good."""
    if token not in ("good", "preview"):
        raise TokenMissing()
    ahead = START if token == "preview" else None
    return Bearer("app", None, frozenset({"verify"}), register_time=ahead)


def guarded(request: Request, form: Form) -> Response:
    """What a token opens."""
    return PlainTextResponse(check_bearer(request, form.text("scope"), previews="previews" in form).client)


@pytest.fixture(scope="module")
def runtime_here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """A runtime on an empty database."""
    folder = tmp_path_factory.mktemp("web")
    settings = build_settings(
        {"database": f"sqlite:///{folder / 'x.sqlite'}", "data": str(folder), "trusted_proxies": ["10.0.0.0/8"]}
    )
    runtime = open_runtime(settings)
    yield runtime
    runtime.close()


@pytest.fixture
def browser(runtime_here: Runtime) -> Inside:
    """A browser at the frame."""
    return Inside.of(build_app(runtime_here, [build_router(), APIRouter()]))


def test_the_token_of_a_preview_opens_only_what_answers_previews(browser: Inside) -> None:
    headers = {"Authorization": "Bearer preview"}
    assert browser.get("/guarded?scope=verify", headers=headers).status_code == 401
    assert browser.get("/guarded?scope=verify&previews=yes", headers=headers).status_code == 200
    assert browser.get("/guarded?scope=other&previews=yes", headers=headers).status_code == 403


def test_every_answer_is_framed(browser: Inside) -> None:
    for path in ("/form", "/health/live", "/static/hopnhat.css", "/no/such/page", "/fail?kind=bug"):
        headers = browser.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert len(headers["x-request-id"]) == 16


def test_a_redirect_may_be_framed_and_a_page_not(browser: Inside) -> None:
    """Silent renewal in a hidden frame."""
    assert "x-frame-options" not in browser.get("/language?to=vi").headers


def test_a_page_names_its_scripts_and_forms(browser: Inside) -> None:
    first, second = browser.get("/form"), browser.get("/form")
    policy = first.headers["content-security-policy"]
    assert "script-src 'nonce-" in policy
    assert "form-action 'self' https://app.vn" in policy
    assert policy != second.headers["content-security-policy"], "a nonce is used once"


@pytest.mark.parametrize(
    "kind, status, code",
    [
        ("again", 409, "try_again"),
        ("right", 403, "not_permitted"),
        ("far", 502, "unreachable"),
        ("crowd", 503, "crowded"),
        ("bug", 500, "our_fault"),
    ],
)
def test_a_refusal_is_a_kind_page_and_plain_json(browser: Inside, kind: str, status: int, code: str) -> None:
    page = browser.get(f"/fail?kind={kind}")
    assert page.status_code == status
    assert f'<main id="error" tabindex="-1" data-code="{code}">' in page.text
    for way in ("/activate", "/recover", "tel:"):
        assert way in page.text
    told = browser.get(f"/api/fail?kind={kind}")
    assert (told.status_code, told.json()["error"]) == (status, code)
    assert page.headers["x-request-id"] in page.text
    assert "4711" not in page.text + told.text


def test_a_crowd_is_told_when_to_come_back(browser: Inside) -> None:
    assert browser.get("/fail?kind=crowd").headers["retry-after"] == "2"


def test_values_in_a_sentence_are_escaped(browser: Inside) -> None:
    assert "<script>alert" not in browser.get("/fail?kind=values").text


def test_a_form_needs_the_token_of_its_own_browser(browser: Inside, runtime_here: Runtime) -> None:
    browser.get("/form")
    token = sign_browser(runtime_here.sealer, browser.cookies[BROWSER_COOKIE])
    assert browser.post("/form", data={"word": "x", "form_token": token}).text == "x"
    for wrong in ({}, {"form_token": ""}, {"form_token": "ữ"}, {"form_token": token[:-1] + "0x"}):
        assert browser.post("/form", data={"word": "x", **wrong}).status_code == 403
    browser.cookies.clear()
    assert browser.post("/form", data={"word": "x", "form_token": token}).status_code == 403


@pytest.mark.parametrize(
    "accept, cookie, query, language",
    [
        pytest.param("", None, "", "vi", id="nothing said"),
        pytest.param("en-US,en;q=0.9", None, "", "en", id="a browser that reads English only"),
        pytest.param("en-US,en;q=0.9,vi;q=0.1", None, "", "vi", id="a browser that reads Vietnamese too"),
        pytest.param("fr", None, "", "vi", id="neither"),
        pytest.param("fr", None, "?ui_locales=en-GB", "en", id="asked by the application"),
        pytest.param("en", "vi", "?ui_locales=en", "vi", id="chosen by the reader"),
        pytest.param("%%%;q=x", None, "", "vi", id="nonsense"),
    ],
)
def test_a_page_speaks_the_readers_language(
    browser: Inside, accept: str, cookie: str | None, query: str, language: str
) -> None:
    browser.headers["Accept-Language"] = accept
    if cookie:
        browser.cookies.set("language", cookie)
    page = browser.get(f"/form{query}")
    assert f'<html lang="{language}">' in page.text
    assert page.headers["content-language"] == language


@pytest.mark.parametrize(
    "back, target",
    [
        ("/login?next=%2Fme", "/login?next=%2Fme"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil", "/"),
    ],
)
def test_choosing_a_language_comes_back_here_and_nowhere_else(browser: Inside, back: str, target: str) -> None:
    answer = browser.get("/language", params={"to": "en", "back": back})
    assert answer.headers["location"] == target
    assert browser.cookies["language"] == "en"


@pytest.mark.parametrize("path", ["", "me", "//x", "/\\x", "/a\nb", "https://x", "/a\x00"])
def test_what_is_no_path_of_ours(path: str) -> None:
    assert not is_own_path(path)


def test_health(browser: Inside, runtime_here: Runtime, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert browser.get("/health/live").json() == {"status": "live"}
    assert browser.get("/health/ready").json() == {"status": "ready"}
    gone = replace(runtime_here, database=Database("postgresql://nobody@127.0.0.1:1/none"))
    down = Inside.of(build_app(gone))
    assert down.get("/health/live").status_code == 200
    assert down.get("/health/ready").status_code == 503


def test_bearer_tokens_are_checked_by_the_room_that_gives_them(browser: Inside) -> None:
    good = {"Authorization": "Bearer good"}
    assert browser.get("/guarded?scope=verify", headers=good).text == "app"
    refused = browser.get("/guarded?scope=other", headers=good)
    assert (refused.status_code, refused.json()["error"]) == (403, "insufficient_scope")
    for header in ({}, {"Authorization": "Bearer bad"}, {"Authorization": "Basic good"}):
        missing = browser.get("/guarded?scope=verify", headers=header)
        assert (missing.status_code, missing.headers["www-authenticate"]) == (401, "Bearer")


def test_typed_endpoints_refuse_without_repeating_what_was_sent(browser: Inside) -> None:
    told = browser.get("/api/typed?number=secret")
    assert told.status_code == 400
    assert "secret" not in told.text
    assert "/api/typed" in browser.get("/openapi.json").json()["paths"]


@pytest.mark.parametrize("path", ["/form?x=%00", "/form/%00", "/api/typed?number=1%00"])
def test_an_address_with_a_nul_is_refused_before_anything_looks_at_it(browser: Inside, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 400
    assert len(answer.headers["x-request-id"]) == 16


def test_files_are_served_under_the_name_of_their_content(browser: Inside) -> None:
    page = browser.get("/form").text
    style = page.split('<link rel="stylesheet" href="')[1].split('"')[0]
    answer = browser.get(style)
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert browser.get(style, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    for font in [part.split('"')[0] for part in page.split('<link rel="preload" href="')[1:]]:
        assert font in answer.text, "the style asks for the very file the page preloads"
    assert browser.get("/static/../settings.py").status_code == 404
    assert browser.get("/static/%2e%2e/settings.py").status_code == 404


def test_no_colour_takes_its_time(browser: Inside) -> None:
    """A link whose colour follows the page's by a tenth of a second stands on a ground it cannot be read on meanwhile."""
    style = browser.get("/form").text.split('<link rel="stylesheet" href="')[1].split('"')[0]
    assert not re.findall(r"transition|animation|@keyframes", browser.get(style).text)


def test_a_page_weighs_less_than_thirty_kilobytes(browser: Inside) -> None:
    page = browser.get("/form").text
    style = page.split('<link rel="stylesheet" href="')[1].split('"')[0]
    assert (
        len(page.encode()) + len(browser.get(style).content) + len(browser.get("/static/comfort.js").content) < 30_000
    )


def test_under_tls_cookies_are_bound_to_the_host(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("tls")
    settings = build_settings(
        {"database": f"sqlite:///{folder / 'x.sqlite'}", "data": str(folder), "issuer": "https://id.vn"}
    )
    answer = Inside.of(build_app(open_runtime(settings), [build_router()]), "https://id.vn").get("/form")
    assert answer.headers["set-cookie"].startswith("__Host-browser=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=lax"):
        assert part in answer.headers["set-cookie"]
    assert "domain" not in answer.headers["set-cookie"].lower()
    assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_title_subtitle_and_emblem_are_the_administrations(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("own")
    emblem = folder / "emblem.png"
    emblem.write_bytes(b"\x89PNG\r\n\x1a\nours")
    wanted = {
        "database": f"sqlite:///{folder / 'x.sqlite'}",
        "data": str(folder),
        "title": "UBND tỉnh <b>Vĩnh Long</b>",
        "web": {"emblem": str(emblem), "subtitle": "Cổng đăng nhập"},
    }
    browser = Inside.of(build_app(open_runtime(build_settings(wanted, [WebSection])), [build_router()]))
    page = browser.get("/form").text
    assert "UBND tỉnh &lt;b&gt;Vĩnh Long&lt;/b&gt;" in page
    assert "Cổng đăng nhập" in page
    picture = browser.get(page.split('<img src="')[1].split('"')[0])
    assert (picture.content, picture.headers["content-type"]) == (emblem.read_bytes(), "image/png")


@pytest.mark.parametrize("web", [{"emblem": "/no/such.png"}, {"emblem": __file__}, {"log_level": "LOUD"}])
def test_settings_of_the_pages_are_refused_at_start(web: dict[str, str]) -> None:
    with pytest.raises(SettingsRefused):
        build_settings({"web": web}, [WebSection])


@pytest.fixture
def hot_caller(runtime_here: Runtime) -> Inside:
    """A service with one path by the shortcut and one by the framework, with the same answers."""

    def answer(_request: Request, form: Form) -> Response:
        if form.text("gone"):
            raise NotFound("There is no page at this address.")
        if form.text("broken"):
            raise ZeroDivisionError
        return PlainTextResponse(form.text("say"))

    router = TokenRouter()
    for path in ("/seldom", "/often"):
        router.add_route(path, machine_route(answer), methods=["GET", "POST"])
    router.hot = frozenset({"/often"})
    router.check_token = lambda _token: Bearer("x", None, frozenset())
    return Inside.of(build_app(runtime_here, [APIRouter(), router]))


CHANGING = ("x-request-id",)


@pytest.mark.parametrize(
    ("method", "query"),
    [
        pytest.param("GET", "say=here", id="answered"),
        pytest.param("HEAD", "say=here", id="head"),
        pytest.param("GET", "gone=1", id="refused"),
        pytest.param("GET", "broken=1", id="broken"),
        pytest.param("DELETE", "", id="method-not-allowed"),
        pytest.param("GET", "say=%00", id="nul"),
        pytest.param("POST", "say=%00", id="posted-without-body"),
    ],
)
def test_the_shortcut_of_hot_paths_answers_as_the_framework_does(hot_caller: Inside, method: str, query: str) -> None:
    often = hot_caller.request(method, f"/often?{query}")
    hot_caller.cookies.clear()
    seldom = hot_caller.request(method, f"/seldom?{query}")
    assert often.status_code == seldom.status_code
    left, right = ({n: v for n, v in each.headers.items() if n not in CHANGING} for each in (often, seldom))
    assert left == right or often.status_code >= 400
    assert set(left) == set(right)
    if often.status_code < 300:
        assert often.content == seldom.content
