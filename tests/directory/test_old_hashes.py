import base64
import hashlib
import json
from typing import Any

import pytest

from directory.credentials import IMPORTED
from directory.old_hashes import normalize_old_hash

PASSWORD = "dừa-xiêm-bến-tre"
SALT = bytes(range(16))

# By crypt(3) of Debian 12 (libxcrypt 4.4.33): perl -e 'print crypt("a-password", "\$6\$saltsaltsaltsalt")', and $2b$05$ likewise.
CRYPTED = {
    "sha512": "$6$saltsaltsaltsalt$Z3tXVokbu25wV0dUq9vAcJRYwpCSfPbgMN2GIc0sg6fTrZXvsgERaIieiJoO2DaiKlrW49fwC1prSZGPZINAt1",
    "bcrypt": "$2b$05$abcdefghijklmnopqrstuubsRD.Ffj/ka0r3BpAjv57rF8oK.y5YW",
}


def keycloak(algorithm: str, digest: str, length: int, *, flat: bool = False) -> str:
    key = hashlib.pbkdf2_hmac(digest, PASSWORD.encode(), SALT, 27_500, length)
    secret: dict[str, Any] = {"value": base64.b64encode(key).decode(), "salt": base64.b64encode(SALT).decode()}
    settings: dict[str, Any] = {"hashIterations": 27_500, "algorithm": algorithm}
    if flat:
        return json.dumps(secret | settings)
    return json.dumps({"type": "password", "secretData": json.dumps(secret), "credentialData": json.dumps(settings)})


EXPORTS = {
    "sha256 with 64 bytes, as Keycloak 11 to 23": keycloak("pbkdf2-sha256", "sha256", 64),
    "sha256 with 32 bytes": keycloak("pbkdf2-sha256", "sha256", 32),
    "sha512, as Keycloak from 24": keycloak("pbkdf2-sha512", "sha512", 64),
    "sha1": keycloak("pbkdf2", "sha1", 64),
    "one flat object": keycloak("pbkdf2-sha256", "sha256", 64, flat=True),
}


@pytest.mark.parametrize("export", EXPORTS.values(), ids=EXPORTS)
def test_a_password_exported_by_keycloak_goes_on_working(export: str) -> None:
    stored = normalize_old_hash(export)
    assert IMPORTED.verify(PASSWORD, stored)
    assert not IMPORTED.verify(PASSWORD + "x", stored)


@pytest.mark.parametrize("kind", CRYPTED)
@pytest.mark.parametrize("prefix", ["", "{CRYPT}", "{crypt}"])
def test_a_hash_of_crypt_is_read_with_and_without_openldaps_prefix(kind: str, prefix: str) -> None:
    stored = normalize_old_hash(prefix + CRYPTED[kind])
    assert IMPORTED.verify("a-password", stored)
    assert not IMPORTED.verify("another", stored)


@pytest.mark.parametrize(
    "text",
    [
        '{"credentialData": "{\\"hashIterations\\": 1, \\"algorithm\\": \\"rot13\\"}", "secretData": "{}"}',
        '{"hashIterations": 27500}',
        '{"hashIterations": ',
        '{"hashIterations": 1, "algorithm": "pbkdf2-sha256", "value": 5, "salt": "AA=="}',
        '{"credentialData": "[\\"hashIterations\\"]"}',
    ],
)
def test_json_that_is_no_credential_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        normalize_old_hash(text)


def test_what_is_known_already_is_passed_on() -> None:
    assert normalize_old_hash("{SSHA}abc") == "{SSHA}abc"
