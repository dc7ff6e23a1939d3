"""The room's addresses, and what stands behind each."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from foundation.forms import Form
from foundation.runtime import Runtime
from foundation.web import Act, TokenRouter, machine_route, page_route
from sso.authorization.endpoint import authorize
from sso.authorization.push import push
from sso.bearers import get_bearer
from sso.certificates.entrance import CertificateDoor
from sso.certificates.lists import OwnAuthority
from sso.certificates.settings import PATH as CERTIFICATE_PATH
from sso.certificates.settings import ClientCertificateSection
from sso.cors import Origins
from sso.devices import ask_for_device
from sso.door.account import show_account
from sso.door.account_choice import choose, show_choice
from sso.door.activation import activate, show_activation
from sso.door.consent import answer_consent, show_consent
from sso.door.device import answer_device, show_device
from sso.door.login import log_in, show_login
from sso.door.logout import log_out
from sso.door.own_acts import change_account, download_own
from sso.door.own_claims_page import change_own_claims, show_own_claims
from sso.door.password_page import change_password, show_password
from sso.door.recovery import recover, show_recovery
from sso.door.session_check import show_session_check
from sso.endpoints import give_token, introspect, revoke, show_claims_schema, show_keys, show_metadata
from sso.factors.authenticator_page import set_authenticator, show_authenticator
from sso.factors.codes_page import ask_codes, make_codes
from sso.factors.passkey_entrance import answer_by_passkey, log_in_by_passkey
from sso.factors.passkey_page import change_passkeys, show_passkeys
from sso.factors.review_page import answer_review, show_review
from sso.factors.second_factor import answer_second_factor, show_second_factor
from sso.provider import Provider
from sso.registration.endpoint import registration_route
from sso.registration.logos import show_logo
from sso.upstream.calls import CALLS, hear_logout
from sso.upstream.entrance import UpstreamDoor
from sso.upstream.page import change_links, show_links
from sso.upstream.settings import UpstreamSection
from sso.userinfo import tell_userinfo

PAGES = (
    ("/login", "GET", show_login),
    ("/login", "POST", log_in),
    ("/choose", "GET", show_choice),
    ("/choose", "POST", choose),
    ("/activate", "GET", show_activation),
    ("/activate", "POST", activate),
    ("/recover", "GET", show_recovery),
    ("/recover", "POST", recover),
    ("/consent", "GET", show_consent),
    ("/consent", "POST", answer_consent),
    ("/me", "GET", show_account),
    ("/me", "POST", change_account),
    ("/me/data", "GET", download_own),
    ("/me/profile", "GET", show_own_claims),
    ("/me/profile", "POST", change_own_claims),
    ("/session/check", "GET", show_session_check),
    ("/device", "GET", show_device),
    ("/device", "POST", answer_device),
    ("/second-factor", "GET", show_second_factor),
    ("/second-factor", "POST", answer_second_factor),
    ("/me/authenticator", "GET", show_authenticator),
    ("/me/authenticator", "POST", set_authenticator),
    ("/login/passkey", "POST", log_in_by_passkey),
    ("/second-factor/passkey", "POST", answer_by_passkey),
    ("/me/passkeys", "GET", show_passkeys),
    ("/me/passkeys", "POST", change_passkeys),
    ("/me/review", "GET", show_review),
    ("/me/review", "POST", answer_review),
    ("/me/recovery-codes", "GET", ask_codes),
    ("/me/recovery-codes", "POST", make_codes),
    ("/password", "GET", show_password),
    ("/password", "POST", change_password),
)
HOT = frozenset({"/token", "/authorize", "/login", "/userinfo", "/introspect", "/revoke"})
PROGRAMS = (
    ("/token", ("POST",), give_token),
    ("/userinfo", ("GET", "POST"), tell_userinfo),
    ("/introspect", ("POST",), introspect),
    ("/revoke", ("POST",), revoke),
    ("/par", ("POST",), push),
    ("/device_authorization", ("POST",), ask_for_device),
    ("/jwks", ("GET",), show_keys),
    ("/.well-known/openid-configuration", ("GET",), show_metadata),
    ("/.well-known/oauth-authorization-server", ("GET",), show_metadata),
    ("/schemas/claims.json", ("GET",), show_claims_schema),
)


def build_router(runtime: Runtime, own: OwnAuthority | None = None) -> TokenRouter:
    """The provider on this runtime; `own` is the installation's own authority, for who comes in with a key device."""
    provider = Provider(runtime)
    origins = Origins(provider)
    router = TokenRouter()
    router.hot = HOT
    router.check_token = partial(get_bearer, runtime.database, runtime.clocks, provider.keys, provider.issuer)
    for path, method, show in PAGES:
        router.add_route(path, page_route(partial(show, provider)), methods=[method], include_in_schema=False)
    if runtime.settings[ClientCertificateSection].enabled:
        door = CertificateDoor(provider, own)
        router.add_route(CERTIFICATE_PATH, page_route(door.log_in), methods=["POST"], include_in_schema=False)
    if runtime.settings[UpstreamSection].providers:
        add_upstream(router, UpstreamDoor(provider))
    for path, act in (("/authorize", authorize), ("/logout", log_out)):
        router.add_route(
            path, machine_route(partial(act, provider), pages=True), methods=["GET", "POST"], include_in_schema=False
        )
    for path, methods, tell in PROGRAMS:
        endpoint = machine_route(with_origins(origins, partial(tell, provider)))
        router.add_route(path, endpoint, methods=[*methods, "OPTIONS"], include_in_schema=False)
    registration = registration_route(provider)
    router.add_route("/register", registration, methods=["POST"], include_in_schema=False)
    router.add_route("/register/{client_id}", registration, methods=["GET", "PUT", "DELETE"], include_in_schema=False)
    router.add_route(
        "/register/{client_id}/logo",
        machine_route(partial(show_logo, provider)),
        methods=["GET"],
        include_in_schema=False,
    )
    return router


def add_upstream(router: TokenRouter, door: UpstreamDoor) -> None:
    """The ways to other administrations' providers and back."""
    ways = (
        ("/login/upstream/{name}", "GET", door.set_out),
        ("/login/upstream/{name}/answer", "GET", door.come_back),
        ("/me/upstream", "GET", partial(show_links, door)),
        ("/me/upstream", "POST", partial(change_links, door)),
    )
    heard = machine_route(partial(hear_logout, door), crew=CALLS)
    router.add_route("/login/upstream/{name}/logout", heard, methods=["POST"], include_in_schema=False)
    for path, method, act in ways:
        router.add_route(path, page_route(act), methods=[method], include_in_schema=False)


def with_origins(origins: Origins, act: Act) -> Act:
    """The same endpoint, callable from the pages of public clients."""

    def answer(request: Request, form: Form) -> Response:
        if request.method == "OPTIONS":
            return origins.answer_preflight(request)
        return origins.mark(request, act(request, form))

    return answer
