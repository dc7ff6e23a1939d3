"""`hopnhat unit import` and `unit import-codes`: units and older codes from a file, all or none."""

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from directory.rights import check_right
from directory.unit_code_import import CODES_IMPORTED, import_codes, read_codes
from directory.unit_file import read_units
from directory.unit_import import IMPORTED, import_units
from directory.units import UnitFacts, get_unit_by_code, list_units
from foundation.changes import AsOf
from foundation.database import Reads
from foundation.errors import BadInput, NotFound
from foundation.i18n import _
from foundation.shell import get_shell
from foundation.terminal import say


def import_file(
    context: typer.Context,
    file: Path,
    under: Annotated[str | None, typer.Option(help="code of the unit above; default: the root")] = None,
) -> int:
    """Bring the units of a file into the register, all or none."""
    shell = get_shell(context)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadInput("{file} cannot be read.", file=str(file)) from error
    rows = read_units(content)
    runtime, now = shell.runtime, shell.runtime.clocks.wall()
    with runtime.database.read() as reads:
        root = find_root(reads, AsOf(now), under)
    with shell.recorded_refusals(IMPORTED, str(root.id)), runtime.database.read() as reads:
        actor = shell.actor
        if actor.person_id is not None:
            check_right(reads, actor.person_id, ("hr",), [root.id], AsOf(now))
    count = import_units(runtime.database, rows, root.id, actor.label, now)
    say(_("{count} units were brought in under {unit}."), count=count, unit=root.name)
    return 0


def import_code_file(context: typer.Context, file: Path) -> int:
    """Bring older codes of units into the register from a table, such as those of QCVN 102:2016; all or none."""
    shell = get_shell(context)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadInput("{file} cannot be read.", file=str(file)) from error
    rows = read_codes(content)
    runtime, now = shell.runtime, shell.runtime.clocks.wall()
    with shell.recorded_refusals(CODES_IMPORTED, file.name):
        actor = shell.actor

        def allow(reads: Reads, units: Sequence[uuid.UUID]) -> None:
            if actor.person_id is not None and units:
                check_right(reads, actor.person_id, ("hr",), units, AsOf(now))

        count = import_codes(runtime.database, rows, actor.label, now, allow)
    say(_("{count} codes were added, {known} were known."), count=count, known=len(rows) - count)
    return 0


def find_root(reads: Reads, as_of: AsOf, under: str | None) -> UnitFacts:
    """The unit with this code, or the one root of the installation. Raises NotFound before `init`."""
    if under is not None:
        return get_unit_by_code(reads, under, as_of)
    roots = [unit for unit in list_units(reads, as_of, "central") if unit.parent_id is None]
    if not roots:
        raise NotFound("This register has no root unit yet; run “hopnhat init” first.")
    return roots[0]
