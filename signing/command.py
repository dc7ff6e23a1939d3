"""The verbs of `hopnhat dossier …` and `hopnhat certificate …`, by name."""

from collections.abc import Callable, Mapping
from typing import Final

import typer

from signing.certificate_verbs import list_certificates, request_certificate, revoke, show_certificate
from signing.dossier_verbs import list_all, propose, send, show
from signing.import_verb import import_files

dossier_group = typer.Typer(no_args_is_help=True, help="Requests for certificates, in batches of one unit.")
certificate_group = typer.Typer(no_args_is_help=True, help="Certificates of people and agencies.")

Verbs = Mapping[str, Callable[..., int]]
DOSSIER_VERBS: Final[Verbs] = {"list": list_all, "show": show, "send": send, "propose": propose}
CERTIFICATE_VERBS: Final[Verbs] = {
    "list": list_certificates,
    "show": show_certificate,
    "import": import_files,
    "request": request_certificate,
    "revoke": revoke,
}

for group, verbs in ((dossier_group, DOSSIER_VERBS), (certificate_group, CERTIFICATE_VERBS)):
    for name, verb in verbs.items():
        group.command(name)(verb)
