"""Requests nobody would write, at every address of the whole service, with and without leave: none is a fault of ours.

Addresses are the service's own routes, so a new one is hunted from the day it is there; those that OpenAPI describes get their
parameters by name.
"""

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, urlencode

from fastapi import FastAPI
from starlette.routing import BaseRoute, Route

from foundation.database import Database
from foundation.runtime import open_runtime
from foundation.settings import build_settings
from provisioning.app import build_service
from provisioning.sections import SECTIONS
from sso.client_keeping import add_client
from sso.client_registration import GRANT_TYPES, NewClient
from sso.particulars import Particulars
from sso.scopes import ALL_SCOPES
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.flow import Application, Attempt, form_of, get_code, redeem
from tests.sso.people import PASSWORD, official

BACK = "https://a.example/cb"
NAMES = (
    *("client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method", "prompt", "max_age"),
    *("response_type", "response_mode", "asked", "next", "ui_locales", "id_token_hint", "login", "password", "claims", "request"),
    *("request_uri", "acr_values", "resource", "display", "code", "token", "refresh_token", "grant_type", "client_secret", "answer"),
    *("client_assertion", "client_assertion_type", "device_code", "user_code", "otp", "draft", "act", "credential", "challenge"),
    *("new_password", "new_password_again", "account", "remove", "session", "device", "consent", "all", "at", "scheme", "code_at"),
    *("changed_since", "units", "codes", "level", "filter", "startIndex", "count", "sortBy", "q", "page", "logout_token", "sid", "iss"),
)  # fmt: skip
VALUES = (
    *("", " ", "0", "-1", "9" * 400, "1e999", "x" * 5000, "\x00", "ữ", "\u202e", "\U0001f600", "%", "%00", "{}", "[]", "null", "true"),
    *("[" * 2000, '{"a":' * 900, "openid", "code", "S256", "none", "login consent", "authorization_code", "refresh_token", "a.b.c"),
    *("urn:ietf:params:oauth:grant-type:device_code", "client_credentials", "urn:ietf:params:oauth:request_uri:x", "//evil", "/me"),
    *("https://a.example/cb", "https://a.example/cb#x", "javascript:x", "2025-07-01", "9999-12-31T23:59:59Z", "0000-00-00", "24:00"),
    *("2025-02-30", "-9999999-01-01", "H61.12", "00000000-0000-0000-0000-000000000000", "../..", "'; --", "form_post", "accept"),
    *('userName eq "x"', "not (", "agency", "admin-2004", "S1.1", "one two three", "sso", "app", "hoa.lt"),
    *("id_token", "token id_token", "fragment"),
)  # fmt: skip
BODIES = (
    *(b"", b"null", b"[]", b"{}", b"7", b'"x"', b"\xff\xfe", b"[" * 3000, b'{"a": NaN}', b'{"codes": [1, null, {}]}', b'{"codes": 7}'),
    *(b'{"redirect_uris": [1]}', b'{"redirect_uris": ["https://a.example/cb"], "jwks": {"keys": [{}]}}', b'{"schemas": [7]}', b"{"),
    *(b'{"codes": ["\\ud800"]}', b'{"client_name": "\\u0000"}', b'{"queries": [{"code": []}]}', b'[{"code": "H61", "at": "x"}]'),
)  # fmt: skip
KINDS = (
    "application/x-www-form-urlencoded",
    "application/json",
    "multipart/form-data; boundary=x",
    "text/plain",
    "x",
    "multipart/form-data",
)
HEADERS: tuple[dict[str, str], ...] = (
    *({}, {"Accept": "application/json"}, {"Accept-Language": ";q=,*,vi;q=2"}, {"Origin": "null"}, {"If-None-Match": "x" * 3000}),
    *({"Cookie": "session=x; browser=\xff; language=zz"}, {"X-Forwarded-For": "::::, \t"}, {"Range": "bytes=9-1"}, {"Host": "["}),
    *({"If-Modified-Since": "never"}, {"Content-Length": "9999"}, {"Transfer-Encoding": "x"}, {"Accept": "\xff"}, {"DPoP": "x"}),
)  # fmt: skip


