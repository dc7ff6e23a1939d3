"""What every verb of rosters begins with: its files, the province and day they speak of, and the units known on that day."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer

from foundation.clocks import Clocks, parse_instant
from foundation.collecting import rarely_collected
from foundation.shell import Shell
from foundation.transactions import RegisterUnready
from provisioning.rosters.check import Check
from provisioning.rosters.unit_book import open_unit_book
from provisioning.rosters.unit_codes import UnitBook

FilesArgument = Annotated[list[Path], typer.Argument(help="XLSX, XLS, ODS or CSV", show_default=False)]
ProvinceOption = Annotated[
    str | None, typer.Option("--province", help="the province the people belong to, by its code")
]
AtOption = Annotated[str | None, typer.Option("--at", help="the day the rosters speak of (2025-06-24)")]


@contextmanager
def open_check(shell: Shell, files: list[Path], province: str | None, at: str | None) -> Iterator[Check]:
    """A check that has read its files; what is done with it builds much that stays (`foundation.collecting`)."""
    day = parse_instant(at, shell.settings.zone) if at else find_clocks(shell).register()
    with rarely_collected(), Check(read_unit_book(shell, day, province)) as check:
        check.read(files)
        yield check


def has_register(shell: Shell) -> bool:
    """Whether a register is there at all: looking for one must not make an empty one."""
    url = sa.make_url(shell.settings.database)
    return url.get_backend_name() != "sqlite" or (url.database is not None and Path(url.database).exists())


def find_clocks(shell: Shell) -> Clocks:
    """The product's clocks, the wall's where nothing is installed yet."""
    return shell.runtime.clocks if has_register(shell) else Clocks()


def read_unit_book(shell: Shell, day: datetime, province: str | None) -> UnitBook:
    """The known units: the register's, or the published tables where there is no register yet."""
    if not has_register(shell):
        return open_unit_book(None, day, province)
    try:
        with shell.runtime.database.read() as reads:
            return open_unit_book(reads, day, province)
    except RegisterUnready:
        # The tables are not made yet: a roster can be checked before anything is installed.
        return open_unit_book(None, day, province)
