"""Previews: an application sees the register as of another instant, says so, and nobody else takes what it was given."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from joserfc import jwt
from joserfc.jwk import KeySet

from directory.app import build_router as build_directory
from foundation.clocks import parse_instant
from foundation.errors import BadInput
from foundation.web import build_app
from sso.app import build_router
from sso.client_keeping import add_client, change_client
from sso.client_registration import COMMAND_LINE, NewClient, check_new_client
from sso.discovery import CLAIMS_SCHEMA
from sso.errors import TokenRefused
from sso.models import Client
from sso.particulars import Particulars
from sso.scopes import ACT_SCOPE
from sso.tokens import get_actor
from tests.services.inside import Inside
from tests.sso.conftest import CALLBACK, SCOPES, Door
from tests.sso.flow import Application, Attempt, ask_token, get_code, read_id_token, redeem, refresh, userinfo
from tests.sso.grants.test_code import suspend
from tests.sso.people import PASSWORD, Official, move_at, official

DAY = parse_instant("2025-07-01T00:00:00+07:00")
TOLD = "2025-06-30T17:00:00Z"
PROGRAM = {"grant_type": "client_credentials"}
OLD, NEW = "H61.12", "H61.149"


@dataclass(frozen=True)
class Before:
    """A week before the merger: somebody whose unit will be another, the application of every day, and its preview."""

    door: Door
    hoa: Official
    preview: Application

    def browser(self) -> Inside:
        """A fresh browser, which is also a fresh program."""
        return self.door.browser()

    def tokens(self, application: Application, **more: str | None) -> dict[str, Any]:
        """What a log-in gives an application."""
        browser, attempt = self.browser(), Attempt(application, "openid profile unit")
        return dict(redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD, **more)).json())

    def program(self, application: Application) -> str:
        """A token of the application's own."""
        return str(ask_token(self.browser(), application, PROGRAM).json()["access_token"])


@pytest.fixture
def before(door: Door) -> Before:
    """See the class."""
    hoa = official(door.runtime)
    move_at(door.runtime, hoa, DAY)
    app = build_app(door.runtime, [build_router(door.runtime), build_directory(door.runtime)])
    new = NewClient(
        name="Văn bản, thử trước", client_id="thu-truoc", redirect_uris=(CALLBACK,), register_time=DAY,
        scopes=(*SCOPES, "people.mapping"),
    )  # fmt: skip
    with door.runtime.database.write() as writes:
        _client, secret = add_client(writes, new, "test", door.runtime.clocks.wall())
    return Before(Door(app, door.runtime, door.application), hoa, Application("thu-truoc", secret, CALLBACK))


def test_who_logs_in_reads_that_it_is_a_trial_and_of_which_day(before: Before) -> None:
    browser = before.browser()
    asked = browser.get(Attempt(before.preview).address()).headers["location"]
    page = browser.get(asked).text
    assert 'id="preview"' in page
    assert "2025" in page.partition('id="preview"')[2].partition("</p>")[0]
    every_day = browser.get(browser.get(Attempt(before.door.application).address()).headers["location"]).text
    assert 'id="preview"' not in every_day


def test_a_preview_is_told_the_unit_of_its_instant_and_that_it_is_one(before: Before) -> None:
    given = before.tokens(before.preview)
    identity = read_id_token(before.browser(), given["id_token"])
    told = userinfo(before.browser(), given["access_token"]).json()
    for claims in (identity, told):
        assert claims["sub"] == str(before.hoa.person_id)
        assert (claims["unit_code"], claims["preview"], claims["register_time"]) == (NEW, True, TOLD)
        assert claims["former_units"] == [{"code": OLD, "name": "Xã An Bình", "until": TOLD}]
    assert set(told) <= set(CLAIMS_SCHEMA["properties"]), "the schema of the claims knows them"
    seen = ask_token(before.browser(), before.preview, {"token": given["access_token"]}, "/introspect").json()
    assert (seen["active"], seen["preview"], seen["register_time"]) == (True, True, TOLD)


