"""Day one and the months after: old log-ins, old addresses and old passwords until their dates, and nobody else's ever after."""

import base64
import hashlib
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.models import SEAL_IMPORTED_HASH, Account, Credential, Login, MailAddress, PersonDetail
from foundation.changes import small_change
from foundation.clocks import parse_instant
from foundation.runtime import Runtime
from foundation.web import build_app
from sso.app import build_router
from tests.provisioning.loads import Installation, found
from tests.provisioning.rosters.makers import row
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.flow import form_of

UNTIL = parse_instant("2025-12-31")
OLD_PASSWORD = "secret"
SECOND = {"name": "Lê Thị Hà", "personal_number": "086080002222", "phone": None}
HIRED = {"name": "Lê Thị Hoàng Hoa", "personal_number": "086080003333", "phone": None}


def old_hash(password: str) -> str:
    """The hash as slapd's `slappasswd -h {SSHA}` writes it (RFC 2307 §5.3, with a salt of four bytes)."""
    salt = b"\x01\x02\x03\x04"
    return "{SSHA}" + base64.b64encode(hashlib.sha1(password.encode() + salt).digest() + salt).decode()


@pytest.fixture
def merged(runtime: Runtime, tmp_path: Path) -> Installation:
    made = found(runtime, tmp_path)
    made.load(row(login="hoa.lt", email="hoa@anbinh.vinhlong.gov.vn"))
    # Another old province had a hoa.lt too: she gets a new log-in, and types the old one until its date.
    made.load(row(**SECOND, login="hoa.lt", unit_code="286"), name="second.csv")
    end_old_names(runtime)
    return made


def account_of(runtime: Runtime, name: str) -> Account:
    with runtime.database.read() as reads:
        owner = sa.select(PersonDetail.person_id).where(PersonDetail.name == name)
        return reads.execute(sa.select(Account).where(Account.person_id.in_(owner))).scalar_one()


def logins_of(runtime: Runtime, name: str) -> dict[str, str]:
    with runtime.database.read() as reads:
        wanted = sa.select(Login.kind, Login.login).where(
            Login.account_id == account_of(runtime, name).id, Login.withdrawn_by.is_(None)
        )
        return {kind: login for kind, login in reads.execute(wanted)}  # noqa: C416 — dict() of rows does not type


def end_old_names(runtime: Runtime) -> None:
    """What a decree does with `old_logins_until`, and the same for an address that was replaced."""
    with runtime.database.write() as writes:
        change = small_change(writes, "test", "test", runtime.clocks.wall())
        for alias in writes.execute(sa.select(Login).where(Login.kind == "alias")).scalars():
            alias.valid_to = UNTIL
        hoa = writes.execute(sa.select(MailAddress)).scalar_one()
        hoa.kind, hoa.valid_to = "alias", UNTIL
        writes.add(
            MailAddress(
                person_id=hoa.person_id, address="hoa.lt@vinhlong.gov.vn", address_key="hoa.lt@vinhlong.gov.vn",
                kind="own", valid_from=hoa.valid_from, change_id=change.id,
            )
        )  # fmt: skip


def give_old_password(runtime: Runtime, name: str, password: str, until: datetime | None) -> None:
    """The hash of an old directory, sealed, as a roster brings it."""
    account_id = account_of(runtime, name).id
    sealed = runtime.sealer.seal(old_hash(password).encode(), SEAL_IMPORTED_HASH)
    with runtime.database.write() as writes:
        writes.merge(Credential(account_id=account_id, imported_hash=sealed, imported_until=until))


def enter(runtime: Runtime, login: str, password: str) -> int:
    """The status at the door: 303 is in."""
    browser = Inside.of(build_app(runtime, [build_router(runtime)]))
    form = {**form_of(browser.get("/login")), "login": login, "password": password}
    return browser.post("/login", data=form).status_code


@pytest.mark.parametrize(
    ("day", "status"),
    [("2025-07-01", 303), ("2025-12-30T23:59:59+07:00", 303), ("2025-12-31", 403), ("2026-03-01", 403)],
    ids=["on day one", "the last second", "on its date", "months after"],
)
@pytest.mark.parametrize(
    ("who", "typed"),
    [("Lê Thị Hà", "hoa.lt"), ("Lê Thị Hoa", "hoa@anbinh.vinhlong.gov.vn")],
    ids=["log-in", "address"],
)
def test_an_old_name_opens_the_door_until_its_date(
    merged: Installation, clock: MovableClock, day: str, status: int, who: str, typed: str
) -> None:
    give_old_password(merged.runtime, who, OLD_PASSWORD, None)
    clock.set(day)
    assert enter(merged.runtime, typed, OLD_PASSWORD) == status
    own = logins_of(merged.runtime, who)["own"]
    assert enter(merged.runtime, own, OLD_PASSWORD) == 303


