"""Incidents of others at second factors, passkeys and recovery, each once more against this door."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from sso.factors.passkeys import (
    ANYBODY,
    PasskeyError,
    ask_proof,
    build_party,
    find_passkey,
    seal_challenge,
    take_challenge,
)
from tests.services.clock import MovableClock
from tests.sso.conftest import Door
from tests.sso.door.test_login import try_login
from tests.sso.factors.test_second_factor import answer, code_at, with_app
from tests.sso.flow import form_of
from tests.sso.people import official

PARTY = build_party("https://dangnhap.vinhlong.gov.vn", "Vĩnh Long")


def test_authentik_cve_2026_54730_an_empty_post_skips_no_stage(door: Door, clock: MovableClock) -> None:
    with_app(door, clock)
    browser = door.browser()
    try_login(browser, "hoa.lt")
    page = browser.get("/second-factor")
    for path in ("/second-factor", "/second-factor/passkey", "/login/passkey"):
        assert browser.post(path, data=form_of(page)).status_code in (400, 403)
    assert browser.get("/me").status_code == 303


def test_keycloak_cve_2024_4629_parallel_guesses_at_a_code_count_each(door: Door, clock: MovableClock) -> None:
    _who, secret, _codes = with_app(door, clock)
    browser = door.browser()
    try_login(browser, "hoa.lt")
    form = form_of(browser.get("/second-factor"))

    def guess(number: int) -> int:
        return browser.post("/second-factor", data={**form, "otp": f"{number:06}"}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(guess, range(8))) == {403}
    assert answer(browser, code_at(secret, clock)).status_code == 403


@pytest.mark.parametrize("issuer", ["https://dangnhap.vinhlong.gov.vn.evil.example", "https://evil.example"])
def test_kanidm_suffix_origin_only_our_exact_origin_is_named(issuer: str) -> None:
    """Kanidm 1.10."""
    party = build_party("https://dangnhap.vinhlong.gov.vn:8443", "x")
    assert (party.origin, party.host) == ("https://dangnhap.vinhlong.gov.vn:8443", "dangnhap.vinhlong.gov.vn")
    assert build_party(issuer, "x").origin != party.origin


def test_keycloak_cve_2026_37982_a_challenge_is_good_once_for_its_purpose_and_owner(
    door: Door, clock: MovableClock
) -> None:
    sealer = door.runtime.sealer
    sealed = seal_challenge(sealer, b"c" * 32, "get", ANYBODY, clock.now)
    with door.runtime.database.write() as writes:
        for purpose, whose in (("create", ANYBODY), ("get", "somebody")):
            with pytest.raises(PasskeyError):
                take_challenge(writes, sealer, sealed, purpose, whose, clock.now)
        assert take_challenge(writes, sealer, sealed, "get", ANYBODY, clock.now) == b"c" * 32
        with pytest.raises(PasskeyError):
            take_challenge(writes, sealer, sealed, "get", ANYBODY, clock.now)
        late = seal_challenge(sealer, b"d" * 32, "get", ANYBODY, clock.now)
        with pytest.raises(PasskeyError):
            take_challenge(writes, sealer, late, "get", ANYBODY, clock.advance(minutes=5))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"rawId": 1}',
        '{"rawId": "====", "response": 5}',
        "{" * 5000,
        "x" * 30000,
        '{"rawId": "AA"}',
    ],
)
def test_no_answer_of_a_key_is_a_failure_of_ours(door: Door, clock: MovableClock, text: str) -> None:
    """No request anywhere answers 500."""
    official(door.runtime)
    browser = door.browser()
    question = ask_proof(door.runtime.sealer, PARTY, clock.now)
    form = {**form_of(browser.get("/login")), "challenge": question.sealed, "credential": text}
    assert browser.post("/login/passkey", data=form).status_code == 403
    with door.runtime.database.read() as reads, pytest.raises(PasskeyError):
        find_passkey(reads, text)


def test_keycloak_cve_2026_8830_user_verification_is_demanded_and_no_key_is_told_of(
    door: Door, clock: MovableClock
) -> None:
    options = json.loads(ask_proof(door.runtime.sealer, PARTY, clock.now).options)
    assert options["userVerification"] == "required"
    assert options["rpId"] == "dangnhap.vinhlong.gov.vn"
    assert options.get("allowCredentials", []) == []


def test_zitadel_cve_2026_119128_the_session_gets_a_new_value_at_every_step(door: Door, clock: MovableClock) -> None:
    _who, secret, _codes = with_app(door, clock)
    browser = door.browser()
    try_login(browser, "hoa.lt")
    half = browser.cookies["session"]
    answer(browser, code_at(secret, clock))
    assert browser.cookies["session"] != half
    stale = door.browser()
    stale.cookies.set("session", half)
    assert stale.get("/me").status_code == 303
    assert stale.get("/second-factor").headers["location"].startswith("/login")
