import base64
import hashlib
import json
import re

import bcrypt
import pytest
from passlib.hash import ldap_salted_sha1, ldap_salted_sha512, sha512_crypt

from trial.draws import open_draws
from trial.passwords import KINDS, draw_unknown_hash, hash_known_password

SECRET = "dừa-xiêm-bến-tre"

SHAPES = {
    "ssha": r"\{SSHA\}[A-Za-z0-9+/]+=*",
    "ssha512": r"\{SSHA512\}[A-Za-z0-9+/]+=*",
    "bcrypt": r"\$2b\$10\$[./A-Za-z0-9]{53}",
    "pbkdf2-keycloak": r"\{.*\}",
    "crypt": r"\{CRYPT\}\$6\$(rounds=5000\$)?[./A-Za-z0-9]{16}\$[./A-Za-z0-9]{86}",
}


def opens(kind: str, stored: str, password: str) -> bool:
    if kind == "ssha":
        return bool(ldap_salted_sha1.verify(password, stored))
    if kind == "ssha512":
        return bool(ldap_salted_sha512.verify(password, stored))
    if kind == "bcrypt":
        return bcrypt.checkpw(password.encode(), stored.encode())
    if kind == "crypt":
        return bool(sha512_crypt.verify(password, stored.removeprefix("{CRYPT}")))
    credential = json.loads(stored)
    secret, settings = json.loads(credential["secretData"]), json.loads(credential["credentialData"])
    key = base64.b64decode(secret["value"])
    salt = base64.b64decode(secret["salt"])
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, settings["hashIterations"], len(key)) == key


@pytest.mark.parametrize("kind", KINDS)
def test_a_known_password_opens_its_hash_and_no_other_does(kind: str) -> None:
    stored = hash_known_password(kind, SECRET, open_draws(1, kind))
    assert opens(kind, stored, SECRET)
    assert not opens(kind, stored, SECRET + "x")
    assert stored == hash_known_password(kind, SECRET, open_draws(1, kind))


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_hash_has_the_shape_of_a_real_one(kind: str) -> None:
    stored = draw_unknown_hash(kind, open_draws(1, kind))
    assert re.fullmatch(SHAPES[kind], stored)
    assert re.fullmatch(SHAPES[kind], hash_known_password(kind, SECRET, open_draws(1, kind)))
    assert not opens(kind, stored, SECRET)
