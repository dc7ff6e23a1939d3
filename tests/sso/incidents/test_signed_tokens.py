"""JOSE: the algorithm is the key's, the key is ours or the application's, the form is the compact one; anything else is no token.

Every forgery is tried where strangers can show tokens: as a hint at log-out and as an application's proof.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from sso.keys import KeyRing, ensure_keys, retire_key
from sso.particulars import Particulars
from sso.tokens import half_hash
from tests.sso.flow import Application, read_id_token
from tests.sso.incidents.conftest import ISSUER, Attacked
from tests.sso.relying_party import public_set

KEY, STRANGER = RSAKey.generate_key(2048, {"kid": "one"}), RSAKey.generate_key(2048, {"kid": "one"})
PROOF = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
Claims = dict[str, Any]
Forge = Callable[[RSAKey, Claims, str], str]


def encode(content: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def assemble(header: Claims, claims: Claims, sign: Callable[[bytes], bytes]) -> str:
    """A compact token whatever stands in it."""
    signed = f"{encode(json.dumps(header).encode())}.{encode(json.dumps(claims).encode())}"
    return f"{signed}.{encode(sign(signed.encode()))}"


def by_hmac(secret: bytes) -> Callable[[bytes], bytes]:
    """A signature with a shared secret."""
    return lambda signed: hmac.digest(secret, signed, hashlib.sha256)


def right(key: RSAKey, claims: Claims, kid: str) -> str:
    """A token that this very key signed."""
    return jwt.encode({"alg": "RS256", "kid": kid, "typ": "JWT"}, claims, key)


def endless(key: RSAKey, claims: Claims, kid: str) -> str:
    """A rightly signed token that takes long to read."""
    return assemble({"alg": "RS256", "kid": kid, "typ": "JWT"}, {**claims, "x": "x" * 40_000}, by_key(key))


def by_key(key: RSAKey) -> Callable[[bytes], bytes]:
    """A signature as RS256 makes it."""
    return lambda signed: key.private_key.sign(signed, PKCS1v15(), hashes.SHA256())


def insist(key: RSAKey, claims: Claims, kid: str) -> str:
    """A rightly signed token with an extension in `crit` that nobody knows."""
    return assemble({"alg": "RS256", "kid": kid, "typ": "JWT", "crit": ["x"], "x": True}, claims, by_key(key))


def unencoded(key: RSAKey, claims: Claims, kid: str) -> str:
    """A rightly signed token whose payload says that it is not encoded (RFC 7797)."""
    return assemble({"alg": "RS256", "kid": kid, "typ": "JWT", "b64": False, "crit": ["b64"]}, claims, by_key(key))


def as_json(key: RSAKey, claims: Claims, kid: str) -> str:
    """The same token in JSON serialisation."""
    header, payload, signature = right(key, claims, kid).split(".")
    return json.dumps({"payload": payload, "protected": header, "signature": signature})


def last_bits(key: RSAKey, claims: Claims, kid: str) -> str:
    """A token whose signature ends with other bits that decode alike."""
    token = right(key, claims, kid)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + letters[letters.index(token[-1]) ^ 1]


def with_key(_key: RSAKey, claims: Claims, kid: str, name: str) -> str:
    """A stranger's token that brings its key along, or says where it lies."""
    where = {"jku": "https://evil.example/k", "x5u": "https://evil.example/c"}
    told = {"jwk": STRANGER.as_dict(private=False), **where}[name]
    return assemble({"alg": "RS256", "kid": kid, "typ": "JWT", name: told}, claims, by_key(STRANGER))


def hmac_with(secret: bytes) -> Forge:
    """A token with a shared secret in place of the key."""
    return lambda _key, claims, kid: assemble({"alg": "HS256", "kid": kid, "typ": "JWT"}, claims, by_hmac(secret))


def unsigned(alg: str) -> Forge:
    """A token nobody signed."""
    return lambda _key, claims, kid: assemble({"alg": alg, "kid": kid, "typ": "JWT"}, claims, lambda _signed: b"")


def public_as_secret(key: RSAKey, claims: Claims, kid: str) -> str:
    """The key everybody can read, taken for a shared secret."""
    return hmac_with(key.as_pem(private=False))(key, claims, kid)


FORGERIES: list[Any] = [
    pytest.param(unsigned("none"), id="canaille 0.3.6 none"),
    pytest.param(unsigned("nOnE"), id="none in another case"),
    pytest.param(public_as_secret, id="authlib CVE-2024-37568 public key as secret"),
    pytest.param(hmac_with(b""), id="joserfc CVE-2026-102946 empty secret"),
    pytest.param(hmac_with(b"\n"), id="libjwt CVE-2026-44699 nearly empty secret"),
    pytest.param(partial(with_key, name="jwk"), id="authlib CVE-2026-27962 key in the header"),
    pytest.param(partial(with_key, name="jku"), id="authlib CVE-2026-96760 address of keys in the header"),
    pytest.param(partial(with_key, name="x5u"), id="authlib CVE-2026-114615 address of a certificate in the header"),
    pytest.param(lambda _key, *rest: right(STRANGER, *rest), id="keycloak CVE-2026-11800 another key of the same name"),
    pytest.param(insist, id="authlib CVE-2025-59420 unknown crit"),
    pytest.param(unencoded, id="joserfc CVE-2026-49852 payload said not to be encoded"),
    pytest.param(as_json, id="authlib CVE-2026-114616 another form than the compact one"),
    pytest.param(endless, id="authlib CVE-2025-61920 endless"),
    pytest.param(lambda *given: right(*given) + "=", id="padding"),
    pytest.param(lambda *given: right(*given).replace(".", ".\n", 1), id="white space"),
    pytest.param(last_bits, id="other last bits"),
]


