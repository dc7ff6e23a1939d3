"""Missing revocation lists and issuers, fetched with care: only from hosts the operator named, never on a stranger's word alone.

The addresses come from certificates in foreign documents (RFC 5280 §4.2.1.13, §4.2.2.1). An address counts only when its host stands in
the allow-list. No redirect is followed, no proxy of the environment used; size and time are bounded. What comes back proves itself by
its signature in the next judgement, so nothing of it is believed here. Off as long as the list of hosts is empty.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from signing.verification.findings import Wanted
from signing.verification.trust import Trust, parse_trust

LARGEST = 20 << 20
KEPT_SECONDS = 600.0
MOST_KEPT = 200


@dataclass
class Fetcher:
    """Fetches for the hosts it was given; keeps answers, and failures too, for ten minutes."""

    hosts: frozenset[str]
    """Host names, or host:port where the port is not the scheme's own; in lower case."""
    seconds: float = 5.0
    transport: httpx.BaseTransport | None = None
    _kept: dict[str, tuple[float, bytes | None]] = field(default_factory=dict)
    _door: threading.Lock = field(default_factory=threading.Lock)

    def fetch(self, wanted: Sequence[Wanted]) -> Trust:
        """What could be fetched of what is wanted: lists, and certificates that may lie on a path but are no anchors."""
        certificates: list[bytes] = []
        lists: list[bytes] = []
        for want in wanted:
            if self.may_ask(want.address) and (content := self.get(want.address)):
                found = parse_trust(content)
                certificates += found.anchors if want.kind == "issuer" else ()
                lists += found.lists if want.kind == "crl" else ()
        return Trust(certificates=tuple(certificates), lists=tuple(lists))

    def may_ask(self, address: str) -> bool:
        """Whether an address is plain http(s) on a host of the allow-list, without credentials."""
        try:
            parts = urlsplit(address)
            port = parts.port
        except ValueError:
            return False
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            return False
        named = parts.hostname if port in (None, 80, 443) else f"{parts.hostname}:{port}"
        return named.lower() in self.hosts

    def get(self, address: str) -> bytes | None:
        """The content at an address, from memory if it was asked lately; None where nothing usable came."""
        with self._door:
            kept = self._kept.get(address)
        if kept and kept[0] > time.monotonic():
            return kept[1]
        content = self.ask(address)
        with self._door:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[address] = (time.monotonic() + KEPT_SECONDS, content)
        return content

    def ask(self, address: str) -> bytes | None:
        """Ask the host once; None for anything but a whole answer of status 200 within the bounds."""
        content = bytearray()
        deadline = time.monotonic() + self.seconds
        try:
            with (
                httpx.Client(
                    follow_redirects=False, trust_env=False, timeout=self.seconds, transport=self.transport
                ) as client,
                client.stream("GET", address) as response,
            ):
                if response.status_code != httpx.codes.OK:
                    return None
                for chunk in response.iter_bytes():
                    content += chunk
                    if len(content) > LARGEST or time.monotonic() > deadline:
                        return None
        except (httpx.HTTPError, httpx.InvalidURL):
            return None
        return bytes(content)
