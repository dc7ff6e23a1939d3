"""The public keys of applications: registered with them, or at an address of theirs that is fetched and kept for a while.

A key named by an unknown `kid` is looked for again, at most once a second, so that an application may change its keys
whenever it likes (OpenID Connect Core §10.1.1) and nobody can make us ask on end. One request at a time fetches; the
others wait for it.
"""

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jws, jwt
from joserfc.errors import JoseError

from sso.algorithms import ALGORITHMS, Key, fits
from sso.clients import Client
from sso.fetching import Fetcher, FetchFailed
from sso.key_sets import build_key_set, read_key_set

KEPT_SECONDS: Final = 300.0
AGAIN_SECONDS: Final = 1.0
LONGEST: Final = 16 * 1024
CRITICAL: Final = ("crit", "jwk", "jku", "x5u", "x5c", "b64", "zip")
"""Header members that would let a token say how it is to be believed."""


class SignatureRefused(Exception):
    """A token of an application that is not signed by a key of its, or not in a way we believe."""


@dataclass(frozen=True)
class Kept:
    """A fetched key set and when."""

    keys: list[Key] | None
    at: float


class ClientKeys:
    """Key sets by address, one memory per process."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._kept: dict[str, Kept] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def prepare(self, client: Client, token: str) -> None:
        """Have the keys at hand that this token of the application needs. Waits for the network: call it before a transaction opens.

        Raises FetchRefused, FetchFailed.
        """
        uri = client.particulars.jwks_uri
        if uri is None:
            return
        kid = read_header(token).get("kid")
        with self._lock(uri):
            kept = self._kept.get(uri)
            age = time.monotonic() - kept.at if kept else KEPT_SECONDS
            unknown = kept is None or kept.keys is None or (kid is not None and not has_kid(kept.keys, kid))
            if age < AGAIN_SECONDS or (age < KEPT_SECONDS and not unknown):
                return
            self._kept[uri] = Kept(kept.keys if kept else None, time.monotonic())
            fetched = self._fetcher.get(uri, "application/jwk-set+json, application/json")
            try:
                self._kept[uri] = Kept(read_key_set(fetched.content), time.monotonic())
            except ValueError as error:
                raise FetchFailed(why="no key set") from error

    def find(self, client: Client) -> Iterable[Key]:
        """The keys of an application that are at hand."""
        if client.particulars.jwks is not None:
            return build_key_set(client.particulars.jwks)
        kept = self._kept.get(client.particulars.jwks_uri or "")
        return kept.keys if kept and kept.keys else []

    def read(self, client: Client, token: str, algorithms: Iterable[str] = ALGORITHMS) -> dict[str, Any]:
        """The claims of a token that a key of this application signed; says nothing about time or audience.

        The algorithm must be one of those given and fit the key. Raises SignatureRefused.
        """
        header = read_header(token)
        alg, kid = header.get("alg"), header.get("kid")
        if alg not in ALGORITHMS or alg not in tuple(algorithms) or any(name in header for name in CRITICAL):
            raise SignatureRefused
        for key in self.find(client):
            if (kid is None or key.kid in (None, kid)) and fits(key, alg, named=key.alg):
                try:
                    return dict(jwt.decode(token, key, algorithms=[alg]).claims)
                except (JoseError, ValueError, RecursionError):  # Whoever signs may nest claims without end.
                    continue
        raise SignatureRefused

    def _lock(self, uri: str) -> threading.Lock:
        with self._guard:
            if len(self._locks) > 1000:
                self._locks.clear()
                self._kept.clear()
            return self._locks.setdefault(uri, threading.Lock())


def read_header(token: str) -> Mapping[str, Any]:
    """The header of a compact JWS, unverified. Raises SignatureRefused."""
    if len(token) > LONGEST or not token.isascii():
        raise SignatureRefused
    try:
        return dict(jws.extract_compact(token.encode()).headers())
    except (JoseError, ValueError, TypeError) as error:
        raise SignatureRefused from error


def has_kid(keys: Iterable[Key], kid: Any) -> bool:
    """Whether a key of this name is among them."""
    return any(key.kid == kid for key in keys)
