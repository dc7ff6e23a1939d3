"""`hopnhat report …`: readiness, accounts, coverage; on the screen, as data, or as a file to be sent: HTML, XLSX, one page of PDF.

Figures are for whoever may use the command line; lists with people's names need a right over their units, and are audited.
"""

import typer

from foundation.terminal import out, print_json
from provisioning.reports.accounts_command import accounts
from provisioning.reports.coverage_command import coverage
from provisioning.reports.readiness_command import readiness
from provisioning.reports.tasks import EXAMPLE, build_schema

report_group = typer.Typer(no_args_is_help=True, help="What is ready by which deadline, and who still lacks what.")


def schema(_context: typer.Context) -> int:
    """The JSON Schema of a file of deadlines."""
    print_json(build_schema())
    return 0


def example(_context: typer.Context) -> int:
    """The telegram's deadlines of June 2025, as a file to begin with."""
    out.print(EXAMPLE.read_text("utf-8"), markup=False, end="")
    return 0


for verb in (readiness, accounts, coverage, schema, example):
    report_group.command(verb.__name__)(verb)
