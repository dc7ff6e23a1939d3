"""`hopnhat person unused` and `person closing`: accounts nobody uses, and accounts of those who left."""

from pathlib import Path
from typing import Annotated

import typer

from directory.units import get_unit_by_code
from foundation import audit
from foundation.changes import AsOf
from foundation.i18n import _, translate
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, language, print_rows, say
from provisioning.merger.approval import MADE
from provisioning.merger.planning import Author
from provisioning.people.closing import list_closable, write_closing
from provisioning.people.showing import STATES, WHYS
from provisioning.people.unused import each_unused
from provisioning.plan_rights import check_may_change
from provisioning.sight import SEEN, find_seen, find_sight

UNUSED_COLUMNS = {
    "name": _("Name"), "login": _("Log-in"), "unit": _("Unit"), "state": _("Account"), "last_used": _("Last used"),
    "days": _("Days"), "person": _("Id"),
}  # fmt: skip
CLOSING_COLUMNS = {
    "name": _("Name"), "login": _("Log-in"), "why": _("Why"), "left_at": _("Left on"), "person": _("Id"),
}  # fmt: skip


def unused(
    context: typer.Context,
    days: Annotated[int, typer.Option("--days", min=1, help="unused for so many days; 45 is what level 3 asks")] = 45,
    unit: Annotated[str | None, typer.Option("--unit", help="only people with a post under this unit, by code")] = None,
    output: OutputOption = Output.table,
) -> int:
    """Open accounts of your units nobody has used for so long, never activated ones too; exit code 1 if there are any."""
    shell = get_shell(context)
    now = shell.runtime.clocks.wall()
    with shell.recorded_refusals(SEEN), shell.runtime.database.read() as reads:
        root = get_unit_by_code(reads, unit, AsOf(now)).id if unit else None
        sight = find_sight(reads, shell.actor, AsOf(now))
        found = list(each_unused(reads, days, now, root))
        seen = find_seen(reads, sight, (one.person for one in found), AsOf(now))
    rows = [
        {
            "name": one.name, "login": one.login, "unit": one.unit, "last_used": one.last_used, "days": one.days,
            "state": translate(language(), STATES[one.state]) if output is Output.table else one.state, "person": one.person,
        }
        for one in found
        if one.person in seen
    ]  # fmt: skip
    print_rows(rows, UNUSED_COLUMNS, output)
    if rows:
        say(
            _("{count} accounts were not used for {days} days. Shut one: hopnhat account suspend"),
            count=len(rows),
            days=days,
        )
    return 1 if rows else 0


def closing(
    context: typer.Context,
    days: Annotated[int, typer.Option("--days", min=0, help="who left at least so many days ago")] = 30,
    out_file: Annotated[Path | None, typer.Option("--out", help="write the plan that closes them")] = None,
    output: OutputOption = Output.table,
) -> int:
    """Suspended accounts of those who left your units; --out writes the plan that closes them, for a second person. Exit code 1 if any."""
    shell = get_shell(context)
    runtime, now = shell.runtime, shell.runtime.clocks.wall()
    with shell.recorded_refusals(SEEN), runtime.database.read() as reads:
        found = list_closable(reads, days, now)
        seen = find_seen(reads, find_sight(reads, shell.actor, AsOf(now)), (one.person for one in found), AsOf(now))
        found = [one for one in found if one.person in seen]
        rows = [
            {
                "name": one.name, "login": one.login, "left_at": one.left_at, "person": one.person,
                "why": translate(language(), WHYS[one.why]) if output is Output.table else one.why,
            }
            for one in found
        ]  # fmt: skip
        if out_file is not None and found:
            with shell.recorded_refusals(MADE[0]):
                actor = shell.actor
                plan = write_closing(reads, found, out_file, Author(actor.label, actor.name or actor.label), now)
                try:
                    check_may_change(reads, actor, plan, runtime.clocks.register())
                except Exception:
                    out_file.unlink(missing_ok=True)
                    raise
    if out_file is None or not found:
        print_rows(rows, CLOSING_COLUMNS, output)
        return 1 if rows else 0
    with runtime.database.write() as writes:
        audit.record(writes, now, MADE[0], actor.label, plan.digest, {"kind": plan.header.kind, "people": len(found)})
    say(
        _(
            "{file}: {count} accounts to close. Next, somebody else: hopnhat merger approve {file} · hopnhat merger apply {file}"
        ),
        file=str(out_file),
        count=len(found),
    )
    return 1
