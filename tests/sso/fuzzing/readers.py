"""Everything that reads what strangers wrote, as functions of bytes: each may refuse in its own words and may do nothing else.

The hunters (`__main__.py`, `test_readers.py`) bring broken bytes; whatever comes out of here but a refusal is a finding.
"""

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from authlib.oauth2 import OAuth2Error
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from foundation.errors import BadInput, HopnhatError
from foundation.forms import parse_pairs
from sso.assertions import read_issuer
from sso.authorization.wishes import read_wishes
from sso.certificates.errors import CertificateRefused
from sso.certificates.presented import decode
from sso.client_authentication import read_basic
from sso.client_keys import ClientKeys, SignatureRefused, read_header
from sso.clients import Client
from sso.door.sources import name_source
from sso.factors.passkeys import PasskeyError, read_credential
from sso.fetching import Fetcher
from sso.key_sets import read_key_set
from sso.keys import KeyRing, SigningKey
from sso.particulars import Particulars
from sso.redirects import check_registrable, is_registered
from sso.registration.endpoint import read_json
from sso.registration.metadata import read_metadata
from sso.registration.outside import recognise
from sso.settings import SsoSection

NOW = datetime(2025, 7, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Reader:
    """One reader with good examples of what it reads, and the refusals it promises."""

    name: str
    read: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]
    refusals: tuple[type[Exception], ...]

    def try_on(self, content: bytes) -> None:
        """Read; a refusal is fine, everything else is raised."""
        with suppress(*self.refusals):
            self.read(content)


@cache
def key() -> RSAKey:
    """A key for good examples."""
    return RSAKey.generate_key(2048, {"kid": "one"})


@cache
def application() -> Client:
    """An application with keys."""
    particulars = Particulars(
        jwks={"keys": [key().as_dict(private=False)]}, token_endpoint_auth_method="private_key_jwt"
    )
    return Client(
        client_id="app", name="x", kind="confidential", secret_hash=b"", former_secret_hash=None, former_secret_until=None,
        redirect_uris=("https://a.example/cb",), post_logout_redirect_uris=(), grant_types=("authorization_code",),
        scopes=("openid", "profile", "email", "unit"), pkce_required=True, own=True, id_token_alg="RS256",
        access_token_format="opaque", home_uri=None, backchannel_logout_uri=None, made_at=NOW, particulars=particulars,
    )  # fmt: skip


@cache
def ring() -> KeyRing:
    """A ring with that key and no database behind it."""
    made = KeyRing.__new__(KeyRing)
    made._keys = (SigningKey("one", "RS256", key(), NOW),)
    return made


def text_of(content: bytes) -> str:
    """Bytes as a header or form has them."""
    return content.decode("latin-1")


def read_token(content: bytes) -> None:
    """A token, wherever one is read."""
    token = text_of(content)
    read_issuer(token)
    for read in (ring().read_id_token, read_header, read_signed):
        with suppress(JoseError, ValueError, SignatureRefused):
            read(token)


def read_signed(token: str) -> object:
    """The claims of an application's token."""
    return ClientKeys(Fetcher(SsoSection())).read(application(), token)


def read_form(content: bytes) -> None:
    """A form or query, and what stands in its parameters."""
    form = parse_pairs(text_of(content))
    for name in form:
        form.text(name)
        form.every(name)
    read_wishes(application(), form.get("claims"))


def read_address(content: bytes) -> None:
    """An address to go back to, or a caller's."""
    text = text_of(content)
    is_registered(text, ["https://a.example/cb", "http://127.0.0.1/done"], native=True)
    name_source(text)
    check_registrable(text, native=True)


def sign_payload(payload: bytes) -> bytes:
    """A token that the application really signed, whatever it says."""
    parts = [json.dumps({"alg": "RS256", "kid": "one", "typ": "JWT"}).encode(), payload]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = key().private_key.sign(signed, PKCS1v15(), hashes.SHA256())
    return signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")


def make_tokens() -> list[bytes]:
    """Good tokens, and some with a header or claims of an unusual shape."""
    claims = {"iss": "app", "sub": "app", "aud": "https://x", "exp": 9, "jti": "a", "auth_time": 1}
    good = jwt.encode({"alg": "RS256", "kid": "one", "typ": "JWT"}, claims, key())
    odd = [sign_payload(payload) for payload in (b"[" * 3_000, b"null", b"7", b'{"exp":NaN,"aud":[1,null]}', b"\xff")]
    deep = base64.urlsafe_b64encode(b'{"a":' + b"[" * 8_000).rstrip(b"=")
    return [
        *odd,
        good.encode(),
        deep + b".e30.AA",
        b"e30." + deep + b".AA",
        b"bnVsbA.bnVsbA.",
        b"W10.W10.AA",
        b"..",
        b"eyJhbGciOjF9.MQ.AA",
    ]


def make_certificates() -> list[bytes]:
    """A certificate as proxies hand it on."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Lê Thị Hoa")])
    holder = ec.generate_private_key(ec.SECP256R1())
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(holder.public_key())
        .serial_number(7)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=9))
        .sign(holder, hashes.SHA256())
    )
    der, pem = made.public_bytes(Encoding.DER), made.public_bytes(Encoding.PEM)
    ninth = der.replace(bytes.fromhex("a003020102"), bytes.fromhex("a003020108"), 1)
    return [b":" + base64.b64encode(ninth) + b":", b":" + base64.b64encode(der) + b":", pem, pem.replace(b"\n", b"%0A")]


def make_registrations() -> list[bytes]:
    """Registrations."""
    keys = {"keys": [key().as_dict(private=False)]}
    plain = {"redirect_uris": ["https://a.example/cb"], "jwks": keys, "contacts": ["a"], "default_max_age": 5}
    return [
        json.dumps(plain).encode(),
        b'{"redirect_uris": 1}',
        b"[" * 9_000,
        b'{"jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": 1}]}}',
    ]


def make_credentials() -> list[bytes]:
    """Answers of passkeys."""
    inner = {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", "userHandle": None}
    return [json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": inner}).encode(), b"{" * 9_000]


READERS = (
    Reader("token", read_token, make_tokens, ()),
    Reader("certificate", lambda content: decode(text_of(content)), make_certificates, (CertificateRefused,)),
    Reader(
        "form",
        read_form,
        lambda: [b'a=1&claims=%7B%22userinfo%22%3A%7B%22email%22%3Anull%7D%7D&b=%C3%A9', b"claims=" + b"%5B" * 4_000],
        (BadInput, OAuth2Error),
    ),
    Reader(
        "registration",
        lambda content: read_metadata(read_json(content), SsoSection()),
        make_registrations,
        (OAuth2Error,),
    ),
    Reader("key set", read_key_set, make_registrations, (ValueError,)),
    Reader("passkey", lambda content: read_credential(text_of(content)), make_credentials, (PasskeyError,)),
    Reader("basic", lambda content: read_basic(text_of(content)), lambda: [b"Basic dmFuLWJhbjpz", b"Basic " + b"A" * 99], (OAuth2Error,)),
    Reader(
        "address",
        read_address,
        lambda: [b"https://a.example:443/cb?x=1", b"http://[::1]:99/done", b"2001:db8::1%eth0", b"vn.a.b:/x"],
        (HopnhatError,),
    ),
    Reader("picture", recognise, lambda: [b"\x89PNG\r\n\x1a\n", b"RIFF1234WEBP", b"<svg/>"], ()),
)  # fmt: skip
