"""A program in its own name."""

import pytest

from tests.sso.conftest import Door
from tests.sso.flow import Application, ask_token, userinfo

ASK = {"grant_type": "client_credentials"}


def test_a_program_gets_the_scopes_of_programs(door: Door) -> None:
    answer = ask_token(door.browser(), door.application, ASK).json()
    assert answer["scope"] == "verify units.heirs"
    assert "refresh_token" not in answer
    assert "id_token" not in answer


def test_a_program_gets_what_it_asks_for(door: Door) -> None:
    answer = ask_token(door.browser(), door.application, {**ASK, "scope": "verify openid profile"}).json()
    assert answer["scope"] == "verify"


@pytest.mark.parametrize("scope", ["openid", "act", "admin"])
def test_scopes_of_people_are_not_for_programs(door: Door, scope: str) -> None:
    answer = ask_token(door.browser(), door.application, {**ASK, "scope": scope})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_a_programs_token_opens_nothing_of_a_person(door: Door) -> None:
    token = ask_token(door.browser(), door.application, ASK).json()["access_token"]
    assert userinfo(door.browser(), token).status_code == 401


def test_without_its_secret_there_is_no_program(door: Door) -> None:
    answer = ask_token(door.browser(), Application("van-ban", None, ""), ASK)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
