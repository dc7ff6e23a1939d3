"""Addresses an application may be answered at: what may be registered, and what is the same address.

Compared as text, character for character, with nothing normalised first (RFC 9700 §4.1.3); the one exception is the
port of a native application's loopback address (RFC 8252 §7.3). Never a pattern, a prefix or a wildcard.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from foundation.escapes import write_query
from sso.errors import RedirectRefused

UNSAFE: Final = re.compile(r"[\x00-\x20\x7f-\uffff\\<>\"`{}|^]")
LOOPBACK: Final = re.compile(r"http://(127\.0\.0\.1|\[::1\]|localhost)(?::(\d{1,5}))?(/[^#]*)?", re.ASCII)
NATIVE_SCHEME: Final = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+", re.ASCII)
NETLOC: Final = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?", re.ASCII | re.IGNORECASE)
"""A host as it is written; its origin stands in policies of our pages, where `;` and `,` would begin something else."""
LENGTH: Final = 2000


def check_registrable(uri: str, *, native: bool) -> None:
    """Refuse an address nobody may register. Raises RedirectRefused.

    https anywhere, http on loopback only, a reverse-domain scheme for native applications (RFC 8252 §7.1); no user
    part, fragment, dots that climb, backslash, space, control or non-ASCII character.
    """
    if len(uri) > LENGTH or UNSAFE.search(uri) or "#" in uri:
        raise RedirectRefused()
    try:
        parts = urlsplit(uri)
        _port = parts.port
    except ValueError as error:
        raise RedirectRefused() from error
    climbs = any(
        segment.partition(";")[0] in (".", "..") for segment in parts.path.lower().replace("%2e", ".").split("/")
    )
    if climbs or "@" in parts.netloc:
        raise RedirectRefused()
    if not is_allowed_scheme(uri, parts.scheme, parts.hostname, native):
        raise RedirectRefused()


def is_allowed_scheme(uri: str, scheme: str, host: str | None, native: bool) -> bool:
    """Whether an address of this scheme may be answered at."""
    if scheme == "https":
        return bool(host) and NETLOC.fullmatch(urlsplit(uri).netloc) is not None
    if scheme == "http":
        return LOOPBACK.fullmatch(uri) is not None
    return native and NATIVE_SCHEME.fullmatch(scheme) is not None


def is_registered(uri: str, registered: list[str], *, native: bool) -> bool:
    """Whether the address asked for is one of those registered."""
    if uri in registered:
        return True
    asked = LOOPBACK.fullmatch(uri)
    if not native or asked is None or UNSAFE.search(uri) or not 0 < int(asked[2] or 80) < 65536:
        return False
    known = (LOOPBACK.fullmatch(address) for address in registered)
    return any(one is not None and one[1] == asked[1] and (one[3] or "") == (asked[3] or "") for one in known)


def with_parameters(uri: str, parameters: dict[str, str]) -> str:
    """The address with parameters added to its query, which is kept as it is."""
    joint = "&" if "?" in uri else "?"
    return f"{uri}{joint}{write_query(parameters)}"


def with_fragment(uri: str, parameters: dict[str, str]) -> str:
    """The address with parameters behind `#`, where no server sees them; a registered address has no fragment of its own."""
    return f"{uri}#{write_query(parameters)}"


def names_own_machine(uri: str) -> bool:
    """Whether an address leads to the machine of whoever follows it."""
    host = (urlsplit(uri).hostname or "").rstrip(".")
    return host in ("localhost", "::1") or host.endswith(".localhost") or host.startswith("127.")


def origin_of(uri: str) -> str | None:
    """scheme://host[:port] of an http(s) address; None for native schemes."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else None
