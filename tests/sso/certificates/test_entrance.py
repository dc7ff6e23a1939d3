"""Who comes in with a key device, and everything that opens nothing."""

import base64
import hashlib
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import ValidationError

from foundation.audit import AuditRow
from foundation.callers import Standing
from sso.certificates.errors import CertificateStrange, HeaderUntrusted, ProxyUnproven
from sso.certificates.presented import check_proxy, decode
from sso.certificates.settings import ClientCertificateSection
from tests.services.clock import MovableClock
from tests.sso.certificates.authority import Authority
from tests.sso.certificates.conftest import HEADER, PROOF, PROXY, STRANGER, KeyDoor, escaped, rfc9440
from tests.sso.conftest import Door
from tests.sso.door.test_login import try_login
from tests.sso.flow import Attempt, answer_of, form_of, log_in, read_id_token, redeem
from tests.sso.people import PASSWORD, official

LEVEL = "urn:hopnhat:certificate"


def refusals(key_door: KeyDoor) -> list[str]:
    """The words of the audit for what was refused."""
    with key_door.door.runtime.database.read() as reads:
        rows = reads.execute(sa.select(AuditRow.detail).where(AuditRow.event == "sso.certificate.refused"))
        return [row.detail["why"] for row in rows]


def is_refused(answer: Any) -> bool:
    """Whether the browser is sent back to the log-in page with the one sentence."""
    location = answer.headers.get("location", "")
    return answer.status_code == 303 and "/login?certificate=refused" in location and not answer.cookies.get("session")


@pytest.mark.parametrize("form", [rfc9440, escaped])
def test_a_key_device_opens_the_door(key_door: KeyDoor, form: Callable[[x509.Certificate], str]) -> None:
    browser = key_door.browser()
    answer = key_door.show(form(key_door.device), browser)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{key_door.door.runtime.settings.issuer}/me"
    assert browser.get("/me").status_code == 200
    assert refusals(key_door) == []


def test_an_application_learns_the_level_and_the_means(key_door: KeyDoor) -> None:
    browser, attempt = key_door.browser(), Attempt(key_door.door.application)
    sent = browser.get(attempt.address(acr_values=LEVEL))
    following = parse_qs(urlsplit(sent.headers["location"]).query)["next"][0]
    back = key_door.show(rfc9440(key_door.device), browser, following)
    code = answer_of(browser.get(back.headers["location"]))["code"]
    claims = read_id_token(browser, redeem(browser, attempt, code).json()["id_token"])
    assert (claims["acr"], claims["amr"], claims["sub"]) == (LEVEL, ["sc", "mfa"], str(key_door.hoa.person_id))


def test_a_password_does_not_reach_the_level(key_door: KeyDoor) -> None:
    browser, attempt = key_door.browser(), Attempt(key_door.door.application)
    posted = log_in(browser, attempt.address(acr_values=LEVEL), key_door.hoa.login, PASSWORD)
    again = browser.get(posted.headers["location"])
    assert urlsplit(again.headers["location"]).path == "/login", "the key device is asked for"


def test_who_comes_in_with_the_device_in_an_open_session_raises_it(key_door: KeyDoor) -> None:
    browser = key_door.browser()
    assert try_login(browser, key_door.hoa.login) == 303
    before = browser.cookies.get("session")
    assert key_door.show(rfc9440(key_door.device), browser).status_code == 303
    assert browser.cookies.get("session") != before


def test_strangers_guesses_keep_no_key_device_out(key_door: KeyDoor) -> None:
    for number in range(7):
        try_login(key_door.browser(STRANGER), key_door.hoa.login, f"wrong {number}")
    assert not is_refused(key_door.show(rfc9440(key_door.device)))


# --- the header ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("caller", [STRANGER, ("127.0.0.1", 40000), ("10.9.8.8", 1)], ids=["far", "loopback", "near"])
def test_the_header_of_anybody_else_is_refused_with_an_audit_row(key_door: KeyDoor, caller: tuple[str, int]) -> None:
    """CVE-2024-10039, CVE-2025-3501."""
    browser = key_door.browser(caller)
    assert is_refused(key_door.show(rfc9440(key_door.device), browser))
    assert refusals(key_door) == ["untrusted_header"]
    assert browser.get("/me").status_code == 303


@pytest.mark.parametrize(
    "shown", [None, "", "0123456789abcdef0123456789abcdeg", "not it"], ids=["none", "empty", "another", "short"]
)
def test_a_program_at_the_proxys_address_without_its_secret_is_a_stranger(key_door: KeyDoor, shown: str | None) -> None:
    """Any user of the proxy's machine has its address, and anybody's certificate is public."""
    browser = key_door.browser()
    del browser.headers["Hopnhat-Proxy"]
    if shown is not None:
        browser.headers["Hopnhat-Proxy"] = shown
    assert is_refused(key_door.show(rfc9440(key_door.device), browser))
    assert refusals(key_door) == ["untrusted_header"]


