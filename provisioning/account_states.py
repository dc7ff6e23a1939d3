"""Acts upon accounts: suspend, resume, close, a new one-time code; each checked, audited and printed.

A suspended account is refused wherever a grant, token or session is looked at, because its state is read there every time.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa

from directory.chains import find_ancestors
from directory.credentials import issue_activation_code
from directory.errors import PersonNotFound
from directory.joins import find_joined, find_joined_accounts, find_survivor, find_survivors
from directory.models import Account, Credential, PersonDetail, Post
from directory.people import find_posts
from directory.printing.jobs import ask_for_people
from directory.rights import check_right
from directory.units import chunked, find_units
from foundation import audit
from foundation.changes import AsOf, visible
from foundation.database import Reads, Writes
from foundation.errors import BadInput, NotPermitted
from foundation.shell import Actor, is_of_glass
from signing.models import SigningSession
from sso.models import BrowserSession
from sso.sessions import end_account_sessions, end_session

MOVES = {
    "suspend": ({"issued", "active"}, "suspended"),
    "close": ({"issued", "active", "suspended"}, "closed"),
}
CODE_DAYS = 7
WEIGHTY = frozenset({"approver", "hr", "help_desk", "operator"})
"""Duties that approve or act upon others: whoever could reset such an account could become their own second person."""


class StateRefused(BadInput):
    """The account's state does not allow the act."""

    code = "state_refused"
    sentence = "An account that is {state} cannot be changed so."


def check_may_act(reads: Reads, actor: Actor, person_id: uuid.UUID, duties: tuple[str, ...], now: datetime) -> None:
    """Refuse an actor whose right does not cover every unit of the person; for somebody from outside the unit that answers for
    them, for somebody without a post the units they left last, else the root.

    Breaking the glass passes. Raises RightMissing; NotPermitted for one's own account, and when nobody is logged in.
    """
    if is_of_glass(actor.label):
        return
    if actor.person_id is None:
        raise NotPermitted
    if actor.person_id == find_survivor(reads, person_id):
        raise NotPermitted("Nobody does this for their own account.")
    as_of = AsOf(now)
    posts = find_posts(reads, [person_id], as_of).get(person_id, [])
    coming = find_coming(reads, person_id, as_of)
    held = {duty for post in posts for duty in post.duties}.union(*(post.duties.split() for post in coming))
    needed = ("operator",) if held & WEIGHTY else duties
    units = [post.unit_id for post in posts] or [find_cover(reads, one.unit_id, one.valid_from, now) for one in coming]
    units = units or find_answering_units(reads, [person_id], as_of)[person_id]
    check_right(reads, actor.person_id, needed, units, as_of)


def find_coming(reads: Reads, person_id: uuid.UUID, as_of: AsOf) -> list[Post]:
    """The posts that are written and begin later: who will have weight then is treated so today."""
    owner = find_survivor(reads, person_id, as_of.known_at)
    wanted = sa.select(Post).where(Post.person_id == owner, visible(Post), Post.valid_from > as_of.at)
    return list(reads.execute(wanted).scalars())


def find_cover(reads: Reads, unit_id: uuid.UUID, at: datetime, now: datetime) -> uuid.UUID:
    """The unit a right must cover today for one that may begin later: itself if it stands, else what it will lie under."""
    chain = [unit_id, *(unit.id for unit in find_ancestors(reads, unit_id, AsOf(at)))]
    standing = find_units(reads, chain, AsOf(now))
    return next((unit for unit in chain if unit in standing), unit_id)


def find_answering_units(reads: Reads, people: Iterable[uuid.UUID], as_of: AsOf) -> dict[uuid.UUID, list[uuid.UUID]]:
    """Who answers for each of these if they hold no post: the sponsor, else the units they left last, all of that day."""
    found: dict[uuid.UUID, list[uuid.UUID]] = {}
    for some in chunked(people):
        survivors = find_survivors(reads, some, as_of.known_at)
        owners = {person: survivors.get(person, person) for person in some}
        sponsors, left = find_sponsors(reads, owners.values()), find_left_last(reads, owners.values(), as_of)
        found |= {person: sponsors.get(owner) or left.get(owner, []) for person, owner in owners.items()}
    return found


def find_sponsors(reads: Reads, people: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[uuid.UUID]]:
    """The units that sponsor those of these who come from outside."""
    wanted = sa.select(PersonDetail.person_id, PersonDetail.sponsor_id).where(
        PersonDetail.person_id.in_(set(people)), visible(PersonDetail)
    )
    found: dict[uuid.UUID, list[uuid.UUID]] = {}
    for person, unit in reads.execute(wanted):
        if unit is not None:
            found.setdefault(person, []).append(unit)
    return found