@pytest.mark.parametrize(
    ("day", "status"),
    [("2025-12-30T23:59:59+07:00", 303), ("2025-12-31", 403)],
    ids=["before", "on its date"],
)
def test_an_old_password_opens_the_door_until_its_date(
    merged: Installation, clock: MovableClock, day: str, status: int
) -> None:
    give_old_password(merged.runtime, "Lê Thị Hoa", OLD_PASSWORD, UNTIL)
    clock.set(day)
    assert enter(merged.runtime, "hoa.lt", OLD_PASSWORD) == status


def test_an_old_password_that_was_used_in_time_is_todays_and_has_no_end(
    merged: Installation, clock: MovableClock
) -> None:
    give_old_password(merged.runtime, "Lê Thị Hoa", OLD_PASSWORD, UNTIL)
    clock.set("2025-07-02")
    assert enter(merged.runtime, "hoa.lt", OLD_PASSWORD) == 303
    clock.set("2026-03-01")
    assert enter(merged.runtime, "hoa.lt", OLD_PASSWORD) == 303
    with merged.runtime.database.read() as reads:
        kept = reads.get_one(Credential, account_of(merged.runtime, "Lê Thị Hoa").id)
        assert kept.imported_hash is None
        assert (kept.password_hash or "").startswith("$argon2id$")


def test_whose_password_it_is_decides_between_two_who_share_an_old_log_in(
    merged: Installation, clock: MovableClock
) -> None:
    give_old_password(merged.runtime, "Lê Thị Hoa", "first of two", None)
    give_old_password(merged.runtime, "Lê Thị Hà", "second of two", None)
    clock.set("2025-07-01")
    assert enter(merged.runtime, "hoa.lt", "second of two") == 303
    clock.set("2025-12-31")
    assert enter(merged.runtime, "hoa.lt", "second of two") == 403
    assert enter(merged.runtime, "hoa.lt", "first of two") == 303


@pytest.mark.parametrize("day", ["2025-07-15", "2025-12-31", "2026-03-01"], ids=["before", "on", "after"])
def test_a_new_colleague_never_gets_a_name_that_was_anothers(
    merged: Installation, clock: MovableClock, day: str
) -> None:
    runtime, alias = merged.runtime, "hoa.xa"
    with runtime.database.write() as writes:
        change = small_change(writes, "test", "test", runtime.clocks.wall())
        writes.add(
            Login(
                account_id=account_of(runtime, "Lê Thị Hà").id, login=alias, login_key=alias, kind="alias",
                valid_from=runtime.clocks.wall(), valid_to=UNTIL, change_id=change.id,
            )
        )  # fmt: skip
    clock.set(day)
    merged.load(row(**HIRED, login=alias, email="hoa@anbinh.vinhlong.gov.vn"), name="hired.csv")
    held = logins_of(runtime, "Lê Thị Hoàng Hoa")
    assert held["own"] not in {"hoa.lt", alias, logins_of(runtime, "Lê Thị Hà")["own"]}
    with runtime.database.read() as reads:
        hired = account_of(runtime, "Lê Thị Hoàng Hoa").person_id
        own = sa.select(MailAddress).where(MailAddress.person_id == hired, MailAddress.kind == "own")
        assert reads.execute(own).first() is None


def test_the_register_itself_refuses_a_log_in_that_was_anothers_own(merged: Installation) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        take_own_login(merged.runtime, "Lê Thị Hà", "hoa.lt")


def take_own_login(runtime: Runtime, name: str, login: str) -> None:
    """Write a log-in as somebody's own from the end of the old ones on."""
    account_id = account_of(runtime, name).id
    with runtime.database.write() as writes:
        change = small_change(writes, "test", "test", runtime.clocks.wall())
        own = {"login": login, "login_key": login, "kind": "own"}
        writes.add(Login(account_id=account_id, valid_from=UNTIL, change_id=change.id, **own))
        writes.flush()
