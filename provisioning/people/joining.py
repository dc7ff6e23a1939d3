"""Joining two records of one human: one id lives on, the other goes on answering, nobody is locked out.

1. both records are held, neither is joined, no plan is at work on them; 2. their numbers do not say that they are two people;
3. posts, addresses, accounts elsewhere and certificates go over with their dates; 4. the log-ins and addresses of the losing record
become old ones of the survivor's account, and stay reserved; 5. the losing id points to the survivor; 6. browser sessions of both
end, tokens already given go on under the id they were given for (OpenID Connect Core §12.2), both passwords open the account.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from directory.departures import PersonDeparture
from directory.joins import PersonJoin, find_joined, find_survivor
from directory.models import (
    Account,
    Certificate,
    Credential,
    ForeignAccount,
    Login,
    MailAddress,
    PersonDetail,
    Post,
)
from directory.people import find_posts
from directory.printing.jobs import ask_for_people
from foundation import audit
from foundation.changes import AsOf, Change, small_change
from foundation.database import Reads, Writes
from foundation.i18n import Message, _
from foundation.shell import Actor
from provisioning.account_states import check_may_act, end_browser_sessions
from provisioning.people.errors import JoinedAlready, JoinRefused, NumbersDiffer
from provisioning.people.joined_posts import Period, carry_posts
from provisioning.people.rewriting import (
    check_no_plan_running,
    copy_rows,
    goes_on,
    lock_people,
    read_rows,
    withdraw,
    write_again,
)
from provisioning.rosters.hashes_command import is_letter_only

JOINED = "provisioning.person.join"
KIND = "person.join"
FILLED = ("number_sealed", "number_index", "staff_code", "birth_date", "phone")


@dataclass(frozen=True)
class Pair:
    """The record that lives on and the one that is joined to it."""

    survivor: uuid.UUID
    loser: uuid.UUID


def check_may_join(reads: Reads, actor: Actor, pair: Pair, now: datetime) -> None:
    """Refuse an actor without the HR right over the units of both records; where one leads, approves or acts upon others it takes
    an operator over both: the password of the other record, perhaps the actor's own invention, will open that account. Raises
    RightMissing, NotPermitted.
    """
    people = (pair.survivor, pair.loser)
    duties = ("operator",) if any(is_letter_only(reads, person, now) for person in people) else ("hr",)
    for person in people:
        check_may_act(reads, actor, person, duties, now)


def join_people(
    writes: Writes, actor: Actor, pair: Pair, reason: str, now: datetime, right_number: uuid.UUID | None = None
) -> Change:
    """Join two records; `right_number` says whose personal number stands where both have one. The caller checked the right.

    Raises JoinedAlready, NumbersDiffer, JoinRefused, PlanRunning.
    """
    lock_people(writes, (pair.survivor, pair.loser))
    check_joinable(writes, pair)
    numbers = choose_number(writes, pair, right_number)
    accounts = find_both_accounts(writes, pair)
    change = small_change(writes, KIND, actor.label, now, reason=reason)
    carry_over_posts(writes, pair, change)
    for model in (ForeignAccount, Certificate, PersonDeparture):
        rows = read_rows(writes, model, model.person_id == pair.loser)
        write_again(writes, model, [row.row_id for row in rows], change, person_id=pair.survivor)
    carry_over_details(writes, pair, numbers, change)
    carry_over_addresses(writes, pair, change, now)
    carry_over_logins(writes, pair, accounts, change, now)
    point_to_survivor(writes, pair, accounts, change, now)
    open_account(writes, accounts, now)
    detail = {"survivor": str(pair.survivor), "joined": str(pair.loser), "change": change.id, "reason": reason}
    audit.record(writes, now, JOINED, actor.label, str(pair.survivor), detail)
    audit.record(writes, now, JOINED, actor.label, str(pair.loser), detail)
    ask_for_people(writes, [pair.survivor, pair.loser, *find_joined(writes, [pair.survivor])[pair.survivor]], now)
    return change


# --- what speaks against it ----------------------------------------------------------------------------------------


def check_joinable(reads: Reads, pair: Pair) -> None:
    """Refuse records that are one already, unknown, or written about by a plan just now."""
    if pair.survivor == pair.loser:
        raise JoinRefused(why=Message(_("it is one record")))
    for person in (pair.survivor, pair.loser):
        survivor = find_survivor(reads, person)
        if survivor != person:
            raise JoinedAlready(person=str(person), survivor=str(survivor))
        if not read_rows(reads, PersonDetail, PersonDetail.person_id == person):
            raise JoinRefused(why=Message(_("the register knows nobody with the id {person}"), {"person": str(person)}))
        check_no_plan_running(reads, person, str(person))


def choose_number(reads: Reads, pair: Pair, right: uuid.UUID | None) -> dict[str, Any]:
    """Number columns of the record whose number stands, or nothing where the survivor's do anyway. Raises NumbersDiffer."""
    mine, other = (find_detail(reads, person) for person in (pair.survivor, pair.loser))
    if mine.number_index is None or other.number_index is None or mine.number_index == other.number_index:
        return {}
    if right not in (pair.survivor, pair.loser):
        raise NumbersDiffer
    if right == pair.survivor:
        return {}
    return {"number_sealed": other.number_sealed, "number_index": other.number_index}


