"""The act of coming in: who may be meant, is the secret theirs, and the session that follows. Pages and factors go
through here.

Three steps, so that no lock is held while a password is hashed: count the try (committed), hash, open the session.
Whoever is unknown, wrong, shut, suspended or not yet activated gets the same nothing after the same work.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from directory.credentials import (
    FIND_CREDENTIAL,
    build_credential,
    check_password,
    hash_password,
    is_code_good,
    keep_hash,
    redeem_activation_code,
    spend_time,
)
from directory.joins import ANY_JOINED, find_joined_credentials
from directory.logins import login_key
from directory.models import Account, Credential
from directory.people import AccountFacts, find_accounts
from foundation import audit
from foundation.database import Writes
from sso.door.guesses import (
    account_subject,
    count_try,
    device_subject,
    forgive,
    is_open,
    login_subject,
    name_tried,
    name_try,
    take_back,
)
from sso.door.hashing import door_place, hashing_place
from sso.door.new_passwords import check_history, remember_former
from sso.door.sources import check_source, relieve, weigh_failure
from sso.door.way_back import WayBack
from sso.factors.devices import KnownDevice, find_device, forget_devices, hand_device, keep_device, read_device
from sso.factors.help_requests import answer_requests
from sso.factors.review import ask_for_review
from sso.factors.standing import find_factors, owes_factor
from sso.levels import OWING, PASSWORD
from sso.provider import Provider
from sso.sessions import (
    end_account_sessions,
    end_session,
    find_session,
    hand_cookie,
    open_session,
    read_cookie,
    renew_session,
)
from sso.upstream.links import drop_links

CANDIDATES_AT_MOST = 6
ABLE = ("issued", "active")
LOCK_STATE = sa.select(Account.state).where(Account.id == sa.bindparam("account")).with_for_update()
FIND_KEPT = sa.select(Credential.password_hash, Credential.imported_hash).where(
    Credential.account_id == sa.bindparam("account")
)


@dataclass(frozen=True)
class Candidate:
    """An account a typed log-in may mean, whose try was counted; `credential` is None while it is shut.

    An account that another record was joined to stands here once more with that record's password, which opens it for a time.
    """

    account: AccountFacts
    credential: Credential | None
    subject: bytes = b""
    device: KnownDevice | None = None


@dataclass(frozen=True)
class Entered:
    """Somebody came in: the values of the session's cookie and of the one the browser is known by from now on.

    `owing`: the second factor is still owed, and nothing opens before.
    """

    person_id: uuid.UUID
    cookie: str
    device: str | None = None
    owing: bool = False
    reviewing: bool = False
    """Whether its owner is shown the account's factors first (`sso.factors.review`)."""


@dataclass(frozen=True)
class Several:
    """The secret fits more than one person: one question tells them apart."""

    accounts: tuple[AccountFacts, ...]


@door_place()
def enter_by_password(
    provider: Provider, request: Request, typed: str, password: str, chosen: uuid.UUID | None = None
) -> Entered | Several | None:
    """Come in with a log-in and password; `chosen` is the account named in answer to the question. Raises DoorCrowded."""
    for _round in range(2):  # once more when the account changed while the password was hashed
        candidates = count_tries(provider, request, typed)
        opened = {one.account.account_id: one for one in reversed(fit_password(provider, candidates, password))}
        fitting = [one for one in candidates if opened.get(one.account.account_id) is one]
        fitting = [one for one in fitting if chosen in (None, one.account.account_id)]
        if len(fitting) > 1:
            return Several(tuple(one.account for one in fitting))
        if not fitting:
            break
        fresh_hash = make_fresh_hash(provider, fitting[0], password)
        entered = admit_by_password(provider, request, fitting[0], candidates, fresh_hash)
        if entered is not None:
            return entered
    refuse(provider, request, typed, "password")
    return None


