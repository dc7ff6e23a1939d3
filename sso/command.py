"""The verbs of `hopnhat client …` and `hopnhat key …`: applications as data, and the provider's signing keys."""

from collections.abc import Callable, Mapping
from typing import Final

import typer

from sso.client_logo_verb import logo
from sso.client_plan_verbs import apply, plan
from sso.client_secrets import rotate
from sso.client_verbs import add, change, invite, list_all, remove, show
from sso.key_verbs import list_keys, retire, rotate_keys

client_group = typer.Typer(no_args_is_help=True, help="Applications that log people in or ask by themselves.")
key_group = typer.Typer(no_args_is_help=True, help="Signing keys of the provider.")

Verbs = Mapping[str, Callable[..., int]]
CLIENT_VERBS: Final[Verbs] = {
    "add": add,
    "list": list_all,
    "show": show,
    "set": change,
    "plan": plan,
    "apply": apply,
    "invite": invite,
    "logo": logo,
    "rotate-secret": rotate,
    "remove": remove,
}
KEY_VERBS: Final[Verbs] = {"list": list_keys, "rotate": rotate_keys, "retire": retire}

for group, verbs in ((client_group, CLIENT_VERBS), (key_group, KEY_VERBS)):
    for name, verb in verbs.items():
        group.command(name)(verb)
