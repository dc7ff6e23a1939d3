"""The app that counts (TOTP, RFC 6238): made, shown once, proved with a first code, then asked for.

SHA-1, six digits, thirty seconds: the one setting every app understands. A step is used once, whoever is faster; the clock of a
phone may be half a minute off to either side. The secret is sealed under a context that names its account.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import segno
import sqlalchemy as sa
from passlib.exc import TokenError
from passlib.totp import TOTP

from foundation.database import Reads, Writes
from foundation.sealing import SealBroken, Sealer
from sso.factors.models import SEAL_SECRET, Authenticator

DRIFT_SECONDS: Final = 30
DIGITS: Final = 6
DRAFT_LASTS: Final = timedelta(minutes=30)


@dataclass(frozen=True)
class Draft:
    """A secret that was shown and not proved yet; it lives sealed in the page's own form."""

    account_id: uuid.UUID
    secret: str

    @property
    def grouped(self) -> str:
        """The secret in groups of four, for typing."""
        return " ".join(self.secret[start : start + 4] for start in range(0, len(self.secret), 4))

    def address(self, login: str, issuer: str) -> str:
        """The otpauth address apps read."""
        return str(TOTP(self.secret).to_uri(label=login.replace(":", "."), issuer=issuer.replace(":", "")))


def new_draft(account_id: uuid.UUID) -> Draft:
    """A fresh secret of 160 bits."""
    return Draft(account_id, str(TOTP.new(size=20).base32_key))


def seal_draft(sealer: Sealer, draft: Draft, now: datetime) -> str:
    """The draft as the form carries it: nobody but us reads or makes one."""
    return sealer.seal(f"{int(now.timestamp())}.{draft.secret}".encode(), context_of(draft.account_id, "draft"))


def open_draft(sealer: Sealer, sealed: str, account_id: uuid.UUID, now: datetime) -> Draft | None:
    """The draft of this account, or None: another's, changed, or too old."""
    try:
        made, _dot, secret = sealer.open(sealed, context_of(account_id, "draft")).decode().partition(".")
    except SealBroken:
        return None
    return Draft(account_id, secret) if now.timestamp() - int(made) < DRAFT_LASTS.total_seconds() else None


def context_of(account_id: uuid.UUID, what: str) -> str:
    """The context a secret is sealed in: no row opens under another account."""
    return f"{SEAL_SECRET}.{what}.{account_id}"


def draw_code(address: str) -> str:
    """The QR as an SVG in a data address; pages load no picture from elsewhere."""
    return str(segno.make(address, error="m").svg_data_uri(scale=5, border=3, dark="#000", light="#fff"))


def find_step(secret: str, typed: str, now: datetime, after: int | None = None) -> int | None:
    """The time step a code belongs to, or None; `after` is the last one used."""
    try:
        match = TOTP(secret).match(clean(typed), time=now, window=DRIFT_SECONDS, last_counter=after)
    except TokenError:
        return None
    return int(match.counter)


def clean(typed: str) -> str:
    """A code without the spaces people type."""
    return "".join(letter for letter in typed if not letter.isspace() and letter != "-")[:40]


def looks_like_code(typed: str) -> bool:
    """Whether this is meant as a code of an app, and not as a recovery code."""
    cleaned = clean(typed)
    return len(cleaned) == DIGITS and cleaned.isascii() and cleaned.isdigit()


def keep_authenticator(writes: Writes, sealer: Sealer, draft: Draft, step: int, now: datetime) -> None:
    """Keep a secret whose first code was right; the one before it ends."""
    writes.execute(sa.delete(Authenticator).where(Authenticator.account_id == draft.account_id))
    sealed = sealer.seal(draft.secret.encode(), context_of(draft.account_id, "kept"))
    writes.add(Authenticator(account_id=draft.account_id, secret_sealed=sealed, made_at=now, last_step=step))
    writes.flush()


def find_authenticator(reads: Reads, account_id: uuid.UUID) -> Authenticator | None:
    """The account's app, if it has one."""
    return reads.get(Authenticator, account_id)


def spend_step(writes: Writes, sealer: Sealer, account_id: uuid.UUID, typed: str, now: datetime) -> bool:
    """Whether the code is right now, and spend it: one statement decides between two who show the same code."""
    kept = find_authenticator(writes, account_id)
    if kept is None:
        return False
    secret = sealer.open(kept.secret_sealed, context_of(account_id, "kept")).decode()
    step = find_step(secret, typed, now, kept.last_step)
    if step is None:
        return False
    spent = (
        sa.update(Authenticator)
        .where(Authenticator.account_id == account_id, Authenticator.last_step < step)
        .values(last_step=step)
    )
    return bool(writes.connection().execute(spent).rowcount == 1)


def drop_authenticator(writes: Writes, account_id: uuid.UUID) -> bool:
    """Take the app away. Gives whether there was one."""
    gone = sa.delete(Authenticator).where(Authenticator.account_id == account_id)
    return writes.connection().execute(gone).rowcount > 0
