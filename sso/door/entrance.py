"""The act of coming in: who may be meant, is the secret theirs, and the session that follows.

Three steps, so that no lock is held while a password is hashed: count the try (committed), hash, open the session. Who may be meant
stands in `candidates`, the session in `admission`, through which factors and other doors go as well.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from directory.credentials import KeptPassword, hash_password, is_code_good, keep_hash, redeem_activation_code
from directory.logins import login_key
from directory.models import Credential
from directory.people import AccountFacts
from foundation import audit
from foundation.database import Writes
from sso.door.admission import LOCK_STATE, Entered, lock_state, settle, start_session
from sso.door.candidates import ABLE, Candidate, count_tries, fit_password, make_fresh_hash
from sso.door.guesses import name_tried, take_back
from sso.door.hashing import door_place, hashing_place
from sso.door.new_passwords import check_history, remember_former
from sso.door.sources import name_weight, weigh_failure
from sso.factors.devices import forget_devices
from sso.factors.help_requests import answer_requests
from sso.factors.review import ask_for_review
from sso.factors.standing import Factors, find_factors, name_factors, owes_factor, read_factors
from sso.levels import OWING, PASSWORD
from sso.provider import Provider
from sso.sessions import end_account_sessions
from sso.upstream.links import drop_links

Onward = Callable[[Writes, Entered], Response | None]
FIND_KEPT: Final = sa.select(Credential.password_hash, Credential.imported_hash).where(
    Credential.account_id == sa.bindparam("account")
)


@dataclass(frozen=True)
class Several:
    """The secret fits more than one person: one question tells them apart."""

    accounts: tuple[AccountFacts, ...]


@door_place()
def enter_by_password(
    provider: Provider,
    request: Request,
    typed: str,
    password: str,
    chosen: uuid.UUID | None = None,
    onward: Onward | None = None,
) -> Entered | Several | None:
    """Come in with a log-in and password; `chosen` is the account named in answer to the question, `onward` what is done with the new
    session in the same transaction, once nothing is owed. Raises DoorCrowded.
    """
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
        entered = admit_by_password(provider, request, fitting[0], candidates, fresh_hash, onward)
        if entered is not None:
            return entered
    refuse(provider, request, typed, "password")
    return None


def admit_by_password(
    provider: Provider,
    request: Request,
    one: Candidate,
    candidates: list[Candidate],
    fresh_hash: str | None,
    onward: Onward | None = None,
) -> Entered | None:
    """Let in who proved themselves, if all still stands; None when the account or its password changed meanwhile."""
    if one.credential is None:
        return None
    account_id = one.account.account_id
    with provider.database.write_quickly() as writes:
        # Asked at once, the lock first: what is kept is read when nobody can change the state any more.
        state, kept, factors, weight = writes.ask(
            (LOCK_STATE, {"account": account_id}),
            (FIND_KEPT, {"account": one.credential.account_id}),
            name_factors(account_id),
            name_weight(provider.runtime.sealer, request.state.caller),
        )
        if state.scalar() != one.account.state or not is_kept(one.credential, kept.first()):
            return None
        if fresh_hash is not None:
            keep_hash(writes, account_id, fresh_hash, provider.now(), by_password=True)
        if not is_just_set(provider, one):
            for subject in {other.subject for other in candidates if other.account is not one.account}:
                take_back(writes, subject)
        entered = admit(provider, writes, request, one, "pwd", read_factors(writes, account_id, factors), weight)
        if entered.owing or onward is None:
            return entered
        return replace(entered, answer=onward(writes, entered))


def is_kept(credential: Credential | KeptPassword, kept: Any) -> bool:
    """Whether the password is the one that was checked: a reset may have come while the hash was computed."""
    return kept is not None and tuple(kept) == (credential.password_hash, credential.imported_hash)


def is_just_set(provider: Provider, one: Candidate) -> bool:
    """Whether the password was set so lately that it may be a guess at somebody who shares the log-in: then their count stands."""
    set_at = one.credential.password_set_at if one.credential is not None else None
    return set_at is not None and set_at + timedelta(seconds=provider.policy.guess_window_seconds) > provider.now()


def admit(
    provider: Provider,
    writes: Writes,
    request: Request,
    one: Candidate,
    amr: str,
    factors: Factors,
    weight: Any = None,
) -> Entered:
    """Open the session of an account whose password was right, or one that still owes its second factor; write it down.

    Tries are forgiven once nothing is owed: who knows the password alone would else guess codes for ever.
    `weight`: that of the network, where it was asked for already.
    """
    now, account = provider.now(), one.account
    owing = owes_factor(factors, account.kind, one.device, now)
    caller, agent = request.state.caller, request.headers.get("user-agent", "")
    started = start_session(provider, writes, request, account, amr, OWING if owing else PASSWORD)
    device = None
    if not owing:
        device = settle(provider, writes, request, account.account_id, one.subject, weight=weight)
    event = "sso.session.begun" if owing else "sso.session.opened"
    detail = {"by": amr, "caller": caller, "agent": agent[:80]}
    audit.record(writes, now, event, str(account.person_id), str(account.account_id), detail)
    # Only what an active account has open is a session.
    session = started.opened if account.state == "active" else None
    return Entered(account.person_id, started.cookie, device, owing, session=session)


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
                factors = find_factors(writes, account.account_id)
                return admit(provider, writes, request, candidate, "otp", factors)
    refuse(provider, request, typed, "code")
    return None
