"""What to paste into the configuration of common programs, with an application's own values filled in.

Each program is one file of `data/snippets`, named by it; `«name»` stands for a value. Secrets are not known here: a word in
their place says so.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from foundation.errors import BadInput
from foundation.i18n import _
from sso.client_registration import DEVICE_GRANT
from sso.clients import Client
from sso.scopes import PERSON_SCOPES, join_scope

FILES: Final = {file.stem: file for file in sorted((Path(__file__).parent / "data" / "snippets").iterdir())}
SECRET: Final = "THE-SECRET-YOU-WERE-SHOWN"  # noqa: S105  # This stands in a secret's place.
VALUE: Final = re.compile(r"«(\w+)»")
PUBLIC: Final = ("oidc-client-ts",)
WITHOUT_CHALLENGE: Final = ("mayan-edms",)
DEVICES: Final = ("oidc-agent",)
NO_PEOPLE: Final = ("oidc-agent", "dovecot")
"""Programs that are answered at no address of their own."""


def write_snippet(name: str, client: Client, issuer: str) -> str:
    """The configuration of this program for this application. Raises BadInput for a program we do not know."""
    file = FILES.get(name)
    if file is None:
        raise BadInput("There is nothing for “{name}”; there is for: {names}.", name=name, names=", ".join(FILES))
    values = gather_values(client, issuer)
    return VALUE.sub(lambda found: values[found.group(1)], file.read_text(encoding="utf-8"))


def gather_values(client: Client, issuer: str) -> Mapping[str, str]:
    """What stands for each name."""
    scopes = [scope for scope in client.scopes if scope in PERSON_SCOPES]
    scheme, _colon, rest = issuer.partition("://")
    return {
        "issuer": issuer,
        "client_id": client.client_id,
        "secret": SECRET,
        "redirect_uri": next(iter(client.redirect_uris), ""),
        "after_logout": next(iter(client.post_logout_redirect_uris), ""),
        "home": client.home_uri or "",
        "scope": join_scope(scopes),
        "scope_list": ", ".join(scopes),
        "introspection_with_secret": f"{scheme}://{client.client_id}:{SECRET}@{rest}/introspect",
    }


def find_lacks(name: str, client: Client) -> list[str]:
    """What this registration lacks for this program, as sentences; empty where they fit."""
    lacks = []
    if name not in NO_PEOPLE and not client.redirect_uris:
        lacks.append(_("This program is answered at an address: register it with --redirect."))
    if client.public != (name in PUBLIC):
        lacks.append(
            _("This program keeps no secret: register a public application.")
            if name in PUBLIC
            else _("This program keeps a secret: register a confidential application.")
        )
    if name in WITHOUT_CHALLENGE and client.pkce_required:
        lacks.append(_("This program sends no code challenge: hopnhat client set … --no-pkce"))
    if name in DEVICES and DEVICE_GRANT not in client.grant_types:
        lacks.append(_("This program asks by the device grant, which this application does not have."))
    if name == "oidc-client-ts" and not client.post_logout_redirect_uris:
        lacks.append(_("This program names where to go after a log-out: register it with --after-logout."))
    return lacks
