"""A human whose two records were joined, at the door of the provider: nobody is locked out, no application meets a stranger."""

import uuid
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from directory.certificates import publish_certificate
from directory.credentials import IMPORTED, hash_password, keep_hash
from directory.models import SEAL_IMPORTED_HASH, Credential, Post
from foundation.changes import small_change
from foundation.runtime import Runtime
from foundation.shell import Actor
from provisioning.account_states import move_account
from provisioning.people.joining import Pair, join_people
from provisioning.people.parting import part_people
from sso.certificates.errors import HolderRefused
from sso.certificates.holders import find_holder
from tests.services.clock import MovableClock
from tests.sso.certificates.authority import Authority
from tests.sso.conftest import Door, build_door
from tests.sso.flow import Attempt, ask_token, get_code, log_in, read_id_token, redeem, refresh, userinfo
from tests.sso.people import PASSWORD, Official, official

OTHER = "chín con bò vàng"
OTHER_HASH = hash_password(OTHER)
OFFLINE = "openid profile unit offline_access"
GLASS = Actor("break-glass:root", None, "root", "test")
Two = tuple[Official, Official]


@pytest.fixture
def door(runtime: Runtime) -> Door:
    """The provider with one application."""
    return build_door(runtime)


@pytest.fixture
def two(door: Door, clock: MovableClock) -> Two:
    """One human, written down twice, with a password of each record."""
    kept = official(door.runtime)
    lost = official(door.runtime, login="hoa.x2", unit="Xã Bình Hòa", code="H61.13", address="hoa@x2.vn")
    with door.runtime.database.write() as writes:
        keep_hash(writes, lost.account_id, OTHER_HASH, clock.now)
    clock.advance(minutes=5)
    return kept, lost


def join(door: Door, two: Two) -> Pair:
    """The join, without asking for rights."""
    pair = Pair(two[0].person_id, two[1].person_id)
    with door.runtime.database.write() as writes:
        join_people(writes, GLASS, pair, "một người", door.runtime.clocks.wall())
    return pair


def first_tokens(door: Door, login: str, password: str, scope: str = OFFLINE) -> dict[str, Any]:
    """The tokens of a log-in."""
    browser, attempt = door.browser(), Attempt(door.application, scope=scope)
    return dict(redeem(browser, attempt, get_code(browser, attempt, login, password)).json())


def test_either_log_in_with_either_password_opens_the_one_account(door: Door, two: Two) -> None:
    join(door, two)
    for login in ("hoa.lt", "hoa.x2", "hoa@x2.vn"):
        for password in (PASSWORD, OTHER):
            tokens = first_tokens(door, login, password)
            claims = read_id_token(door.browser(), tokens["id_token"])
            assert claims["sub"] == str(two[0].person_id), (login, password)
            assert claims["former_subs"] == [str(two[1].person_id)]
    assert log_in(door.browser(), Attempt(door.application).address(), "hoa.x2", "sai").status_code == 403


@pytest.mark.parametrize("duties, opens", [("", True), ("clerk", True), ("approver", False)])
def test_the_key_device_of_a_joined_record_is_no_key_laid_by(door: Door, two: Two, duties: str, opens: bool) -> None:
    """Its holder opens the account like that record's password does: no longer once the owner was trusted with more."""
    now = door.runtime.clocks.wall()
    der = Authority(now).person().public_bytes(Encoding.DER)
    with door.runtime.database.write() as writes:
        publish_certificate(writes, small_change(writes, "certificate", "test", now), der, person_id=two[1].person_id)
    join(door, two)
    with door.runtime.database.write() as writes:
        assert find_holder(writes, der, now).account.account_id == two[0].account_id
        change, post = small_change(writes, "test", "test", now), uuid.uuid4()
        given = {"post_id": post, "person_id": two[0].person_id, "unit_id": two[0].unit_id, "title": "Chuyên viên"}
        writes.add(Post(**given, duties=duties, main=False, change_id=change.id, valid_from=now))
        writes.flush()
        if opens:
            assert find_holder(writes, der, now).sha256
        else:
            with pytest.raises(HolderRefused):
                find_holder(writes, der, now)