def test_the_secret_shown_twice_proves_nothing(key_door: KeyDoor) -> None:
    browser = key_door.browser()
    del browser.headers["Hopnhat-Proxy"]
    headers = [(HEADER, rfc9440(key_door.device)), *PROOF.items(), *PROOF.items()]
    assert is_refused(browser.post("/login/certificate", data=form_of(browser.get("/login")), headers=headers))
    assert refusals(key_door) == ["untrusted_header"]


def test_the_secret_from_elsewhere_is_a_strangers(key_door: KeyDoor) -> None:
    browser = key_door.browser(STRANGER)
    browser.headers.update(PROOF)
    assert is_refused(key_door.show(rfc9440(key_door.device), browser))
    assert refusals(key_door) == ["untrusted_header"]


@pytest.mark.parametrize(
    ("standing", "by_address", "why"),
    [
        pytest.param(Standing.PROVEN, False, None, id="the socket, or the secret"),
        pytest.param(Standing.ADDRESSED, False, ProxyUnproven, id="the address alone"),
        pytest.param(Standing.ADDRESSED, True, None, id="the address, where the settings say that it is enough"),
        pytest.param(Standing.STRANGER, True, HeaderUntrusted, id="a stranger, whatever the settings say"),
    ],
)
def test_an_address_alone_is_no_proof(standing: Standing, by_address: bool, why: type[Exception] | None) -> None:
    section = ClientCertificateSection(header=HEADER, own_authority=True, proxy_by_address=by_address)
    with pytest.raises(why) if why else nullcontext():
        check_proxy(standing, section)


def test_an_address_that_a_header_tells_is_no_proxy(key_door: KeyDoor) -> None:
    browser = key_door.browser(STRANGER)
    browser.headers["X-Forwarded-For"] = PROXY[0]
    assert is_refused(key_door.show(rfc9440(key_door.device), browser))
    assert refusals(key_door) == ["untrusted_header"]


def test_the_header_opens_nothing_at_any_other_address(key_door: KeyDoor) -> None:
    browser = key_door.browser()
    browser.headers[HEADER] = rfc9440(key_door.device)
    assert browser.get("/me").status_code == 303
    assert browser.get("/login").status_code == 200
    assert "session" not in browser.cookies


def test_without_the_forms_token_nothing_is_opened(key_door: KeyDoor) -> None:
    answer = key_door.browser().post("/login/certificate", headers={HEADER: rfc9440(key_door.device)})
    assert answer.status_code in (400, 403)
    assert "session" not in answer.cookies


VALUES: dict[str, Callable[[x509.Certificate], str]] = {
    "text": lambda one: "nonsense",
    "an empty sequence": lambda one: "::",
    "not base64": lambda one: ":%%%:",
    "base64 of nothing known": lambda one: f":{base64.b64encode(b'hello').decode()}:",
    "bytes behind the certificate": lambda one: f":{base64.b64encode(one.public_bytes(Encoding.DER) + b'x').decode()}:",
    "plain base64": lambda one: base64.b64encode(one.public_bytes(Encoding.DER)).decode(),
    "a chain": lambda one: escaped(one) + escaped(one),
    "two sequences": lambda one: rfc9440(one) + ", " + rfc9440(one),
    "broken escapes": lambda one: "%ff%fe" + escaped(one),
    "too long": lambda one: ":" + "A" * 30_000 + ":",
    "a list of names": lambda one: "Subject=CN=Le Thi Hoa",
}


@pytest.mark.parametrize("which", VALUES)
def test_what_is_no_certificate_is_not_read(clock: MovableClock, which: str) -> None:
    with pytest.raises(CertificateStrange):
        decode(VALUES[which](Authority(clock.now).person()))


def test_what_is_no_certificate_is_refused(key_door: KeyDoor) -> None:
    assert is_refused(key_door.show("nonsense"))
    assert refusals(key_door) == ["strange"]


def test_two_headers_are_refused(key_door: KeyDoor) -> None:
    browser = key_door.browser()
    page = form_of(browser.get("/login"))
    value = rfc9440(key_door.device)
    headers = [(HEADER, value), (HEADER, value)]
    assert is_refused(browser.post("/login/certificate", data=page, headers=headers))
    assert refusals(key_door) == ["strange"]


def test_no_certificate_is_said_like_a_wrong_one(key_door: KeyDoor) -> None:
    assert is_refused(key_door.show(None))
    assert is_refused(key_door.show(""))
    assert refusals(key_door) == ["none", "none"]
    page = key_door.browser().get("/login?certificate=refused")
    assert "key device could not be used" in page.text


# --- the certificate -----------------------------------------------------------------------------------------------

