"""Attacks on the door: what changes between the look at a password and the way in, and log-ins that many share."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from passlib.hash import ldap_salted_sha1

from directory.credentials import hash_password, keep_hash
from directory.models import SEAL_IMPORTED_HASH, Account, Credential, Login
from foundation.changes import small_change
from foundation.database import Writes
from sso.door import candidates, entrance
from sso.models import BrowserSession
from tests.services.clock import MovableClock
from tests.sso.conftest import Door
from tests.sso.door.test_login import try_login
from tests.sso.people import BEGINNING, PASSWORD, Official, official


@pytest.fixture
def meanwhile(door: Door, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Writes], object]], None]:
    """Has something happen once while the password is hashed."""

    def plan(act: Callable[[Writes], object]) -> None:
        real, waiting = candidates.fit_password, [act]

        def fit(*given: object) -> object:
            fitting = real(*given)  # type: ignore[arg-type]  # handed on as it came
            while waiting:
                with door.runtime.database.write() as writes:
                    waiting.pop()(writes)
            return fitting

        monkeypatch.setattr(entrance, "fit_password", fit)

    return plan


def sessions(door: Door) -> int:
    with door.runtime.database.read() as reads:
        return int(reads.execute(sa.select(sa.func.count()).select_from(BrowserSession)).scalar_one())


@pytest.mark.parametrize("state", ["suspended", "closed"])
def test_who_is_shut_out_while_the_password_is_hashed_does_not_get_in(
    door: Door, meanwhile: Callable[[Callable[[Writes], object]], None], state: str
) -> None:
    """The suspension found no session to end; the one that followed would live again with the account."""
    official(door.runtime)
    meanwhile(lambda writes: writes.execute(sa.update(Account).values(state=state)))
    assert try_login(door.browser(), "hoa.lt") == 403
    assert sessions(door) == 0


def test_the_old_password_does_not_get_in_over_a_new_one(
    door: Door, meanwhile: Callable[[Callable[[Writes], object]], None]
) -> None:
    hoa = official(door.runtime)
    new = hash_password("mật khẩu khác hẳn")
    meanwhile(lambda writes: keep_hash(writes, hoa.account_id, new, door.runtime.clocks.wall()))
    assert try_login(door.browser(), "hoa.lt") == 403
    assert sessions(door) == 0


def test_two_clicks_with_an_old_directory_s_password_are_both_let_in(
    door: Door, meanwhile: Callable[[Callable[[Writes], object]], None]
) -> None:
    """The first replaced the old hash by today's; the second finds that out and looks once more."""
    hoa = official(door.runtime, state="issued", with_password=False)
    sealed = door.runtime.sealer.seal(ldap_salted_sha1.hash(PASSWORD).encode(), SEAL_IMPORTED_HASH)
    with door.runtime.database.write() as writes:
        writes.merge(Credential(account_id=hoa.account_id, imported_hash=sealed))
    fresh = hash_password(PASSWORD)
    meanwhile(lambda writes: keep_hash(writes, hoa.account_id, fresh, door.runtime.clocks.wall()))
    assert try_login(door.browser(), "hoa.lt") == 303


def share(door: Door, login: str, who: Official) -> None:
    """Give somebody an old log-in."""
    with door.runtime.database.write() as writes:
        change = small_change(writes, "test", "test", door.runtime.clocks.wall())
        writes.add(
            Login(
                account_id=who.account_id, login=login, login_key=login, kind="alias", valid_from=BEGINNING,
                change_id=change.id,
            )
        )  # fmt: skip


def crowd(door: Door, login: str, count: int, state: str = "active") -> None:
    """So many others with this old log-in, who have another password."""
    for number in range(count):
        other = official(
            door.runtime, "Trần Văn Nam", f"nam{number}.{state}", unit=f"Xã {number}", code=f"H61.{state}.{number}",
            state=state, with_password=False,
        )  # fmt: skip
        share(door, login, other)


def test_an_own_log_in_is_not_crowded_out_by_old_ones_of_others(door: Door) -> None:
    crowd(door, "hoa.lt", 7)
    official(door.runtime)
    assert try_login(door.browser(), "hoa.lt") == 303


def test_an_own_address_is_not_crowded_out_by_log_ins_that_look_like_it(door: Door) -> None:
    crowd(door, "hoa.lt@vinhlong.gov.vn", 7)
    official(door.runtime, address="hoa.lt@vinhlong.gov.vn")
    assert try_login(door.browser(), "hoa.lt@vinhlong.gov.vn") == 303


def test_who_had_an_old_log_in_first_is_not_crowded_out_by_later_ones(door: Door) -> None:
    share(door, "vanthu", official(door.runtime))
    crowd(door, "vanthu", 7)
    assert try_login(door.browser(), "vanthu") == 303


@pytest.mark.parametrize("state", ["suspended", "closed"])
def test_accounts_nobody_can_use_take_no_place(door: Door, state: str) -> None:
    crowd(door, "vanthu", 7, state)
    share(door, "vanthu", official(door.runtime))
    assert try_login(door.browser(), "vanthu") == 303


def test_one_s_own_password_is_no_endless_guess_at_who_shares_an_old_log_in(door: Door, clock: MovableClock) -> None:
    """Who set each guess as their own and came in by the shared log-in was told when it fitted the other, and never counted."""
    hoa, nam = official(door.runtime), official(door.runtime, "Trần Văn Nam", "nam.tv", code="H61.13")
    share(door, "vanthu", hoa)
    share(door, "vanthu", nam)
    guesses = [*(f"không phải câu này {number}" for number in range(5)), PASSWORD]
    for guess in guesses:
        with door.runtime.database.write() as writes:
            keep_hash(writes, nam.account_id, hash_password(guess), clock.now)
        assert try_login(door.browser(), "vanthu", guess) == 303, "never asked which of two is meant"
        clock.advance(10)


def test_who_shares_an_old_log_in_is_not_shut_out_by_colleagues_who_use_it(door: Door, clock: MovableClock) -> None:
    hoa, nam = official(door.runtime), official(door.runtime, "Trần Văn Nam", "nam.tv", code="H61.13")
    share(door, "vanthu", hoa)
    share(door, "vanthu", nam)
    with door.runtime.database.write() as writes:
        keep_hash(writes, nam.account_id, hash_password("mật khẩu của Nam"), clock.now)
    clock.advance(hours=1)
    for _day in range(7):
        assert try_login(door.browser(), "vanthu", "mật khẩu của Nam") == 303
    assert try_login(door.browser(), "vanthu") == 303
