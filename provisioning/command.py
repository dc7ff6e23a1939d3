"""`hopnhat`: every verb of every room, one set of manners, one place where the acting person is found.

Data goes to stdout, talk to stderr; exit codes are those of DESIGN §8 and `foundation.errors`.
"""

import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from directory.command import unit_group
from directory.printing.command import directory_group
from foundation.log import open_log
from foundation.outbox import retry_parked
from foundation.pages import WebSection
from foundation.shell import Shell, get_shell
from foundation.terminal import run
from provisioning.account_command import account_group, person_group
from provisioning.actors import find_actor
from provisioning.audit_command import audit_group
from provisioning.demo_command import demo
from provisioning.doctor import doctor
from provisioning.founding_command import init
from provisioning.merger.command import merger_group
from provisioning.rosters.command import roster_group
from provisioning.schema_command import db_group
from provisioning.sections import SECTIONS
from provisioning.serving import run_worker
from provisioning.serving import serve as serve_until_stopped
from signing.command import certificate_group, dossier_group
from signing.verification.command import verify
from sso.command import client_group, key_group
from sso.terminal_login import login, logout, whoami

app = typer.Typer(
    name="hopnhat",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="One sign-on for a merged administration: accounts, directory and digital signatures that keep working on the day.",
    epilog="First: hopnhat demo · then: hopnhat merger plan --help",
)

GROUPS = {
    "unit": unit_group,
    "roster": roster_group,
    "merger": merger_group,
    "person": person_group,
    "account": account_group,
    "directory": directory_group,
    "client": client_group,
    "key": key_group,
    "dossier": dossier_group,
    "certificate": certificate_group,
    "audit": audit_group,
    "db": db_group,
}
VERBS: dict[str, Callable[..., int | None]] = {
    "init": init,
    "demo": demo,
    "doctor": doctor,
    "verify": verify,
    "login": login,
    "logout": logout,
    "whoami": whoami,
}

for name, group in GROUPS.items():
    app.add_typer(group, name=name)
for name, verb in VERBS.items():
    app.command(name)(verb)


@app.callback()
def prepare(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option("--config", help="the settings file")] = None,
    break_glass: Annotated[
        str | None, typer.Option("--break-glass", metavar="REASON", help="act as the owner of the database; is audited")
    ] = None,
) -> None:
    """Put the shell of this call into the context; nothing is opened before a verb asks."""
    context.obj = Shell(SECTIONS, find_actor, config, break_glass)


@app.command()
def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="port to listen on")] = None,
    workers: Annotated[int | None, typer.Option(help="web processes")] = None,
) -> int:
    """Serve the pages and the protocols until told to stop."""
    runtime = get_shell(context).runtime
    open_log(runtime.settings[WebSection].log_level)
    serve_until_stopped(runtime, host, port, workers)
    return 0


@app.command()
def worker(
    context: typer.Context,
    retry: Annotated[bool, typer.Option("--retry-parked", help="first put back the jobs that were given up")] = False,
) -> int:
    """Do what stands in the outbox and seal the audit, until told to stop."""
    runtime = get_shell(context).runtime
    if retry:
        retry_parked(runtime.database, runtime.clocks.wall())
    open_log(runtime.settings[WebSection].log_level)
    run_worker(runtime)
    return 0


@app.command("version")
def tell_version() -> int:
    """The version of this release."""
    sys.stdout.write(f"hopnhat {version('hopnhat')}\n")
    return 0


def main() -> None:
    """The entry point of `hopnhat`."""
    sys.exit(run(app))
