"""`hopnhat account addresses` and `account aliases`: new addresses by an order, and the mail server's alias file."""

import os
import uuid
from pathlib import Path
from typing import Annotated

import typer

from foundation import audit
from foundation.changes import AsOf
from foundation.clocks import parse_instant
from foundation.i18n import _
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, language, print_json_line, print_rows, say
from provisioning.mail.address_orders import read_order
from provisioning.mail.address_plan import plan_addresses
from provisioning.mail.aliases import build_aliases
from provisioning.merger.planning import Author
from provisioning.plan_rights import CHANGING, check_may_change, check_units

MADE = "provisioning.plan.make"
LISTED = "provisioning.alias.write"


def addresses(
    context: typer.Context,
    order: Annotated[Path, typer.Argument(help="the order, YAML")],
    file: Annotated[Path | None, typer.Option("--out", help="where the plan goes; beside the order by default")] = None,
    output: OutputOption = Output.table,
) -> int:
    """Make the plan that gives officials new addresses; it is approved and applied like a merger's."""
    shell = get_shell(context)
    runtime, now = shell.runtime, shell.runtime.clocks.wall()
    read, target = read_order(order), file or order.with_suffix(".plan")
    with shell.recorded_refusals(MADE, order.name):
        author = Author(shell.actor.label, shell.actor.name or shell.actor.label)
        with runtime.database.read() as reads:
            plan = plan_addresses(reads, read, target, author, now, order.name)
            try:
                check_may_change(reads, shell.actor, plan, runtime.clocks.register())
            except BaseException:
                target.unlink(missing_ok=True)
                raise
    with runtime.database.write() as writes:
        detail = {"title": plan.header.title, "lines": plan.header.lines, "open": plan.header.open}
        audit.record(writes, now, MADE, shell.actor.label, plan.digest, detail)
    people, left = plan.header.summary["people"], plan.header.open
    if output is Output.json:
        print_json_line({"plan": str(target), "digest": plan.digest, "summary": plan.header.summary, "open": left})
        return 0
    say(
        _(
            "{file}: {new} people get their first address, {changed} another one, {kept} keep theirs; {numbered} with a number, "
            "{without} without because the template gives none. {certificates} certificates name an address that changes."
        ),
        file=str(target), new=people["new"], changed=people["changed"], kept=people["kept"], numbered=people["numbered"],
        without=left["without_address"], certificates=left["certificates_to_change"],
    )  # fmt: skip
    say(
        _(
            "Next: hopnhat merger show {file} · then somebody else: hopnhat merger approve {file} · hopnhat merger apply {file}"
        ),
        file=str(target),
    )
    return 0


def aliases(
    context: typer.Context,
    file: Annotated[Path | None, typer.Option("--out", help="the alias file to write; stdout by default")] = None,
    at: Annotated[str | None, typer.Option("--at", help="the instant the file is of; now by default")] = None,
    output: OutputOption = Output.table,
) -> int:
    """Write the mail server's alias file: old addresses and where they go. Exit code 1 when an old address goes nowhere."""
    shell = get_shell(context)
    runtime, now = shell.runtime, shell.runtime.clocks.wall()
    instant = parse_instant(at, runtime.settings.zone) if at else runtime.clocks.register()
    with shell.recorded_refusals(LISTED), runtime.database.read() as reads:
        check_units(reads, shell.actor, (*CHANGING, "operator"), [], runtime.clocks.register())
        found = build_aliases(reads, AsOf(instant))
    rows: list[dict[str, object]] = [
        {"address": one.address, "why": one.why.show(language())} for one in found.left_out
    ]
    if file is not None:
        keep_whole(file, found.text())
        with runtime.database.write() as writes:
            detail = {"addresses": len(found.lines), "left_out": len(found.left_out)}
            audit.record(writes, now, LISTED, shell.actor.label, None, detail)
        print_rows(rows, {"address": _("Address"), "why": _("Why")}, output)
        say(_("{count} old addresses are in {file}, {left_out} go nowhere."), count=len(found.lines), file=str(file),
            left_out=len(rows))  # fmt: skip
    elif output is Output.table:
        typer.echo(found.text(), nl=False)
    else:
        lines: list[dict[str, object]] = [{"old": old, "new": new} for old, new in found.lines]
        print_rows(lines, {"old": "old", "new": "new"}, output)
    return 1 if rows else 0


def keep_whole(path: Path, text: str) -> None:
    """Write the file beside its place and put it there when it is whole and on the disk; the mail server reads it: mode 0644."""
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(0o644)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
