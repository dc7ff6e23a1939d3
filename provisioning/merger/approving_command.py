"""`hopnhat merger approve`: a second person says aloud what is open, and agrees."""

from typing import Annotated

import typer

from foundation.i18n import _
from foundation.plans import Plan, read_plan
from foundation.shell import get_shell
from foundation.terminal import confirm_by_typing, say
from provisioning.merger.approval import APPROVED, SPOKEN, approve_plan, check_approver, check_fresh
from provisioning.merger.confirming import DigestOption, PlanFile, confirm_digest


def approve(
    context: typer.Context,
    file: PlanFile,
    undecided: Annotated[int | None, typer.Option("--undecided", help="how many are undecided, said aloud")] = None,
    conflicts: Annotated[
        int | None, typer.Option("--conflicts", help="how many chairs have two holders, said aloud")
    ] = None,
    confirm_codes: Annotated[
        int | None, typer.Option("--confirm-codes", help="how many proposed codes are confirmed")
    ] = None,
    trusted_passwords: Annotated[
        int | None,
        typer.Option(
            "--trusted-passwords", help="how many who lead, approve or act upon others bring a password along"
        ),
    ] = None,
    outside: Annotated[
        int | None, typer.Option("--outside", help="how many posts lie in another province than the rest of their list")
    ] = None,
    known_elsewhere: Annotated[
        int | None, typer.Option("--known-elsewhere", help="how many who hold a post in another province get one more")
    ] = None,
    left: Annotated[int | None, typer.Option("--left", help="how many an undoing cannot put back")] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", help="why its own author approves a small plan, where that is allowed")
    ] = None,
    digest: DigestOption = None,
) -> int:
    """Agree to a plan that somebody else made, freshly logged in; what is open is said aloud."""
    shell, read = get_shell(context), read_plan(file)
    with shell.recorded_refusals(APPROVED, read.digest):
        actor = shell.actor
        with shell.runtime.database.read() as reads:
            check_approver(reads, shell.runtime, read, actor, reason)
            check_fresh(shell.runtime, actor)
        given = {
            "undecided": undecided, "conflicts": conflicts, "codes_to_confirm": confirm_codes,
            "trusted_passwords": trusted_passwords, "outside": outside, "known_elsewhere": known_elsewhere, "left": left,
        }  # fmt: skip
        said = {
            what: ask_number(read, what, flag, given[what])
            for what, flag in SPOKEN.items()
            if read.header.open.get(what)
        }
        if not said:
            confirm_digest(read, digest)
        approve_plan(shell.runtime, read, actor, said, reason)
    say(_("Plan {digest} is approved by {name}."), digest=read.short_digest, name=actor.name)
    return 0


def ask_number(read: Plan, what: str, flag: str, given: int | None) -> int:
    """The number a person says, typed or by flag. Raises Undetermined without a terminal."""
    if given is not None:
        return given
    found = str(read.header.open[what])
    confirm_by_typing(found, None, flag)
    return int(found)
