"""`hopnhat key list`, `rotate`, `retire`: the provider's signing keys. Acting needs the duty `operator` for the root."""

from datetime import timedelta
from typing import Annotated

import typer

from foundation.errors import BadInput
from foundation.i18n import _
from foundation.shell import Shell, get_shell
from foundation.terminal import Output, OutputOption, confirm_by_typing, print_rows, say
from sso.algorithms import ALGORITHMS
from sso.keys import ALWAYS, find_signing, load_keys, make_key, retire_key
from sso.operators import operating


def list_keys(context: typer.Context, output: OutputOption = Output.table) -> int:
    """The published signing keys."""
    runtime = get_shell(context).runtime
    with runtime.database.read() as reads:
        keys = load_keys(reads, runtime.sealer)
    rows = [{"kid": key.kid, "alg": key.alg, "signs_from": key.signs_from} for key in keys]
    print_rows(rows, {"kid": _("Id"), "alg": _("Algorithm"), "signs_from": _("Signs from")}, output)
    return 0


def rotate_keys(
    context: typer.Context,
    in_minutes: Annotated[int, typer.Option("--in-minutes", min=0, help="published at once, signs after so long")] = 60,
    alg: Annotated[str | None, typer.Option("--alg", help="RS256, PS256, ES256 or EdDSA; default: all in use")] = None,
) -> int:
    """New keys: published now, signing later, so that every application has read them by then; the old ones stay published."""
    shell = get_shell(context)
    if alg is not None and alg not in ALGORITHMS:
        raise BadInput("ID tokens are signed with RS256, PS256, ES256 or EdDSA.")
    now = shell.runtime.clocks.wall()
    with operating(shell, "sso.key.rotate") as writes:
        signing = {known for known, _kid, since in find_signing(writes) if since <= now}
        for each in sorted(signing or ALWAYS) if alg is None else (alg,):
            # The first key of its algorithm signs at once: there is none to sign meanwhile.
            minutes = in_minutes if each in signing else 0
            signs_from = now + timedelta(minutes=minutes)
            kid = make_key(writes, shell.runtime.sealer, each, shell.actor.label, now, signs_from)
            say(_("{alg}: key {kid} signs in {minutes} minutes."), alg=each, kid=kid, minutes=minutes)
    return 0


def retire(
    context: typer.Context,
    kid: str,
    confirm: Annotated[str | None, typer.Option("--confirm", help="the key's id, typed again")] = None,
) -> int:
    """Take a key from /jwks: what it signed is no longer believed."""
    shell: Shell = get_shell(context)
    confirm_by_typing(kid, confirm, "--confirm")
    with operating(shell, "sso.key.retire", kid) as writes:
        retire_key(writes, kid, shell.actor.label, shell.runtime.clocks.wall())
    say(_("The key {kid} is retired."), kid=kid)
    return 0
