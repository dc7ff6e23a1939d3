"""Key devices and passkeys, origins, comparisons, sizes; and a door that is not there at all."""

import hmac
import json
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from directory.models import Certificate
from foundation.audit import AuditRow
from sso.factors.passkeys import ask_creation, ask_proof, build_party
from tests.sso.certificates.authority import Authority
from tests.sso.certificates.conftest import PROXY, STRANGER, KeyDoor, key_door, rfc9440
from tests.sso.certificates.test_entrance import is_refused
from tests.sso.door.test_login import try_login
from tests.sso.flow import Application, Attempt, answer_of, ask_token, form_of
from tests.sso.incidents.conftest import ISSUER, Attacked
from tests.sso.people import PASSWORD

__all__ = ["key_door"]


def test_keycloak_cve_2024_10039_a_certificate_in_a_header_of_a_stranger_is_none(key_door: KeyDoor) -> None:
    stranger = key_door.browser(caller=STRANGER)
    assert is_refused(key_door.show(rfc9440(key_door.device), stranger))
    stranger.headers["X-Forwarded-For"] = PROXY[0]
    assert is_refused(key_door.show(rfc9440(key_door.device), stranger))


def test_a_program_on_the_proxys_machine_is_not_the_proxy(key_door: KeyDoor) -> None:
    """Its address is the proxy's and the certificate is public; the secret is what it lacks."""
    local = key_door.browser()
    del local.headers["Hopnhat-Proxy"]
    local.headers["X-Forwarded-For"] = "198.51.100.7"
    assert is_refused(key_door.show(rfc9440(key_door.device), local))
    with key_door.door.runtime.database.read() as reads:
        refused = sa.select(AuditRow.detail).where(AuditRow.event == "sso.certificate.refused")
        assert reads.execute(refused).scalar_one() == {"why": "untrusted_header", "caller": PROXY[0]}


def test_keycloak_cve_2025_3501_the_whole_path_of_a_certificate_is_checked(key_door: KeyDoor) -> None:
    """The same name from another authority: known to the register even, and still no way in."""
    other = Authority(key_door.clock.now).person()
    key_door.give(other)
    assert is_refused(key_door.show(rfc9440(other)))


def test_zitadel_cve_2026_105207_a_certificate_is_linked_by_the_register_and_by_no_browser(key_door: KeyDoor) -> None:
    """ZI CVE-2026-105215, KC CVE-2026-1529: an open session beside a good certificate makes it nobody's."""
    browser = key_door.browser()
    assert try_login(browser, "hoa.lt") == 303
    unknown = key_door.authority.person()
    before = count_certificates(key_door)
    assert is_refused(key_door.show(rfc9440(unknown), browser))
    assert count_certificates(key_door) == before
    assert is_refused(key_door.show(rfc9440(unknown)))


def count_certificates(key_door: KeyDoor) -> int:
    """How many the register knows."""
    with key_door.door.runtime.database.read() as reads:
        return int(reads.execute(sa.select(sa.func.count()).select_from(Certificate)).scalar_one())


def test_keycloak_cve_2026_6856_the_owner_of_a_key_is_asked_to_open_it_always(attacked: Attacked) -> None:
    """KC CVE-2026-3429: when it is made and when it is used."""
    sealer, now, who = attacked.runtime.sealer, attacked.clock.now, attacked.someone()
    party = build_party(ISSUER, "x")
    with attacked.runtime.database.read() as reads:
        made = json.loads(ask_creation(reads, sealer, party, who.account_id, who.login, now).options)
    used = json.loads(ask_proof(sealer, party, now).options)
    assert made["authenticatorSelection"]["userVerification"] == used["userVerification"] == "required"
    assert made["rp"]["id"] == used["rpId"] == "dangnhap.example.vn"


def test_keycloak_cve_2026_37977_an_origin_is_the_registered_one_and_not_a_tokens(attacked: Attacked) -> None:
    """No header, token or application in the request says which page may read the answer."""
    attacked.application(kind="public", redirect_uris=("https://trang.example.vn/cb",))
    token = "eyJhbGciOiJub25lIn0.eyJhbGxvd2VkLW9yaWdpbnMiOlsiaHR0cHM6Ly9ldmlsLmV4YW1wbGUiXX0."
    for origin in ("https://evil.example", "null", "https://trang.example.vn.evil.example", "http://trang.example.vn"):
        browser = attacked.browser()
        browser.headers.update({"Origin": origin, "Authorization": f"Bearer {token}"})
        for answer in (browser.get("/userinfo"), browser.post("/token"), browser.options("/token")):
            assert "access-control-allow-origin" not in answer.headers
            assert "access-control-allow-credentials" not in answer.headers


