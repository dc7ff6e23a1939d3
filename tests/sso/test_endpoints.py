"""Userinfo, introspection, revocation, keys, discovery."""

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.jwk import KeySet

from foundation.web import build_app
from sso.app import build_router
from sso.client_keeping import add_client
from sso.client_registration import NewClient
from sso.clients import TABLE
from tests.services.clock import MovableClock
from tests.sso.conftest import CALLBACK, SCOPES, Door
from tests.sso.flow import SCOPE, Application, Attempt, ask_token, get_code, redeem, refresh, userinfo
from tests.sso.people import PASSWORD, Official, official


def tokens_of(door: Door, scope: str = SCOPE) -> tuple[Official, dict[str, Any]]:
    """An official, and the tokens of their log-in."""
    hoa = official(door.runtime, address="hoa.lt@vinhlong.gov.vn", alias="hoa.le")
    browser, attempt = door.browser(), Attempt(door.application, scope=scope)
    return hoa, dict(redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).json())


def introspect(door: Door, token: str) -> dict[str, Any]:
    """What the application is told about a token."""
    return dict(ask_token(door.browser(), door.application, {"token": token}, "/introspect").json())


def test_each_scope_opens_its_claims_and_no_other(door: Door) -> None:
    hoa, tokens = tokens_of(door, "openid email")
    assert userinfo(door.browser(), tokens["access_token"]).json() == {
        "sub": str(hoa.person_id),
        "email": "hoa.lt@vinhlong.gov.vn",
        "email_verified": False,
    }