def find_left_last(reads: Reads, people: Iterable[uuid.UUID], as_of: AsOf) -> dict[uuid.UUID, list[uuid.UUID]]:
    """The units in which each of these held their last posts, of those that ended."""
    ended = sa.and_(Post.person_id.in_(set(people)), visible(Post), Post.valid_to <= as_of.at)
    last = sa.func.max(Post.valid_to).over(partition_by=Post.person_id)
    posts = sa.select(Post.person_id, Post.unit_id, Post.valid_to, last.label("last")).where(ended).subquery()
    wanted = sa.select(posts.c.person_id, posts.c.unit_id).where(posts.c.valid_to == posts.c.last)
    found: dict[uuid.UUID, list[uuid.UUID]] = {}
    for person, unit in reads.execute(wanted.distinct().order_by(posts.c.unit_id)):
        found.setdefault(person, []).append(unit)
    return found


def get_account(reads: Reads, person_id: uuid.UUID, kind: str = "business") -> Account:
    """The person's account of a kind, the survivor's for a joined id. Raises PersonNotFound."""
    owner = find_survivor(reads, person_id)
    account = reads.execute(
        sa.select(Account).where(Account.person_id == owner, Account.kind == kind)
    ).scalar_one_or_none()
    if account is None:
        raise PersonNotFound(key=str(person_id))
    return account


def move_account(
    writes: Writes, actor: Actor, person_id: uuid.UUID, verb: str, reason: str, now: datetime, kind: str = "business"
) -> str:
    """Suspend, resume or close. Gives the new state. Raises StateRefused."""
    account = get_account(writes, person_id, kind)
    if verb == "resume":
        if account.state != "suspended":
            raise StateRefused(state=account.state)
        credential = writes.get(Credential, account.id)
        opened = credential is not None and credential.password_hash is not None
        state = "active" if opened else "issued"
    else:
        allowed, state = MOVES[verb]
        if account.state not in allowed:
            raise StateRefused(state=account.state)
    before, account.state, account.state_since = account.state, state, now
    writes.flush()
    if state in ("suspended", "closed"):
        shut_out(writes, account, now)
    detail = {"before": before, "reason": reason} | ({} if kind == "business" else {"kind": kind})
    audit.record(writes, now, f"provisioning.account.{verb}", actor.label, str(person_id), detail)
    ask_for_people(writes, [person_id], now)
    return state


def shut_out(writes: Writes, account: Account, now: datetime) -> None:
    """End whatever would let somebody in again when the account is opened: sessions, grants, codes, the signing room's sessions.

    Accounts of records that were joined to this one are shut with it.
    """
    for joined in find_joined_accounts(writes, account.id):
        other = writes.get_one(Account, joined)
        other.state, other.state_since = account.state, now
        writes.execute(sa.delete(SigningSession).where(SigningSession.person_id == other.person_id))
    if account.kind == "business":
        shut_others(writes, account, now)
    end_account_sessions(writes, account.id, now)
    writes.execute(
        sa.update(Credential)
        .where(Credential.account_id == account.id)
        .values(code_hash=None, code_until=None, code_purpose=None)
    )
    writes.execute(sa.delete(SigningSession).where(SigningSession.person_id == account.person_id))


def end_browser_sessions(writes: Writes, account: Account, now: datetime) -> None:
    """End what is open in browsers; tokens with offline access go on, under the id they were given for."""
    wanted = sa.select(BrowserSession.id).where(
        BrowserSession.account_id == account.id, BrowserSession.ended_at.is_(None)
    )
    for session in writes.execute(wanted).scalars().all():
        end_session(writes, session, now)
    writes.execute(sa.delete(SigningSession).where(SigningSession.person_id == account.person_id))


def shut_others(writes: Writes, business: Account, now: datetime) -> None:
    """Shut the person's accounts of other kinds with the business one, those of joined records too; each is opened again by itself, by an
    operator.
    """
    owners = [business.person_id, *find_joined(writes, [business.person_id]).get(business.person_id, ())]
    others = sa.select(Account).where(
        Account.person_id.in_(owners),
        Account.kind != "business",
        Account.state.not_in(("closed", business.state)),
    )
    for other in writes.execute(others).scalars().all():
        other.state, other.state_since = business.state, now
        writes.flush()
        shut_out(writes, other, now)


def reset_account(
    writes: Writes, actor: Actor, person_id: uuid.UUID, proof: str, now: datetime, kind: str = "business"
) -> str:
    """A one-time code to set a new password with, to be shown once; `proof` says how the person proved who they are."""
    account = get_account(writes, person_id, kind)
    if account.state in ("closed", "suspended"):
        raise StateRefused(state=account.state)
    if not proof.strip():
        raise BadInput("Say how the person proved who they are.")
    code = issue_activation_code(writes, account.id, now, timedelta(days=CODE_DAYS), "reset")
    audit.record(
        writes,
        now,
        "provisioning.account.reset",
        actor.label,
        str(person_id),
        {"proof": proof} | ({} if kind == "business" else {"kind": kind}),
    )
    return code
