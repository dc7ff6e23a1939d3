"""Acts upon accounts: suspend, resume, close, a new one-time code; each checked, audited and printed.

A suspended account is refused wherever a grant, token or session is looked at, because its state is read there every time.
"""

import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa

from directory.credentials import issue_activation_code
from directory.errors import PersonNotFound
from directory.models import Account, Credential, UnitVersion
from directory.people import find_posts
from directory.printing.jobs import ask_for_people
from directory.rights import check_right
from foundation import audit
from foundation.changes import AsOf
from foundation.database import Reads, Writes
from foundation.errors import BadInput, NotPermitted
from foundation.shell import Actor

MOVES = {
    "suspend": ({"issued", "active"}, "suspended"),
    "close": ({"issued", "active", "suspended"}, "closed"),
}
CODE_DAYS = 7


class StateRefused(BadInput):
    """The account's state does not allow the act."""

    code = "state_refused"
    sentence = "An account that is {state} cannot be changed so."


def check_may_act(reads: Reads, actor: Actor, person_id: uuid.UUID, duties: tuple[str, ...], now: datetime) -> None:
    """Refuse an actor whose right does not cover every unit of the person; a person without a post needs the root's.

    Raises RightMissing; NotPermitted for one's own account.
    """
    if actor.person_id is None:
        return
    if actor.person_id == person_id:
        raise NotPermitted("Nobody does this for their own account.")
    as_of = AsOf(now)
    posts = find_posts(reads, [person_id], as_of).get(person_id, [])
    check_right(reads, actor.person_id, duties, [post.unit_id for post in posts] or roots(reads), as_of)


def roots(reads: Reads) -> list[uuid.UUID]:
    """The units above all others."""
    return list(reads.execute(sa.select(UnitVersion.unit_id).where(UnitVersion.parent_id.is_(None))).scalars())


def get_account(reads: Reads, person_id: uuid.UUID) -> Account:
    """The person's business account. Raises PersonNotFound."""
    account = reads.execute(
        sa.select(Account).where(Account.person_id == person_id, Account.kind == "business")
    ).scalar_one_or_none()
    if account is None:
        raise PersonNotFound(key=str(person_id))
    return account


def move_account(writes: Writes, actor: Actor, person_id: uuid.UUID, verb: str, reason: str, now: datetime) -> str:
    """Suspend, resume or close. Gives the new state. Raises StateRefused."""
    account = get_account(writes, person_id)
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
    audit.record(
        writes, now, f"provisioning.account.{verb}", actor.label, str(person_id), {"before": before, "reason": reason}
    )
    ask_for_people(writes, [person_id], now)
    return state


def reset_account(writes: Writes, actor: Actor, person_id: uuid.UUID, proof: str, now: datetime) -> str:
    """A one-time code to set a new password with, to be shown once; `proof` says how the person proved who they are."""
    account = get_account(writes, person_id)
    if account.state in ("closed", "suspended"):
        raise StateRefused(state=account.state)
    if not proof.strip():
        raise BadInput("Say how the person proved who they are.")
    code = issue_activation_code(writes, account.id, now, timedelta(days=CODE_DAYS), "reset")
    audit.record(writes, now, "provisioning.account.reset", actor.label, str(person_id), {"proof": proof})
    return code
