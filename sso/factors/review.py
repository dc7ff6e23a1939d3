"""Whose are they: after an account was opened anew its owner is shown every factor it has, before a key opens it alone again.

Somebody who had taken the account over may have laid a key by, and may hold its recovery codes. The new password shuts them out of
everything else, so from the help desk's code on (or a recovery code that opened the account anew, or the end of a key device that had)
no passkey opens the account by itself, and neither recovery code nor app sets another password, until its owner has looked at
the list. Codes of an app and passkeys still serve as second factor: they open nothing without the password. A recovery code, which
stands in for every factor, does so only in the very session that opened the account anew.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

import sqlalchemy as sa

from directory.models import Credential
from foundation import audit
from foundation.database import Reads, Writes
from sso.factors.authenticators import drop_authenticator
from sso.factors.devices import forget_devices
from sso.factors.models import Authenticator, FactorReview, RecoveryCode
from sso.factors.passkeys import drop_passkey, list_passkeys
from sso.factors.recovery_codes import drop_recovery_codes
from sso.factors.standing import find_factors
from sso.sessions import OpenSession, end_account_sessions

TABLE: Final = cast(sa.Table, FactorReview.__table__)
FIND: Final = sa.select(TABLE.c.since).where(TABLE.c.account_id == sa.bindparam("account"))
APP: Final = "app"
CODES: Final = "codes"
ANEW: Final = "otp"
"""How `amr` begins for a session that opened the account anew: with a code that was handed out, or at `/recover`."""


@dataclass(frozen=True)
class Held:
    """A factor as its owner is shown it: what it is called in the form, what kind, its name, since when, when used last."""

    key: str
    kind: str
    name: str
    made_at: datetime
    used_at: datetime | None


def ask_for_review(writes: Writes, account_id: uuid.UUID, since: datetime) -> None:
    """Have the owner look at the factors, where there are any; asking again is asking since then.

    `since` ahead of now: a code was handed out that is not used yet. Until it is, or is too old, the old password is nobody's proof.
    """
    writes.connection().execute(sa.delete(TABLE).where(TABLE.c.account_id == account_id))
    if find_factors(writes, account_id):
        writes.connection().execute(sa.insert(TABLE).values(account_id=account_id, since=since))


def find_review(reads: Reads, account_id: uuid.UUID) -> datetime | None:
    """Since when the owner is asked, or from when on they will be; None where nothing is asked."""
    since: datetime | None = reads.connection().execute(FIND, {"account": account_id}).scalar()
    return since


def is_asked(reads: Reads, account_id: uuid.UUID, now: datetime) -> bool:
    """Whether the owner may be shown the list by now."""
    since = find_review(reads, account_id)
    return since is not None and since <= now


def recovery_rests(reads: Reads, session: OpenSession) -> bool:
    """Whether a recovery code counts for nothing here: the owner is asked, and this is not the session that opened the account anew."""
    since = find_review(reads, session.account_id)
    return since is not None and (session.auth_time < since or session.amr.split()[:1] != [ANEW])


def end_review(writes: Writes, account_id: uuid.UUID) -> None:
    """Nothing is asked any more."""
    writes.connection().execute(sa.delete(TABLE).where(TABLE.c.account_id == account_id))


def list_factors(reads: Reads, account_id: uuid.UUID) -> tuple[Held, ...]:
    """Everything that opens the account besides its password, the oldest first."""
    app = reads.get(Authenticator, account_id)
    made = sa.select(sa.func.min(RecoveryCode.made_at)).where(
        RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None)
    )
    codes_made = reads.execute(made).scalar()
    held = [
        Held(str(key.id), "passkey", key.name, key.made_at, key.used_at) for key in list_passkeys(reads, account_id)
    ]
    if app is not None:
        held.append(Held(APP, APP, "", app.made_at, None))
    if codes_made is not None:
        held.append(Held(CODES, CODES, "", codes_made, None))
    return tuple(sorted(held, key=lambda one: one.made_at))


def is_laid_by(reads: Reads, account_id: uuid.UUID) -> bool:
    """Whether a factor was set up since a one-time code was made that is good still: whoever knew the old password may have done so."""
    made = sa.select(Credential.code_made_at).where(
        Credential.account_id == account_id, Credential.code_hash.is_not(None)
    )
    since = reads.execute(made).scalar()
    return since is not None and any(held.made_at > since for held in list_factors(reads, account_id))


def close_review(writes: Writes, session: OpenSession, strange: set[str], now: datetime) -> int:
    """Take away what its owner does not know, keep the rest, and ask no more. Gives how many factors went.

    Where one is strange, everything else that is open ends, and every browser is asked for a factor again.
    """
    account_id, gone = session.account_id, 0
    for held in list_factors(writes, account_id):
        if held.key not in strange:
            continue
        if held.kind == APP:
            drop_authenticator(writes, account_id)
        elif held.kind == CODES:
            drop_recovery_codes(writes, account_id)
        else:
            drop_passkey(writes, account_id, uuid.UUID(held.key))
        gone += 1
        detail = {"factor": held.kind, "why": "not the owner's"}
        audit.record(writes, now, "sso.factor.removed", str(session.person_id), str(account_id), detail)
    if gone:
        forget_devices(writes, account_id)
        end_account_sessions(writes, account_id, now, keep=session.id)
    end_review(writes, account_id)
    audit.record(writes, now, "sso.factor.reviewed", str(session.person_id), str(account_id), {"removed": gone})
    return gone
