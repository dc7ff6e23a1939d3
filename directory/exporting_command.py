"""`hopnhat unit export`: the units in force, and the mapping of units and of people's accounts for systems that are converted."""

from pathlib import Path
from typing import Annotated

import typer

from directory.mapping_tables import write_csv, write_xlsx
from directory.models import SCHEMES
from directory.person_mapping import COLUMNS as PEOPLE_COLUMNS
from directory.person_mapping import each_account
from directory.rights import check_right
from directory.unit_mapping import COLUMNS as PAIR_COLUMNS
from directory.unit_mapping import each_unit_pair
from directory.unit_options import AtOption, read_as_of
from directory.units import list_units
from foundation import audit
from foundation.changes import AsOf
from foundation.errors import WrongUsage
from foundation.i18n import _
from foundation.shell import Shell, get_shell
from foundation.terminal import Output, OutputOption, print_rows, say

PEOPLE_EXPORTED = "directory.people.export"

MappingOption = Annotated[bool, typer.Option("--mapping", help="old units to new ones, with codes before and after")]
PeopleOption = Annotated[
    bool, typer.Option("--people", help="with --mapping: old accounts to people (needs the right “hr”)")
]
ApplicationOption = Annotated[
    str | None, typer.Option("--application", help="with --people: of this application alone")
]
FileOption = Annotated[
    Path | None, typer.Option("--out", help="a .csv or .xlsx file, with --mapping; stdout by default")
]


def export(
    context: typer.Context,
    at: AtOption = None,
    mapping: MappingOption = False,
    people: PeopleOption = False,
    application: ApplicationOption = None,
    file: FileOption = None,
    output: OutputOption = Output.csv,
) -> int:
    """Every unit in force, with its codes; with --mapping what has become of units, or of people's accounts."""
    shell = get_shell(context)
    as_of = read_as_of(shell, at)
    if mapping:
        return export_mapping(shell, as_of, people, application, file, output)
    if people or application or file:
        raise WrongUsage("--people, --application and --out belong to --mapping.")
    with shell.runtime.database.read() as reads:
        units = list_units(reads, as_of)
    rows = [
        {"unit": unit.id, "level": unit.level, "name": unit.name, "parent": unit.parent_id, "from": unit.begins,
         **{scheme: unit.codes.get(scheme) for scheme in SCHEMES}}
        for unit in units
    ]  # fmt: skip
    print_rows(rows, {key: key for key in ("unit", "level", "name", "parent", "from", *SCHEMES)}, output)
    return 0


def export_mapping(
    shell: Shell, as_of: AsOf, people: bool, application: str | None, file: Path | None, output: Output
) -> int:
    """The mapping of units, for anybody; that of people only with a right over everything, and in the audit."""
    if file is not None and file.suffix not in (".csv", ".xlsx"):
        raise WrongUsage("{file} must end in .csv or .xlsx.", file=str(file))
    runtime = shell.runtime
    if people:
        allow_people(shell, application)
    with runtime.database.read() as reads:
        columns = PEOPLE_COLUMNS if people else PAIR_COLUMNS
        found = each_account(reads, as_of, application) if people else each_unit_pair(reads, as_of)
        if file is not None:
            file.touch(mode=0o600)
            file.write_bytes(write_xlsx(columns, found) if file.suffix == ".xlsx" else write_csv(columns, found))
            say(_("The table is {file}."), file=str(file))
        else:
            print_rows(list(found), {column: column for column in columns}, output)
    return 0


def allow_people(shell: Shell, application: str | None) -> None:
    """Refuse whoever has not the right over everybody; who takes the table is written down."""
    actor, now = shell.actor, shell.runtime.clocks.wall()
    if actor.person_id is not None:
        with shell.runtime.database.read() as reads:
            check_right(reads, actor.person_id, ("hr",), [], AsOf(shell.runtime.clocks.register()))
    with shell.runtime.database.write() as writes:
        audit.record(writes, now, PEOPLE_EXPORTED, actor.label, application or "", {})
