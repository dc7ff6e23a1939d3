"""Credentials: passwords and one-time codes of accounts.

Passwords are argon2id (m = 19 MiB, t = 2, p = 1) in the PHC form that slapd's `{ARGON2}` reads. A hash from an old
directory is kept sealed, tried at the first log-in, replaced by argon2id then, and ends at its date; it never opens an
administration account. One-time codes are made at the moment of printing, shown once, kept as SHA-256: they are long enough
that nothing slower is needed.
"""

import hashlib
import secrets
import unicodedata
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import argon2
import sqlalchemy as sa
from passlib.context import CryptContext

from directory.errors import PersonNotFound
from directory.models import SEAL_IMPORTED_HASH, Account, Credential
from directory.old_hashes import normalize_old_hash
from directory.printing.asking import ask_for_people
from foundation import argon2id
from foundation.database import Instant, Reads, Writes
from foundation.sealing import Sealer

HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, hash_len=32, salt_len=16)
COST = argon2id.Cost(HASHER.time_cost, HASHER.memory_cost)
IMPORTED = CryptContext(
    schemes=[
        "ldap_salted_sha1",
        "ldap_salted_sha256",
        "ldap_salted_sha512",
        "bcrypt",
        "pbkdf2_sha1",
        "pbkdf2_sha256",
        "pbkdf2_sha512",
        "argon2",
        "sha512_crypt",
        "sha256_crypt",
    ]
)
CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LETTERS = 16
LONGEST_PASSWORD = 256
RESET: Final = "reset"
"""Purpose of a code that was handed out to who had lost their way in; others are for the first time."""
FIND_CREDENTIAL: Final = sa.select(
    Credential.account_id,
    Credential.password_hash,
    Credential.password_set_at,
    Credential.imported_hash,
    Credential.imported_until,
).where(Credential.account_id == sa.bindparam("account"))
"""For who asks more at once."""


class KeptPassword(NamedTuple):
    """What stands of an account's password, to look at. A tuple, because every log-in makes one."""

    account_id: uuid.UUID
    password_hash: str | None
    password_set_at: datetime | None
    imported_hash: str | None
    imported_until: datetime | None


@dataclass(frozen=True)
class Opened:
    """A password that fits; `rehash` says the kept form is to be replaced by today's."""

    account_id: uuid.UUID
    rehash: bool


def prepare_password(password: str) -> str:
    """The password as RFC 8265 §4.2 compares it (OpaqueString): other spaces become a space, then NFC."""
    spaced = "".join(" " if unicodedata.category(letter) == "Zs" else letter for letter in password)
    return unicodedata.normalize("NFC", spaced)


def hash_password(password: str) -> str:
    """The argon2id PHC string of a password."""
    return argon2id.write_hash(as_bytes(prepare_password(password)), COST)


def as_bytes(password: str) -> bytes:
    """UTF-8, also of text no keyboard gives (lone surrogates): it is wrong, never an error."""
    return password.encode("utf-8", "surrogatepass")


DUMMY_HASH = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def spend_time(password: str) -> None:
    """The work of one check against nothing, so that an unknown log-in takes as long as a wrong password."""
    fits_argon2(DUMMY_HASH, password)


def fits_argon2(kept: str, password: str) -> bool:
    """Whether the password gives this PHC string."""
    try:
        return argon2id.fits(kept, as_bytes(prepare_password(password)))
    except (argon2.exceptions.Argon2Error, argon2.exceptions.InvalidHashError):
        return False


def fits_imported(sealer: Sealer, sealed: str, password: str) -> bool:
    """Whether the password, as typed or as RFC 8265 has it, gives the hash of the old directory."""
    kept = sealer.open(sealed, SEAL_IMPORTED_HASH).decode()
    for candidate in dict.fromkeys((password, prepare_password(password))):
        try:
            if IMPORTED.verify(as_bytes(candidate), normalize_old_hash(kept)):
                return True
        except (ValueError, TypeError):
            return False
    return False


def read_kept(row: Any) -> KeptPassword:
    """What FIND_CREDENTIAL found."""
    return KeptPassword(*row)


def find_credential(reads: Reads, account_id: uuid.UUID) -> Credential | None:
    """The credential row of an account."""
    return reads.get(Credential, account_id)


