"""Password hashes as the old systems write them, in the one form that passlib reads.

OpenLDAP writes `{CRYPT}` before a hash of crypt(3) and `{BCRYPT}` before bcrypt; Keycloak exports a credential as JSON whose
`secretData` and `credentialData` are JSON texts themselves (or one flat object). Everything else is passed on as it stands.
"""

import base64
import json
from typing import Any

_PREFIXES = ("{CRYPT}", "{BCRYPT}")
_KEYCLOAK = {"pbkdf2": ("pbkdf2", 20), "pbkdf2-sha256": ("pbkdf2-sha256", 32), "pbkdf2-sha512": ("pbkdf2-sha512", 64)}
"""Keycloak's algorithm → passlib's name and the length of its keys in bytes.

Keycloak may keep longer keys than passlib; PBKDF2 makes a key block by block, so its first block is compared (RFC 8018 §5.2).
"""


def normalize_old_hash(text: str) -> str:
    """The hash in passlib's form. Raises ValueError for JSON that is no credential of a known algorithm."""
    for prefix in _PREFIXES:
        if text[: len(prefix)].upper() == prefix:
            return text[len(prefix) :]
    if text.startswith("{") and "hashIterations" in text:
        return _read_keycloak(text)
    return text


def _read_keycloak(text: str) -> str:
    try:
        credential = json.loads(text)
        settings, secret = _part(credential, "credentialData"), _part(credential, "secretData")
        name, length = _KEYCLOAK[settings["algorithm"]]
        key = base64.b64decode(secret.get("value") or secret["hashedSaltedValue"])[:length]
        salt = base64.b64decode(secret["salt"])
        return f"${name}${int(settings['hashIterations'])}${_adapted(salt)}${_adapted(key)}"
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("no Keycloak credential of a known algorithm") from error


def _part(credential: dict[str, Any], name: str) -> dict[str, Any]:
    """A part that is JSON text inside the JSON, or the object itself where everything lies flat."""
    part = credential.get(name, credential)
    found = json.loads(part) if isinstance(part, str) else part
    if not isinstance(found, dict):
        raise TypeError(name)
    return found


def _adapted(data: bytes) -> str:
    """Passlib's base64 (`ab64`): a point for the plus, no padding."""
    return base64.b64encode(data).decode().rstrip("=").replace("+", ".")