CERTIFICATES: dict[str, tuple[Callable[[Authority], x509.Certificate], str]] = {
    "over": (lambda ca: ca.person(begins=timedelta(days=-30), lasts=timedelta(days=29)), "holder"),
    "not yet": (lambda ca: ca.person(begins=timedelta(days=1)), "holder"),
    "of an authority with the same name": (lambda ca: Authority(ca.now).person(), "chain"),
    "signed by itself": (lambda ca: ca.certify(ca.root.subject, ca.root.subject, ca.key.public_key(), ca.key), "chain"),
    "not for signatures": (lambda ca: ca.person(signs=False), "chain"),
    "an authority's": (lambda ca: ca.person(authority=True), "chain"),
}


@pytest.mark.parametrize("which", CERTIFICATES)
def test_a_certificate_that_is_not_good_opens_nothing(key_door: KeyDoor, which: str) -> None:
    make, why = CERTIFICATES[which]
    certificate = make(key_door.authority)
    key_door.give(certificate)
    assert is_refused(key_door.show(rfc9440(certificate)))
    assert refusals(key_door) == [why]


def test_revoked_by_the_authoritys_list(key_door: KeyDoor) -> None:
    key_door.authority.keep(key_door.lists, key_door.device)
    assert is_refused(key_door.show(rfc9440(key_door.device)))
    assert refusals(key_door) == ["revoked"]


def test_revoked_in_the_register(key_door: KeyDoor) -> None:
    key_door.revoke_in_register(hashlib.sha256(key_door.device.public_bytes(Encoding.DER)).hexdigest())
    assert is_refused(key_door.show(rfc9440(key_door.device)))
    assert refusals(key_door) == ["revoked"]


@pytest.mark.parametrize("missing", ["issuing.crl", "root.crl"])
def test_without_a_list_nothing_is_known_and_nothing_is_opened(key_door: KeyDoor, missing: str) -> None:
    (key_door.lists / missing).unlink()
    assert is_refused(key_door.show(rfc9440(key_door.device)))
    assert refusals(key_door) == ["revocation_unknown"]


def test_a_list_that_is_over_says_nothing(key_door: KeyDoor) -> None:
    key_door.clock.advance(days=2)
    assert is_refused(key_door.show(rfc9440(key_door.device)))
    assert refusals(key_door) == ["revocation_unknown"]


def test_a_list_that_somebody_else_signed_says_nothing(key_door: KeyDoor) -> None:
    (key_door.lists / "issuing.crl").write_bytes(Authority(key_door.clock.now).list_of())
    assert is_refused(key_door.show(rfc9440(key_door.device)))
    assert refusals(key_door) == ["revocation_unknown"]


# --- the register --------------------------------------------------------------------------------------------------


def test_a_good_certificate_the_register_does_not_know_opens_nothing(key_door: KeyDoor) -> None:
    """The same name, the same authority: names find nobody."""
    assert is_refused(key_door.show(rfc9440(key_door.authority.person())))
    assert refusals(key_door) == ["holder"]


@pytest.mark.parametrize("state", ["suspended", "closed", "issued"])
def test_an_account_that_is_not_active_stays_shut(key_door: KeyDoor, state: str) -> None:
    nam = official(
        key_door.door.runtime, "Trần Nam", "nam.t", unit="Xã Mỹ Lộc", code="H61.13", state=state, with_password=False
    )
    certificate = key_door.authority.person("Trần Nam")
    key_door.give(certificate, nam)
    assert is_refused(key_door.show(rfc9440(certificate)))
    assert refusals(key_door) == ["holder"]


def test_an_administration_account_is_opened_by_no_certificate(key_door: KeyDoor) -> None:
    root = official(key_door.door.runtime, "Trần Nam", "nam.qt", unit="Xã Mỹ Lộc", code="H61.13", kind="administration")
    certificate = key_door.authority.person("Trần Nam")
    key_door.give(certificate, root)
    assert is_refused(key_door.show(rfc9440(certificate)))


# --- settings ------------------------------------------------------------------------------------------------------


def test_the_button_is_there_only_where_it_works(key_door: KeyDoor, standing_door: Door) -> None:
    assert 'id="certificate"' in key_door.browser().get("/login").text
    plain = standing_door.browser()
    assert 'id="certificate"' not in plain.get("/login").text
    assert plain.post("/login/certificate").status_code in (404, 405)
    assert LEVEL not in plain.get("/.well-known/openid-configuration").json()["acr_values_supported"]
    assert LEVEL in key_door.browser().get("/.well-known/openid-configuration").json()["acr_values_supported"]


@pytest.mark.parametrize(
    "written",
    [
        pytest.param({"header": "Client-Cert"}, id="nobody vouches"),
        pytest.param({"header": "Client Cert", "own_authority": True}, id="no header's name"),
        pytest.param({"header": "A", "authorities": ["/nowhere.pem"]}, id="no such file"),
        pytest.param({"header": "A", "own_authority": True, "address": "https://x/y"}, id="address with a path"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_start(written: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ClientCertificateSection(**written)
