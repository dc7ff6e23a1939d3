"""`hopnhat person join` and `person part`: two records become one human, and two again."""

from typing import Annotated

import typer

from foundation.changes import AsOf
from foundation.i18n import _
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, language, print_json, print_rows, say
from provisioning.people.joining import JOINED, Pair, check_may_join, join_people
from provisioning.people.keys import resolve_one, resolve_record
from provisioning.people.parting import PARTED, check_may_part, part_people
from provisioning.plan_rights import name_actor

ReasonOption = Annotated[str, typer.Option("--reason", help="why; kept with the change")]
Survivor = Annotated[
    str, typer.Argument(help="the record that lives on: id, log-in, address, personal number", show_default=False)
]
Loser = Annotated[str, typer.Argument(help="the record of the same human that ends in it", show_default=False)]


def join(
    context: typer.Context,
    survivor: Survivor,
    other: Loser,
    reason: ReasonOption,
    right_number: Annotated[
        str | None, typer.Option("--right-number", help="where both have a personal number: the record whose is right")
    ] = None,
) -> int:
    """Two records are one human: the first lives on, the other goes on answering with it. “person part” takes it back."""
    shell = get_shell(context)
    runtime, now = shell.runtime, shell.runtime.clocks.wall()
    with shell.recorded_refusals(JOINED) as deed:
        actor = shell.actor
        with runtime.database.read() as reads:
            as_of = AsOf(now)
            pair = Pair(*(resolve_record(runtime, reads, key, as_of) for key in (survivor, other)))
            right = resolve_record(runtime, reads, right_number, as_of) if right_number else None
            deed.subject = str(pair.survivor)
        with runtime.database.write() as writes:
            check_may_join(writes, actor, pair, now)
            change = join_people(writes, actor, pair, reason, now, right)
            number = change.id
    say(
        _("Joined by change {change}. Both log-ins and both passwords open the one account; “{back}” takes it back."),
        change=number,
        back=f"hopnhat person part {pair.survivor} {pair.loser}",
    )
    return 0


def part(
    context: typer.Context,
    survivor: Survivor,
    other: Annotated[str, typer.Argument(help="the id of the record that was joined to it", show_default=False)],
    reason: ReasonOption,
    output: OutputOption = Output.table,
) -> int:
    """Two records that were joined are two people after all. Exit code 1 when something that happened since could not be put back."""
    shell = get_shell(context)
    runtime, now = shell.runtime, shell.runtime.clocks.wall()
    with shell.recorded_refusals(PARTED) as deed:
        actor = shell.actor
        with runtime.database.read() as reads:
            kept = resolve_one(runtime, reads, survivor, AsOf(now))
            pair = Pair(kept, resolve_record(runtime, reads, other, AsOf(now)))
            deed.subject = str(pair.survivor)
        with runtime.database.write() as writes:
            check_may_part(writes, actor, pair, now)
            parted = part_people(writes, actor, pair, reason, now)
            number = parted.change.id
        with runtime.database.read() as reads:
            rows = parted.describe(reads, name_actor(reads), language())
    say(_("Parted by change {change}; each record is as it was."), change=number)
    if output is Output.json:
        print_json({"change": number, "kept": rows})
    elif rows:
        say(_("{count} things were changed since and stay with the first record:"), count=len(rows))
        columns = {"what": _("What"), "change": _("Change"), "actor": _("Who"), "at": _("When")}
        print_rows(rows, columns, output)
    return 1 if rows else 0
