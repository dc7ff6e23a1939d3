"""`hopnhat account open` and `account list`: a person's accounts of all kinds."""

from dataclasses import asdict
from typing import Annotated

import typer

from directory.credentials import group_code
from foundation.changes import AsOf
from foundation.i18n import _
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, out, print_rows, say
from provisioning.account_kinds import OPENED, list_accounts, open_account_of_kind
from provisioning.account_states import check_may_act
from provisioning.people.keys import resolve_one
from provisioning.sight import SEEN, check_sees


def open_kind(
    context: typer.Context,
    key: str,
    kind: Annotated[str, typer.Option("--kind", help="administration | technical")],
    reason: Annotated[str, typer.Option("--reason", help="why; kept in the audit")],
) -> int:
    """Open an account of another kind beside the business one; only an operator, for somebody else. The code is shown once."""
    shell = get_shell(context)
    runtime, now = shell.runtime, shell.runtime.clocks.wall()
    with runtime.database.read() as reads:
        person_id = resolve_one(runtime, reads, key, AsOf(now))
    with shell.recorded_refusals(OPENED, str(person_id)), runtime.database.write() as writes:
        check_may_act(writes, shell.actor, person_id, ("operator",), now)
        opened = open_account_of_kind(writes, shell.actor, person_id, kind, reason, now)
    say(_("The log-in is {login}. Hand the code over in person; shown once, valid for three days:"), login=opened.login)
    out.print(group_code(opened.code))
    return 0


def list_kinds(context: typer.Context, key: str, output: OutputOption = Output.table) -> int:
    """The accounts of a person by kind: log-in, state, since when."""
    shell = get_shell(context)
    runtime, now = shell.runtime, shell.runtime.clocks.wall()
    with shell.recorded_refusals(SEEN) as deed, runtime.database.read() as reads:
        person_id = resolve_one(runtime, reads, key, AsOf(now))
        deed.subject = str(person_id)
        check_sees(reads, shell.actor, person_id, AsOf(runtime.clocks.register()))
        rows: list[dict[str, object]] = [asdict(one) for one in list_accounts(reads, person_id, now)]
    print_rows(rows, {"kind": _("Kind"), "login": _("Log-in"), "state": _("State"), "since": _("Since")}, output)
    return 0 if rows else 1
