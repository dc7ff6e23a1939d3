"""What a provider's answer must be; each of these is not. And the file of providers, refused at start with its complaints."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from pydantic import ValidationError

from sso.fetching import Fetched, Fetcher
from sso.settings import SsoSection
from sso.upstream.answers import read_answer
from sso.upstream.documents import Documents, read_metadata
from sso.upstream.errors import AnswerMixed, AnswerRefused, ProviderAway, UpstreamRefused
from sso.upstream.settings import UpstreamProvider, UpstreamSection
from sso.upstream.trips import Trip, begin, challenge_of

ISSUER = "https://vneid.example.vn"
OURS = "https://sso.tinh.gov.vn"
KEY = ECKey.generate_key("P-256", parameters={"kid": "1", "use": "sig"}, auto_kid=False)
STRANGE = ECKey.generate_key("P-256", parameters={"kid": "1", "use": "sig"}, auto_kid=False)
METADATA = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/jwks",
    "authorization_response_iss_parameter_supported": True,
}


class Published(Documents):
    """The documents of a provider that is not on this machine, and its answer to the code."""

    def __init__(self, token: Any) -> None:
        super().__init__(Fetcher(SsoSection()))
        self.token = token
        self.posted: list[tuple[str, dict[str, str], dict[str, str]]] = []

    def fetch(self, address: str) -> Fetched:
        """Metadata or keys."""
        told = {"keys": [KEY.as_dict(private=False)]} if address.endswith("/jwks") else METADATA
        return Fetched(json.dumps(told).encode(), "application/json")

    def post(self, address: str, form: dict[str, str], headers: dict[str, str]) -> Fetched:
        """The answer to the code."""
        self.posted.append((address, form, headers))
        return Fetched(json.dumps({"access_token": "x", "id_token": self.token}).encode(), "application/json")


@dataclass
class Case:
    """A provider and a trip to it."""

    provider: UpstreamProvider
    trip: Trip
    now: datetime = field(default_factory=lambda: datetime.fromtimestamp(int(time.time()), UTC))

    def claims(self, **changed: Any) -> dict[str, Any]:
        """What a right ID token says."""
        stamp = int(self.now.timestamp())
        claims = {
            "iss": ISSUER,
            "aud": "tinh-nay",
            "sub": "0123",
            "exp": stamp + 300,
            "iat": stamp,
            "nonce": self.trip.nonce,
        }
        return {name: value for name, value in {**claims, **changed}.items() if value is not None}

    def sign(self, key: Any = KEY, alg: str = "ES256", header: dict[str, Any] | None = None, **changed: Any) -> str:
        """A token."""
        return jwt.encode({"alg": alg, "kid": "1", **(header or {})}, self.claims(**changed), key, algorithms=[alg])

    def read(self, token: Any, **answer: str) -> str:
        """Who it is."""
        told = {"code": "c", "iss": ISSUER, **answer}
        return read_answer(Published(token), self.provider, self.trip, told, OURS, self.now).subject


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A provider with a secret."""
    (tmp_path / "secret").write_text("s p:e%c\n")
    provider = UpstreamProvider(
        name="vneid", title="VNeID", issuer=ISSUER, client_id="tinh-nay", secret_file=tmp_path / "secret"
    )
    return Case(provider, begin(provider, "login", "/me", datetime(2025, 6, 24, tzinfo=UTC)))


def test_a_right_answer_says_who_it_is(case: Case) -> None:
    assert case.read(case.sign()) == "0123"
    assert case.read(case.sign(aud=["tinh-nay"], azp="tinh-nay")) == "0123"


def test_a_silent_answer_is_no_fresh_log_in(case: Case) -> None:
    """Whoever sits at the screen may take `prompt` out of the address on its way; the token tells when the log-in was."""
    began = case.now
    case.trip = begin(case.provider, "login", "/me", began, fresh=True)
    stamp = int(began.timestamp())
    assert case.read(case.sign(auth_time=stamp)) == "0123"
    for told in (stamp - 120, None, "soon", True, float("nan")):
        with pytest.raises(AnswerRefused):
            case.read(case.sign(auth_time=told))


def test_the_code_is_redeemed_with_verifier_and_secret_at_the_providers_own_endpoint(case: Case) -> None:
    documents = Published(case.sign())
    read_answer(documents, case.provider, case.trip, {"code": "c", "iss": ISSUER}, OURS, case.now)
    [(address, form, headers)] = documents.posted
    assert address == f"{ISSUER}/token"
    assert challenge_of(form["code_verifier"]) == challenge_of(case.trip.verifier)
    assert form["redirect_uri"] == f"{OURS}/login/upstream/vneid/answer"
    assert "client_secret" not in form
    assert headers["Authorization"] == "Basic dGluaC1uYXk6cyUyMHAlM0FlJTI1Yw=="


def unsigned(case: Case) -> str:
    """A token that says that it needs no signature."""
    head, _, rest = case.sign().partition(".")
    assert head
    return f"eyJhbGciOiJub25lIn0.{rest.partition('.')[0]}."


