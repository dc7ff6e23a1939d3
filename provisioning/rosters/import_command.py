"""`hopnhat roster import` and `compare`: the plan of a load, the delivery written down, and what differs from the one before."""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from directory.units import find_units, get_unit_by_code
from foundation import audit
from foundation.changes import AsOf
from foundation.clocks import as_rfc3339, parse_instant
from foundation.database import Reads
from foundation.errors import NotPermitted
from foundation.i18n import _, translate
from foundation.plans import Plan
from foundation.shell import Shell, get_shell
from foundation.terminal import Output, OutputOption, language, print_json_line, print_rows, progress, say
from provisioning.merger.planning import Author
from provisioning.plan_rights import CHANGING, check_may_change, check_units
from provisioning.rosters.check import Check
from provisioning.rosters.comparison import Difference
from provisioning.rosters.deliveries import Delivery
from provisioning.rosters.loading import RosterFaulty, plan_load
from provisioning.rosters.opening import AtOption, FilesArgument, ProvinceOption, open_check
from provisioning.rosters.sendings import compare_delivery, find_sender, record_sending, seal_units
from provisioning.rosters.template import HEADINGS
from provisioning.rosters.unit_book import open_unit_book

PLANNED: Final = "provisioning.roster.planned"
COMPARED: Final = "provisioning.roster.compared"
PASSWORDS_LAST: Final = timedelta(days=180)
SHOWN: Final = 20
SenderOption = Annotated[
    str | None, typer.Option("--sender", help="whose list it is, by code; else the unit that covers all units named")
]
KINDS: Final = {"added": _("added"), "changed": _("changed"), "missing": _("missing: ask the office")}
COLUMNS: Final = {
    "kind": _("What"),
    "code": _("Code"),
    "unit": _("Unit"),
    "name": _("Name"),
    "was": _("Before"),
    "now": _("Now"),
}


@dataclass
class Coming:
    """A delivery being imported or compared, whose it is, and what differs from before once that was asked."""

    reads: Reads
    shell: Shell
    delivery: Delivery
    sender_code: str | None
    sender: uuid.UUID | None = None
    before: datetime | None = None
    differences: Sequence[Difference] = field(default_factory=list)

    def compare(self) -> int:
        """Hold it against what came before; gives how many people are missing. Raises RightMissing and UnitNotFound."""
        at, named = self.delivery.book.at, list(self.delivery.units)
        register = self.shell.runtime.clocks.register()
        check_units(self.reads, self.shell.actor, CHANGING, standing(self.reads, named, register), register)
        if self.sender_code:
            self.sender = get_unit_by_code(self.reads, self.sender_code, AsOf(at)).id
        else:
            self.sender = find_sender(self.reads, named, at)
        sealer = self.shell.runtime.sealer
        self.differences, self.before = compare_delivery(self.reads, sealer, self.delivery, self.sender)
        return sum(difference.kind == "missing" for difference in self.differences)

    def rows(self) -> list[dict[str, Any]]:
        """The differences for people and programs."""
        ids = {each.unit for each in self.differences}
        ids |= {uuid.UUID(said["unit"]) for each in self.differences for said in (each.was, each.now) if "unit" in said}
        facts = find_units(self.reads, ids, AsOf(self.delivery.book.at))
        names = {str(unit): fact.agency_name for unit, fact in facts.items()}
        return [describe_difference(each, facts.get(each.unit), names) for each in self.differences]


def standing(reads: Reads, units: Sequence[uuid.UUID], at: datetime) -> list[uuid.UUID]:
    """The units a right must cover: those that stand today; where all have ended, all of them."""
    found = find_units(reads, units, AsOf(at))
    return [unit for unit in units if unit in found] or list(units)


def describe_difference(difference: Difference, unit: Any, names: dict[str, str]) -> dict[str, Any]:
    """One difference as a row; personal numbers are not shown."""
    return {
        "kind": difference.kind,
        "code": unit.code if unit else None,
        "unit": unit.agency_name if unit else None,
        "name": difference.name,
        "was": tell_values(difference.was, names),
        "now": tell_values(difference.now, names),
    }


def tell_values(values: Any, names: dict[str, str]) -> str:
    """Some columns and what stands in them; the unit by its name."""
    return "; ".join(
        f"{HEADINGS.get(column) or translate(language(), _('Unit'))}: {names.get(text, text) if column == 'unit' else text}"
        for column, text in values.items()
        if text
    )


