"""Who a typed log-in may mean: each try counted before anything is looked at, and whose secret it is.

Whoever is unknown, wrong, shut, suspended or not yet activated gets the same nothing after the same work.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from directory.credentials import (
    FIND_CREDENTIAL,
    KeptPassword,
    check_password,
    hash_password,
    read_kept,
    spend_time,
)
from directory.joins import ANY_JOINED, find_joined_credentials
from directory.logins import login_key
from directory.models import Credential
from directory.people import AccountFacts, name_accounts, read_accounts
from foundation.database import Writes
from sso.door.guesses import account_subject, count_try, device_subject, is_open, login_subject, name_try
from sso.door.hashing import hashing_place
from sso.door.sources import check_weight, name_weight
from sso.factors.devices import KnownDevice, find_device, read_device
from sso.provider import Provider

CANDIDATES_AT_MOST = 6
ABLE = ("issued", "active")


@dataclass(frozen=True)
class Candidate:
    """An account a typed log-in may mean, whose try was counted; `credential` is None while it is shut.

    An account that another record was joined to stands here once more with that record's password, which opens it for a time.
    """

    account: AccountFacts
    credential: Credential | KeptPassword | None
    subject: bytes = b""
    device: KnownDevice | None = None


def count_tries(provider: Provider, request: Request, typed: str) -> list[Candidate]:
    """Who may be meant, each try counted first; the counts stand whatever happens next. Raises SourceShut.

    A browser that one of them knows is let to the look from whatever network, and counted by itself.
    """
    sealer, now = provider.runtime.sealer, provider.now()
    cookie = read_device(request, provider.settings)
    with provider.database.write_quickly() as writes:
        *found, source = writes.ask(*name_accounts(typed, provider.as_of()), name_weight(sealer, request.state.caller))
        accounts = choose_candidates(read_accounts(found))
        devices = {account.account_id: find_device(writes, account.account_id, cookie, now) for account in accounts}
        if not any(devices.values()):
            check_weight(source, now)
        if not accounts:
            count_try(writes, login_subject(sealer, login_key(typed)), provider.policy, now)
        each = (count_on_account(provider, writes, one, devices[one.account_id], now) for one in accounts)
        return [candidate for candidates in each for candidate in candidates]


def choose_candidates(accounts: list[AccountFacts]) -> list[AccountFacts]:
    """Who is tried, at most CANDIDATES_AT_MOST: whose own log-in or address it is before whom it was once, nobody who cannot come in.

    Each costs a hash, so there is a bound; what stands longer in the register comes first, so that nobody is pushed out by
    log-ins added later. Who shares an old log-in with more people than that comes in by their own.
    """
    able = [account for account in accounts if account.state in ABLE]
    return sorted(able, key=lambda account: account.by_alias)[:CANDIDATES_AT_MOST]


def count_on_account(
    provider: Provider, writes: Writes, account: AccountFacts, device: KnownDevice | None, now: datetime
) -> list[Candidate]:
    """Count a try on an account, and what opens it: nothing while it is shut, else its own password and those of joined records."""
    subject, key = name_subject(provider, account.account_id, device), {"account": account.account_id}
    counted, kept, joins = writes.ask(
        name_try(subject, provider.policy, now), (FIND_CREDENTIAL, key), (ANY_JOINED, key)
    )
    locks = None if device else account.account_id
    if not is_open(writes, counted.scalar(), provider.policy, now, locks=locks):
        return [Candidate(account, None, subject, device)]
    row = kept.first()
    own = Candidate(account, read_kept(row) if row is not None else None, subject, device)
    # Hardly anybody has joined records.
    joined = find_joined_credentials(writes, account.account_id, now) if joins.first() is not None else []
    return [own, *(Candidate(account, credential, subject, device) for credential in joined)]


def name_subject(provider: Provider, account_id: uuid.UUID, device: KnownDevice | None) -> bytes:
    """What tries on this account from this browser are counted under."""
    sealer = provider.runtime.sealer
    return device_subject(sealer, account_id, device.id) if device else account_subject(sealer, account_id)


def fit_password(provider: Provider, candidates: list[Candidate], password: str) -> list[Candidate]:
    """The candidates this password opens; one hash at least, whoever was meant."""
    fitting = []
    for candidate in candidates:
        with hashing_place():
            opened = check_password(
                provider.runtime.sealer, candidate.credential, candidate.account.kind, password, provider.now()
            )
        if opened is not None and may_enter(candidate):
            fitting.append(candidate)
    if not candidates:
        with hashing_place():
            spend_time(password)
    return fitting


def may_enter(candidate: Candidate) -> bool:
    """Whether the account's state lets its owner in: active, or issued with the old directory's password."""
    imported = candidate.credential is not None and candidate.credential.imported_hash is not None
    return candidate.account.state == "active" or (candidate.account.state == "issued" and imported)


def make_fresh_hash(provider: Provider, one: Candidate, password: str) -> str | None:
    """Today's hash of the account's own password that came in by an old directory's, or None.

    That of a record joined to it opens the account and replaces nothing: the owner's own would else be gone.
    """
    credential = one.credential
    if credential is None or credential.password_hash is not None:
        return None
    if credential.account_id != one.account.account_id:
        return None
    with hashing_place():
        return hash_password(password)
