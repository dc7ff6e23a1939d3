"""Accounts beside the business one: administration and technical accounts, apart in name, log-in, password and second factor.

Four kinds are kept apart (TCVN 14423:2026 §5). An administration account is for whoever acts upon others (operator, human resources,
help desk, approver) and always asks for a second factor at the door; a technical one is for whoever runs machines. No old password and
no mailed code ever opens them: the code is handed over once, in person. Service accounts are applications: `hopnhat client add`.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from directory.credentials import issue_activation_code
from directory.errors import PersonNotFound
from directory.logins import LoginBook, login_key
from directory.models import Account, Login
from directory.people import find_posts
from directory.quarantine import is_login_taken
from foundation import audit
from foundation.changes import AsOf, in_force, small_change
from foundation.database import Reads, Writes
from foundation.errors import BadInput
from foundation.shell import Actor
from provisioning.account_states import WEIGHTY, get_account
from provisioning.people.rewriting import lock_people

OPENED: Final = "provisioning.account.open"
PREFIXES: Final = {"administration": "qt", "technical": "kt"}
"""What the log-in of an account of this kind begins with: quản trị, kỹ thuật."""
CODE_DAYS: Final = 3


class KindRefused(BadInput):
    """An account of this kind cannot be opened for this person."""

    code = "account_kind_refused"
    sentence = "No account of this kind can be opened: {why}"


@dataclass(frozen=True)
class OpenedAccount:
    """A new account and the code its owner comes in with; the code is shown once."""

    login: str
    code: str

    def __repr__(self) -> str:
        """Without the code."""
        return f"OpenedAccount({self.login!r})"


@dataclass(frozen=True)
class KnownAccount:
    """One of a person's accounts."""

    kind: str
    login: str | None
    state: str
    since: datetime | None


def open_account_of_kind(
    writes: Writes, actor: Actor, person_id: uuid.UUID, kind: str, reason: str, now: datetime
) -> OpenedAccount:
    """Open an account of another kind beside the business one; who may is the caller's question.

    Raises KindRefused: the kind is business or service, the person holds no duty that needs it, has one already, or cannot come in.
    """
    if kind not in PREFIXES:
        raise KindRefused(why=f"{kind}; {' | '.join(PREFIXES)}")
    # Nobody is joined to another meanwhile: the account would stay behind under an id that nobody suspends.
    lock_people(writes, [person_id])
    business = get_account(writes, person_id)
    lock_people(writes, [business.person_id])
    if business.state not in ("issued", "active"):
        raise KindRefused(why=f"the business account is {business.state}")
    if kind == "administration" and not holds_weight(writes, business.person_id, now):
        raise KindRefused(why="the person holds no duty that acts upon others")
    there = sa.select(Account.state).where(Account.person_id == business.person_id, Account.kind == kind)
    state = writes.execute(there).scalar_one_or_none()
    if state is not None:
        raise KindRefused(why=f"there is one already, {state}")
    login = make_login(writes, business.id, kind, now)
    change = small_change(writes, "account.open", actor.label, now, reason=reason)
    account = Account(
        id=uuid.uuid4(), person_id=business.person_id, kind=kind, state="issued", state_since=now, change_id=change.id
    )
    writes.add(account)
    writes.flush()
    writes.add(
        Login(
            account_id=account.id,
            login=login,
            login_key=login_key(login),
            kind="own",
            valid_from=now,
            change_id=change.id,
        )
    )
    code = issue_activation_code(writes, account.id, now, timedelta(days=CODE_DAYS))
    audit.record(
        writes, now, OPENED, actor.label, str(business.person_id), {"kind": kind, "login": login, "reason": reason}
    )
    return OpenedAccount(login, code)


def holds_weight(reads: Reads, person_id: uuid.UUID, now: datetime) -> bool:
    """Whether the person holds a duty that approves or acts upon others."""
    posts = find_posts(reads, [person_id], AsOf(now)).get(person_id, [])
    return any(WEIGHTY.intersection(post.duties) for post in posts)


def make_login(reads: Reads, business_id: uuid.UUID, kind: str, now: datetime) -> str:
    """A log-in that shows the kind and was nobody's: `qt.hoa.lt`. Raises PersonNotFound for an account without a log-in."""
    own = sa.select(Login.login).where(Login.account_id == business_id, Login.kind == "own", in_force(Login, AsOf(now)))
    known = reads.execute(own).scalar_one_or_none()
    if known is None:
        raise PersonNotFound(key=str(business_id))
    base = f"{PREFIXES[kind]}.{known.partition('@')[0]}"
    book = LoginBook(lambda key: is_login_taken(reads, key))
    number = 1
    while not book.claim(login := base if number == 1 else f"{base}{number}"):
        number += 1
    return login


def list_accounts(reads: Reads, person_id: uuid.UUID, now: datetime) -> Sequence[KnownAccount]:
    """Every account of a person, the business one first."""
    own = sa.and_(Login.account_id == Account.id, Login.kind == "own", in_force(Login, AsOf(now)))
    rows = reads.execute(
        sa.select(Account.kind, Login.login, Account.state, Account.state_since)
        .outerjoin(Login, own)
        .where(Account.person_id == person_id)
    )
    return sorted((KnownAccount(*row) for row in rows), key=lambda one: (one.kind != "business", one.kind))
