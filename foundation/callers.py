"""Who calls: the address of the other side, believed from a header only when a trusted proxy wrote it.

X-Forwarded-For is read from the right, past trusted proxies; the first address that is not one of them is the
caller. An IPv4 address written as IPv6 (RFC 4291 §2.5.5.2) and one with a port are the address itself. Nothing else of a forwarded
request is believed: links and the issuer come from the settings, never from Host or Forwarded.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

WITH_PORT: Final = re.compile(r"\[(?P<six>[0-9A-Fa-f:.]+)\](:\d+)?|(?P<four>[0-9.]+):\d+")
"""As some proxies write it: `[2001:db8::1]:443`, `192.0.2.1:443`."""
Network = IPv4Network | IPv6Network


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


def find_caller(peer: str, forwarded_for: str | None, proxies: tuple[str, ...]) -> str:
    """The caller's address: `peer`, or what trusted proxies say stood before them."""
    networks = read_networks(proxies)
    caller = bare_address(peer)
    for hop in reversed([part.strip() for part in (forwarded_for or "").split(",")]):
        if not hop or not is_trusted(caller, networks):
            break
        caller = bare_address(hop)
    return caller
