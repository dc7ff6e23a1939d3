"""`hopnhat login`, `logout`, `whoami`: a person behind every act on the command line, too.

Code flow with PKCE and a loopback address (RFC 8252 §7.3); where the browser is on another machine, the address it
ends at is pasted. What is kept lies in one file of mode 0600: $HOPNHAT_TOKEN_FILE, else under the user's
configuration folder.
"""

import base64
import hashlib
import json
import os
import secrets
import sys
import webbrowser
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import typer

from directory.chains import find_ancestors, full_name
from directory.people import find_person
from foundation.changes import AsOf
from foundation.errors import NotPermitted, Undetermined, Unreachable
from foundation.forms import parse_pairs
from foundation.i18n import _
from foundation.runtime import Runtime
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, print_json, print_rows, say
from sso.client_registration import COMMAND_LINE
from sso.errors import TokenRefused
from sso.grants.requests import TokenRequest
from sso.grants.server import TokenServer
from sso.loopback import Loopback
from sso.provider import Provider, Work
from sso.revocation import revoke_token
from sso.scopes import ACT_SCOPE
from sso.tokens import VerifiedClaims, get_actor

SCOPE: Final = f"openid profile unit {ACT_SCOPE}"
WAIT_SECONDS: Final = 300


class NotLoggedIn(NotPermitted):
    """Nobody is logged in here, or not any more."""

    code = "not_logged_in"
    sentence = "Nobody is logged in here. Log in with: hopnhat login"


class LoginFailed(NotPermitted):
    """The provider did not give a token."""

    code = "login_failed"
    sentence = "The log-in did not succeed: {why}"


@dataclass(frozen=True)
class Kept:
    """What lies in the file."""

    issuer: str
    access_token: str
    refresh_token: str


def find_place(environ: Mapping[str, str] | None = None) -> Path:
    """Where the token lies: $HOPNHAT_TOKEN_FILE, $XDG_CONFIG_HOME/hopnhat/token.json, ~/.config/hopnhat/token.json."""
    environ = os.environ if environ is None else environ
    if named := environ.get("HOPNHAT_TOKEN_FILE"):
        return Path(named)
    return Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "hopnhat" / "token.json"


def keep(place: Path, kept: Kept) -> None:
    """Write the file, readable by its owner only, whole or not at all."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(kept), file)
    draft.replace(place)


def find_kept(place: Path, issuer: str) -> Kept | None:
    """What lies in the file for this provider, or None."""
    try:
        kept = Kept(**json.loads(place.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return kept if kept.issuer == issuer else None


def get_kept_actor(runtime: Runtime, environ: Mapping[str, str] | None = None) -> VerifiedClaims:
    """Who is logged in on this command line, checked now; a token that is over is renewed once. Raises NotLoggedIn."""
    place, issuer = find_place(environ), runtime.settings.issuer
    kept = find_kept(place, issuer)
    if kept is None:
        raise NotLoggedIn()
    actor = find_actor(runtime, kept.access_token)
    if actor is None:
        kept = renew(runtime, kept)
        keep(place, kept)
        actor = find_actor(runtime, kept.access_token)
    if actor is None:
        raise NotLoggedIn()
    return actor


def find_actor(runtime: Runtime, token: str) -> VerifiedClaims | None:
    """Whose token it is, or None when it is not good any more."""
    with runtime.database.read() as reads:
        try:
            return get_actor(reads, token, runtime.clocks.wall())
        except TokenRefused:
            return None


def renew(runtime: Runtime, kept: Kept) -> Kept:
    """New tokens for the old, by the same grant the endpoint gives, in this process. Raises NotLoggedIn."""
    provider = Provider(runtime)
    provider.keys.prepare(provider.now())
    asked = {"grant_type": "refresh_token", "refresh_token": kept.refresh_token, "client_id": COMMAND_LINE}
    with runtime.database.write() as writes:
        work = Work(provider, writes, provider.now())
        answer = TokenServer().answer(TokenRequest(work, "/token", parse_pairs(urlencode(asked)), None), frozenset())
    if answer.status != HTTPStatus.OK:
        raise NotLoggedIn()
    return Kept(kept.issuer, answer.body["access_token"], answer.body["refresh_token"])


def login(
    context: typer.Context,
    paste: Annotated[
        bool, typer.Option("--paste", help="the browser is on another machine: paste the address it ends at")
    ] = False,
    browser: Annotated[bool, typer.Option(help="open a browser here where there is one")] = True,
) -> int:
    """Log in; the token is kept for this user."""
    runtime = get_shell(context).runtime
    issuer, verifier, state = runtime.settings.issuer, secrets.token_urlsafe(32), secrets.token_urlsafe(16)
    with Loopback() as loopback:
        address = build_address(issuer, loopback.address, verifier, state)
        say(_("Open this address in a browser and log in:"))
        sys.stderr.write(f"\n  {address}\n\n")
        sys.stderr.flush()
        if paste:
            query = urlsplit(typer.prompt("", err=True)).query
        else:
            if browser and has_browser():
                webbrowser.open(address)
            query = loopback.wait(WAIT_SECONDS)
    kept = redeem(issuer, read_answer(query, issuer, state), loopback.address, verifier)
    keep(find_place(), kept)
    actor = get_kept_actor(runtime)
    say(_("Logged in as {name}."), name=describe_person(runtime, actor)["name"])
    return 0


def has_browser() -> bool:
    """Whether a browser can be opened where this runs."""
    return sys.platform == "darwin" or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("BROWSER")
    )


def build_address(issuer: str, redirect_uri: str, verifier: str, state: str) -> str:
    """The authorization request of this command line."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "response_type": "code",
        "client_id": COMMAND_LINE,
        "redirect_uri": redirect_uri,
        "scope": SCOPE,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        # Another person may have used this browser; who acts on the command line says so anew.
        "prompt": "login",
    }
    return f"{issuer}/authorize?{urlencode(asked)}"