def find_detail(reads: Reads, person_id: uuid.UUID) -> Any:
    """What is known of a person last."""
    return read_rows(reads, PersonDetail, PersonDetail.person_id == person_id)[-1]


@dataclass(frozen=True)
class Accounts:
    """The business accounts of both records; either may be missing."""

    kept: Account | None
    joining: Account | None


def find_both_accounts(reads: Reads, pair: Pair) -> Accounts:
    """The accounts of both. Raises JoinRefused for one that is shut, or of a kind that cannot go over."""
    found: dict[uuid.UUID, Account] = {}
    for account in reads.execute(
        sa.select(Account).where(Account.person_id.in_((pair.survivor, pair.loser)), Account.state != "closed")
    ).scalars():
        if account.state == "suspended":
            raise JoinRefused(
                why=Message(_("an account of theirs is suspended; open it first: hopnhat account resume"))
            )
        if account.kind == "business":
            found[account.person_id] = account
        elif account.person_id == pair.loser:
            raise JoinRefused(
                why=Message(_("the record that ends has an account of another kind; join the other way round"))
            )
    if pair.loser in found and pair.survivor not in found:
        raise JoinRefused(why=Message(_("only the record that ends has an account; join the other way round")))
    return Accounts(found.get(pair.survivor), found.get(pair.loser))


# --- what goes over ------------------------------------------------------------------------------------------------


def carry_over_posts(writes: Writes, pair: Pair, change: Change) -> None:
    """Every post, past and future, with its own dates."""
    kept, joining = (
        [as_period(row) for row in read_rows(writes, Post, Post.person_id == person)]
        for person in (pair.survivor, pair.loser)
    )
    withdraw(writes, Post, [period.row_id for period in joining], change)
    for carried in carry_posts(kept, joining):
        dates = {"valid_from": carried.valid_from, "valid_to": carried.valid_to}
        copy_rows(writes, Post, [carried.row_id], change, person_id=pair.survivor, main=carried.main, **dates)


def as_period(row: Any) -> Period:
    """A row of a post as a value."""
    return Period(
        row.row_id, row.post_id, row.unit_id, row.title, row.body, row.duties, row.main, row.valid_from, row.valid_to
    )


def carry_over_details(writes: Writes, pair: Pair, numbers: dict[str, Any], change: Change) -> None:
    """The survivor's name stands; what it lacked is filled from the other record, whose own detail ends."""
    other = find_detail(writes, pair.loser)
    for row in read_rows(writes, PersonDetail, PersonDetail.person_id == pair.survivor):
        filled = {name: getattr(other, name) for name in FILLED if getattr(row, name) is None}
        filled = {name: value for name, value in (filled | numbers).items() if value is not None}
        if filled:
            write_again(writes, PersonDetail, [row.row_id], change, **filled)
    rows = read_rows(writes, PersonDetail, PersonDetail.person_id == pair.loser)
    withdraw(writes, PersonDetail, [row.row_id for row in rows], change)


