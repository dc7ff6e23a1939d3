"""`hopnhat client logo`: the picture that stands beside an application's name at the log-in and on the page of consent."""

from pathlib import Path
from typing import Annotated

import typer

from foundation import audit
from foundation.errors import BadInput, WrongUsage
from foundation.i18n import _
from foundation.shell import get_shell
from foundation.terminal import say
from sso.clients import get_client
from sso.operators import operating
from sso.registration.outside import PICTURE_BYTES, Picture, recognise
from sso.registration.register import keep_picture


def logo(
    context: typer.Context,
    client_id: str,
    file: Annotated[Path | None, typer.Argument(help="a PNG, JPEG, GIF or WebP of 128 KB at most; never SVG")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="take the picture away")] = False,
) -> int:
    """Give an application its picture, or take it away."""
    if (file is None) != remove:
        raise WrongUsage("Name a file, or say --remove.")
    picture = read_picture(file) if file is not None else None
    shell = get_shell(context)
    with operating(shell, "sso.client.change", client_id) as writes:
        client = get_client(writes, client_id)
        keep_picture(writes, client.client_id, picture)
        told = {"logo": picture.media_type if picture else "removed"}
        now = shell.runtime.clocks.wall()
        audit.record(writes, now, "sso.client.change", shell.actor.label, client.client_id, told)
    say(_("The picture is kept; pages show it within a second.") if picture else _("The picture is gone."))
    return 0


def read_picture(file: Path) -> Picture:
    """A picture of a kind that browsers cannot take for anything else, told by its content. Raises BadInput."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadInput("{file} cannot be read.", file=str(file)) from error
    if len(content) > PICTURE_BYTES:
        raise BadInput("The picture is larger than 128 KB.")
    media_type = recognise(content)
    if media_type is None:
        raise BadInput("This is no PNG, JPEG, GIF or WebP picture.")
    return Picture(content, media_type)