def test_everybody_else_is_told_of_today_and_of_no_preview(before: Before) -> None:
    given = before.tokens(before.door.application)
    told = userinfo(before.browser(), given["access_token"]).json()
    assert told["unit_code"] == OLD
    seen = ask_token(before.browser(), before.door.application, {"token": given["access_token"]}, "/introspect").json()
    for claims in (told, seen, read_id_token(before.browser(), given["id_token"])):
        assert "preview" not in claims
        assert "register_time" not in claims


def test_the_tokens_of_a_preview_are_introspected_by_itself_alone(before: Before) -> None:
    previewed = before.tokens(before.preview)["access_token"]
    real = before.tokens(before.door.application)["access_token"]

    def ask(who: Application, token: str) -> Any:
        return ask_token(before.browser(), who, {"token": token}, "/introspect").json()

    assert ask(before.preview, previewed)["active"]
    assert ask(before.door.application, previewed) == {"active": False}
    assert ask(before.preview, real) == {"active": False}, "a preview answers nobody about today"


def test_a_preview_cannot_borrow_the_resource_of_another(before: Before) -> None:
    """A resource server that takes what is addressed to it must never be shown tomorrow's units as today's."""
    mail = NewClient(
        name="Thư", client_id="thu", scopes=(), particulars=Particulars(resources=("https://mail.example.vn/",))
    )
    with before.door.runtime.database.write() as writes:
        _client, secret = add_client(writes, mail, "test", before.door.runtime.clocks.wall())
    given = before.tokens(before.preview, resource="https://mail.example.vn/")
    asked = ask_token(before.browser(), Application("thu", secret, ""), {"token": given["access_token"]}, "/introspect")
    assert asked.json() == {"active": False}


def test_a_self_contained_token_of_a_preview_names_itself_as_its_audience(before: Before) -> None:
    with before.door.runtime.database.write() as writes:
        changes = {"access_token_format": "jwt"}
        change_client(writes, "thu-truoc", changes, "test", before.door.runtime.clocks.wall())
    token = before.tokens(before.preview)["access_token"]
    keys = KeySet.import_key_set(before.browser().get("/jwks").json())
    claims = jwt.decode(token, keys, algorithms=["ES256"]).claims
    assert (claims["aud"], claims["preview"], claims["register_time"]) == ("thu-truoc", True, TOLD)


def test_the_unit_api_answers_a_preview_as_of_its_instant(before: Before) -> None:
    headers = {"Authorization": f"Bearer {before.program(before.preview)}"}
    browser = before.browser()
    plain, told = browser.get(f"/api/units/{OLD}"), browser.get(f"/api/units/{OLD}", headers=headers)
    assert (plain.json()["in_force"], told.json()["in_force"]) == (True, False)
    assert ("Register-Time" in plain.headers, told.headers["Register-Time"]) == (False, TOLD)
    assert (plain.headers["Cache-Control"][:6], told.headers["Cache-Control"][:7]) == ("public", "private")
    assert plain.headers["ETag"] != told.headers["ETag"]
    again = browser.get(f"/api/units/{OLD}", headers={**headers, "If-None-Match": plain.headers["ETag"]})
    assert again.status_code == 200, "what is known of today is no answer for then"
    assert browser.get(f"/api/units/{NEW}").status_code == 404
    assert browser.get(f"/api/units/{NEW}", headers=headers).json()["name"] == "Phường Trà Vinh"
    named = browser.get(f"/api/units/{OLD}?at=2025-06-01", headers=headers)
    assert named.json()["in_force"], "an instant that is named goes before the preview's"
    many = browser.post("/api/units/successors", json={"codes": [OLD]}, headers=headers)
    assert many.json()["answers"][0]["at"] == TOLD


def test_mapping_tables_and_heirs_answer_a_preview_as_of_its_instant(before: Before) -> None:
    headers = {"Authorization": f"Bearer {before.program(before.preview)}"}
    browser = before.browser()
    people = browser.get("/api/people/mapping.csv", headers=headers)
    assert (people.status_code, people.headers["Register-Time"]) == (200, TOLD)
    units = browser.get("/api/units/mapping.csv", headers=headers)
    assert units.headers["Register-Time"] == TOLD
    heirs = browser.get(f"/api/units/{NEW}/documents-heirs", headers=headers)
    assert heirs.status_code == 200
    assert heirs.headers["Register-Time"] == TOLD


