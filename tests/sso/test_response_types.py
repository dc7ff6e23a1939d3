"""What a response type gives decides all else about it."""

import pytest

from sso.response_types import (
    CODE,
    ID_TOKEN,
    ID_TOKEN_TOKEN,
    RESPONSE_TYPES,
    ResponseType,
    find_response_type,
    list_grants,
    list_modes,
    list_offered,
)


def test_the_words_of_a_type_have_no_order() -> None:
    assert find_response_type("token id_token") is find_response_type("id_token token") is ID_TOKEN_TOKEN


@pytest.mark.parametrize(
    "text", ["", "token", "none", "code token", "id_token id_token", "id_token  token", "code code", " code", "CODE"]
)
def test_what_is_no_type_of_ours(text: str) -> None:
    assert find_response_type(text) is None


@pytest.mark.parametrize("each", RESPONSE_TYPES, ids=[each.name for each in RESPONSE_TYPES])
def test_only_a_code_may_travel_in_a_query(each: ResponseType) -> None:
    assert ("query" in each.modes) == (each is CODE)


def test_tokens_by_way_of_the_browser_are_offered_only_where_the_policy_says_so() -> None:
    assert list_offered(implicit_flow=False) == (CODE,)
    assert list_offered(implicit_flow=True) == (CODE, ID_TOKEN, ID_TOKEN_TOKEN)


def test_what_types_want_together() -> None:
    assert list_grants((CODE, ID_TOKEN, ID_TOKEN_TOKEN)) == ("authorization_code", "implicit")
    assert list_modes((CODE, ID_TOKEN)) == ("query", "form_post", "fragment")
    assert list_modes((CODE,)) == ("query", "form_post")
