"""`hopnhat`: every verb of every room, one set of manners, one place where the acting person is found.

Data goes to stdout, talk to stderr; exit codes are those of DESIGN §8 and `foundation.errors`. A room is imported when one of its
verbs is called. Whatever a verb is refused for want of a right stands in the audit: by the verb's own event, else by `REFUSED`.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from foundation.errors import HopnhatError, NotPermitted
from foundation.late_verbs import LateVerb, late_group
from foundation.spoken_verbs import SpokenCommand
from foundation.terminal import run

if TYPE_CHECKING:
    from foundation.runtime import Runtime
    from foundation.shell import Actor, Shell

REFUSED = "provisioning.verb.refuse"
VERBS = (
    LateVerb(
        "init",
        "provisioning.founding_command:init",
        "Make the tables, the keys, the root unit and the first two administrators.",
    ),
    LateVerb(
        "demo",
        "provisioning.demo_command:demo",
        "Provinces become one: from rosters with faults to a verified document, with real parts, on this machine.",
    ),
    LateVerb(
        "doctor", "provisioning.doctor:doctor", "Look at everything the service needs; 1 when something is missing."
    ),
    LateVerb("serve", "provisioning.serving_command:serve", "Serve the pages and the protocols until told to stop."),
    LateVerb(
        "worker",
        "provisioning.working_command:worker",
        "Do what stands in the outbox and seal the audit, until told to stop.",
    ),
    LateVerb("verify", "signing.verification.command:verify", "Say whether signed documents are valid, and why."),
    LateVerb("login", "sso.terminal_login:login", "Log in; the token is kept for this user."),
    LateVerb("logout", "sso.terminal_login:logout", "Forget the token here and end it at the provider."),
    LateVerb("whoami", "sso.terminal_login:whoami", "Who is logged in here, with unit and posts."),
    LateVerb("unit", "directory.command:unit_group", "Units and their codes over time."),
    LateVerb("roster", "provisioning.rosters.command:roster_group", "Lists of people as HR offices send them."),
    LateVerb(
        "merger",
        "provisioning.merger.command:merger_group",
        "Mergers: plan, look, approve, apply, resume, undo, report.",
    ),
    LateVerb(
        "report",
        "provisioning.reports.command:report_group",
        "What is ready by which deadline, and who still lacks what.",
    ),
    LateVerb("person", "provisioning.people.command:person_group", "People of the register."),
    LateVerb("account", "provisioning.account_command:account_group", "Accounts: letters, resets, suspension."),
    LateVerb(
        "directory",
        "directory.printing.command:directory_group",
        "The LDAP directory: the register's printing for mail and older systems.",
    ),
    LateVerb("client", "sso.command:client_group", "Applications that log people in or ask by themselves."),
    LateVerb("key", "sso.command:key_group", "Signing keys of the provider."),
    LateVerb("dossier", "signing.command:dossier_group", "Requests for certificates, in batches of one unit."),
    LateVerb("certificate", "signing.command:certificate_group", "Certificates of people and agencies."),
    LateVerb("audit", "provisioning.audit_command:audit_group", "What was done, by whom; sealed."),
    LateVerb("db", "provisioning.schema_command:db_group", "The database: its tables, its copies."),
)

app = typer.Typer(
    cls=late_group(VERBS),
    name="hopnhat",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="One sign-on for a merged administration: accounts, directory and digital signatures that keep working on the day.",
    epilog="First: hopnhat demo · then: hopnhat merger plan --help",
)


def show_version_line() -> None:
    """The release, on a line of its own."""
    sys.stdout.write(f"hopnhat {version('hopnhat')}\n")


def show_version(wanted: bool) -> None:
    """`--version`: the release, and nothing else."""
    if wanted:
        show_version_line()
        raise typer.Exit


@app.callback()
def prepare(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option("--config", help="the settings file")] = None,
    break_glass: Annotated[
        str | None, typer.Option("--break-glass", metavar="REASON", help="act as the owner of the database; is audited")
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="the version of this release")
    ] = False,
) -> None:
    """Put the shell of this call into the context; nothing is opened before a verb asks."""
    if context.invoked_subcommand == "version":
        return
    from foundation.shell import Shell
    from provisioning.sections import SECTIONS

    shell = context.obj = Shell(SECTIONS, find_actor_late, config, break_glass)
    context.with_resource(audited(shell, context.invoked_subcommand or ""))


def find_actor_late(runtime: "Runtime", break_glass: str | None) -> "Actor":
    """Who is acting; the rooms that know are imported when a verb asks."""
    from provisioning.actors import find_actor

    return find_actor(runtime, break_glass)


@contextmanager
def audited(shell: "Shell", verb: str) -> Iterator[None]:
    """Whoever is refused the right leaves an audit row, also where the verb itself writes none; at the end everything is closed."""
    from foundation.refusals import Deed, record_refusal

    try:
        yield
    except NotPermitted as error:
        if not error.recorded:
            # Where nothing is installed there is no audit to write into; the refusal stands all the same.
            with suppress(HopnhatError):
                record_refusal(shell.runtime, Deed(REFUSED, verb), shell.label, error)
        raise
    finally:
        shell.close()


@app.command("version", cls=SpokenCommand)
def tell_version(_context: typer.Context) -> int:
    """The version of this release."""
    show_version_line()
    return 0


def main() -> None:
    """The entry point of `hopnhat`."""
    sys.exit(run(app))