def test_the_password_of_a_joined_record_replaces_no_old_one_of_the_owner(door: Door, two: Two) -> None:
    """The owner's came from an old directory; whoever had the other record come in once made theirs the account's own."""
    old = IMPORTED.hash("mật khẩu xưa")
    with door.runtime.database.write() as writes:
        kept = writes.get_one(Credential, two[0].account_id)
        kept.password_hash, kept.imported_hash = None, door.runtime.sealer.seal(old.encode(), SEAL_IMPORTED_HASH)
    join(door, two)
    for password in (OTHER, "mật khẩu xưa", OTHER):
        assert first_tokens(door, "hoa.lt", password)["id_token"], password
    with door.runtime.database.read() as reads:
        assert reads.get_one(Credential, two[0].account_id).imported_hash is None


def test_tokens_given_before_go_on_under_the_id_they_were_given_for(door: Door, two: Two) -> None:
    """OpenID Connect Core §5.3.2 and §12.2: an application refuses an answer about another subject."""
    before = first_tokens(door, "hoa.x2", OTHER)
    lost = str(two[1].person_id)
    join(door, two)
    client = door.browser()
    told = userinfo(client, before["access_token"]).json()
    assert (told["sub"], len(told["posts"]), told["preferred_username"]) == (lost, 2, "hoa.lt")
    asked = ask_token(client, door.application, {"token": before["access_token"]}, "/introspect").json()
    assert (asked["active"], asked["sub"]) == (True, lost)
    fresh = refresh(client, door.application, before["refresh_token"]).json()
    assert read_id_token(client, fresh["id_token"])["sub"] == lost


def test_browser_sessions_of_both_end(door: Door, two: Two) -> None:
    browser = door.browser()
    get_code(browser, Attempt(door.application), "hoa.x2", OTHER)
    join(door, two)
    assert browser.get(Attempt(door.application).address()).headers["location"].startswith("/login?")


def test_who_is_suspended_is_shut_out_under_both_ids(door: Door, two: Two) -> None:
    before = first_tokens(door, "hoa.x2", OTHER)
    pair = join(door, two)
    with door.runtime.database.write() as writes:
        move_account(writes, GLASS, pair.survivor, "suspend", "thử", door.runtime.clocks.wall())
    assert userinfo(door.browser(), before["access_token"]).status_code == 401
    for login, password in (("hoa.lt", PASSWORD), ("hoa.x2", OTHER)):
        assert log_in(door.browser(), Attempt(door.application).address(), login, password).status_code == 403


def test_a_new_password_ends_the_old_ones_of_both(door: Door, two: Two, clock: MovableClock) -> None:
    join(door, two)
    clock.advance(minutes=5)
    with door.runtime.database.write() as writes:
        keep_hash(writes, two[0].account_id, hash_password("mười con bò vàng"), clock.now)
    for password, status in ((PASSWORD, 403), (OTHER, 403), ("mười con bò vàng", 303)):
        answer = log_in(door.browser(), Attempt(door.application).address(), "hoa.x2", password)
        assert answer.status_code == status, password


def test_parted_each_has_their_own_door_again(door: Door, two: Two, clock: MovableClock) -> None:
    pair = join(door, two)
    clock.advance(minutes=5)
    with door.runtime.database.write() as writes:
        part_people(writes, GLASS, pair, "hai người", clock.now)
    for person, login, password in ((two[0], "hoa.lt", PASSWORD), (two[1], "hoa.x2", OTHER)):
        claims = read_id_token(door.browser(), first_tokens(door, login, password)["id_token"])
        assert (claims["sub"], claims.get("former_subs")) == (str(person.person_id), None)
    assert log_in(door.browser(), Attempt(door.application).address(), "hoa.lt", OTHER).status_code == 403
