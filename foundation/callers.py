"""Who calls: the address of the other side, believed from a header only when a trusted proxy wrote it.

X-Forwarded-For is read from the right, past trusted proxies; the first address that is not one of them is the
caller. Nothing else of a forwarded request is believed: links and the issuer come from the settings, never from Host
or Forwarded.
"""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

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


def find_caller(peer: str, forwarded_for: str | None, proxies: tuple[str, ...]) -> str:
    """The caller's address: `peer`, or what trusted proxies say stood before them."""
    networks = read_networks(proxies)
    caller = peer
    for hop in reversed([part.strip() for part in (forwarded_for or "").split(",")]):
        if not hop or not is_trusted(caller, networks):
            break
        caller = hop
    return caller
