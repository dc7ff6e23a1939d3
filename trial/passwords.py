"""Password hashes as the old systems export them: nearly all random, a handful of a password that the story knows.

Formats: `{SSHA}`, `{SSHA512}` and `{CRYPT}` (OpenLDAP's userPassword), bcrypt as it stands, and the credential object of a
Keycloak realm export (JSON with `secretData` and `credentialData`, each JSON text itself) for PBKDF2-SHA256.
A random hash has the right shape and opens nothing: nobody knows a password for it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import string

import bcrypt
from passlib.hash import sha512_crypt

KINDS = ("ssha", "ssha512", "bcrypt", "pbkdf2-keycloak", "crypt")
KEYCLOAK_ITERATIONS = 27_500
_BCRYPT_LETTERS = "./" + string.ascii_uppercase + string.ascii_lowercase + string.digits
_BCRYPT_SALT_ENDS = ".Oeu"  # 16 bytes fill 21 letters and two bits of the last one
_CRYPT_LETTERS = "./" + string.digits + string.ascii_uppercase + string.ascii_lowercase


def hash_known_password(kind: str, password: str, draws: random.Random) -> str:
    """A real hash of a password that the story uses; the salt comes from the draws, so it repeats with the seed."""
    secret = password.encode()
    if kind == "ssha":
        return _salted("{SSHA}", "sha1", secret, draws.randbytes(8))
    if kind == "ssha512":
        return _salted("{SSHA512}", "sha512", secret, draws.randbytes(8))
    if kind == "bcrypt":
        return bcrypt.hashpw(secret, b"$2b$10$" + _bcrypt_salt(draws).encode()).decode()
    if kind == "pbkdf2-keycloak":
        salt = draws.randbytes(16)
        return _keycloak(hashlib.pbkdf2_hmac("sha256", secret, salt, KEYCLOAK_ITERATIONS, 64), salt)
    salt_letters = "".join(draws.choices(_CRYPT_LETTERS, k=16))
    return "{CRYPT}" + str(sha512_crypt.using(salt=salt_letters, rounds=5000).hash(password))


def draw_unknown_hash(kind: str, draws: random.Random) -> str:
    """A hash of the right shape that no known password opens."""
    if kind == "ssha":
        return "{SSHA}" + base64.b64encode(draws.randbytes(28)).decode()
    if kind == "ssha512":
        return "{SSHA512}" + base64.b64encode(draws.randbytes(72)).decode()
    if kind == "bcrypt":
        tail = "".join(draws.choices(_BCRYPT_LETTERS, k=30)) + draws.choice(_BCRYPT_LETTERS[::4])
        return f"$2b$10${_bcrypt_salt(draws)}{tail}"
    if kind == "pbkdf2-keycloak":
        return _keycloak(draws.randbytes(64), draws.randbytes(16))
    letters = "".join(draws.choices(_CRYPT_LETTERS, k=16 + 85))
    return "{CRYPT}$6$" + letters[:16] + "$" + letters[16:] + draws.choice("./01")


def _salted(label: str, algorithm: str, secret: bytes, salt: bytes) -> str:
    return label + base64.b64encode(hashlib.new(algorithm, secret + salt).digest() + salt).decode()


def _bcrypt_salt(draws: random.Random) -> str:
    return "".join(draws.choices(_BCRYPT_LETTERS, k=21)) + draws.choice(_BCRYPT_SALT_ENDS)


def _keycloak(key: bytes, salt: bytes) -> str:
    secret = {
        "value": base64.b64encode(key).decode(),
        "salt": base64.b64encode(salt).decode(),
        "additionalParameters": {},
    }
    settings = {"hashIterations": KEYCLOAK_ITERATIONS, "algorithm": "pbkdf2-sha256", "additionalParameters": {}}
    credential = {
        "type": "password",
        "secretData": json.dumps(secret, separators=(",", ":")),
        "credentialData": json.dumps(settings, separators=(",", ":")),
    }
    return json.dumps(credential, separators=(",", ":"))
