"""`oidcc-rp-initiated-logout-certification-test-plan`: eleven modules."""

import pytest

from tests.services.inside import Inside
from tests.sso.examined import Examined
from tests.sso.relying_party import AFTER_LOGOUT, RelyingParty, form_of, read_answer


def log_in(op: Examined) -> tuple[RelyingParty, str]:
    """An application with somebody logged in; and the ID token."""
    party = RelyingParty.register(op, post_logout_redirect_uris=[AFTER_LOGOUT])
    return party, party.log_in()["id_token"]


def is_logged_in(party: RelyingParty) -> bool:
    """Whether a silent request still finds a session."""
    return "code" in read_answer(party.send(party.parameters(prompt="none")))


def confirm(browser: Inside, page_text: str, query: str) -> str:
    """Answer the question with yes; the last page."""
    page = browser.get(f"/logout?{query}" if query else "/logout")
    assert 'id="confirm-logout"' in page.text, page_text
    done = browser.post("/logout", data={**form_of(page), "answer": "log-out"})
    assert done.status_code == 200
    return done.text


def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(op: Examined) -> None:
    document = op.browser().get("/.well-known/openid-configuration").json()
    assert document["end_session_endpoint"].startswith("https://")


def test_oidcc_rp_initiated_logout(op: Examined) -> None:
    party, token = log_in(op)
    query = {"id_token_hint": token, "post_logout_redirect_uri": AFTER_LOGOUT, "state": "s t&a"}
    answer = party.browser.get("/logout", params=query)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{AFTER_LOGOUT}?state=s+t%26a"
    assert not is_logged_in(party)


def test_oidcc_rp_initiated_logout_by_post(op: Examined) -> None:
    party, token = log_in(op)
    query = {"id_token_hint": token, "post_logout_redirect_uri": AFTER_LOGOUT, "state": "x"}
    sent = party.browser.post("/logout", data=query)
    answer = party.browser.get(sent.headers["location"])
    assert answer.headers["location"] == f"{AFTER_LOGOUT}?state=x"


def test_oidcc_rp_initiated_logout_no_state(op: Examined) -> None:
    party, token = log_in(op)
    query = {"id_token_hint": token, "post_logout_redirect_uri": AFTER_LOGOUT}
    assert party.browser.get("/logout", params=query).headers["location"] == AFTER_LOGOUT


def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(op: Examined) -> None:
    party, token = log_in(op)
    page = party.browser.get("/logout", params={"id_token_hint": token, "state": "x"})
    assert '<main id="logged-out"' in page.text
    assert not is_logged_in(party)


@pytest.mark.parametrize(
    "query",
    ["", "state=x", f"post_logout_redirect_uri={AFTER_LOGOUT}&state=x"],
    ids=["no-params", "only-state", "no-id-token-hint"],
)
def test_oidcc_rp_initiated_logout_asks(op: Examined, query: str) -> None:
    """A question, then the page that says so; nobody is sent to an address whose application is not known.

    oidcc-rp-initiated-logout-no-params, oidcc-rp-initiated-logout-only-state, oidcc-rp-initiated-logout-no-id-token-hint
    """
    party, _token = log_in(op)
    assert '<main id="logged-out"' in confirm(party.browser, "a question first", query)
    assert not is_logged_in(party)


REFUSED = [
    "bad-post-logout-redirect-uri",
    "query-added",
    "modified-id-token-hint",
    "bad-id-token-hint",
]


@pytest.mark.parametrize("fault", REFUSED)
def test_oidcc_rp_initiated_logout_refuses(op: Examined, fault: str) -> None:
    """An error page of ours, no redirect, and the session stays.

    oidcc-rp-initiated-logout-bad-post-logout-redirect-uri, oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri,
    oidcc-rp-initiated-logout-modified-id-token-hint, oidcc-rp-initiated-logout-bad-id-token-hint
    """
    party, token = log_in(op)
    head, body, signature = token.split(".")
    query = {
        "bad-post-logout-redirect-uri": {"id_token_hint": token, "post_logout_redirect_uri": AFTER_LOGOUT + "/x"},
        "query-added": {"id_token_hint": token, "post_logout_redirect_uri": AFTER_LOGOUT + "?foo=bar"},
        "modified-id-token-hint": {
            "id_token_hint": f"{head}.{body}.{signature[:-6]}AAAAAA",
            "post_logout_redirect_uri": AFTER_LOGOUT,
        },
        "bad-id-token-hint": {"id_token_hint": "made up", "post_logout_redirect_uri": AFTER_LOGOUT},
    }[fault]
    page = party.browser.get("/logout", params={**query, "state": "x"})
    assert page.status_code == 400
    assert '<main id="error"' in page.text
    assert is_logged_in(party)