def admit_by_password(
    provider: Provider, request: Request, one: Candidate, candidates: list[Candidate], fresh_hash: str | None
) -> Entered | None:
    """Let in who proved themselves, if all still stands; None when the account or its password changed meanwhile."""
    with provider.database.write_quickly() as writes:
        if not still_stands(writes, one):
            return None
        if fresh_hash is not None:
            keep_hash(writes, one.account.account_id, fresh_hash, provider.now(), by_password=True)
        if not is_just_set(provider, one):
            for subject in {other.subject for other in candidates if other.account is not one.account}:
                take_back(writes, subject)
        return admit(provider, writes, request, one, "pwd")


def is_just_set(provider: Provider, one: Candidate) -> bool:
    """Whether the password was set so lately that it may be a guess at somebody who shares the log-in: then their count stands."""
    set_at = one.credential.password_set_at if one.credential is not None else None
    return set_at is not None and set_at + timedelta(seconds=provider.policy.guess_window_seconds) > provider.now()


def lock_state(writes: Writes, account_id: uuid.UUID) -> str | None:
    """The account's state as it is now, held until the transaction ends: whoever suspends it waits, and then ends the session too."""
    writes.flush()  # The connection is asked past the session.
    state: str | None = writes.connection().execute(LOCK_STATE, {"account": account_id}).scalar()
    return state


def still_stands(writes: Writes, one: Candidate) -> bool:
    """Whether state and password are those that were checked: a suspension or a reset may have come while the hash was computed."""
    if one.credential is None:
        return False
    # Two statements, the lock first: what is kept is read when nobody can change the state any more.
    state, found = writes.ask(
        (LOCK_STATE, {"account": one.account.account_id}), (FIND_KEPT, {"account": one.credential.account_id})
    )
    kept = found.first()
    known = (one.credential.password_hash, one.credential.imported_hash)
    return state.scalar() == one.account.state and kept is not None and tuple(kept) == known


def choose_candidates(accounts: list[AccountFacts]) -> list[AccountFacts]:
    """Who is tried, at most CANDIDATES_AT_MOST: whose own log-in or address it is before whom it was once, nobody who cannot come in.

    Each costs a hash, so there is a bound; what stands longer in the register comes first, so that nobody is pushed out by
    log-ins added later. Who shares an old log-in with more people than that comes in by their own.
    """
    able = [account for account in accounts if account.state in ABLE]
    return sorted(able, key=lambda account: account.by_alias)[:CANDIDATES_AT_MOST]


def count_tries(provider: Provider, request: Request, typed: str) -> list[Candidate]:
    """Who may be meant, each try counted first; the counts stand whatever happens next. Raises SourceShut.

    A browser that one of them knows is let to the look from whatever network, and counted by itself.
    """
    sealer, now = provider.runtime.sealer, provider.now()
    cookie = read_device(request, provider.settings)
    with provider.database.write_quickly() as writes:
        accounts = choose_candidates(find_accounts(writes, typed, provider.as_of()))
        devices = {account.account_id: find_device(writes, account.account_id, cookie, now) for account in accounts}
        if not any(devices.values()):
            check_source(writes, sealer, request.state.caller, now)
        if not accounts:
            count_try(writes, login_subject(sealer, login_key(typed)), provider.policy, now)
        each = (count_on_account(provider, writes, one, devices[one.account_id], now) for one in accounts)
        return [candidate for candidates in each for candidate in candidates]


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
    own = Candidate(account, build_credential(row) if row is not None else None, subject, device)
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


def admit(provider: Provider, writes: Writes, request: Request, one: Candidate, amr: str) -> Entered:
    """Open the session of an account whose password was right, or one that still owes its second factor; write it down.

    Tries are forgiven once nothing is owed: who knows the password alone would else guess codes for ever.
    """
    now, account = provider.now(), one.account
    owing = owes_factor(find_factors(writes, account.account_id), account.kind, one.device, now)
    caller, agent = request.state.caller, request.headers.get("user-agent", "")
    cookie = start_session(provider, writes, request, account, amr, OWING if owing else PASSWORD)
    device = None
    if not owing:
        device = settle(provider, writes, request, account.account_id, one.subject)
    event = "sso.session.begun" if owing else "sso.session.opened"
    detail = {"by": amr, "caller": caller, "agent": agent[:80]}
    audit.record(writes, now, event, str(account.person_id), str(account.account_id), detail)
    return Entered(account.person_id, cookie, device, owing)


