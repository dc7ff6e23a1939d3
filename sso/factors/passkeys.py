"""Passkeys (WebAuthn Level 3): what is asked of the browser, what is believed of its answer.

The origin is exactly ours and the relying party its host; the owner must have opened the key (user verification), always; attestation
is not asked for. A challenge is sealed for its purpose and account, lives five minutes and is good once. A counter that goes back
means that a key was copied: it is refused.
"""

import json
import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

import sqlalchemy as sa
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from foundation.database import Instant, Reads, Writes
from foundation.sealing import SealBroken, Sealer
from sso.factors.models import Passkey
from sso.opaque import digest

LASTS: Final = timedelta(minutes=5)
MOST: Final = 20
NO_CHALLENGE: Final = bytes(32)
CREDENTIAL_LETTERS: Final = 20_000
ANYBODY: Final = "anybody"
TAKE: Final = sa.text(
    "INSERT INTO sso_used_assertion (assertion_hash, ends_at) VALUES (:hash, :ends) ON CONFLICT DO NOTHING"
).bindparams(sa.bindparam("hash", type_=sa.LargeBinary()), sa.bindparam("ends", type_=Instant()))
"""Changes a row the first time only."""


class PasskeyError(Exception):
    """The answer of a browser that is not believed; why goes to the log, never to the person."""


@dataclass(frozen=True)
class Party:
    """Who we are to a browser: the exact origin, and its host."""

    origin: str
    host: str
    name: str


def build_party(issuer: str, name: str) -> Party:
    """From the configured issuer; never from a header."""
    parts = urlsplit(issuer)
    return Party(f"{parts.scheme}://{parts.netloc}", parts.hostname or "", name)


@dataclass(frozen=True)
class Question:
    """What a page asks the browser: the options for its script, and the challenge sealed for us."""

    options: str
    sealed: str


def seal_challenge(sealer: Sealer, challenge: bytes, purpose: str, whose: str, now: datetime) -> str:
    """The challenge as the form carries it."""
    return sealer.seal(f"{int(now.timestamp())}.".encode() + challenge, f"sso.passkey.{purpose}.{whose}")


def take_challenge(writes: Writes, sealer: Sealer, sealed: str, purpose: str, whose: str, now: datetime) -> bytes:
    """The challenge of a form, taken so that it is never good again. Raises PasskeyError."""
    try:
        made, _dot, challenge = sealer.open(sealed[:500], f"sso.passkey.{purpose}.{whose}").partition(b".")
    except SealBroken as error:
        raise PasskeyError("the challenge is not ours") from error
    ends = datetime.fromtimestamp(int(made), UTC) + LASTS
    if ends <= now:
        raise PasskeyError("the challenge is too old")
    taken = writes.connection().execute(TAKE, {"hash": digest(f"passkey {sealed}"), "ends": ends})
    if taken.rowcount != 1:
        raise PasskeyError("the challenge was used before")
    return challenge


def ask_creation(
    reads: Reads, sealer: Sealer, party: Party, account_id: uuid.UUID, login: str, now: datetime
) -> Question:
    """What a browser is asked to make a key for this account; keys it has already are named, so that none is made twice."""
    challenge = secrets.token_bytes(32)
    options = generate_registration_options(
        rp_id=party.host,
        rp_name=party.name,
        user_name=login,
        user_id=account_id.bytes,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=describe(list_passkeys(reads, account_id)),
    )
    return Question(options_to_json(options), seal_challenge(sealer, challenge, "create", str(account_id), now))


def ask_proof(sealer: Sealer, party: Party, now: datetime, account_id: uuid.UUID | None = None) -> Question:
    """What a browser is asked to prove itself with: any key it has for us, whose account it belongs to is told by the key."""
    challenge, whose = secrets.token_bytes(32), str(account_id) if account_id else ANYBODY
    before, after = write_options(party.host)
    return Question(
        f"{before}{bytes_to_base64url(challenge)}{after}", seal_challenge(sealer, challenge, "get", whose, now)
    )


