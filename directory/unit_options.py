"""What questions about units are asked with on the command line: `--at`, the day of the answer, `--code-at`, the day the code was
written, `--scheme`, its kind."""

from typing import Annotated

import typer

from directory.models import SCHEMES
from foundation.changes import AsOf
from foundation.clocks import parse_instant
from foundation.errors import WrongUsage
from foundation.shell import Shell

AtOption = Annotated[str | None, typer.Option("--at", help="the day of the answer (2025-07-01)")]
CodeAtOption = Annotated[str | None, typer.Option("--code-at", help="the day the code was written")]
SchemeOption = Annotated[str | None, typer.Option("--scheme", help=" | ".join(SCHEMES))]


def read_as_of(shell: Shell, at: str | None) -> AsOf:
    """Where the reader stands: `--at`, or the register's clock."""
    settings, clocks = shell.runtime.settings, shell.runtime.clocks
    return AsOf(parse_instant(at, settings.zone) if at else clocks.register())


def check_scheme(scheme: str | None) -> None:
    """Refuse a scheme that does not exist."""
    if scheme is not None and scheme not in SCHEMES:
        raise WrongUsage("“{scheme}” is not one of {schemes}.", scheme=scheme, schemes=", ".join(SCHEMES))
