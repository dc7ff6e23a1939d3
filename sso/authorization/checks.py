"""The checks of an authorization request: one tuple, in the order they run.

Before `check_redirect_uri` has passed nothing is ever answered by redirect: the person sees a page of ours. After it
every refusal goes to the application as an error (RFC 6749 §4.1.2.1), with `state` and `iss`.
"""

from collections.abc import Callable
from typing import Final

from authlib.oauth2.rfc6749 import (
    InvalidRequestError,
    InvalidScopeError,
    UnauthorizedClientError,
    UnsupportedResponseTypeError,
)
from authlib.oauth2.rfc7636.challenge import CODE_CHALLENGE_PATTERN
from joserfc.errors import JoseError

from foundation.database import Reads
from foundation.forms import Form
from sso.authorization.requests import ASKED, IN_QUERY, PARAMETERS, REPEATABLE, Asked, CheckedRequest, Source
from sso.authorization.wishes import read_wishes
from sso.clients import Client, Clients
from sso.errors import ClientUnknown, RedirectRefused, RequestUnreadable
from sso.provider import Provider
from sso.resources import check_resources
from sso.response_types import CODE, find_response_type, list_offered
from sso.scopes import join_scope, split_scope
from sso.settings import SsoSection

PROMPTS: Final = frozenset({"none", "login", "consent", "select_account"})
LONGEST: Final = 2048
LONGEST_CLAIMS: Final = 6000
SCOPES_AT_MOST: Final = 30


def read_client(reads: Reads, clients: Clients, form: Form) -> Client:
    """The client the request names, once. Raises RequestUnreadable, ClientUnknown."""
    if "client_id" in form.repeated or "redirect_uri" in form.repeated or not form.text("client_id"):
        raise RequestUnreadable()
    client = clients.find(reads, form["client_id"])
    if client is None:
        raise ClientUnknown()
    return client


def check_redirect_uri(client: Client, form: Form) -> str:
    """The address to answer at: named in the request, registered, letter for letter. Raises RedirectRefused."""
    redirect_uri = form.text("redirect_uri")
    if not redirect_uri or not client.check_redirect_uri(redirect_uri):
        raise RedirectRefused()
    return redirect_uri


def build_asked(client: Client, redirect_uri: str, form: Form, source: Source = IN_QUERY) -> Asked:
    """The request as far as it can be answered by redirect; an unknown response_mode, or one that its response type must not have,
    is answered the type's usual way.
    """
    mode, gives = form.text("response_mode"), find_response_type(form.text("response_type")) or CODE
    return Asked(
        client=client,
        redirect_uri=redirect_uri,
        state=form.get("state"),
        response_mode=mode if mode in gives.modes else gives.modes[0],
        parameters={name: form[name] for name in PARAMETERS if name in form},
        resources=form.every("resource"),
        source=source,
        gives=gives,
    )


def check_once(asked: Asked, form: Form) -> None:
    """Refuse a parameter sent twice (RFC 6749 §3.1), or one longer than any of ours. Raises InvalidRequestError."""
    if form.repeated.intersection(PARAMETERS) - REPEATABLE:
        raise InvalidRequestError("A parameter was sent twice.")
    if any(len(value) > (LONGEST_CLAIMS if name == "claims" else LONGEST) for name, value in asked.pairs()):
        raise InvalidRequestError("A parameter is too long.")


def check_source(asked: Asked, form: Form) -> None:
    """Refuse a request that does not come the way its client registered: pushed, signed (RFC 9126 §6, RFC 9101 §10.5).

    A reference that nobody opened in time is refused here. Raises InvalidRequestError.
    """
    particulars = asked.client.particulars
    if particulars.require_pushed_authorization_requests and asked.source.reference is None:
        raise InvalidRequestError("This client must push its requests.")
    if particulars.require_signed_request_object and not asked.source.signed:
        raise InvalidRequestError("This client must sign its requests.")
    if asked.source.late and ASKED not in form:
        raise InvalidRequestError("The request was opened too late.")


def check_offered(policy: SsoSection, asked: Asked) -> None:
    """Refuse a response type this installation does not give. Raises UnsupportedResponseTypeError."""
    if asked.gives not in list_offered(implicit_flow=policy.implicit_flow):
        raise UnsupportedResponseTypeError(None)


def check_response_type(asked: Asked, _form: Form) -> None:
    """Refuse any response type but the client's own. Raises UnsupportedResponseTypeError, UnauthorizedClientError."""
    response_type = asked.get("response_type")
    if response_type is None:
        raise InvalidRequestError("The response_type is missing.")
    if find_response_type(response_type) is None:
        raise UnsupportedResponseTypeError(None)
    if not asked.client.check_response_type(response_type):
        raise UnauthorizedClientError("The client did not register this response_type.")


