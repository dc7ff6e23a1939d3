"""Signing keys of the provider: made, published before they sign, used, retired; kept sealed in the database.

One key per algorithm signs at a time; every key that is not retired is published at /jwks. The algorithm belongs to
the key and is never read from a token's header (RFC 8725 §3.1). RS256 for ID tokens unless a client asks otherwise,
ES256 for self-contained access tokens; PS256 and EdDSA for those who ask.
"""

import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from threading import Lock
from typing import Any, Final, cast

import sqlalchemy as sa
from joserfc import jws, jwt
from joserfc.util import urlsafe_b64encode

from foundation import audit
from foundation.answers import write_json
from foundation.database import CONNECTION_SECONDS, Reads, Writes
from foundation.errors import NotFound, TryAgain
from foundation.runtime import Runtime
from foundation.sealing import Sealer
from foundation.transactions import ConnectionsTaken
from sso import models
from sso.algorithms import KINDS, Key, generate, sign_bytes

TABLE: Final = cast(sa.Table, models.SigningKey.__table__)
ALWAYS: Final = ("RS256", "ES256")
"""What every installation signs with; the others get their keys with the first application that asks: many programs refuse a key
set with a kind they do not know."""
FIND_KIDS: Final = sa.select(TABLE.c.kid).where(TABLE.c.retired_at.is_(None))
SEAL: Final = "sso_signing_key.private"
KEPT_SECONDS: Final = 5.0
KNOWN_SECONDS: Final = 60.0
"""How old keys may be for who comes while they are read again; a new key signs later than that, and an old one is believed for longer."""
NEVER: Final = -math.inf
LONGEST: Final = 16_000
ID_TOKEN: Final = "JWT"  # noqa: S105  # The name of a type, not a secret.
"""The type of ID tokens, and of userinfo, which has no end."""
ACCESS_TOKEN: Final = "at+jwt"  # noqa: S105  # The name of a type, not a secret.
"""The type of self-contained access tokens (RFC 9068 §2.1)."""


@dataclass(frozen=True)
class SigningKey:
    """A key ready to sign."""

    kid: str
    alg: str
    key: Key
    signs_from: datetime


class KeyRing:
    """The keys that are not retired; one per process."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._keys: tuple[SigningKey, ...] = ()
        self._read_at = NEVER
        self._preparing = Lock()
        self._public: tuple[tuple[SigningKey, ...], dict[str, Any]] | None = None

    def keys(self) -> tuple[SigningKey, ...]:
        """All published keys, newest first, as `prepare` read them."""
        return self._keys or self._read()

    def prepare(self, now: datetime) -> None:
        """Read the keys again if they were read some seconds ago, and make them on first use. Raises ConnectionsTaken after some seconds.

        Called before a request opens its transaction: a thread that holds one connection must not wait for a second. One thread of this
        process does it while the others wait, each without a connection: forty that make keys at once would keep all connections for half
        a minute. Keys that are merely some seconds old are good for who comes while they are read.
        """
        if self._ready:
            return
        if not self._preparing.acquire(timeout=0 if self._known else CONNECTION_SECONDS):
            if self._known:
                return
            raise ConnectionsTaken
        try:
            if not self._ready:
                self._read()
            if self._complete:
                return
            with self._runtime.database.write() as writes:
                ensure_keys(writes, self._runtime.sealer, "system", now)
            self._read()
        finally:
            self._preparing.release()

    @property
    def _known(self) -> bool:
        return self._complete and time.monotonic() - self._read_at < KNOWN_SECONDS

    @property
    def _ready(self) -> bool:
        return time.monotonic() - self._read_at < KEPT_SECONDS and self._complete

    @property
    def _complete(self) -> bool:
        return {key.alg for key in self._keys}.issuperset(ALWAYS)

    def look(self) -> None:
        """Read the keys again if there are others than those we know; their ids alone cost little."""
        with self._runtime.database.read_quickly() as reads:
            kids = set(reads.connection().execute(FIND_KIDS, {}).scalars())
        if kids != {key.kid for key in self._keys}:
            self.forget()

    def forget(self) -> None:
        """Read the keys again before the next request: one was made, or they are to be told as they are this moment."""
        self._read_at = NEVER

    def _read(self) -> tuple[SigningKey, ...]:
        with self._runtime.database.read() as reads:
            self._keys = tuple(load_keys(reads, self._runtime.sealer, self._keys))
        self._read_at = time.monotonic()
        return self._keys

    def signer(self, alg: str, now: datetime) -> SigningKey:
        """The newest key of this algorithm that signs already. Raises TryAgain when it was made so lately that we have not read it."""
        found = next((key for key in self.keys() if key.alg == alg and key.signs_from <= now), None)
        if found is None:
            raise TryAgain("There is no signing key for {alg} yet. Please try again in a few seconds.", alg=alg)
        return found

    def public_set(self) -> dict[str, Any]:
        """The JWK Set of /jwks (RFC 7517): public members, `kid`, `use` and `alg` of every published key."""
        keys = self.keys()
        if self._public is None or self._public[0] is not keys:
            self._public = (keys, {"keys": [public_members(key.key, key.kid, key.alg) for key in keys]})
        return self._public[1]

    def sign(self, claims: dict[str, Any], alg: str, now: datetime, typ: str = ID_TOKEN) -> str:
        """The claims as a compact JWS of the present key."""
        key = self.signer(alg, now)
        header = write_header(alg, key.kid, typ)
        content = header + b"." + urlsafe_b64encode(write_json(claims))
        signature = sign_bytes(content, key.key, alg)
        return (content + b"." + urlsafe_b64encode(signature)).decode()

    def read_id_token(self, token: str) -> dict[str, Any]:
        """The claims of an ID token that one of our keys signed; says nothing about its time. Raises joserfc's JoseError or ValueError.

        What else we sign (access and log-out tokens, userinfo) has another type or no end, and is none (RFC 8725 §3.11 and §3.12).
        """
        claims = self.read(token, ID_TOKEN)
        if not {"sub", "aud", "exp", "auth_time"} <= claims.keys():
            raise ValueError("no ID token")
        return claims

    def read(self, token: str, typ: str) -> dict[str, Any]:
        """The claims of a token of this type that one of our keys signed; its time is for the caller. Raises as above."""
        if len(token) > LONGEST:
            raise ValueError("too long for a token of ours")
        header = jws.extract_compact(token.encode()).headers()
        key = next((key for key in self.keys() if key.kid == header.get("kid")), None)
        if key is None or header.get("typ") != typ:
            raise ValueError("no key of ours, or another type")
        try:
            return dict(jwt.decode(token, key.key, algorithms=[key.alg]).claims)
        except RecursionError as error:
            raise ValueError("claims without end") from error


@lru_cache(maxsize=64)
def write_header(alg: str, kid: str, typ: str) -> bytes:
    """The protected header of a key's signatures, as it stands in every token."""
    return urlsafe_b64encode(json.dumps({"alg": alg, "kid": kid, "typ": typ}, separators=(",", ":")).encode())


