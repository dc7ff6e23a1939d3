"""`oidcc-frontchannel-rp-initiated-logout-certification-test-plan`."""

import html
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sso.examined import ISSUER, Examined
from tests.sso.relying_party import AFTER_LOGOUT, CALLBACK, RelyingParty, ask_json, read_answer

FRONT = "https://localhost:8443/test/a/hopnhat/frontchannel_logout?kept=1"


def test_oidcc_frontchannel_logout_discovery_endpoint_verification(op: Examined) -> None:
    document = op.browser().get("/.well-known/openid-configuration").json()
    assert document["frontchannel_logout_supported"] is True
    assert document["frontchannel_logout_session_supported"] is True


def test_oidcc_frontchannel_rp_initiated_logout(op: Examined) -> None:
    members: dict[str, Any] = {"frontchannel_logout_uri": FRONT, "frontchannel_logout_session_required": True}
    party = RelyingParty.register(op, post_logout_redirect_uris=[AFTER_LOGOUT], **members)
    token = party.log_in()["id_token"]
    query = {"id_token_hint": token, "post_logout_redirect_uri": AFTER_LOGOUT, "state": "x"}
    page = party.browser.get("/logout", params=query)
    assert page.status_code == 200
    framed = [html.unescape(address) for address in re.findall(r'<iframe src="([^"]+)"', page.text)]
    assert len(framed) == 1
    assert framed[0].startswith(FRONT)
    told = parse_qs(urlsplit(framed[0]).query)
    assert (told["iss"], told["sid"], told["kept"]) == ([ISSUER], [party.read_id_token(token)["sid"]], ["1"])
    assert "frame-src https://localhost:8443;" in page.headers["content-security-policy"]
    assert f'id="next" href="{AFTER_LOGOUT}?state=x"' in page.text
    assert f'content="4;url={AFTER_LOGOUT}?state=x"' in page.text, "also without script"
    assert read_answer(party.send(party.parameters(prompt="none")))["error"] == "login_required"


@pytest.mark.parametrize(
    "address", ["https://other.example/logout", "http://localhost:8443/logout", "javascript:alert(1)"]
)
def test_a_frame_of_another_origin_cannot_be_registered(op: Examined, address: str) -> None:
    body = {"redirect_uris": [CALLBACK], "frontchannel_logout_uri": address}
    answer = ask_json(op.browser(), "POST", "/register", body)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")