def carry_over_addresses(writes: Writes, pair: Pair, change: Change, now: datetime) -> None:
    """Addresses in use become old ones of the survivor; the row that ends keeps each from ever being given to another."""
    rows = read_rows(writes, MailAddress, MailAddress.person_id == pair.loser, goes_on(MailAddress, now))
    mine = {row.address_key for row in read_rows(writes, MailAddress, MailAddress.person_id == pair.survivor)}
    for row in rows:
        if row.address_key not in mine:
            begins = max(row.valid_from, now)
            copy_rows(
                writes, MailAddress, [row.row_id], change, person_id=pair.survivor, kind="alias", valid_from=begins
            )
    end_rows(writes, MailAddress, rows, change, now)


def carry_over_logins(writes: Writes, pair: Pair, accounts: Accounts, change: Change, now: datetime) -> None:
    """Log-ins in use become old ones of the survivor's account; the row that ends keeps each from ever being given to another."""
    if accounts.joining is None or accounts.kept is None:
        return
    rows = read_rows(writes, Login, Login.account_id == accounts.joining.id, goes_on(Login, now))
    mine = {row.login_key for row in read_rows(writes, Login, Login.account_id == accounts.kept.id)}
    posts = find_posts(writes, [pair.loser, pair.survivor], AsOf(now))
    home = next((post.unit_id for person in (pair.loser, pair.survivor) for post in posts.get(person, ())), None)
    for row in rows:
        if row.login_key not in mine:
            begins, origin = max(row.valid_from, now), row.origin_id or home
            moved = {"account_id": accounts.kept.id, "kind": "alias", "valid_from": begins, "origin_id": origin}
            copy_rows(writes, Login, [row.row_id], change, **moved)
    end_rows(writes, Login, rows, change, now)


def end_rows(writes: Writes, model: Any, rows: Any, change: Change, now: datetime) -> None:
    """Rows in force end now; rows of the future are withdrawn."""
    write_again(writes, model, [row.row_id for row in rows if row.valid_from < now], change, valid_to=now)
    withdraw(writes, model, [row.row_id for row in rows if row.valid_from >= now], change)


# --- the id and the door -------------------------------------------------------------------------------------------


def point_to_survivor(writes: Writes, pair: Pair, accounts: Accounts, change: Change, now: datetime) -> None:
    """The losing id, and every id that was joined to it before, answers with the survivor."""
    earlier = read_rows(writes, PersonJoin, PersonJoin.survivor_id == pair.loser)
    write_again(writes, PersonJoin, [row.row_id for row in earlier], change, survivor_id=pair.survivor)
    writes.add(
        PersonJoin(
            person_id=pair.loser,
            survivor_id=pair.survivor,
            joined_at=now,
            account_was=accounts.joining.state if accounts.joining else None,
            survivor_was=accounts.kept.state if accounts.kept else None,
            change_id=change.id,
        )
    )
    writes.flush()


def open_account(writes: Writes, accounts: Accounts, now: datetime) -> None:
    """Who had a password on either side has one: an account without any takes the other's. Sessions of both end."""
    kept, joining = accounts.kept, accounts.joining
    for account in (kept, joining):
        if account is not None:
            end_browser_sessions(writes, account, now)
    if kept is None or joining is None:
        return
    mine, other = writes.get(Credential, kept.id), writes.get(Credential, joining.id)
    if other is not None and not has_password(mine) and has_password(other):
        if mine is None:
            mine = Credential(account_id=kept.id)
            writes.add(mine)
        mine.password_hash, mine.password_set_at = other.password_hash, other.password_set_at
        mine.imported_hash, mine.imported_until = other.imported_hash, other.imported_until
        if joining.state == "active" and kept.state == "issued":
            kept.state, kept.state_since = "active", now
    writes.flush()


def has_password(credential: Credential | None) -> bool:
    """Whether a credential holds a password, today's or an old directory's."""
    return credential is not None and (credential.password_hash is not None or credential.imported_hash is not None)
