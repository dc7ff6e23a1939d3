"""Signing keys: published before they sign, sealed, retired; the algorithm is the key's."""

import base64
import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from foundation.runtime import Runtime
from foundation.transactions import ConnectionsTaken
from sso.algorithms import Key, generate
from sso.keys import KeyRing, SigningKey, ensure_keys, find_signing, load_keys, make_key, retire_key
from tests.services.clock import MovableClock

CLAIMS = {"sub": "x", "aud": "a", "exp": 1, "auth_time": 0}


@pytest.fixture
def kept_keys() -> None:
    """Keys are what is proved here: each is made anew."""


def open_ring(runtime: Runtime) -> KeyRing:
    """A ring that has just read."""
    ring = KeyRing(runtime)
    ring.prepare(runtime.clocks.wall())
    return ring


def test_a_new_key_is_published_at_once_and_signs_later(runtime: Runtime, clock: MovableClock) -> None:
    old = open_ring(runtime).signer("RS256", clock.now)
    with runtime.database.write() as writes:
        kid = make_key(writes, runtime.sealer, "RS256", "test", clock.now, clock.now + timedelta(hours=1))
    ring = open_ring(runtime)
    assert kid in [key["kid"] for key in ring.public_set()["keys"]]
    assert ring.signer("RS256", clock.now).kid == old.kid
    token = ring.sign(CLAIMS, "RS256", clock.now)
    later = clock.advance(hours=1)
    assert ring.signer("RS256", later).kid == kid
    assert ring.read_id_token(token)["sub"] == "x", "what the old key signed is still believed"


def test_a_retired_key_is_believed_no_longer(runtime: Runtime, clock: MovableClock) -> None:
    ring = open_ring(runtime)
    token = ring.sign(CLAIMS, "ES256", clock.now)
    with runtime.database.write() as writes:
        retire_key(writes, ring.signer("ES256", clock.now).kid, "test", clock.now)
        ensure_keys(writes, runtime.sealer, "test", clock.now)
    with pytest.raises(ValueError, match="no key of ours"):
        open_ring(runtime).read_id_token(token)


def test_keys_are_sealed_in_the_database(runtime: Runtime) -> None:
    open_ring(runtime)
    with runtime.database.read() as reads:
        rows = reads.connection().exec_driver_sql("SELECT private_sealed FROM sso_signing_key").all()
        assert all(row[0].startswith("s1.") for row in rows)
        assert len(load_keys(reads, runtime.sealer)) == 2


def forged(key: SigningKey) -> str:
    """A token of somebody else's making: our public key taken for a shared secret."""
    header = encode(json.dumps({"alg": "HS256", "kid": key.kid, "typ": "JWT"}).encode())
    signed = f"{header}.{encode(b'{}')}"
    return f"{signed}.{encode(hmac.digest(key.key.as_pem(private=False), signed.encode(), 'sha256'))}"


def encode(content: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def test_the_algorithm_is_the_keys_and_never_the_headers(runtime: Runtime, clock: MovableClock) -> None:
    """Public key as HMAC secret, none, another's key in the header (CVE-2026-27962, CVE-2024-37568, CVE-2025-59420 …)."""
    ring = open_ring(runtime)
    key = ring.signer("RS256", clock.now)
    stranger = RSAKey.generate_key(2048)
    tokens = [
        forged(key),
        jwt.encode({"alg": "RS256", "kid": key.kid, "typ": "JWT"}, CLAIMS, stranger),
        jwt.encode(
            {"alg": "RS256", "kid": key.kid, "typ": "JWT", "jwk": stranger.as_dict(private=False)}, CLAIMS, stranger
        ),
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
        ring.sign(CLAIMS, "RS256", clock.now, "at+jwt"),
        ring.sign({"sub": "x", "aud": "a"}, "RS256", clock.now),
        "",
        "a.b",
        "a.b.c.d",
    ]
    for token in tokens:
        with pytest.raises((JoseError, ValueError)):
            ring.read_id_token(token)


def test_no_key_is_named_like_an_option_of_the_command_line(
    runtime: Runtime, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = iter(("-K" + "a" * 41, "-_" + "a" * 41, "Zz" + "a" * 41))
    real = generate("ES256")

    class Named:
        """A key whose thumbprint is drawn from the list above."""

        def __init__(self) -> None:
            self.name = next(names)

        def thumbprint(self) -> str:
            return self.name

        def as_pem(self, *, private: bool) -> bytes:
            return real.as_pem(private=private)

        def as_dict(self, *, private: bool) -> dict[str, object]:
            return dict(real.as_dict(private=private))

    monkeypatch.setattr("sso.keys.generate", lambda _alg: Named())
    with runtime.database.write() as writes:
        assert make_key(writes, runtime.sealer, "ES256", "test", clock.now, clock.now) == "Zz" + "a" * 20


def test_a_key_that_is_known_is_not_opened_again(runtime: Runtime) -> None:
    ring = open_ring(runtime)
    before = {key.kid: key.key for key in tuple(ring.keys())}
    ring.forget()
    ring.prepare(runtime.clocks.wall())
    assert {key.kid for key in tuple(ring.keys())} == set(before)
    assert all(key.key is before[key.kid] for key in tuple(ring.keys()))


def test_keys_are_made_once_however_many_come_first(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """One makes them, and nobody keeps a connection while it waits for that."""

    def make_slowly(alg: str) -> Key:
        time.sleep(0.05)
        return generate(alg)

    monkeypatch.setattr("sso.keys.generate", make_slowly)
    ring, barrier = KeyRing(runtime), Barrier(12)

    def come(_number: int) -> None:
        barrier.wait()
        ring.prepare(runtime.clocks.wall())

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(come, range(12)))
    with runtime.database.read() as reads:
        assert [alg for alg, _kid, _from in find_signing(reads)] == ["ES256", "RS256"]


def test_who_waits_for_keys_that_cannot_be_read_is_sent_away(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not one after the other, each with the whole wait of those before; who knows some does not wait at all."""
    monkeypatch.setattr("sso.keys.CONNECTION_SECONDS", 0.05)
    ring, reading, end = KeyRing(runtime), Event(), Event()

    def read_slowly() -> None:
        reading.set()
        end.wait(10)

    monkeypatch.setattr(ring, "_read", read_slowly)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(ring.prepare, runtime.clocks.wall())
        reading.wait(10)
        with pytest.raises(ConnectionsTaken):
            ring.prepare(runtime.clocks.wall())
        end.set()
        first.cancel()
    known = open_ring(runtime)
    with known._preparing:
        known._read_at -= 10
        known.prepare(runtime.clocks.wall())
    assert len(known.keys()) == 2
