"""`oidcc-backchannel-rp-initiated-logout-certification-test-plan`: told by the worker, over the outbox, tried again."""

from typing import Any

from foundation.handling import drain
from sso.logouts import EVENT, HANDLERS
from tests.sso.examined import Examined
from tests.sso.relying_party import AFTER_LOGOUT, RelyingParty


def log_out(op: Examined, **members: Any) -> tuple[RelyingParty, str]:
    """An application that is told at the suite's own server; somebody logged in and out again; and the ID token."""
    op.outside.posts.clear()
    uri = op.outside.address("/backchannel?kept=1")
    party = RelyingParty.register(op, post_logout_redirect_uris=[AFTER_LOGOUT], backchannel_logout_uri=uri, **members)
    token = party.log_in()["id_token"]
    party.browser.get("/logout", params={"id_token_hint": token, "post_logout_redirect_uri": AFTER_LOGOUT})
    return party, token


def test_oidcc_backchannel_logout_discovery_endpoint_verification(op: Examined) -> None:
    document = op.browser().get("/.well-known/openid-configuration").json()
    assert document["backchannel_logout_supported"] is True
    assert document["backchannel_logout_session_supported"] is True


def test_oidcc_backchannel_rp_initiated_logout(op: Examined) -> None:
    party, token = log_out(op, backchannel_logout_session_required=True)
    drain(op.runtime, HANDLERS)
    assert [sent.path for sent in op.outside.posts] == ["/backchannel?kept=1"]
    logout_token = op.outside.posts[0].form["logout_token"]
    assert party.header_of(logout_token)["typ"] == "logout+jwt"
    told, before = party.read_signed(logout_token, "RS256"), party.read_id_token(token)
    assert [told[name] for name in ("iss", "aud", "sub", "sid")] == [before[n] for n in ("iss", "aud", "sub", "sid")]
    assert told["events"] == {EVENT: {}}
    assert {"iat", "exp", "jti"} <= set(told)
    assert "nonce" not in told


def test_a_pairwise_subject_is_told_as_the_application_knows_it(op: Examined) -> None:
    party, token = log_out(op, subject_type="pairwise")
    drain(op.runtime, HANDLERS)
    told = party.read_signed(op.outside.posts[0].form["logout_token"], "RS256")
    assert told["sub"] == party.read_id_token(token)["sub"] != str(op.person.person_id)