def read_answer(query: str, issuer: str, state: str) -> str:
    """The code of an answer that is ours: same state, same issuer (RFC 9207). Raises LoginFailed."""
    answer = {name: values[0] for name, values in parse_qs(query).items()}
    if not secrets.compare_digest(answer.get("state", "").encode(), state.encode()) or answer.get("iss") != issuer:
        raise LoginFailed(why="state")
    if "code" not in answer:
        raise LoginFailed(why=answer.get("error", "code"))
    return answer["code"]


def redeem(issuer: str, code: str, redirect_uri: str, verifier: str) -> Kept:
    """The tokens for a code, asked of the running service. Raises Unreachable, LoginFailed."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "client_id": COMMAND_LINE,
        "code_verifier": verifier,
    }
    try:
        answer = httpx.post(f"{issuer}/token", data=form, timeout=20, follow_redirects=False)
    except httpx.HTTPError as error:
        raise Unreachable("The service at {issuer} does not answer.", issuer=issuer) from error
    if answer.status_code != HTTPStatus.OK:
        raise LoginFailed(why=answer.json().get("error", answer.status_code))
    tokens = answer.json()
    return Kept(issuer, tokens["access_token"], tokens["refresh_token"])


def logout(context: typer.Context) -> int:
    """Forget the token here and end it at the provider."""
    runtime = get_shell(context).runtime
    place = find_place()
    kept = find_kept(place, runtime.settings.issuer)
    if kept is None:
        say(_("Nobody was logged in here."))
        return 0
    provider = Provider(runtime)
    with runtime.database.write() as writes:
        client = provider.clients.find(writes, COMMAND_LINE)
        if client is not None:
            work = Work(provider, writes, provider.now())
            revoke_token(work, client, kept.refresh_token)
            revoke_token(work, client, kept.access_token)
    place.unlink(missing_ok=True)
    say(_("Logged out."))
    return 0


def whoami(context: typer.Context, output: OutputOption = Output.table) -> int:
    """Who is logged in here, with unit and posts."""
    runtime = get_shell(context).runtime
    described = describe_person(runtime, get_kept_actor(runtime))
    if output is Output.json:
        print_json(described)
    else:
        print_rows([described], {"name": _("Name"), "login": _("Log-in"), "post": _("Post"), "unit": _("Unit")}, output)
    return 0


def describe_person(runtime: Runtime, actor: VerifiedClaims) -> dict[str, object]:
    """A person as the terminal shows them. Raises Undetermined when the register has nothing about them now."""
    assert actor.person_id is not None
    as_of = AsOf(runtime.clocks.register())
    with runtime.database.read() as reads:
        person = find_person(reads, actor.person_id, as_of)
        if person is None:
            raise Undetermined("The register knows nothing about the person of this token at this moment.")
        post = person.main_post
        return {
            "person": person.id,
            "name": person.name,
            "login": person.logins[0] if person.logins else None,
            "post": post.title if post else None,
            "duties": list(post.duties) if post else [],
            "unit": full_name(find_ancestors(reads, post.unit_id, as_of)) if post else None,
        }
