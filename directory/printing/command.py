"""`hopnhat directory …`: sync, drift, rebuild, status.

`drift` only looks: exit 1 when the directory says something else than the register. `sync` writes the difference; what would take
away more than is usual is answered by the exact number (`--expect-deletions 412`), and a directory that was printed before and
shows nothing now is not filled again without being asked: `rebuild` begins from nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Annotated, Any

import sqlalchemy as sa
import typer

from directory.models import UnitVersion
from directory.printing.access import build_limits, build_slapd, find_url, open_access, take_turn
from directory.printing.deeds import REBUILD, SYNC, is_first, record_printing
from directory.printing.difference import Change, Difference, Modify
from directory.printing.entries import find_identity, people_branch, units_branch
from directory.printing.guards import Limits
from directory.printing.jobs import HANDLERS
from directory.printing.server import Server
from directory.printing.sync import Comparison, Outcome, clear, compare, sync
from directory.rights import check_right
from directory.settings import LdapSettings
from foundation.changes import AsOf, in_force
from foundation.i18n import _, translate
from foundation.outbox import OutboxJob
from foundation.runtime import Runtime
from foundation.shell import Shell, get_shell
from foundation.terminal import (
    Output,
    OutputOption,
    Progress,
    confirm_by_typing,
    language,
    print_json,
    print_rows,
    progress,
    say,
)

directory_group = typer.Typer(
    no_args_is_help=True, help="The LDAP directory: the register's printing for mail and older systems."
)

SHOWN = 20
SECRET = frozenset({"userPassword"})
BINARY = frozenset({"userCertificate;binary"})

DeletionsOption = Annotated[
    int | None, typer.Option("--expect-deletions", help="the exact number of entries that may go")
]
LockoutsOption = Annotated[
    int | None, typer.Option("--expect-lockouts", help="the exact number of passwords that may go")
]


@directory_group.command("drift")
def drift(context: typer.Context, output: OutputOption = Output.table) -> int:
    """What the directory says otherwise than the register; writes nothing. Exit 1 when there is anything."""
    runtime = get_shell(context).runtime
    with open_server(runtime) as server:
        comparison = compare(runtime.database, server, runtime.clocks.register)
    rows = [describe_change(change) for difference in comparison.differences for change in difference.changes]
    if output is not Output.table:
        print_rows(rows, {name: name for name in ("sign", "dn", "attributes")}, output)
        return 1 if comparison else 0
    if rows:
        print_rows([row | {"id": shorten(row["dn"])} for row in rows[:SHOWN]], CHANGE_COLUMNS, output)
    say_comparison(comparison, hidden=max(0, len(rows) - SHOWN))
    return 1 if comparison else 0


@directory_group.command("sync")
def synchronise(
    context: typer.Context,
    expect_deletions: DeletionsOption = None,
    expect_lockouts: LockoutsOption = None,
    output: OutputOption = Output.table,
) -> int:
    """Make the directory say what the register says. Exit 1 when the server refused an entry."""
    shell = get_shell(context)
    check_operator(shell, SYNC)
    runtime = shell.runtime
    limits = build_limits(runtime.settings, expect_deletions, expect_lockouts)
    with runtime.database.read() as reads:
        first = is_first(reads, runtime.settings[LdapSettings].base)
    with take_turn(runtime.settings), open_server(runtime) as server, progress(_("Printing to LDAP")) as line:
        outcome = sync(
            runtime.database,
            server,
            runtime.clocks.register,
            limits,
            from_nothing=first,
            progress=partial(move_line, line),
        )
    return tell_outcome(shell, outcome, SYNC, output)


@directory_group.command("rebuild")
def rebuild(
    context: typer.Context,
    confirm: Annotated[
        str | None, typer.Option("--confirm", help="the suffix, typed, where nobody can be asked")
    ] = None,
    output: OutputOption = Output.table,
) -> int:
    """Print everything from nothing: for a new directory, or one that was lost. What stands there is taken away first."""
    shell = get_shell(context)
    check_operator(shell, REBUILD)
    runtime = shell.runtime
    if runtime.settings[LdapSettings].private and build_slapd(runtime.settings).find_pid() is None:
        build_slapd(runtime.settings).wipe()
    with take_turn(runtime.settings), open_server(runtime) as server:
        if any(next(server.read_branch(branch), None) for branch in branches(server)):
            confirm_by_typing(server.access.base, confirm, "--confirm")
            clear(server)
        with progress(_("Printing to LDAP")) as line:
            outcome = sync(
                runtime.database,
                server,
                runtime.clocks.register,
                Limits(),
                from_nothing=True,
                progress=partial(move_line, line),
            )
    return tell_outcome(shell, outcome, REBUILD, output)


@directory_group.command("status")
def status(context: typer.Context, output: OutputOption = Output.table) -> int:
    """Where the directory is, how much stands in it, and what waits to be printed."""
    runtime = get_shell(context).runtime
    with open_server(runtime) as server:
        units, people = (server.count_branch(branch) for branch in branches(server))
    row = {
        "url": find_url(runtime.settings),
        "base": runtime.settings[LdapSettings].base,
        "units": units,
        "people": people,
        **count_jobs(runtime),
    }
    if output is Output.json:
        print_json(row)
    else:
        print_rows([row], STATUS_COLUMNS, output)
    return 0


CHANGE_COLUMNS = {"sign": " ", "id": _("Entry"), "attributes": _("Difference")}
STATUS_COLUMNS = {
    "url": _("Server"),
    "base": _("Suffix"),
    "units": _("Units"),
    "people": _("People"),
    "waiting": _("Waiting"),
    "parked": _("Parked"),
}


@contextmanager
def open_server(runtime: Runtime) -> Iterator[Server]:
    """The directory of this installation, bound as the writer."""
    with open_access(runtime.settings) as access, Server(access) as server:
        yield server


def move_line(line: Progress, done: int, total: int) -> None:
    """Progress on the terminal; how many there are is known once both sides are compared."""
    line.total = total
    line.move(done)


def branches(server: Server) -> tuple[str, str]:
    """Where units and people stand."""
    return units_branch(server.access.base), people_branch(server.access.base)


def check_operator(shell: Shell, event: str) -> None:
    """Refuse who is not an operator of every root of the register, and write that down. Raises RightMissing, NotLoggedIn."""
    runtime = shell.runtime
    as_of = AsOf(runtime.clocks.wall())
    with shell.recorded_refusals(event, runtime.settings[LdapSettings].base), runtime.database.read() as reads:
        actor = shell.actor
        if actor.person_id is None:
            return
        roots = sa.select(UnitVersion.unit_id).where(UnitVersion.parent_id.is_(None), in_force(UnitVersion, as_of))
        check_right(reads, actor.person_id, ("operator",), reads.execute(roots).scalars().all(), as_of)


def describe_change(change: Change) -> dict[str, Any]:
    """One change as a row; passwords and certificates are named, never shown."""
    if not isinstance(change, Modify):
        return {"sign": change.sign, "dn": change.dn, "attributes": ""}
    told = [
        name
        if name in SECRET | BINARY
        else f"{name}: {join(change.before.get(name, ()))} → {join(change.replaced[name])}"
        for name in change.replaced
    ]
    return {"sign": change.sign, "dn": change.dn, "attributes": "; ".join(told)}


def shorten(dn: str) -> str:
    """A name as a table shows it: the branch's kind and the id; the whole name of an entry that is not ours."""
    kind, identity = find_identity(dn)
    return f"{kind} {identity}" if identity is not None else dn


