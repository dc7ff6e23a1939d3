"""JWK Sets of others (RFC 7517 §5), read with suspicion: public keys of kinds we know, at most fifty."""

import json
from collections.abc import Mapping
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey, RSAKey

from sso.algorithms import Key

KEYS_AT_MOST: Final = 50
BITS_AT_LEAST: Final = 2048


def read_key_set(content: bytes) -> list[Key]:
    """The keys of a fetched document. Raises ValueError."""
    try:
        return build_key_set(json.loads(content))
    except RecursionError as error:
        raise ValueError("no key set") from error


def build_key_set(written: Mapping[str, Any] | Any) -> list[Key]:
    """The public keys of a JWK Set that sign: no symmetric, no private, no short one. Raises ValueError."""
    entries = written.get("keys") if isinstance(written, Mapping) else None
    if not isinstance(entries, list) or len(entries) > KEYS_AT_MOST:
        raise ValueError("no key set")
    for entry in entries:
        if not isinstance(entry, dict) or entry.get("kty") not in ("RSA", "EC", "OKP") or "d" in entry:
            raise ValueError("a key that is not public")
    try:
        signing = [entry for entry in entries if entry.get("use", "sig") == "sig"]
        keys = list(KeySet.import_key_set({"keys": signing}).keys)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise ValueError("a key we cannot read") from error
    if any(isinstance(key, RSAKey) and key.public_key.key_size < BITS_AT_LEAST for key in keys):
        raise ValueError("a key that is too short")
    return [key for key in keys if not isinstance(key, OctKey)]