def public_members(key: Key, kid: str, alg: str) -> dict[str, Any]:
    """A key as it is published."""
    return {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": alg}


def load_keys(reads: Reads, sealer: Sealer, known: Sequence[SigningKey] = ()) -> list[SigningKey]:
    """The keys that are not retired, newest first. Those known already are not opened again: proving an RSA key's primes takes
    more time than a hundred signatures.
    """
    opened = {key.kid: key.key for key in known}
    rows = reads.execute(
        sa.select(TABLE).where(TABLE.c.retired_at.is_(None)).order_by(TABLE.c.signs_from.desc(), TABLE.c.kid)
    )
    return [
        SigningKey(
            row.kid,
            row.alg,
            opened.get(row.kid) or KINDS[row.alg].import_key(sealer.open(row.private_sealed, SEAL)),
            row.signs_from,
        )
        for row in rows
    ]


def make_key(writes: Writes, sealer: Sealer, alg: str, actor: str, now: datetime, signs_from: datetime) -> str:
    """Make, seal and publish a key that signs from an instant on. Gives its `kid`, the beginning of the RFC 7638 thumbprint.

    A thumbprint that begins with “-” would be an option on the command line, so another key is made.
    """
    key = generate(alg)
    while key.thumbprint().startswith("-"):
        key = generate(alg)
    kid = key.thumbprint()[:22]
    sealed = sealer.seal(key.as_pem(private=True), SEAL)
    row = {
        "kid": kid,
        "alg": alg,
        "private_sealed": sealed,
        "public": public_members(key, kid, alg),
        "made_at": now,
        "signs_from": signs_from,
    }
    writes.execute(sa.insert(TABLE).values(**row))
    audit.record(writes, now, "sso.key.made", actor, kid, {"alg": alg})
    return kid


def ensure_keys(
    writes: Writes, sealer: Sealer, actor: str, now: datetime, algorithms: tuple[str, ...] = ALWAYS
) -> None:
    """A key of each algorithm, made where there is none."""
    present = set(writes.scalars(sa.select(TABLE.c.alg).where(TABLE.c.retired_at.is_(None))))
    for alg in algorithms:
        if alg not in present:
            make_key(writes, sealer, alg, actor, now, now)


def find_signing(reads: Reads) -> list[tuple[str, str, datetime]]:
    """Algorithm, `kid` and first instant of every published key, newest first within its algorithm."""
    rows = reads.execute(
        sa.select(TABLE.c.alg, TABLE.c.kid, TABLE.c.signs_from)
        .where(TABLE.c.retired_at.is_(None))
        .order_by(TABLE.c.alg, TABLE.c.signs_from.desc(), TABLE.c.kid)
    )
    return [(row.alg, row.kid, row.signs_from) for row in rows]


def retire_key(writes: Writes, kid: str, actor: str, now: datetime) -> None:
    """Take a key from /jwks: what it signed is no longer believed. Raises NotFound."""
    open_one = (TABLE.c.kid == kid, TABLE.c.retired_at.is_(None))
    if writes.execute(sa.select(TABLE.c.kid).where(*open_one)).first() is None:
        raise NotFound("There is no signing key {kid}.", kid=kid)
    writes.execute(sa.update(TABLE).where(*open_one).values(retired_at=now))
    audit.record(writes, now, "sso.key.retired", actor, kid)
