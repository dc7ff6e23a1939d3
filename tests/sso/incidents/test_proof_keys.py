"""PKCE: S256 or nothing, a challenge that was sent is checked, a verifier without one is refused, and nothing takes its place."""

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from sso.particulars import Particulars
from tests.sso.flow import Application, Attempt, answer_of, get_code, redeem
from tests.sso.incidents.conftest import ISSUER, Attacked
from tests.sso.people import PASSWORD
from tests.sso.relying_party import public_set


@pytest.mark.parametrize("verifier", [None, "", "x" * 43, "short"])
def test_authentik_cve_2023_48228_a_missing_or_wrong_verifier_opens_nothing(
    attacked: Attacked, application: Application, verifier: str | None
) -> None:
    attempt = Attempt(application)
    code = get_code(attacked.browser(), attempt, attacked.someone().login, PASSWORD)
    assert redeem(attacked.browser(), attempt, code, code_verifier=verifier).status_code == 400
    assert redeem(attacked.browser(), attempt, code).status_code == 400, "and the code is gone"


def test_authentik_cve_2024_23647_a_verifier_without_a_challenge_is_refused(attacked: Attacked) -> None:
    """Whoever took the challenge out of the request gets a code that its application cannot redeem (RFC 9700 §2.1.1)."""
    loose = attacked.application(pkce_required=False)
    attempt = Attempt(loose)
    code = get_code(
        attacked.browser(), attempt, attacked.someone().login, PASSWORD, code_challenge=None, code_challenge_method=None
    )
    assert redeem(attacked.browser(), attempt, code).status_code == 400


@pytest.mark.parametrize("kind", ["public", "confidential"])
def test_openam_cve_2026_48717_a_request_without_a_challenge_gets_no_code(attacked: Attacked, kind: str) -> None:
    """CXF CVE-2026-63687 alike."""
    client = attacked.application(kind=kind)
    answer = attacked.browser().get(Attempt(client).address(code_challenge=None, code_challenge_method=None))
    assert answer_of(answer)["error"] == "invalid_request"


@pytest.mark.parametrize("method", ["plain", "s256", "S512", "", None])
def test_lemonldap_cve_2026_92289_a_weaker_method_is_none(
    attacked: Attacked, application: Application, method: str | None
) -> None:
    answer = attacked.browser().get(Attempt(application).address(code_challenge_method=method))
    assert answer_of(answer)["error"] == "invalid_request"


def test_openam_cve_2026_123542_no_challenge_stands_beside_the_request_it_protects(attacked: Attacked) -> None:
    """A signed object without a challenge, and one in the query that anybody may write there; nor does it come twice."""
    key = RSAKey.generate_key(2048, {"kid": "one"})
    client = attacked.application(particulars=Particulars(jwks=public_set(key)))
    attempt = Attempt(client)
    inside = {name: text for name, text in attempt.parameters().items() if not name.startswith("code_challenge")}
    signed = jwt.encode({"alg": "RS256", "kid": "one"}, {**inside, "iss": client.client_id, "aud": ISSUER}, key)
    beside = attacked.browser().get(attempt.address(request=signed))
    assert answer_of(beside)["error"] == "invalid_request_object"
    alone = attacked.browser().get(attempt.address(request=signed, code_challenge=None, code_challenge_method=None))
    assert answer_of(alone)["error"] == "invalid_request", "and the object alone has none"
    twice = attacked.browser().get(attempt.address() + "&code_challenge=" + "A" * 43)
    assert answer_of(twice)["error"] == "invalid_request"
