"""Random values we hand out, and what we keep of them.

256 random bits need no slow hash: SHA-256 is the look-up key, the value itself is shown once and never stored. Letters, digits, `-` and `_`
only, so that raw and form-urlencoded HTTP Basic are the same bytes (RFC 6749 §2.3.1).
"""

import hashlib
import hmac
import secrets
from typing import NewType

Digest = NewType("Digest", bytes)
"""SHA-256 of a value we handed out; what tables hold."""


def new_opaque() -> str:
    """43 characters of 256 random bits."""
    return secrets.token_urlsafe(32)


def digest(value: str) -> Digest:
    """What we keep of a value; any text may be asked about, whatever its letters."""
    return Digest(hashlib.sha256(value.encode("utf-8", "surrogatepass")).digest())


def is_same(value: str, kept: bytes | None) -> bool:
    """Whether a value sent is the one kept, in constant time; nothing kept fits nothing."""
    return kept is not None and hmac.compare_digest(digest(value), kept)
