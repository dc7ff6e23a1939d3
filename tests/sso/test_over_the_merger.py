"""Over the merger: open sessions live across its instant and answer the new unit, the person stays; who is suspended is so at once."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from joserfc import jws

from directory.models import Post, UnitCode, UnitVersion
from foundation.clocks import parse_instant
from foundation.handling import work_once
from foundation.settings import SettingsRefused, build_settings
from foundation.shell import Actor
from foundation.web import build_app
from provisioning.account_states import move_account
from sso.app import build_router
from sso.client_keeping import change_client
from sso.logouts import HANDLERS
from sso.settings import SsoSection
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.conftest import Door
from tests.sso.flow import Attempt, answer_of, ask_token, get_code, read_id_token, redeem, refresh, userinfo
from tests.sso.people import PASSWORD, Official, move_at, official
from tests.sso.test_logouts import Listener, listener

__all__ = ["listener"]
DAY = parse_instant("2025-07-01T00:00:00+07:00")
EVE = "2025-06-30T23:50:00+07:00"
SCOPE = "openid profile unit offline_access"


@pytest.fixture
def night(clock: MovableClock) -> MovableClock:
    """Ten minutes before the merger takes effect."""
    clock.set(EVE)
    return clock


def test_a_session_that_lives_across_the_instant_answers_the_new_unit(night: MovableClock, door: Door) -> None:
    """At the next look, at each of the four places; nobody logs in again, `sub` stays, and what was is told."""
    hoa = official(door.runtime)
    new_unit = str(move_at(door.runtime, hoa, DAY))
    browser, attempt = door.browser(), Attempt(door.application, SCOPE)
    given = redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).json()
    before = read_id_token(browser, given["id_token"])
    assert before["unit_code"] == "H61.12"
    assert "former_units" not in before

    night.set(DAY)
    told = userinfo(browser, given["access_token"]).json()
    refreshed = refresh(browser, door.application, given["refresh_token"]).json()
    again = Attempt(door.application, SCOPE)
    code = answer_of(browser.get(again.address(prompt="none")))["code"]
    anew = redeem(browser, again, code).json()
    seen = ask_token(browser, door.application, {"token": given["access_token"]}, "/introspect").json()

    for claims in (told, *(read_id_token(browser, tokens["id_token"]) for tokens in (refreshed, anew))):
        assert claims["sub"] == before["sub"] == seen["sub"] == str(hoa.person_id)
        assert (claims["unit_id"], claims["unit_code"], claims["unit_name"]) == (new_unit, "H61.149", "Phường Trà Vinh")
        assert [post["unit"]["id"] for post in claims["posts"]] == [new_unit]
        assert claims["former_units"] == [{"code": "H61.12", "name": "Xã An Bình", "until": "2025-06-30T17:00:00Z"}]
    after = read_id_token(browser, anew["id_token"])
    assert (after["sid"], after["auth_time"]) == (before["sid"], before["auth_time"]), "the same log-in"


def test_whom_the_merger_left_without_a_post_is_the_same_person_without_a_unit(night: MovableClock, door: Door) -> None:
    """Undecided: logged in still, told where they were, and of no unit that is no more."""
    hoa = official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application, SCOPE)
    given = redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).json()
    with door.runtime.database.write() as writes:
        for table in (Post, UnitVersion, UnitCode):
            writes.execute(sa.update(table).where(table.unit_id == hoa.unit_id).values(valid_to=DAY))
    night.set(DAY)
    refreshed = refresh(browser, door.application, given["refresh_token"]).json()
    for claims in (userinfo(browser, given["access_token"]).json(), read_id_token(browser, refreshed["id_token"])):
        assert claims["sub"] == str(hoa.person_id)
        assert not {"unit", "unit_id", "unit_code", "unit_name", "post", "posts"} & set(claims)
        assert [unit["code"] for unit in claims["former_units"]] == ["H61.12"]
    assert browser.get("/me").status_code == 200
    assert get_code(door.browser(), Attempt(door.application, SCOPE), "hoa.lt", PASSWORD)


def test_a_moment_before_the_instant_nothing_has_changed(night: MovableClock, door: Door) -> None:
    move_at(door.runtime, official(door.runtime), DAY)
    browser, attempt = door.browser(), Attempt(door.application, SCOPE)
    given = redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).json()
    night.set("2025-06-30T23:59:59.999999+07:00")
    assert userinfo(browser, given["access_token"]).json()["unit_code"] == "H61.12"


Look = Callable[[Door, Inside, dict[str, Any]], bool]
"""Whether somebody is still let in at one place, who was given these."""


def at_grant(door: Door, browser: Inside, given: dict[str, Any]) -> bool:
    """With a code that was given before."""
    return redeem(browser, given["attempt"], given["code"]).status_code == 200


def at_refresh(door: Door, browser: Inside, given: dict[str, Any]) -> bool:
    """With a refresh token."""
    return refresh(browser, door.application, given["refresh_token"]).status_code == 200


def at_introspection(door: Door, browser: Inside, given: dict[str, Any]) -> bool:
    """As an application that asks about a token is told."""
    return bool(ask_token(browser, door.application, {"token": given["access_token"]}, "/introspect").json()["active"])


def at_userinfo(door: Door, browser: Inside, given: dict[str, Any]) -> bool:
    """With an access token."""
    return userinfo(browser, given["access_token"]).status_code == 200


def at_the_door(door: Door, browser: Inside, given: dict[str, Any]) -> bool:
    """With the open session of a browser."""
    return "code" in answer_of(browser.get(Attempt(door.application).address(prompt="none")))


PLACES = [at_grant, at_refresh, at_introspection, at_userinfo, at_the_door]


@pytest.mark.parametrize("form", ["opaque", "jwt"])
def test_suspended_means_suspended_within_a_second_at_every_place(door: Door, form: str) -> None:
    """Two processes on one register: each has answered before and may remember; the suspension comes from a third."""
    hoa = official(door.runtime)
    set_format(door, form)
    first, second = start_again(door), start_again(door)
    given = enter(first)
    for place in (at_introspection, at_userinfo, at_the_door):
        assert place(first, given["browser"], given), place.__name__
    other = enter(second)
    suspend(door, hoa)
    for each, tokens in ((first, given), (second, other)):
        assert [place.__name__ for place in PLACES if place(each, tokens["browser"], tokens)] == []


def set_format(door: Door, form: str) -> None:
    """Opaque or self-contained access tokens for the application."""
    with door.runtime.database.write() as writes:
        change_client(writes, "van-ban", {"access_token_format": form}, "test", door.runtime.clocks.wall())


def enter(door: Door) -> dict[str, Any]:
    """A log-in with all that it gives, and a code that is not redeemed yet."""
    browser, attempt = door.browser(), Attempt(door.application, SCOPE)
    given = redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).json()
    waiting = Attempt(door.application, SCOPE)
    code = answer_of(browser.get(waiting.address()))["code"]
    return {**given, "browser": browser, "attempt": waiting, "code": code}


def suspend(door: Door, who: Official) -> None:
    """As `hopnhat account suspend` does it."""
    with door.runtime.database.write() as writes:
        move_account(writes, Actor("test"), who.person_id, "suspend", "thử", door.runtime.clocks.wall())


def test_applications_are_told_of_a_suspension(door: Door, listener: Listener) -> None:
    hoa = official(door.runtime)
    given = enter(door)
    suspend(door, hoa)
    work_once(door.runtime, HANDLERS)
    told = [read_claims(taken["logout_token"][0]) for taken in listener.taken]
    assert [(claims["sid"], claims["sub"]) for claims in told] == [
        (read_id_token(door.browser(), given["id_token"])["sid"], str(hoa.person_id))
    ]


def read_claims(token: str) -> dict[str, Any]:
    """What a token says; its signature is checked where log-outs are tested."""
    return dict(json.loads(jws.extract_compact(token.encode()).payload))


@pytest.mark.parametrize("seconds", [301, 3600])
def test_a_self_contained_token_never_lives_longer_than_five_minutes(seconds: int) -> None:
    with pytest.raises(SettingsRefused):
        build_settings({"sso": {"self_contained_seconds": seconds}}, [SsoSection])


def test_a_self_contained_token_says_when_it_ends_and_ends_then(door: Door, clock: MovableClock) -> None:
    official(door.runtime)
    set_format(door, "jwt")
    given = enter(start_again(door))
    assert given["expires_in"] <= 300
    clock.advance(seconds=300)
    assert not at_userinfo(door, given["browser"], given)


def start_again(door: Door) -> Door:
    """The provider in another process: it remembers no application."""
    return Door(build_app(door.runtime, [build_router(door.runtime)]), door.runtime, door.application)
