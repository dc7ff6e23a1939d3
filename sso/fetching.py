"""The one way out: what applications keep elsewhere (keys, request objects, sector files, logos), fetched under guard.

Off unless a host is named in the settings. The name is resolved once and the connection goes to that very address, so
that a second answer of the name server changes nothing; addresses of special use are refused unless the host is a named
laboratory. No redirect, no proxy or credential of the environment, a bounded answer in a bounded time.
(CVE-2026-1180, CVE-2026-4366, CVE-2025-67494.)
"""

import asyncio
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx

from foundation.errors import HopnhatError, Unreachable
from sso.settings import SsoSection

SECONDS: Final = 5.0
BYTES: Final = 256 * 1024
SHARED_SECONDS: Final = 1.0
SHARED_AT_MOST: Final = 1000
ANY_HOST: Final = "*"
PORTS: Final = {"https": 443, "http": 80}
NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


class FetchRefused(HopnhatError):
    """An address we do not fetch from: not allowed by the settings, or one that must never be asked."""

    code = "fetch_refused"
    status = 400
    exit_code = 65
    sentence = "Nothing is fetched from this address: {why}"


class FetchFailed(Unreachable):
    """The other side did not answer, or not with what was asked."""

    code = "fetch_failed"
    sentence = "The document could not be fetched: {why}"


@dataclass(frozen=True)
class Fetched:
    """A document as it came."""

    content: bytes
    media_type: str


@dataclass
class Shared:
    """What came of asking an address a moment ago."""

    outcome: Fetched | FetchRefused | FetchFailed | None = None
    at: float = -SHARED_SECONDS
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Target:
    """Where a request goes: the checked address of the host, and the name it is asked under."""

    parts: SplitResult
    address: str
    port: int

    @property
    def url(self) -> str:
        """The address with the host's own number in place of its name."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        query = f"?{self.parts.query}" if self.parts.query else ""
        return f"{self.parts.scheme}://{host}:{self.port}{self.parts.path or '/'}{query}"

    @property
    def host(self) -> str:
        """What stands in the Host header."""
        return self.parts.netloc


class Fetcher:
    """Fetches and posts to addresses of applications, under the settings of this installation."""

    def __init__(self, policy: SsoSection) -> None:
        self.allowed = frozenset(host.lower() for host in policy.fetch_hosts)
        self.laboratories = frozenset(host.lower() for host in policy.laboratory_hosts)
        self._shared: dict[str, Shared] = {}
        self._guard = threading.Lock()

    def get(self, url: str, accept: str = "application/json", limit: int = BYTES, *, signed: bool = False) -> Fetched:
        """The document at an address. Raises FetchRefused, FetchFailed. Waits for the network: never call it in a transaction.

        `signed`: the document proves itself (revocation lists and answers), so that plain http will do: authorities publish by nothing else
        (RFC 5280 §8).
        """
        target = self.check(url, signed=signed)
        return asyncio.run(ask(target, accept, limit))

    def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str], limit: int = BYTES) -> Fetched:
        """The answer to a form, with these headers besides. Raises FetchRefused, FetchFailed. Waits for the network."""
        target = self.check(url)
        return asyncio.run(ask(target, "application/json", limit, form, headers))

    def get_shared(self, url: str, accept: str) -> Fetched:
        """The same for addresses that anybody can have us ask for: one request at a time, its outcome good for a second.

        Raises FetchRefused, FetchFailed.
        """
        with self._guard:
            if len(self._shared) > SHARED_AT_MOST:
                self._shared.clear()
            shared = self._shared.setdefault(url, Shared())
        with shared.lock:
            if time.monotonic() - shared.at >= SHARED_SECONDS:
                try:
                    shared.outcome = self.get(url, accept)
                except (FetchRefused, FetchFailed) as error:
                    shared.outcome = error
                shared.at = time.monotonic()
            outcome = shared.outcome
        if isinstance(outcome, Fetched):
            return outcome
        assert outcome is not None
        raise outcome

    def check(self, url: str, *, signed: bool = False) -> Target:
        """Where this address leads. Raises FetchRefused, FetchFailed."""
        try:
            parts = urlsplit(url)
            port = parts.port or PORTS.get(parts.scheme, 0)
        except ValueError as error:
            raise FetchRefused(why="unreadable") from error
        host = (parts.hostname or "").lower()
        laboratory = host in self.laboratories
        if parts.scheme != "https" and not ((laboratory or signed) and parts.scheme == "http"):
            raise FetchRefused(why="not https")
        if not host or "@" in parts.netloc or not port:
            raise FetchRefused(why="unreadable")
        if not laboratory and host not in self.allowed and ANY_HOST not in self.allowed:
            raise FetchRefused(why="the host is not allowed by the settings")
        return Target(parts, resolve(host, port, laboratory=laboratory), port)


def resolve(host: str, port: int, *, laboratory: bool) -> str:
    """The first address of a host; refused when any of them is of special use. Raises FetchRefused, FetchFailed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchFailed(why="the name is unknown") from error
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not addresses:
        raise FetchFailed(why="the name is unknown")
    if not laboratory and not all(is_public(address) for address in addresses):
        raise FetchRefused(why="an address of special use")
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an address belongs to the public network: no loopback, private, link-local, multicast, mapped or reserved one."""
    number = ipaddress.ip_address(address)
    if number in NAT64:
        return is_public(str(ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)))
    mapped = getattr(number, "ipv4_mapped", None) or getattr(number, "sixtofour", None)
    if mapped is not None:
        return is_public(str(mapped))
    return number.is_global and not number.is_multicast


def open_http() -> httpx.AsyncClient:
    """What goes out: the machine's trust store ($SSL_CERT_FILE), no redirect, no proxy or credential from the environment."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # The library's own floor is whatever the machine was set to.
    return httpx.AsyncClient(verify=context, timeout=SECONDS, follow_redirects=False, trust_env=False)


async def ask(
    target: Target,
    accept: str,
    limit: int,
    form: Mapping[str, str] | None = None,
    more: Mapping[str, str] = MappingProxyType({}),
) -> Fetched:
    """One request, of a form where one is given, within five seconds in all.

    Raises FetchFailed for anything but 200, a longer or a later answer.
    """
    headers = {"Accept": accept, "Accept-Encoding": "identity", "Host": target.host, **more}
    method = "GET" if form is None else "POST"
    try:
        async with asyncio.timeout(SECONDS), open_http() as http:
            request = http.build_request(
                method, target.url, headers=headers, data=form, extensions={"sni_hostname": target.parts.hostname}
            )
            answer = await http.send(request, stream=True)
            content = await read_bounded(answer, limit)
            await answer.aclose()
    except (httpx.HTTPError, TimeoutError, OSError) as error:
        raise FetchFailed(why=type(error).__name__) from error
    if answer.status_code != httpx.codes.OK:
        raise FetchFailed(why=f"HTTP {answer.status_code}")
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Fetched(content, media_type)


async def read_bounded(answer: httpx.Response, limit: int) -> bytes:
    """The body, refused as soon as it is longer than `limit` bytes; read as it was sent, so that nothing swells. Raises FetchFailed."""
    content = bytearray()
    async for chunk in answer.aiter_raw():
        content += chunk
        if len(content) > limit:
            raise FetchFailed(why="the document is too large")
    return bytes(content)
