"""Whether each module of the suite's certification plans (release 5.2.4) has its mirror here, by name."""

import re
from types import ModuleType

import pytest

from tests.sso.conformance import (
    test_backchannel_logout,
    test_basic,
    test_config,
    test_dynamic,
    test_formpost,
    test_frontchannel_logout,
    test_rp_initiated_logout,
    test_session_management,
)

BASIC = """
    server response-type-missing idtoken-signature idtoken-unsigned userinfo-get userinfo-post-header
    userinfo-post-body ensure-request-without-nonce-succeeds-for-code-flow scope-profile scope-email
    scope-address scope-phone scope-all alternate-happy-flow display-page display-popup prompt-login
    prompt-none-not-logged-in prompt-none-logged-in max-age-1 max-age-10000
    ensure-request-with-unknown-parameter-succeeds id-token-hint login-hint ui-locales claims-locales
    ensure-request-with-acr-values-succeeds codereuse codereuse-30seconds ensure-registered-redirect-uri
    ensure-post-request-succeeds server-client-secret-post
    request-uri-unsigned-supported-correctly-or-rejected-as-unsupported
    unsigned-request-object-supported-correctly-or-rejected-as-unsupported claims-essential
    ensure-request-object-with-redirect-uri refresh-token ensure-request-with-valid-pkce-succeeds
"""
DYNAMIC = """
    idtoken-rs256 idtoken-unsigned userinfo-rs256 ensure-redirect-uri-in-authorization-request
    redirect-uri-query-OK redirect-uri-query-mismatch redirect-uri-query-added redirect-uri-regfrag
    discovery-endpoint-verification server registration-logo-uri registration-policy-uri
    registration-tos-uri registration-jwks-uri registration-sector-uri registration-sector-bad
    server-rotate-keys refresh-token-rp-key-rotation request-uri-unsigned request-uri-signed-rs256
    ensure-request-object-with-redirect-uri refresh-token ensure-client-assertion-with-iss-aud-succeeds
"""
RP_LOGOUT = """
    rp-initiated-logout-discovery-endpoint-verification rp-initiated-logout
    rp-initiated-logout-bad-post-logout-redirect-uri rp-initiated-logout-modified-id-token-hint
    rp-initiated-logout-no-id-token-hint rp-initiated-logout-no-params
    rp-initiated-logout-no-post-logout-redirect-uri rp-initiated-logout-no-state
    rp-initiated-logout-only-state rp-initiated-logout-query-added-to-post-logout-redirect-uri
    rp-initiated-logout-bad-id-token-hint
"""
"""The modules of the plans that have more than two, each without its `oidcc-`."""
PLANS = [
    pytest.param(test_config, "discovery-endpoint-verification", id="config"),
    pytest.param(test_basic, BASIC, id="basic"),
    pytest.param(test_formpost, BASIC, id="form post"),
    pytest.param(test_dynamic, DYNAMIC, id="dynamic"),
    pytest.param(test_rp_initiated_logout, RP_LOGOUT, id="rp-initiated log-out"),
    pytest.param(
        test_session_management,
        "session-management-discovery-endpoint-verification session-management-rp-initiated-logout",
        id="session management",
    ),
    pytest.param(
        test_frontchannel_logout,
        "frontchannel-logout-discovery-endpoint-verification frontchannel-rp-initiated-logout",
        id="front-channel log-out",
    ),
    pytest.param(
        test_backchannel_logout,
        "backchannel-logout-discovery-endpoint-verification backchannel-rp-initiated-logout",
        id="back-channel log-out",
    ),
]


@pytest.mark.parametrize("mirror, names", PLANS)
def test_every_module_has_its_mirror(mirror: ModuleType, names: str) -> None:
    """A module is mirrored by a test of its name, which may go on to say that it is not offered, or by one whose docstring names it."""
    tests = {name: test.__doc__ or "" for name, test in vars(mirror).items() if name.startswith("test_oidcc_")}
    own = {re.split("_(?:is|cannot)_", name)[0].removeprefix("test_").replace("_", "-") for name in tests}
    named = {name.lower() for text in tests.values() for name in re.findall(r"oidcc-[\w-]+", text)}
    assert {f"oidcc-{name.lower()}" for name in names.split()} - own - named == set()