@cache
def write_options(host: str) -> tuple[str, str]:
    """What stands before and behind the challenge in what a browser is asked; every log-in page asks it."""
    options = generate_authentication_options(
        rp_id=host, challenge=NO_CHALLENGE, user_verification=UserVerificationRequirement.REQUIRED
    )
    before, _challenge, after = options_to_json(options).partition(bytes_to_base64url(NO_CHALLENGE))
    return before, after


def describe(keys: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    """Keys as the browser names them."""
    return [PublicKeyCredentialDescriptor(id=key.credential_id) for key in keys]


def list_passkeys(reads: Reads, account_id: uuid.UUID) -> list[Passkey]:
    """The keys of an account, the oldest first."""
    wanted = sa.select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.made_at, Passkey.id)
    return list(reads.execute(wanted).scalars())


def read_credential(text: str) -> dict[str, Any]:
    """The browser's answer as an object. Raises PasskeyError."""
    try:
        read = json.loads(text) if len(text) <= CREDENTIAL_LETTERS else None
    except (ValueError, RecursionError) as error:
        raise PasskeyError("no JSON") from error
    if not isinstance(read, dict):
        raise PasskeyError("no object")
    return read


def keep_passkey(
    writes: Writes, party: Party, account_id: uuid.UUID, challenge: bytes, answer: str, name: str, now: datetime
) -> Passkey:
    """Keep the key a browser made. Raises PasskeyError."""
    credential = read_credential(answer)
    try:
        made = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise PasskeyError(str(error)) from error
    if len(list_passkeys(writes, account_id)) >= MOST:
        raise PasskeyError("there are too many")
    known = sa.select(Passkey.id).where(Passkey.credential_id == made.credential_id)
    if writes.execute(known).first() is not None:
        raise PasskeyError("this key is known already")
    key = Passkey(
        id=uuid.uuid4(),
        account_id=account_id,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=name,
        transports=[],
        backed_up=made.credential_backed_up,
        made_at=now,
    )
    writes.add(key)
    writes.flush()
    return key


def find_passkey(reads: Reads, answer: str) -> Passkey:
    """The key an answer speaks of. Raises PasskeyError."""
    credential = read_credential(answer)
    try:
        raw = base64url_to_bytes(str(credential.get("rawId", "")))
    except (ValueError, TypeError) as error:
        raise PasskeyError("no key is named") from error
    key = reads.execute(sa.select(Passkey).where(Passkey.credential_id == raw)).scalar_one_or_none()
    if key is None:
        raise PasskeyError("the key is not known")
    return key


def check_proof(writes: Writes, party: Party, key: Passkey, challenge: bytes, answer: str, now: datetime) -> None:
    """Refuse an answer that this key did not sign now, for us, opened by its owner. Raises PasskeyError.

    The counter is moved on by one statement, so that of two answers with the same counter one is believed.
    """
    credential = read_credential(answer)
    try:
        proved = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
        handle = credential["response"].get("userHandle")
        whose = base64url_to_bytes(handle) if handle else key.account_id.bytes
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise PasskeyError(str(error)) from error
    if whose != key.account_id.bytes:
        raise PasskeyError("the key names another account")
    moved = (
        sa.update(Passkey)
        .where(Passkey.id == key.id, Passkey.sign_count == key.sign_count)
        .values(sign_count=proved.new_sign_count, used_at=now, backed_up=proved.credential_backed_up)
        .execution_options(synchronize_session=False)
    )
    if writes.connection().execute(moved).rowcount != 1:
        raise PasskeyError("another answer of this key was faster")


def drop_passkey(writes: Writes, account_id: uuid.UUID, key_id: uuid.UUID) -> bool:
    """Take a key of this account away. Gives whether there was one."""
    gone = sa.delete(Passkey).where(Passkey.id == key_id, Passkey.account_id == account_id)
    return writes.connection().execute(gone).rowcount > 0
