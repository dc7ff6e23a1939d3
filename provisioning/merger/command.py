"""`hopnhat merger …`: plan, look, approve, apply; and what to do when something was interrupted or was wrong.

Acting verbs need a person with the right over everything the plan touches; a refusal is an audit row. Data goes to stdout. Each verb
stands in a file of its own, `<doing>_command.py`.
"""

from collections.abc import Callable, Mapping

import typer

from provisioning.merger.applying_command import apply, resume
from provisioning.merger.approving_command import approve
from provisioning.merger.planning_command import plan, print_schema
from provisioning.merger.rehearsing_command import rehearse
from provisioning.merger.reporting_command import report
from provisioning.merger.retiming_command import postpone
from provisioning.merger.showing_command import show
from provisioning.merger.standing_command import status
from provisioning.merger.undoing_command import undo

merger_group = typer.Typer(no_args_is_help=True, help="Mergers: plan, look, approve, apply, resume, undo, report.")
VERBS: Mapping[str, Callable[..., int]] = {
    "schema": print_schema,
    "plan": plan,
    "show": show,
    "rehearse": rehearse,
    "approve": approve,
    "apply": apply,
    "resume": resume,
    "status": status,
    "postpone": postpone,
    "undo": undo,
    "report": report,
}
for name, verb in VERBS.items():
    merger_group.command(name)(verb)