def hint_parts(attacked: Attacked, application: Application) -> tuple[RSAKey, Claims, str]:
    """The provider's own key with the claims of an ID token of somebody."""
    token = attacked.tokens(application, attacked.someone())["id_token"]
    ring = KeyRing(attacked.runtime)
    signer = ring.signer("RS256", attacked.clock.now)
    assert isinstance(signer.key, RSAKey)
    return signer.key, read_id_token(attacked.browser(), token), signer.kid


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("forge", FORGERIES)
def test_no_forged_token_is_a_hint(attacked: Attacked, application: Application, forge: Forge) -> None:
    key, claims, kid = hint_parts(attacked, application)
    asked = attacked.browser().get("/logout", params={"id_token_hint": forge(key, claims, kid)})
    assert (asked.status_code, 'data-code="logout_refused"' in asked.text) == (400, True)
    good = attacked.browser().get("/logout", params={"id_token_hint": right(key, claims, kid)})
    assert good.status_code == 200, "the same token rightly made is one"


@pytest.fixture(scope="module")
def prover(attacked: Attacked) -> Application:
    """An application that proves itself by KEY."""
    keys = Particulars(token_endpoint_auth_method="private_key_jwt", jwks=public_set(KEY))
    return attacked.application(particulars=keys)


def prove(attacked: Attacked, token: str) -> int:
    """The status of a request that needs nothing but the proof."""
    form = {"client_assertion_type": PROOF, "client_assertion": token, "token": "made up"}
    return attacked.browser().post("/introspect", data=form).status_code


def claims_of(attacked: Attacked, prover: Application, jti: str) -> Claims:
    """What a proof says."""
    now = int(attacked.clock.now.timestamp())
    return {"iss": prover.client_id, "sub": prover.client_id, "aud": ISSUER, "iat": now, "exp": now + 60, "jti": jti}


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("forge", FORGERIES)
def test_no_forged_token_proves_an_application(
    attacked: Attacked, prover: Application, forge: Forge, request: pytest.FixtureRequest
) -> None:
    claims = claims_of(attacked, prover, request.node.name)
    assert prove(attacked, forge(KEY, claims, "one")) in (400, 401, 413)
    assert prove(attacked, right(KEY, claims, "one")) == 200, "the same claims rightly signed do"


def test_keycloak_cve_2024_7318_what_a_retired_key_signed_is_believed_no_longer(attacked: Attacked) -> None:
    """ZI CVE-2025-31123: the end of a key counts."""
    now, sealer = attacked.clock.now, attacked.runtime.sealer
    with attacked.runtime.database.write() as writes:
        ensure_keys(writes, sealer, "test", now, ("EdDSA",))
    ring = KeyRing(attacked.runtime)
    token = ring.sign({"sub": "x", "aud": "a", "exp": 1, "auth_time": 0}, "EdDSA", now)
    assert ring.read_id_token(token)["sub"] == "x"
    with attacked.runtime.database.write() as writes:
        retire_key(writes, ring.signer("EdDSA", now).kid, "test", now)
    with pytest.raises(ValueError, match="no key of ours"):
        KeyRing(attacked.runtime).read_id_token(token)


def test_authlib_cve_2026_28498_the_hash_of_the_access_token_stands_in_every_id_token(
    attacked: Attacked, application: Application
) -> None:
    """Whoever checks it must find it: here nothing is left out where it cannot be computed."""
    tokens = attacked.tokens(application, attacked.someone())
    claims = read_id_token(attacked.browser(), tokens["id_token"])
    assert claims["at_hash"] == half_hash(tokens["access_token"], "RS256")


@pytest.mark.parametrize(
    "key", [{"kty": "oct", "k": ""}, {"kty": "oct", "k": "AAAA"}, {"kty": "RSA", "n": "AQ", "e": "AQAB"}, {"kty": "EC"}]
)
def test_joserfc_cve_2026_102946_no_shared_secret_and_no_broken_key_is_registered(
    attacked: Attacked, key: Claims
) -> None:
    body = {"redirect_uris": ["https://a.example/cb"], "jwks": {"keys": [key]}}
    assert attacked.browser().post("/register", json=body).status_code == 400


def test_a_key_of_another_curve_signs_nothing_for_an_application(attacked: Attacked, prover: Application) -> None:
    token = jwt.encode(
        {"alg": "ES256", "kid": "one"}, claims_of(attacked, prover, "curve"), ECKey.generate_key("P-256")
    )
    assert prove(attacked, token) == 401