def test_userinfo_takes_the_token_in_header_or_body(door: Door) -> None:
    _hoa, tokens = tokens_of(door)
    browser, token = door.browser(), tokens["access_token"]
    assert browser.post("/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert browser.post("/userinfo", data={"access_token": token}).status_code == 200
    assert browser.get(f"/userinfo?access_token={token}").status_code == 401
    both = browser.post("/userinfo", data={"access_token": token}, headers={"Authorization": f"Bearer {token}"})
    assert both.status_code == 400


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer x", "Basic x", "Bearer \xff", "Bearer " + "x" * 9000])
def test_userinfo_refuses_whatever_is_no_token(standing_door: Door, header: str | None) -> None:
    headers = {b"Authorization": header.encode("latin-1")} if header else {}
    answer = standing_door.browser().get("/userinfo", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_an_access_token_ends_by_itself(door: Door, clock: MovableClock) -> None:
    _hoa, tokens = tokens_of(door)
    clock.advance(tokens["expires_in"] - 1)
    assert userinfo(door.browser(), tokens["access_token"]).status_code == 200
    clock.advance(1)
    assert userinfo(door.browser(), tokens["access_token"]).status_code == 401


def test_introspection_says_whose_token_it_is(door: Door) -> None:
    """Mail servers compare `username`."""
    hoa, tokens = tokens_of(door)
    told = introspect(door, tokens["access_token"])
    assert told["active"] is True
    assert (told["username"], told["sub"], told["client_id"]) == ("hoa.lt", str(hoa.person_id), "van-ban")


def test_introspection_tells_nothing_about_a_dead_token(door: Door) -> None:
    assert introspect(door, "made-up") == {"active": False}
    _hoa, tokens = tokens_of(door)
    assert introspect(door, tokens["refresh_token"]) == {"active": False}, "a refresh token is no access token"


def test_only_applications_with_a_secret_may_introspect(door: Door) -> None:
    with door.runtime.database.write() as writes:
        new = NewClient(name="Điện thoại", client_id="dien-thoai", kind="public", redirect_uris=(CALLBACK,))
        add_client(writes, new, "test", door.runtime.clocks.wall())
    answer = ask_token(door.browser(), Application("dien-thoai", None, ""), {"token": "x"}, "/introspect")
    assert answer.status_code == 400
    assert door.browser().post("/introspect", data={"token": "x"}).status_code == 401


def test_a_revoked_access_token_is_dead_and_the_family_lives(door: Door) -> None:
    _hoa, tokens = tokens_of(door)
    browser = door.browser()
    assert ask_token(browser, door.application, {"token": tokens["access_token"]}, "/revoke").status_code == 200
    assert userinfo(browser, tokens["access_token"]).status_code == 401
    assert refresh(browser, door.application, tokens["refresh_token"]).status_code == 200


def test_a_revoked_refresh_token_takes_its_family_along(door: Door) -> None:
    _hoa, tokens = tokens_of(door)
    browser = door.browser()
    form = {"token": tokens["refresh_token"], "token_type_hint": "no such hint"}
    assert ask_token(browser, door.application, form, "/revoke").status_code == 200
    assert userinfo(browser, tokens["access_token"]).status_code == 401
    assert refresh(browser, door.application, tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_revoking_what_is_dead_is_no_error(standing_door: Door) -> None:
    """mod_auth_openidc revokes at log-out whatever it has."""
    answer = ask_token(standing_door.browser(), standing_door.application, {"token": "made-up"}, "/revoke")
    assert answer.status_code == 200


def test_another_application_revokes_nothing(door: Door) -> None:
    _hoa, tokens = tokens_of(door)
    with door.runtime.database.write() as writes:
        new = NewClient(name="Khác", client_id="khac", redirect_uris=(CALLBACK,), scopes=SCOPES)
        client, secret = add_client(writes, new, "test", door.runtime.clocks.wall())
    other = Application(client.client_id, secret, CALLBACK)
    for token in ("access_token", "refresh_token"):
        assert ask_token(door.browser(), other, {"token": tokens[token]}, "/revoke").status_code == 200
    assert userinfo(door.browser(), tokens["access_token"]).status_code == 200


def test_a_self_contained_access_token_is_signed_and_short(door: Door) -> None:
    official(door.runtime)
    with door.runtime.database.write() as writes:
        new = NewClient(
            name="Khác", client_id="khac", redirect_uris=(CALLBACK,), access_token_format="jwt", id_token_alg="ES256"
        )
        client, secret = add_client(writes, new, "test", door.runtime.clocks.wall())
    browser, attempt = door.browser(), Attempt(Application(client.client_id, secret, CALLBACK))
    tokens = redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).json()
    keys = KeySet.import_key_set(browser.get("/jwks").json())
    token = jwt.decode(tokens["access_token"], keys, algorithms=["ES256"])
    assert token.header["typ"] == "at+jwt"
    assert token.claims["exp"] - token.claims["iat"] <= 300
    assert userinfo(browser, tokens["access_token"]).status_code == 200
    assert jwt.decode(tokens["id_token"], keys, algorithms=["ES256"]).claims["aud"] == "khac"


def test_both_discovery_documents_hold(standing_door: Door) -> None:
    browser = standing_door.browser()
    told = browser.get("/.well-known/openid-configuration").json()
    assert browser.get("/.well-known/oauth-authorization-server").json() == told
    OpenIDProviderMetadata({**told, "issuer": "https://x.vn"} | as_https(told)).validate()
    assert told["issuer"] == "http://127.0.0.1:8000"
    for name in [name for name in told if name.endswith("_endpoint") or name == "jwks_uri"]:
        path = told[name].removeprefix(told["issuer"])
        assert standing_door.browser().get(path).status_code != 404, name


def as_https(told: dict[str, Any]) -> dict[str, Any]:
    """The same addresses under https, which the metadata's own rules demand off loopback."""
    return {
        name: value.replace("http://127.0.0.1:8000", "https://x.vn")
        for name, value in told.items()
        if isinstance(value, str)
    }


def test_published_keys_have_what_clients_need_and_nothing_secret(standing_door: Door) -> None:
    keys = standing_door.browser().get("/jwks").json()["keys"]
    assert {key["alg"] for key in keys} == {"RS256", "ES256"}
    for key in keys:
        assert {"kid", "use", "alg", "kty"} <= set(key)
        assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & set(key)


def test_pages_of_public_applications_may_call(door: Door) -> None:
    with door.runtime.database.write() as writes:
        new = NewClient(name="Trang", client_id="trang", kind="public", redirect_uris=("https://spa.example.vn/done",))
        add_client(writes, new, "test", door.runtime.clocks.wall())
    browser = door.browser()
    for origin, leave in (("https://spa.example.vn", "https://spa.example.vn"), ("https://evil.example", None)):
        flight = browser.options("/userinfo", headers={"Origin": origin, "Access-Control-Request-Method": "GET"})
        assert flight.status_code == 204
        assert flight.headers.get("access-control-allow-origin") == leave
        error = browser.post("/token", data={"grant_type": "x"}, headers={"Origin": origin})
        assert error.headers.get("access-control-allow-origin") == leave
    assert browser.get("/jwks").headers["access-control-allow-origin"] == "*"
    assert (
        "access-control-allow-origin" not in browser.get("/login", headers={"Origin": "https://spa.example.vn"}).headers
    )


def test_pages_of_who_registered_itself_may_not_until_an_operator_takes_it_over(door: Door) -> None:
    new = NewClient(
        name="Lạ",
        client_id="la",
        kind="public",
        redirect_uris=("https://la.example.vn/cb",),
        scopes=("openid",),
        own=False,
    )
    client = sa.update(TABLE).where(TABLE.c.client_id == "la")
    headers = {"Origin": "https://la.example.vn", "Access-Control-Request-Method": "GET"}
    with door.runtime.database.write() as writes:
        add_client(writes, new, "test", door.runtime.clocks.wall())
        writes.execute(client.values(registration_hash=b"x" * 32))
    assert "access-control-allow-origin" not in door.browser().options("/userinfo", headers=headers).headers
    with door.runtime.database.write() as writes:
        writes.execute(client.values(own=True))
    another = replace(
        door, app=build_app(door.runtime, [build_router(door.runtime)])
    )  # A process that remembers nothing.
    allowed = another.browser().options("/userinfo", headers=headers).headers
    assert allowed["access-control-allow-origin"] == "https://la.example.vn"


def test_a_method_no_endpoint_has_is_refused_kindly(standing_door: Door) -> None:
    assert standing_door.browser().get("/token").status_code == 405
    assert standing_door.browser().put("/login", content=b"").status_code == 405