def check_response_mode(asked: Asked, form: Form) -> None:
    """Refuse a response mode we do not have, or not for what would travel so: tokens never in a query. Raises InvalidRequestError."""
    if form.text("response_mode") not in ("", *asked.gives.modes):
        raise InvalidRequestError("This response_mode is not supported.")


def check_nonce(asked: Asked, _form: Form) -> None:
    """Refuse to send an ID token by the browser that its application could not tell from an old one (OpenID Connect Core §3.2.2.1).

    Raises InvalidRequestError.
    """
    if asked.gives.id_token and not asked.get("nonce"):
        raise InvalidRequestError("The nonce is missing.")


def check_scope(asked: Asked, _form: Form) -> None:
    """Refuse a request that may be given nothing, and one for an ID token without `openid`. Raises InvalidScopeError."""
    scopes = split_scope(asked.get("scope"))
    allowed = split_scope(asked.client.get_allowed_scope(" ".join(scopes)))
    if len(scopes) > SCOPES_AT_MOST or (scopes and not allowed) or (asked.gives.id_token and "openid" not in allowed):
        raise InvalidScopeError()


def check_challenge(asked: Asked, _form: Form) -> None:
    """Refuse a missing challenge where one is demanded, any method but S256, a malformed one (RFC 7636 §4.3).

    Raises InvalidRequestError.
    """
    challenge, method = asked.get("code_challenge"), asked.get("code_challenge_method")
    if challenge is None:
        if method is not None:
            raise InvalidRequestError("The code_challenge is missing.")
        if asked.client.pkce_required and asked.gives.code:
            raise InvalidRequestError("This client must send a code_challenge.")
        return
    if method != "S256":
        raise InvalidRequestError("Only the code_challenge_method S256 is accepted.")
    if not CODE_CHALLENGE_PATTERN.match(challenge):
        raise InvalidRequestError("The code_challenge is malformed.")


def check_prompt(asked: Asked, _form: Form) -> None:
    """Refuse `prompt=none` with anything beside it, and words we do not know (OpenID Connect Core §3.1.2.1). Raises InvalidRequestError."""
    if asked.prompts - PROMPTS or ("none" in asked.prompts and len(asked.prompts) > 1):
        raise InvalidRequestError("This prompt cannot be followed.")


def check_max_age(asked: Asked, _form: Form) -> None:
    """Refuse a max_age that is no number of seconds. Raises InvalidRequestError."""
    max_age = asked.get("max_age")
    if max_age is not None and not (max_age.isascii() and max_age.isdigit() and len(max_age) < 10):
        raise InvalidRequestError("The max_age is no number of seconds.")


CHECKS: Final[tuple[Callable[[Asked, Form], None], ...]] = (
    check_once,
    check_source,
    check_response_type,
    check_response_mode,
    check_nonce,
    check_scope,
    check_challenge,
    check_prompt,
    check_max_age,
)


def check_request(provider: Provider, reads: Reads, asked: Asked, form: Form) -> CheckedRequest:
    """The request, every check passed. Raises OAuth2Error, to be told to the application."""
    check_offered(provider.policy, asked)
    for check in CHECKS:
        check(asked, form)
    max_age, particulars = asked.get("max_age"), asked.client.particulars
    wishes = read_wishes(asked.client, asked.get("claims"))
    named = (read_hint(provider, asked.client, asked.get("id_token_hint")), wishes.subject)
    return CheckedRequest(
        asked=asked,
        scope=choose_scope(asked),
        nonce=asked.get("nonce"),
        challenge=asked.get("code_challenge"),
        max_age=int(max_age) if max_age is not None else particulars.default_max_age,
        wishes=wishes,
        resources=check_resources(reads, provider.issuer, asked.resources),
        levels=wishes.levels or split_scope(asked.get("acr_values")) or particulars.default_acr_values,
        subjects=frozenset(filter(None, named)),
    )


def choose_scope(asked: Asked) -> str:
    """What is granted of the scope asked for: nothing that outlasts the person's presence where no code is given (OpenID Connect
    Core §11).
    """
    allowed = split_scope(asked.client.get_allowed_scope(asked.get("scope") or ""))
    return join_scope([scope for scope in allowed if asked.gives.code or scope != "offline_access"])


def read_hint(provider: Provider, client: Client, token: str | None) -> str | None:
    """Whom an ID token of ours for this client names, also after its time (OpenID Connect Core §3.1.2.1).

    Raises InvalidRequestError when it is none.
    """
    if token is None:
        return None
    try:
        claims = provider.keys.read_id_token(token)
    except (JoseError, ValueError) as error:
        raise InvalidRequestError("The id_token_hint is no ID token of ours.") from error
    if claims.get("iss") != provider.issuer or claims.get("aud") != client.client_id or "sub" not in claims:
        raise InvalidRequestError("The id_token_hint is no ID token of ours for this client.")
    return str(claims["sub"])