def check_password(
    sealer: Sealer, credential: Credential | KeptPassword | None, account_kind: str, password: str, now: datetime
) -> Opened | None:
    """Whether the password opens the account; costs one hash whatever the answer.

    Gives None for a wrong password, none set, or a credential that is missing. Does not look at the account's state.
    """
    if len(password) > LONGEST_PASSWORD or credential is None:
        spend_time("")
        return None
    if credential.password_hash is not None:
        if fits_argon2(credential.password_hash, password):
            return Opened(credential.account_id, HASHER.check_needs_rehash(credential.password_hash))
        return None
    old = credential.imported_hash
    open_still = credential.imported_until is None or credential.imported_until > now
    if old is not None and account_kind == "business" and open_still and fits_imported(sealer, old, password):
        spend_time("")
        return Opened(credential.account_id, True)
    spend_time("")
    return None


def keep_hash(
    writes: Writes, account_id: uuid.UUID, password_hash: str, now: datetime, *, by_password: bool = False
) -> None:
    """Keep an argon2id hash that was made before the transaction; what opened the account before ends; LDAP is told.

    `by_password`: whoever sets it showed the old password and no more. The code of a reset stays then until it is used or over: it was
    handed out because that password may be somebody else's. Raises PersonNotFound for an account the register does not know.
    """
    credential = get_or_add(writes, account_id)
    credential.password_hash = password_hash
    credential.password_set_at = now
    credential.imported_hash = credential.imported_until = None
    if not (by_password and credential.code_purpose == RESET):
        credential.code_hash = credential.code_until = credential.code_purpose = None
    writes.execute(
        sa.update(Account)
        .where(Account.id == account_id, Account.state == "issued")
        .values(state="active", state_since=now)
    )
    writes.flush()
    person_id = writes.execute(sa.select(Account.person_id).where(Account.id == account_id)).scalar_one()
    ask_for_people(writes, [person_id], now)


def get_or_add(writes: Writes, account_id: uuid.UUID) -> Credential:
    """The credential row, made if the account has none yet. Raises PersonNotFound for an unknown account."""
    credential = writes.get(Credential, account_id)
    if credential is None:
        if writes.get(Account, account_id) is None:
            raise PersonNotFound(key=str(account_id))
        credential = Credential(account_id=account_id)
        writes.add(credential)
        writes.flush()
    return credential


def make_code() -> str:
    """A one-time code of 80 bits in the letters people do not mistake (no 0 O 1 I)."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LETTERS))


def group_code(code: str) -> str:
    """The code in groups of four, as letters show it."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def hash_code(typed: str) -> bytes:
    """SHA-256 of a code as it was meant: without spaces and dashes, upper case."""
    return hashlib.sha256("".join(letter for letter in typed.upper() if letter.isalnum()).encode()).digest()


def issue_activation_code(
    writes: Writes, account_id: uuid.UUID, now: datetime, valid_for: timedelta, purpose: str = "activation"
) -> str:
    """A new one-time code, to be shown once; the one before is dead."""
    code = make_code()
    keep_code(writes, account_id, hash_code(code), now, now + valid_for, purpose)
    return code


def keep_code(
    writes: Writes, account_id: uuid.UUID, code_hash: bytes, now: datetime, until: datetime, purpose: str
) -> None:
    """Keep the hash of a code made elsewhere (letters are printed in batches)."""
    credential = get_or_add(writes, account_id)
    credential.code_hash, credential.code_until = code_hash, until
    credential.code_purpose, credential.code_made_at = purpose, now
    writes.flush()


def redeem_activation_code(writes: Writes, account_id: uuid.UUID, typed: str, now: datetime) -> bool:
    """Spend the code if it is this account's and still good: one atomic statement, so that it is redeemed once.

    Where it was a reset, the account remembers that it was helped (`directory.helped`).
    """
    helped = sa.case((Credential.code_purpose == RESET, sa.literal(now, Instant())), else_=Credential.helped_at)
    spent = (
        sa.update(Credential)
        .where(
            Credential.account_id == account_id,
            Credential.code_hash == hash_code(typed),
            Credential.code_until > now,
        )
        .values(code_hash=None, code_until=None, code_purpose=None, helped_at=helped)
    )
    return bool(writes.connection().execute(spent).rowcount == 1)


def is_code_good(reads: Reads, account_id: uuid.UUID, typed: str, now: datetime) -> bool:
    """Whether the code would be redeemed now; spends nothing."""
    return (
        reads.execute(
            sa.select(Credential.account_id).where(
                Credential.account_id == account_id,
                Credential.code_hash == hash_code(typed),
                Credential.code_until > now,
            )
        ).first()
        is not None
    )
