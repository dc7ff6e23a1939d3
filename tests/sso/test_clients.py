"""Applications as data: what may be registered, secrets, removal."""

import uuid
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from foundation.errors import BadInput, HopnhatError
from sso.client_file import Reading, build_entry
from sso.client_keeping import add_client, ensure_client, remove_client, rotate_secret
from sso.client_registration import COMMAND_LINE, NewClient, check_new_client
from sso.clients import find_client, get_client
from sso.errors import ClientUnknown
from sso.house_clients import ensure_own_clients
from sso.models import Client
from sso.response_types import list_offered
from tests.services.clock import MovableClock
from tests.sso.conftest import CALLBACK, Door
from tests.sso.flow import Application, Attempt, ask_token, get_code, redeem, userinfo
from tests.sso.people import PASSWORD, official

ASK = {"grant_type": "client_credentials"}


@pytest.mark.parametrize(
    "new",
    [
        pytest.param(NewClient(name="x", kind="secret"), id="no such kind"),
        pytest.param(NewClient(name="x", client_id="a b"), id="id with a space"),
        pytest.param(NewClient(name="x", client_id="é1234"), id="id beyond ASCII"),
        pytest.param(NewClient(name="x", grant_types=("password",)), id="password grant"),
        pytest.param(NewClient(name="x", scopes=("root",)), id="no such scope"),
        pytest.param(NewClient(name="x", grant_types=("authorization_code",)), id="log-in without an address"),
        pytest.param(NewClient(name="x", kind="public", grant_types=("client_credentials",)), id="public program"),
        pytest.param(NewClient(name="x", redirect_uris=("http://app.vn/",)), id="plain http"),
        pytest.param(
            NewClient(name="x", redirect_uris=(CALLBACK,), home_uri="javascript:alert(1)"), id="script as home"
        ),
        pytest.param(NewClient(name="x", id_token_alg="none"), id="unsigned"),
        pytest.param(NewClient(name="x", id_token_alg="HS256"), id="shared secret"),
    ],
)
def test_a_registration_is_refused(new: NewClient) -> None:
    with pytest.raises(HopnhatError):
        check_new_client(new)


def test_a_public_application_always_needs_a_challenge() -> None:
    checked = check_new_client(NewClient(name="x", kind="public", redirect_uris=(CALLBACK,), pkce_required=False))
    assert checked.pkce_required


def test_a_secret_is_kept_as_a_digest_and_safe_in_any_encoding(door: Door) -> None:
    secret = door.application.secret
    assert secret is not None
    assert set(secret) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    with door.runtime.database.read() as reads:
        row = reads.execute(sa.select(Client.__table__).where(Client.client_id == "van-ban")).one()
    assert secret not in repr(row)


def test_a_secret_is_rotated_with_a_time_of_grace(door: Door, clock: MovableClock) -> None:
    with door.runtime.database.write() as writes:
        fresh = rotate_secret(writes, "van-ban", "test", clock.now, timedelta(hours=1))
    door = Door(door.app, door.runtime, door.application)
    browser = door.browser()
    new = Application("van-ban", fresh, CALLBACK)
    assert ask_token(browser, new, ASK).status_code == 200
    assert ask_token(browser, door.application, ASK).status_code == 200
    clock.advance(hours=1)
    assert ask_token(browser, door.application, ASK).status_code == 401
    assert ask_token(browser, new, ASK).status_code == 200


def test_a_removed_application_is_gone_with_its_tokens_and_its_id(door: Door) -> None:
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    tokens = redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).json()
    now = door.runtime.clocks.wall()
    with door.runtime.database.write() as writes:
        remove_client(writes, "van-ban", "test", now)
    assert userinfo(browser, tokens["access_token"]).status_code == 401
    with door.runtime.database.write() as writes, pytest.raises(ClientUnknown):
        get_client(writes, "van-ban")
    with door.runtime.database.write() as writes, pytest.raises(BadInput):
        add_client(writes, NewClient(name="x", client_id="van-ban", redirect_uris=(CALLBACK,)), "test", now)


def test_the_houses_own_applications_are_kept_up_to_date(door: Door) -> None:
    now = door.runtime.clocks.wall()
    with door.runtime.database.write() as writes:
        first = ensure_own_clients(writes, "http://127.0.0.1:8000", "init", now)
        second = ensure_own_clients(writes, "https://id.vinhlong.gov.vn", "init", now)
        signing, command_line = find_client(writes, "signing"), find_client(writes, COMMAND_LINE)
    assert first[COMMAND_LINE] is None
    assert first["signing"] is not None
    assert second == {COMMAND_LINE: None, "signing": None}
    assert signing is not None
    assert signing.redirect_uris == ("https://id.vinhlong.gov.vn/signing/login/done",)
    assert command_line is not None
    assert command_line.public


def test_ensuring_keeps_the_secret(door: Door) -> None:
    with door.runtime.database.write() as writes:
        new = NewClient(name="Quản lý văn bản", client_id="van-ban", redirect_uris=(CALLBACK,), scopes=("verify",))
        _client, secret = ensure_client(writes, new, "test", door.runtime.clocks.wall())
    assert secret is None
    assert ask_token(door.browser(), door.application, ASK).json()["scope"] == "verify"


def test_a_file_names_other_response_types_where_they_are_offered() -> None:
    entry = {"name": "a", "redirect_uris": ["https://a.example/cb"], "response_types": ["id_token"]}
    offering, plain = (
        Reading(lambda _code: uuid.uuid4(), ZoneInfo("UTC"), list_offered(implicit_flow=flow)) for flow in (True, False)
    )
    new = check_new_client(build_entry(entry, offering))
    assert (new.grant_types, new.particulars.response_types) == (("implicit", "client_credentials"), ("id_token",))
    with pytest.raises(BadInput, match="not offered"):
        build_entry(entry, plain)
