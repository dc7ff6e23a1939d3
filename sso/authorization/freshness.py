"""Whether a log-in is fresh enough for a request: `prompt=login`, `max_age`, `select_account`.

When a request sends the person to the log-in page, the way back carries the instant it began to wait, signed for
this very request. A session opened since satisfies it; nothing the browser can change or bring from another request
does.
"""

import hashlib
import hmac
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from foundation.sealing import Sealer, same_secret
from sso.authorization.requests import Asked
from sso.scopes import ACT_SCOPE, split_scope

CONTEXT: Final = "sso.asked"
CHOSEN_CONTEXT: Final = "sso.chosen"
WAITS: Final = timedelta(minutes=30)
BOUND: Final = (
    *("client_id", "redirect_uri", "state", "nonce", "code_challenge", "prompt", "max_age"),
    *("scope", "claims", "acr_values", "id_token_hint"),
)


def mark_asked(sealer: Sealer, asked: Asked, now: datetime) -> str:
    """The instant a request began to wait, signed for it."""
    instant = str(int(now.timestamp() * 1000))
    return f"{instant}.{sign(sealer, asked.parameters, instant)}"


def read_asked(sealer: Sealer, asked: Asked, mark: str | None, now: datetime) -> datetime | None:
    """Since when this request waits, or None where the mark is missing, another request's or too old."""
    instant, _dot, signature = (mark or "").partition(".")
    if not instant.isdigit() or len(instant) > 15:
        return None
    if not hmac.compare_digest(signature.encode(), sign(sealer, asked.parameters, instant).encode()):
        return None
    since = datetime.fromtimestamp(int(instant) / 1000, UTC)
    return since if now - since < WAITS else None


def sign(sealer: Sealer, parameters: Mapping[str, str], instant: str) -> str:
    """The signature of an instant for what makes a request this one."""
    request = "\x00".join(parameters.get(name, "") for name in BOUND)
    return sealer.blind_index(f"{instant}\x00{hashlib.sha256(request.encode()).hexdigest()}", CONTEXT).hex()[:32]


def mark_chosen(sealer: Sealer, session_id: uuid.UUID, asked_mark: str) -> str:
    """That this session was chosen for the request that waits under this mark."""
    return sealer.blind_index(f"{session_id}\x00{asked_mark}", CHOSEN_CONTEXT).hex()[:32]


def is_chosen(sealer: Sealer, session_id: uuid.UUID, asked_mark: str | None, mark: str | None) -> bool:
    """Whether the person chose this session for the request at hand, whose own mark was looked at before."""
    return bool(mark and asked_mark) and same_secret(mark or "", mark_chosen(sealer, session_id, asked_mark or ""))


def is_fresh(
    auth_time: datetime,
    asked: Asked,
    max_age: int | None,
    since: datetime | None,
    now: datetime,
    *,
    chosen: bool = False,
) -> bool:
    """Whether a log-in at `auth_time` is good for the request that waits `since` then; `chosen`: the person chose this account for it."""
    if since is not None and auth_time >= since:
        return True
    if "login" in asked.prompts or ("select_account" in asked.prompts and not chosen) or opens_acting(asked):
        return False
    return max_age is None or auth_time + timedelta(seconds=max_age) > now


def opens_acting(asked: Asked) -> bool:
    """Whether a program on somebody's machine asks to act for them: it cannot prove who it is, so never unseen (RFC 8252 §8.6)."""
    return asked.client.public and ACT_SCOPE in split_scope(asked.client.get_allowed_scope(asked.get("scope") or ""))