def join(values: tuple[bytes, ...]) -> str:
    """Values as one text."""
    return ", ".join(value.decode(errors="replace") for value in values) or "—"


def count_jobs(runtime: Runtime) -> dict[str, int]:
    """How many printing jobs wait though they are due, and how many are parked."""
    with runtime.database.read() as reads:
        counted = reads.execute(
            sa.select(OutboxJob.state, sa.func.count())
            .where(
                OutboxJob.kind.in_(list(HANDLERS)),
                OutboxJob.state.in_(("waiting", "parked")),
                OutboxJob.due <= runtime.clocks.wall(),
            )
            .group_by(OutboxJob.state)
        )
        jobs = {"waiting": 0, "parked": 0}
        for state, count in counted:
            jobs[state] = count
        return jobs


def tell_outcome(shell: Shell, outcome: Outcome, event: str, output: Output) -> int:
    """The figures on stdout, the sentences on stderr, the deed in the audit; 1 when the server refused an entry."""
    runtime = shell.runtime
    base = runtime.settings[LdapSettings].base
    with runtime.database.write() as writes:
        figures = record_printing(writes, runtime.clocks.wall(), event, shell.actor.label, base, outcome)
    if output is not Output.table:
        print_rows([figures], {name: name for name in figures}, output)
    say_comparison(outcome.comparison)
    for dn, answer in list(outcome.refused.items())[:SHOWN]:
        say(_("Refused: {dn}. The server says: {answer}"), dn=dn, answer=answer)
    return 1 if outcome.refused else 0


def say_comparison(comparison: Comparison, hidden: int = 0) -> None:
    """Both branches in one line each, in the signs that plans use."""
    if hidden:
        say(_("… and {count} more; --output json shows all."), count=hidden)
    for name, difference in ((_("Units"), comparison.units), (_("People"), comparison.people)):
        say_difference(name, difference)


def say_difference(name: str, difference: Difference) -> None:
    """One branch: how many there are, and how many differ in what way."""
    counts = difference.counts
    if not difference:
        say(
            _("{name}: {wanted} in the register, {found} in the directory, no difference"),
            **figures_of(name, difference),
        )
        return
    say(
        _(
            "{name}: {wanted} in the register, {found} in the directory: {added} + new, {changed} ~ change, {deleted} - leave"
        ),
        **figures_of(name, difference),
        added=counts["+"],
        changed=counts["~"],
        deleted=counts["-"],
    )


def figures_of(name: str, difference: Difference) -> dict[str, object]:
    """What both sentences fill in."""
    return {"name": translate(language(), name), "wanted": difference.wanted, "found": difference.found}
