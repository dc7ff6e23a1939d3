"""`hopnhat account letters`: activation letters of a unit as one PDF, with the lists by which they are handed over."""

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import typer

from directory.errors import PersonNotFound
from directory.models import Account, Post
from directory.people import find_accounts, find_members, find_posts
from directory.rights import covered_units
from directory.units import chunked, find_subtree, get_unit_by_code
from foundation.changes import AsOf, visible
from foundation.clocks import local_day, parse_instant
from foundation.database import Reads
from foundation.errors import BadInput
from foundation.i18n import LANGUAGES, _
from foundation.shell import Actor, get_shell
from foundation.terminal import progress, say
from provisioning.account_states import WEIGHTY, check_may_act
from provisioning.letters.printing import EVENT, Order, print_letters
from provisioning.plan_rights import check_units

DUTIES = ("hr", "help_desk")
DAYS = 30


def letters(
    context: typer.Context,
    unit: Annotated[str, typer.Option("--unit", help="the unit, by code; everything under it is printed too")],
    out_file: Annotated[Path, typer.Option("--out", help="the PDF to write")] = Path("letters.pdf"),
    person: Annotated[str | None, typer.Option("--person", help="only this person's letter, by log-in or id")] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=180, help="how many days the codes are good")] = DAYS,
    at: Annotated[str | None, typer.Option("--at", help="the day whose units and posts are printed")] = None,
    lists_only: Annotated[bool, typer.Option("--lists-only", help="the hand-over lists again, no new codes")] = False,
    paper_language: Annotated[str | None, typer.Option("--language", help="vi or en")] = None,
) -> int:
    """Print activation letters, sorted by unit; a letter printed again kills the code of the earlier one."""
    shell = get_shell(context)
    runtime = shell.runtime
    settings, now = runtime.settings, runtime.clocks.wall()
    day = parse_instant(at, settings.zone) if at else runtime.clocks.register()
    chosen = paper_language or settings.language
    if chosen not in LANGUAGES:
        raise BadInput("The language is {languages}.", languages=" | ".join(LANGUAGES))
    with runtime.database.read() as reads:
        unit_id = get_unit_by_code(reads, unit, AsOf(day)).id
        person_id = find_one(reads, person, AsOf(day)) if person else None
    with shell.recorded_refusals(EVENT, str(unit_id)), runtime.database.read() as reads:
        check_units(reads, shell.actor, DUTIES, [unit_id], runtime.clocks.register())
        check_people(reads, shell.actor, unit_id, AsOf(day), person_id, runtime.clocks.register())
        apart = find_apart(reads, shell.actor, unit_id, person_id, runtime.clocks.register())
    if apart:
        say(_("Who approves or acts upon others gets no letter here: an operator hands them a code."))
    until = end_of_day(now, days, settings.zone)
    order = Order(unit_id, out_file, day, now, until, chosen, person_id, lists_only, apart)
    with progress(_("letters")) as moving:
        printed = print_letters(runtime.database, settings, order, shell.actor.label, moving.move)
    if lists_only:
        say(_("{lists} hand-over lists are in {file}; no code was made."), lists=printed.units, file=str(out_file))
        return 0
    say(
        _(
            "{letters} letters of {units} units are in {file}, {rate} a second. Codes are valid until the end of {day}; "
            "earlier letters of these people are dead."
        ),
        letters=printed.letters,
        units=printed.units,
        file=str(out_file),
        rate=f"{printed.rate:,.0f}",
        day=local_day(until - timedelta(seconds=1), settings.zone),
    )
    return 0


def end_of_day(now: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The end of the day that lies so many days ahead, in the administration's zone."""
    last = local_day(now, zone) + timedelta(days=days + 1)
    return datetime.combine(last, time(), zone)


def find_one(reads: Reads, key: str, as_of: AsOf) -> UUID:
    """The one person a log-in or id means. Raises PersonNotFound."""
    try:
        return UUID(key)
    except ValueError:
        found = find_accounts(reads, key, as_of)
    if len(found) != 1:
        raise PersonNotFound(key=key)
    return found[0].person_id


def find_apart(reads: Reads, actor: Actor, unit_id: UUID, person_id: UUID | None, now: datetime) -> frozenset[UUID]:
    """The accounts whose letters this actor may not print with those of the unit: of who approves or acts upon others, or will.

    As for one person's letter, only an operator holds such a code in their hands, and nobody their own.
    """
    if actor.person_id is None or person_id is not None:
        return frozenset()
    weighty = sa.or_(*(Post.duties.contains(duty) for duty in sorted(WEIGHTY)))
    standing = sa.or_(Post.valid_to.is_(None), Post.valid_to > now)
    wanted = (
        sa.select(Account.id, Account.person_id)
        .join(Post, Post.person_id == Account.person_id)
        .where(Account.kind == "business", Account.state == "issued", weighty, standing, visible(Post))
    )
    trusted = unit_id in covered_units(reads, actor.person_id, ("operator",), AsOf(now))
    return frozenset(account for account, person in reads.execute(wanted) if not trusted or person == actor.person_id)


def check_people(reads: Reads, actor: Actor, unit_id: UUID, as_of: AsOf, person_id: UUID | None, now: datetime) -> None:
    """Refuse letters for people who by now belong elsewhere: a code is a key to what they are today. Raises NotPermitted."""
    if person_id is not None:
        check_may_act(reads, actor, person_id, DUTIES, now)
        return
    members = {post.person_id for post in find_members(reads, find_subtree(reads, [unit_id], as_of), as_of)}
    units = {
        post.unit_id
        for some in chunked(members)
        for posts in find_posts(reads, some, AsOf(now)).values()
        for post in posts
    }
    if units:
        check_units(reads, actor, DUTIES, sorted(units, key=str), now)
