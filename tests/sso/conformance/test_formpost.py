"""`oidcc-formpost-basic-certification-test-plan`: the basic plan with the answer in a form that posts itself."""

import re
from urllib.parse import urlsplit

from tests.sso.examined import Examined
from tests.sso.relying_party import CALLBACK, RelyingParty, form_of, read_answer


def test_oidcc_server(op: Examined) -> None:
    party = RelyingParty.register(op)
    party.userinfo(party.log_in(response_mode="form_post"))


def test_oidcc_response_type_missing(op: Examined) -> None:
    party = RelyingParty.register(op)
    answer = read_answer(party.send(party.parameters(response_type=None, response_mode="form_post")))
    assert answer["error"] in ("unsupported_response_type", "invalid_request")


def test_oidcc_prompt_none_not_logged_in(op: Examined) -> None:
    party = RelyingParty.register(op)
    page = party.send(party.parameters(prompt="none", response_mode="form_post"))
    assert (page.status_code, form_of(page)["error"]) == (200, "login_required")


def test_oidcc_ensure_post_request_succeeds(op: Examined) -> None:
    party = RelyingParty.register(op)
    assert "code" in party.authorize(method="POST", response_mode="form_post")


def test_the_state_comes_back_letter_for_letter(op: Examined) -> None:
    party = RelyingParty.register(op)
    state = "a&b=c d+e%20\"<ữ>'"
    assert party.authorize(state=state, response_mode="form_post")["state"] == state


def test_the_page_posts_itself_under_a_policy_that_lets_nothing_else_run(op: Examined) -> None:
    party = RelyingParty.register(op)
    page = party.walk(party.send(party.parameters(response_mode="form_post")))
    policy = page.headers["content-security-policy"]
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy)
    assert nonce is not None
    assert f'<script nonce="{nonce[1]}">' in page.text
    origin = f"{urlsplit(CALLBACK).scheme}://{urlsplit(CALLBACK).netloc}"
    assert f"form-action 'self' {origin}" in policy
    assert "onload" not in page.text
    assert page.headers["cache-control"] == "no-store"


def test_an_answer_is_posted_only_where_it_is_registered(op: Examined) -> None:
    party = RelyingParty.register(op)
    page = party.send(party.parameters(response_mode="form_post", redirect_uri="https://evil.example/"))
    assert page.status_code == 400
    assert 'action="https://evil' not in page.text
    assert "<script" not in page.text
