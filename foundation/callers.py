"""Who calls: the address of the other side, believed from a header only when a trusted proxy wrote it.

The proxy is who comes in by the service's own socket, which only the proxy's group may open; or who comes from its address and shows its
secret. Where no secret is set its address alone tells, and on one machine all users have the same: what stands for a person, a key
device's certificate, is not taken from such a one.

X-Forwarded-For is read from the right, past trusted proxies; the first address that is not one of them is the
caller. An IPv4 address written as IPv6 (RFC 4291 §2.5.5.2) and one with a port are the address itself. Nothing else of a forwarded
request is believed: links and the issuer come from the settings, never from Host or Forwarded.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final

from foundation.sealing import same_secret

WITH_PORT: Final = re.compile(r"\[(?P<six>[0-9A-Fa-f:.]+)\](:\d+)?|(?P<four>[0-9.]+):\d+")
"""As some proxies write it: `[2001:db8::1]:443`, `192.0.2.1:443`."""
Network = IPv4Network | IPv6Network
FORWARDED: Final = b"x-forwarded-for"
PROOF: Final = b"hopnhat-proxy"
"""Header in which the proxy shows its secret."""
SOCKET: Final = "unix"
"""What the other end of the service's own socket is called here: no address of a network is written so."""
AT_HOME: Final = "127.0.0.1"
"""Who calls by the socket without saying for whom: somebody on this machine whom the socket lets in."""


def name_peer(scope: Mapping[str, Any]) -> str:
    """The other end of a connection, as ASGI tells it: its address, or SOCKET where the service's own end is a path."""
    own: str = (scope.get("server") or ("", 0))[0]
    peer: str = SOCKET if own.startswith("/") else (scope.get("client") or ("", 0))[0]
    return peer


class Standing(Enum):
    """How surely the other end of a connection is the proxy."""

    STRANGER = "stranger"
    ADDRESSED = "addressed"
    """It comes from the proxy's address, and no secret is set: any program there does."""
    PROVEN = "proven"
    """It came by the service's own socket, or showed the secret."""


@dataclass(frozen=True)
class Proxies:
    """Whose word counts: the addresses (or networks) of the settings, and the secret that is asked for, if there is one."""

    addresses: tuple[str, ...] = ()
    secret: bytes | None = None

    def look(self, peer: str, headers: Iterable[tuple[bytes, bytes]]) -> tuple[Standing, str]:
        """How surely a peer is the proxy, and who calls by it. `headers` as ASGI has them, names in small letters."""
        caller = bare_address(peer)
        standing = self.judge(caller, headers)
        if standing is Standing.STRANGER:
            return standing, caller
        # Every line of that name, in order: some proxies add one of their own behind the caller's (RFC 9110 §5.3).
        told = ",".join(value.decode("latin-1") for name, value in headers if name == FORWARDED)
        caller = pass_hops(caller, told, read_networks(self.addresses))
        return standing, AT_HOME if caller == SOCKET else caller

    def judge(self, peer: str, headers: Iterable[tuple[bytes, bytes]]) -> Standing:
        """How surely a peer is the proxy. Whoever has its address and not its secret is a stranger."""
        if peer == SOCKET:
            return Standing.PROVEN
        if not self.addresses or not is_trusted(peer, read_networks(self.addresses)):
            return Standing.STRANGER
        if self.secret is None:
            return Standing.ADDRESSED
        shown = [value for name, value in headers if name == PROOF]
        return Standing.PROVEN if len(shown) == 1 and same_secret(shown[0], self.secret) else Standing.STRANGER


@lru_cache
def read_networks(proxies: tuple[str, ...]) -> tuple[Network, ...]:
    """The trusted proxies as networks. Raises ValueError on what is no address."""
    return tuple(ip_network(proxy, strict=False) for proxy in proxies)


def is_trusted(address: str, networks: Sequence[Network]) -> bool:
    """Whether an address belongs to a trusted proxy."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks if network.version == parsed.version)


def bare_address(written: str) -> str:
    """An address without a port, and an IPv4 address as one: each caller has one name. What is no address stays as it came."""
    if ":" not in written:
        return written
    found = WITH_PORT.fullmatch(written)
    bare = (found["six"] or found["four"]) if found else written
    try:
        parsed = ip_address(bare)
    except ValueError:
        return written
    return str(parsed.ipv4_mapped) if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped else bare


def pass_hops(believed: str, forwarded_for: str, networks: Sequence[Network]) -> str:
    """The caller's address, from the right past trusted proxies; `believed` is the peer, whose own word counts."""
    caller, counts = believed, True
    for hop in reversed([part.strip() for part in forwarded_for.split(",")]):
        if not hop or not counts:
            break
        caller = bare_address(hop)
        counts = is_trusted(caller, networks)
    return caller
