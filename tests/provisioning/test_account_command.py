"""The help desk's verbs meet the door: a new code or an opened account lets its owner in, whatever somebody guessed before."""

from collections.abc import Callable

import pytest

from foundation.runtime import Runtime
from foundation.shell import Actor
from foundation.web import build_app
from provisioning.account_command import account_group
from sso.app import build_router
from tests.provisioning.commands import Answer, build_caller
from tests.services.inside import Inside
from tests.sso.flow import form_of
from tests.sso.people import PASSWORD, official

PROOF = ("--proof", "căn cước, tại chỗ")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    return build_caller({"account": account_group}, {}, capsys)


def enter(runtime: Runtime, path: str, **form: str) -> int:
    """The status of one filled-in page at the door; 303 is in."""
    browser = Inside.of(build_app(runtime, [build_router(runtime)]))
    return browser.post(path, data={**form_of(browser.get(path)), **form}).status_code


def shut(runtime: Runtime) -> None:
    """A stranger guesses until the account is shut."""
    for _try in range(6):
        enter(runtime, "/login", login="hoa.lt", password="wrong")
    assert enter(runtime, "/login", login="hoa.lt", password=PASSWORD) == 403


def help_desk(runtime: Runtime) -> Actor:
    """Somebody who may help everybody of the same unit."""
    someone = official(runtime, "Phạm Thị Giúp", "giup.pt", code="H61.99", duties="help_desk")
    return Actor(str(someone.person_id), someone.person_id)


def test_an_account_shut_by_guesses_is_opened_for_its_owner(runtime: Runtime, call: Callable[..., Answer]) -> None:
    official(runtime)
    shut(runtime)
    assert call(runtime, Actor("break-glass:owner"), "account", "unlock", "hoa.lt", *PROOF).code == 0
    assert enter(runtime, "/login", login="hoa.lt", password=PASSWORD) == 303


def test_a_new_code_works_although_somebody_guessed(runtime: Runtime, call: Callable[..., Answer]) -> None:
    official(runtime)
    shut(runtime)
    told = call(runtime, Actor("break-glass:owner"), "account", "reset", "hoa.lt", *PROOF)
    assert told.code == 0
    new = "mưa rơi trên mái tôn"
    form = {"login": "hoa.lt", "code": told.out.strip(), "new_password": new, "new_password_again": new}
    assert enter(runtime, "/activate", **form) == 303
    assert enter(runtime, "/login", login="hoa.lt", password=new) == 303


def test_the_help_desk_of_another_unit_opens_nothing(runtime: Runtime, call: Callable[..., Answer]) -> None:
    official(runtime)
    shut(runtime)
    assert call(runtime, help_desk(runtime), "account", "unlock", "hoa.lt", *PROOF).code == 77
    assert enter(runtime, "/login", login="hoa.lt", password=PASSWORD) == 403
