"""`oidcc-formpost-basic-certification-test-plan`: every module of the basic plan with the answer in a form that posts itself.

How an answer travels touches no database, so they run on one.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from tests.services.databases import Databases
from tests.sso.conformance import test_basic
from tests.sso.examined import Examined, examine
from tests.sso.relying_party import CALLBACK, RelyingParty, form_of

globals().update({name: module for name, module in vars(test_basic).items() if name.startswith("test_oidcc_")})


@pytest.fixture(scope="module")
def op(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Examined]:
    """The provider; its applications want a form in every request."""
    with examine(databases, "sqlite", tmp_path_factory.mktemp("formpost")) as examined:
        yield replace(examined, response_mode="form_post")


def test_the_state_comes_back_letter_for_letter(op: Examined) -> None:
    party = RelyingParty.register(op)
    state = "a&b=c d+e%20\"<ữ>'"
    assert party.authorize(state=state)["state"] == state


def test_a_refusal_comes_in_the_form_too(op: Examined) -> None:
    party = RelyingParty.register(op)
    page = party.send(party.parameters(prompt="none"))
    assert (page.status_code, form_of(page)["error"]) == (200, "login_required")


def test_the_page_posts_itself_under_a_policy_that_lets_nothing_else_run(op: Examined) -> None:
    party = RelyingParty.register(op)
    page = party.walk(party.send(party.parameters()))
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
    page = party.send(party.parameters(redirect_uri="https://evil.example/"))
    assert page.status_code == 400
    assert 'action="https://evil' not in page.text
    assert "<script" not in page.text