def start_session(
    provider: Provider, writes: Writes, request: Request, account: AccountFacts, amr: str, acr: str
) -> str:
    """A session of this level: the browser's own renewed where it is of the same account, else a new one. Gives the cookie's value."""
    now, caller, agent = provider.now(), request.state.caller, request.headers.get("user-agent", "")
    former = find_session(writes, read_cookie(request, provider.settings), provider.policy, now, owing=True)
    if former is not None and former.account_id == account.account_id:
        return renew_session(writes, former, provider.policy, now, amr=amr, acr=acr)
    if former is not None:
        end_session(writes, former.id, now)
    given = {"amr": amr, "caller": caller, "agent": agent, "acr": acr}
    return open_session(writes, account.person_id, account.account_id, provider.policy, now, **given)[1]


def settle(
    provider: Provider,
    writes: Writes,
    request: Request,
    account_id: uuid.UUID,
    subject: bytes,
    *,
    remember: timedelta | None = None,
) -> str:
    """Who is in is forgiven their tries, relieves their network, and is known in this browser from now on. Gives the browser's cookie."""
    now, caller = provider.now(), request.state.caller
    forgive(writes, subject)
    relieve(writes, provider.runtime.sealer, caller, str(account_id), provider.policy, now)
    agent, cookie = request.headers.get("user-agent", ""), read_device(request, provider.settings)
    return keep_device(writes, account_id, cookie, agent, now, now + remember if remember else None)


def let_in(provider: Provider, back: WayBack, entered: Entered) -> Response:
    """On the way: to the page of the second factor, or back to where the person came from."""
    on_the_way = back.link("/second-factor") if entered.owing else back.address
    response = RedirectResponse(back.link("/me/review") if entered.reviewing else on_the_way, 303)
    hand_cookie(response, entered.cookie, provider.settings)
    if entered.device is not None:
        hand_device(response, entered.device, provider.settings)
    return response


def refuse(provider: Provider, request: Request, typed: str, by: str) -> None:
    """Write down that somebody was not let in; the log-in stands as a digest, since a password is sometimes typed in its place."""
    subject = name_tried(provider.runtime.sealer, login_key(typed))
    with provider.database.write() as writes:
        weigh_failure(writes, provider.runtime.sealer, request.state.caller, provider.policy, provider.now())
        audit.record(
            writes,
            provider.now(),
            "sso.session.refused",
            "anonymous",
            subject,
            {"by": by, "caller": request.state.caller},
            "refused",
        )


@door_place()
def enter_by_code(provider: Provider, request: Request, typed: str, code: str, new_password: str) -> Entered | None:
    """Activate or reset: spend the one-time code, keep the new password, come in. None when log-in and code do not
    fit together. Raises PasswordReused, and the code is good still.

    Everything the account had open elsewhere ends, and every browser is asked for the second factor again. Links to other providers go,
    and no key opens the account alone before its owner has looked at it: who had taken the account over could come back by one.
    """
    candidates = count_tries(provider, request, typed)
    with hashing_place():
        password_hash = hash_password(new_password)
    with provider.database.write() as writes:
        now = provider.now()
        for candidate in candidates:
            account = candidate.account
            if candidate.credential is None or lock_state(writes, account.account_id) not in ABLE:
                continue
            if is_code_good(writes, account.account_id, code, now) and redeem_activation_code(
                writes, account.account_id, code, now
            ):
                check_history(provider, writes, account.account_id, account.kind, new_password)
                remember_former(writes, account.account_id, now)
                keep_hash(writes, account.account_id, password_hash, now)
                end_account_sessions(writes, account.account_id, now)
                forget_devices(writes, account.account_id)
                drop_links(writes, account.account_id)
                ask_for_review(writes, account.account_id, now)
                answer_requests(writes, account.account_id, "code", now)
                audit.record(writes, now, "sso.account.activated", str(account.person_id), str(account.account_id))
                return admit(provider, writes, request, candidate, "otp")
    refuse(provider, request, typed, "code")
    return None