def test_a_token_that_is_not_good_is_no_silent_today(before: Before) -> None:
    for header in ("Bearer none-of-ours", "Bearer a b", "Basic eDp5"):
        answer = before.browser().get(f"/api/units/{OLD}", headers={"Authorization": header})
        assert answer.status_code == 401, header


def test_a_preview_sees_the_register_at_the_very_instant_and_no_earlier(before: Before) -> None:
    eve = datetime(2025, 6, 30, 16, 59, 59, 999999, tzinfo=UTC)
    with before.door.runtime.database.write() as writes:
        change_client(writes, "thu-truoc", {"register_time": eve}, "test", before.door.runtime.clocks.wall())
    fresh = Before(Door(build_again(before), before.door.runtime, before.door.application), before.hoa, before.preview)
    assert userinfo(fresh.browser(), fresh.tokens(fresh.preview)["access_token"]).json()["unit_code"] == OLD


def build_again(before: Before) -> Any:
    """The service in another process: it remembers no application."""
    return build_app(before.door.runtime, [build_router(before.door.runtime)])


def test_a_change_of_the_instant_ends_what_was_given_at_the_other(before: Before) -> None:
    given, program = before.tokens(before.preview), before.program(before.preview)
    with before.door.runtime.database.write() as writes:
        change_client(writes, "thu-truoc", {"register_time": None}, "test", before.door.runtime.clocks.wall())
    browser = Inside.of(build_again(before))
    assert userinfo(browser, given["access_token"]).status_code == 401
    assert refresh(browser, before.preview, given["refresh_token"]).status_code == 400
    assert ask_token(browser, before.preview, {"token": program}, "/introspect").json() == {"active": False}
    with before.door.runtime.database.write() as writes:
        change_client(writes, "thu-truoc", {"name": "Văn bản"}, "test", before.door.runtime.clocks.wall())
    kept = before.tokens(before.door.application)
    with before.door.runtime.database.write() as writes:
        change_client(writes, "van-ban", {"name": "Văn bản"}, "test", before.door.runtime.clocks.wall())
    assert userinfo(before.browser(), kept["access_token"]).status_code == 200, "another change ends nothing"


def test_who_is_suspended_is_so_in_a_preview_too(before: Before) -> None:
    """Protocol time is the wall's: an account that is shut today opens no look at tomorrow."""
    given = before.tokens(before.preview)
    suspend(before.door, before.hoa.account_id)
    assert userinfo(before.browser(), given["access_token"]).status_code == 401
    assert refresh(before.browser(), before.preview, given["refresh_token"]).status_code == 400


@pytest.mark.parametrize(
    "new",
    [
        pytest.param(NewClient(name="x", redirect_uris=(CALLBACK,), scopes=(ACT_SCOPE,), register_time=DAY), id="act"),
        pytest.param(NewClient(name="x", client_id="signing", scopes=(), register_time=DAY), id="the signing room"),
        pytest.param(NewClient(name="x", client_id=COMMAND_LINE, scopes=(), register_time=DAY), id="the command line"),
    ],
)
def test_nothing_that_acts_is_a_preview(new: NewClient) -> None:
    with pytest.raises(BadInput):
        check_new_client(new)


def test_a_token_that_acts_does_not_once_its_application_is_a_preview(before: Before) -> None:
    """Also where the row was written by another hand."""
    runtime = before.door.runtime
    with runtime.database.write() as writes:
        change_client(writes, "van-ban", {"scopes": (*SCOPES, ACT_SCOPE)}, "test", runtime.clocks.wall())
    attempt, browser = Attempt(before.door.application, "openid act"), before.browser()
    given = redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).json()
    with runtime.database.write() as writes:
        assert get_actor(writes, given["access_token"], runtime.clocks.wall()).person_id == before.hoa.person_id
        writes.execute(sa.update(Client).where(Client.client_id == "van-ban").values(register_time=DAY))
    with runtime.database.read() as reads, pytest.raises(TokenRefused):
        get_actor(reads, given["access_token"], runtime.clocks.wall())