TOKENS: dict[str, Callable[[Case], Any]] = {
    "not signed": unsigned,
    "signed by somebody else": lambda case: case.sign(STRANGE),
    "signed with a key it brings along": lambda case: case.sign(
        STRANGE, header={"jwk": STRANGE.as_dict(private=False)}
    ),
    "signed with our secret": lambda case: case.sign(OctKey.import_key("s p:e%c" * 8), "HS256"),
    "signed with another kind of key": lambda case: case.sign(RSAKey.generate_key(2048), "RS256"),
    "of another provider": lambda case: case.sign(iss="https://attacker.example"),
    "of nobody": lambda case: case.sign(iss=None),
    "for another application": lambda case: case.sign(aud="attacker"),
    "for two applications": lambda case: case.sign(aud=["tinh-nay", "attacker"]),
    "asked for by another application": lambda case: case.sign(azp="attacker"),
    "over": lambda case: case.sign(exp=int(case.now.timestamp()) - 61),
    "without an end": lambda case: case.sign(exp=None),
    "an end that is no time": lambda case: case.sign(exp="tomorrow"),
    "made tomorrow": lambda case: case.sign(iat=int(case.now.timestamp()) + 86400),
    "of another trip": lambda case: case.sign(nonce="another"),
    "of no trip": lambda case: case.sign(nonce=None),
    "a nonce that is no text": lambda case: case.sign(nonce=7),
    "about nobody": lambda case: case.sign(sub=None),
    "about an empty name": lambda case: case.sign(sub=""),
    "about a number": lambda case: case.sign(sub=12),
    "about an endless name": lambda case: case.sign(sub="9" * 256),
    "nonsense": lambda case: "nonsense",
    "five parts": lambda case: "a.b.c.d.e",
    "endless": lambda case: "a" * 20_000,
}


@pytest.mark.parametrize("which", TOKENS)
def test_such_a_token_is_refused(case: Case, which: str) -> None:
    with pytest.raises(AnswerRefused):
        case.read(TOKENS[which](case))


@pytest.mark.parametrize("token", [None, 7, ["x"]], ids=str)
def test_no_token_is_no_answer(case: Case, token: Any) -> None:
    with pytest.raises(ProviderAway):
        case.read(token)


@pytest.mark.parametrize("told", ["https://attacker.example", f"{ISSUER}/", ISSUER.upper()])
def test_an_answer_of_another_provider_is_refused_before_its_code_is_used(case: Case, told: str) -> None:
    """RFC 9207 §2.4, the mix-up of RFC 9700 §4.4."""
    documents = Published(case.sign())
    with pytest.raises(AnswerMixed):
        read_answer(documents, case.provider, case.trip, {"code": "c", "iss": told}, OURS, case.now)
    assert documents.posted == []


DOCUMENTS: dict[str, Any] = {
    "another issuer": {**METADATA, "issuer": "https://attacker.example"},
    "an issuer with a slash more": {**METADATA, "issuer": f"{ISSUER}/"},
    "no token endpoint": {name: value for name, value in METADATA.items() if name != "token_endpoint"},
    "an endpoint without TLS": {**METADATA, "token_endpoint": "http://vneid.example.vn/token"},
    "an endpoint that is no address": {**METADATA, "jwks_uri": 7},
    "a list": [],
}


@pytest.mark.parametrize("which", DOCUMENTS)
def test_such_metadata_are_not_the_providers(case: Case, which: str) -> None:
    with pytest.raises(UpstreamRefused):
        read_metadata(case.provider, json.dumps(DOCUMENTS[which]).encode())


def test_a_provider_whose_host_is_not_named_is_never_asked(case: Case) -> None:
    with pytest.raises(ProviderAway, match="not allowed"):
        Documents(Fetcher(SsoSection())).find(case.provider)


# --- the file ------------------------------------------------------------------------------------------------------

GOOD = {"name": "vneid", "title": "VNeID", "issuer": ISSUER, "client_id": "x"}


def write(folder: Path, *tables: dict[str, str]) -> Path:
    """A file of providers."""
    (folder / "secret").write_text("s")
    kept = [{**table, "secret_file": table.get("secret_file", str(folder / "secret"))} for table in tables]
    lines = [
        "[[provider]]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in one.items()) for one in kept
    ]
    (folder / "upstream.toml").write_text("\n".join(lines))
    return folder / "upstream.toml"


def test_a_file_of_providers_is_read_in_its_order(tmp_path: Path) -> None:
    other = {**GOOD, "name": "tinh-ban", "issuer": "https://sso.tinhban.gov.vn"}
    section = UpstreamSection(file=write(tmp_path, GOOD, other))
    assert [one.name for one in section.providers] == ["vneid", "tinh-ban"]
    assert section.find("attacker") is None
    assert UpstreamSection().providers == ()


@pytest.mark.parametrize(
    "tables",
    [
        pytest.param([GOOD, GOOD], id="the same twice"),
        pytest.param([GOOD, {**GOOD, "name": "other"}], id="one issuer twice"),
        pytest.param([{**GOOD, "name": "A/B"}], id="a name with a slash"),
        pytest.param([{**GOOD, "issuer": f"{ISSUER}/"}], id="an issuer with a slash at its end"),
        pytest.param([{**GOOD, "issuer": f"{ISSUER}?x"}], id="an issuer with a query"),
        pytest.param([{**GOOD, "secret_file": "/nowhere/secret"}], id="no secret"),
        pytest.param([{**GOOD, "match_by_email": "yes"}], id="a wish we never have"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_at_start(tmp_path: Path, tables: list[dict[str, str]]) -> None:
    with pytest.raises(ValidationError):
        UpstreamSection(file=write(tmp_path, *tables))


def test_a_file_that_is_not_there_is_refused_at_start(tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        UpstreamSection(file=tmp_path / "nowhere.toml")