@dataclass(frozen=True)
class Hunted:
    """The service, its addresses, and what opens more of it than strangers see."""

    app: FastAPI
    places: tuple[tuple[str, str], ...]
    authorizations: tuple[str, ...]
    person: Inside


def list_places(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, str]]:
    """Every method at every address, of the rooms' routers too."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from list_places(inner.routes)
        elif isinstance(route, Route):
            for method in sorted((route.methods or set()) - {"HEAD"}):
                yield method, route.path


def open_hunted(folder: Path, url: str) -> Hunted:
    """The whole service on one database, with somebody in it and an application that may everything."""
    clock = MovableClock()
    policy = {
        "registration": "open",
        "implicit_flow": True,
        "registrations_per_hour": 100_000,
        "guesses": 10,
        "source_weight": 1_000_000,
    }
    written = {"database": url, "data": str(folder / "data"), "sso": policy}
    runtime = open_runtime(build_settings(written, SECTIONS), clock.clocks)
    runtime.close()
    runtime = replace(runtime, database=Database(url))
    official(runtime)
    new = NewClient(
        name="app", client_id="app", redirect_uris=(BACK,), grant_types=GRANT_TYPES, scopes=ALL_SCOPES,
        particulars=Particulars(resources=("https://api.example.vn/",)),
    )  # fmt: skip
    with runtime.database.write() as writes:
        _client, secret = add_client(writes, new, "test", clock.now)
        add_client(writes, build_page(), "test", clock.now)
    app = build_service(runtime)
    application, person = Application("app", secret, BACK), Inside.of(app)
    attempt = Attempt(application, scope="openid profile unit")
    token = redeem(person, attempt, get_code(person, attempt, "hoa.lt", PASSWORD)).json()["access_token"]
    own = person.post("/token", data={"grant_type": "client_credentials"}, auth=("app", secret or "")).json()[
        "access_token"
    ]
    known = ("", f"Bearer {token}", f"Bearer {own}", "Basic " + "%", "Bearer \xff", "Basic YXBwOng=")
    return Hunted(app, tuple(list_places(app.routes)), known, person)


def build_page() -> NewClient:
    """An application that gets tokens by way of the browser."""
    types = Particulars(response_types=("id_token", "id_token token"))
    return NewClient(name="page", client_id="page", redirect_uris=(BACK,), particulars=types)


def hunt_once(hunted: Hunted, number: int) -> tuple[str, int]:
    """Send the request of this number. Gives what was asked and the status."""
    chance = random.Random(number)
    method, path = chance.choice(hunted.places)
    path = re.sub(
        r"{[^}]+}", lambda _: quote(chance.choice(VALUES)[:300], safe="/" if chance.random() < 0.2 else ""), path
    )
    pairs = [(chance.choice(NAMES), chance.choice(VALUES)) for _ in range(chance.randrange(7))]
    if path in ("/authorize", "/par", "/logout") and chance.random() < 0.6:
        asking = ("app", "code") if chance.random() < 0.7 else ("page", "id_token token")
        wanted = Attempt(Application(asking[0], None, BACK)).parameters(response_type=asking[1])
        pairs = [*wanted.items(), *pairs[:2]]
    browser = hunted.person if chance.random() < 0.4 else Inside.of(hunted.app)
    headers = {name.encode(): text.encode("latin-1") for name, text in chance.choice(HEADERS).items()}
    if authorization := chance.choice(hunted.authorizations):
        headers[b"Authorization"] = authorization.encode("latin-1")
    if method == "GET":
        answer = browser.request(method, f"{path}?{urlencode(pairs)[:20_000]}", headers=headers)
    else:
        kind = chance.choice(KINDS)
        content = chance.choice(BODIES)
        if kind == KINDS[0] and chance.random() < 0.8:
            token = form_of(browser.get("/login")).get("form_token", "")
            content = urlencode([*pairs, ("form_token", token)]).encode()
        answer = browser.request(method, path, content=content, headers={**headers, b"Content-Type": kind.encode()})
    return f"{number}: {method} {path[:80]} {pairs!r:.300} {headers!r:.200}", answer.status_code


def is_fault(status: int) -> bool:
    """Whether an answer is a fault of ours; 502 and 503 say that somebody else is not there, or that it is crowded."""
    return status >= 500 and status not in (502, 503)