def test_kanidm_1_10_and_authentik_cve_2024_52307_secrets_are_compared_in_constant_time(
    attacked: Attacked, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[bytes, bytes]] = []
    real = hmac.compare_digest

    def compare(one: Any, other: Any) -> bool:
        compared.append((one, other))
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    guess = Application(application.client_id, "x", "")
    assert ask_token(attacked.browser(), guess, {"grant_type": "client_credentials"}).status_code == 401
    assert any(len(one) == len(other) == 32 for one, other in compared), "digests of equal length"


LARGE = [
    pytest.param("GET", "/authorize", {"scope": "a " * 20_000}, id="keycloak CVE-2026-4634 scopes"),
    pytest.param("GET", "/authorize", {"claims": "[" * 30_000}, id="keycloak CVE-2026-9801 nested claims"),
    pytest.param("GET", "/authorize", {"acr_values": "x " * 20_000}, id="levels"),
    pytest.param("POST", "/token", {"scope": "openid " * 9_000}, id="keycloak CVE-2026-4634 scopes of a program"),
    pytest.param("POST", "/par", {"resource": "https://a.example/" * 3_000}, id="resources"),
    pytest.param("POST", "/introspect", {"token": "x" * 60_000}, id="token"),
    pytest.param("POST", "/login", {"login": "x" * 60_000, "password": "y"}, id="log-in"),
    pytest.param("POST", "/token", {"x": "y" * 400_000}, id="keycloak CVE-2024-10270 a body without end"),
]


@pytest.mark.parametrize(("method", "path", "fields"), LARGE)
def test_what_is_too_much_is_refused_cheaply(
    attacked: Attacked, application: Application, method: str, path: str, fields: dict[str, str]
) -> None:
    browser = attacked.browser()
    proof = (application.client_id, application.secret or "")
    if method == "GET":
        # Past what a client library sends in an address, so it comes as a form, which is turned into one.
        answer = browser.post(path, data={**Attempt(application).parameters(), **fields})
        if answer.status_code == 303 and len(answer.headers["location"]) < 60_000:
            answer = browser.get(answer.headers["location"])
    else:
        answer = browser.post(path, data={**fields, "grant_type": "client_credentials"}, auth=proof)
    assert answer.status_code < 500
    assert "access_token" not in answer.text


@pytest.mark.parametrize("length", [129, 1_000, 60_000])
def test_kanidm_a_password_has_an_end(attacked: Attacked, length: int) -> None:
    """And costs no more than another (kanidm caps 128)."""
    who = attacked.someone()
    browser = attacked.browser()
    sent = {**form_of(browser.get("/login")), "login": who.login, "password": PASSWORD + "x" * length}
    assert browser.post("/login", data=sent).status_code in (403, 413)


@pytest.mark.parametrize("count", [200, 5_000])
def test_keycloak_cve_2024_9666_headers_of_a_proxy_cost_nothing(attacked: Attacked, count: int) -> None:
    browser = attacked.browser()
    browser.headers["X-Forwarded-For"] = ", ".join(["10.0.0.1"] * count)
    assert browser.get("/.well-known/openid-configuration").status_code < 500


def test_many_parameters_are_no_work(attacked: Attacked) -> None:
    content = urlencode([(f"p{number}", "x") for number in range(5_000)])
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert attacked.browser().post("/token", content=content, headers=kind).status_code in (400, 401, 413)


@pytest.mark.parametrize(
    "path", ["/saml", "/saml2", "/saml/sso", "/saml/acs", "/saml/metadata", "/idp/SAML2", "/adfs/ls", "/cas/login"]
)
def test_authentik_cve_2026_25922_and_the_other_ways_past_saml_are_not_there(attacked: Attacked, path: str) -> None:
    """AK CVE-2026-40165, CVE-2026-47201, CVE-2026-57580; KC CVE-2024-8698, CVE-2026-2092: nothing here reads SAML."""
    response = {"SAMLResponse": "PHNhbWxwOlJlc3BvbnNlLz4=", "RelayState": "https://evil.example"}
    assert attacked.browser().post(path, data=response).status_code in (404, 405)
    assert attacked.browser().get(path, params=response).status_code == 404


def test_a_stranger_gets_no_code_for_saml_s_words(attacked: Attacked, application: Application) -> None:
    answer = attacked.browser().get(Attempt(application).address(prompt="none", SAMLResponse="x", assertion="x"))
    assert answer_of(answer)["error"] == "login_required"