def import_rosters(
    context: typer.Context,
    files: FilesArgument,
    province: ProvinceOption = None,
    at: AtOption = None,
    out_file: Annotated[Path, typer.Option("--out", help="where to write the plan")] = Path("roster.plan"),
    passwords_until: Annotated[
        str | None,
        typer.Option("--passwords-until", help="until when old passwords open accounts; 180 days by default"),
    ] = None,
    sender: SenderOption = None,
    output: OutputOption = Output.table,
) -> int:
    """Make the plan that loads the people of rosters; it is approved and applied like a merger's.

    What was sent is written down, a faulty list too, and compared with what came before: who is missing is asked about, nobody is dropped.
    """
    shell = get_shell(context)
    runtime, now = shell.runtime, shell.runtime.clocks.wall()
    until = parse_instant(passwords_until, runtime.settings.zone) if passwords_until else now + PASSWORDS_LAST
    named = ", ".join(file.name for file in files)
    with shell.recorded_refusals(PLANNED, named):
        actor = shell.actor
    with (
        shell.recorded_refusals(PLANNED, named),
        open_check(shell, files, province, at) as check,
        progress(_("people"), None) as moving,
        runtime.database.read() as reads,
    ):
        units = open_unit_book(reads, check.day, province)
        coming = Coming(reads, shell, Delivery(units), sender)
        author = Author(actor.label, actor.name or actor.label)
        try:
            plan = plan_load(
                reads, runtime.sealer, units, check, out_file, author, now, until, moving.move,
                on_line=coming.delivery.note, count_missing=coming.compare,
            )  # fmt: skip
            check_may_change(reads, actor, plan, runtime.clocks.register())
        except NotPermitted:
            out_file.unlink(missing_ok=True)
            raise
        except RosterFaulty:
            coming.compare()
            write_down(shell, check, coming, None, now)
            tell_differences(coming)
            raise
        rows = coming.rows()
    write_down(shell, check, coming, plan, now)
    return tell_plan(plan, coming, rows, out_file, now, output)


def write_down(shell: Shell, check: Check, coming: Coming, plan: Plan | None, now: datetime) -> None:
    """The delivery and its audit row, in one transaction."""
    delivery, actor = coming.delivery, shell.actor
    digest = plan.digest if plan else None
    sealed = seal_units(shell.runtime.sealer, delivery)
    with shell.runtime.database.write() as writes:
        record_sending(writes, sealed, delivery, coming.sender, check.file_names, actor.label, now, digest)
        told = {"rows": delivery.rows, "faults": delivery.faults}
        if plan is not None:
            told["people"] = plan.header.summary["people"]["people"]
        audit.record(writes, now, PLANNED, actor.label, digest or "-", told, "done" if plan else "refused")


def tell_plan(
    plan: Plan, coming: Coming, rows: Sequence[dict[str, Any]], out_file: Path, now: datetime, output: Output
) -> int:
    """What stands in the plan, what differs from before, and what comes next."""
    header = plan.header
    if output is Output.json:
        told = {"plan": str(out_file), "digest": plan.digest, "made_at": as_rfc3339(now)}
        print_json_line({**told, "summary": header.summary, "open": header.open, "missing": pick_missing(rows)})
        return 0
    people = header.summary["people"]
    say(
        _(
            "{file}: {new} new people, {known} known, {letters} letters to print, {passwords} old passwords go on working, "
            "{candidates} to decide."
        ),
        file=str(out_file), new=people["new"], known=people["known"], letters=header.summary["letters"],
        passwords=header.summary["passwords"], candidates=header.open["candidates"],
    )  # fmt: skip
    tell_differences(coming)
    say(
        _(
            "Next: hopnhat merger show {file} · then somebody else: hopnhat merger approve {file} · hopnhat merger apply {file}"
        ),
        file=str(out_file),
    )
    return 0


def pick_missing(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those who are missing."""
    return [row for row in rows if row["kind"] == "missing"]


def tell_differences(coming: Coming) -> None:
    """How much differs from before, and the first of the missing by name."""
    if not coming.differences:
        return
    counts = {kind: sum(each.kind == kind for each in coming.differences) for kind in KINDS}
    say(
        _("Against what came before: {added} added, {changed} changed, {missing} missing. All: hopnhat roster compare"),
        **counts,
    )
    missing = pick_missing(coming.rows())
    for row in missing[:SHOWN]:
        say(_("  Missing, stays as it is until the office answers: {name}, {unit} ({was})"), **row)
    if len(missing) > SHOWN:
        say(_("  … and {count} more"), count=len(missing) - SHOWN)


def check_somebody_acts(shell: Shell) -> None:
    """Refuse before any file is read when nobody is logged in: what was sent before names people. Raises NotPermitted."""
    _actor = shell.actor


def compare_rosters(
    context: typer.Context,
    files: FilesArgument,
    province: ProvinceOption = None,
    at: AtOption = None,
    sender: SenderOption = None,
    output: OutputOption = Output.table,
) -> int:
    """What differs from the lists that came before and from the register: added, changed, missing; exit code 1 if somebody is missing."""
    shell = get_shell(context)
    named = ", ".join(file.name for file in files)
    with shell.recorded_refusals(COMPARED, named):
        check_somebody_acts(shell)
        with open_check(shell, files, province, at) as check, shell.runtime.database.read() as reads:
            coming = Coming(reads, shell, Delivery(open_unit_book(reads, check.day, province)), sender)
            for line in check.lines():
                coming.delivery.note(line)
            missing = coming.compare()
            rows = coming.rows()
            refusals = check.refusals
    print_rows(rows, COLUMNS, output)
    say(
        _(
            "{added} added, {changed} changed, {missing} missing: ask the office about the missing; they stay as they are."
        ),
        **{kind: sum(row["kind"] == kind for row in rows) for kind in KINDS},
    )
    with suppress(IndexError):
        return refusals[0].exit_code
    return 1 if missing else 0
