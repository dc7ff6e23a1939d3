"""Passwords and one-time codes."""

import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from directory.credentials import (
    CODE_ALPHABET,
    check_password,
    find_credential,
    group_code,
    hash_password,
    is_code_good,
    issue_activation_code,
    make_code,
    prepare_password,
    redeem_activation_code,
)
from directory.errors import PersonNotFound
from directory.models import SEAL_IMPORTED_HASH, Account, Credential
from foundation.database import Database
from foundation.sealing import Sealer
from tests.directory.conftest import World
from tests.services.passwords import set_password

NOW = datetime(2025, 7, 1, tzinfo=UTC)
SEALER = Sealer({"1": b"k" * 32}, "1", b"i" * 32)
WEEK = timedelta(days=7)

# Made by the original programs for the password below: OpenLDAP's slappasswd, htpasswd -B, mkpasswd.
PASSWORD = "Mật khẩu cũ 1"


@pytest.fixture
def account(world: World) -> uuid.UUID:
    """An issued account."""
    world.unit("Xã Cũ")
    person = world.official("Trần Thị Đào", "Xã Cũ", login="dao.tt")
    with world.database.read() as reads:
        return reads.query(Account).filter_by(person_id=person).one().id


def opens(
    database: Database, account: uuid.UUID, password: str, kind: str = "business", now: datetime = NOW
) -> bool | None:
    """None: shut; else whether the kept form is to be replaced."""
    with database.read() as reads:
        opened = check_password(SEALER, find_credential(reads, account), kind, password, now)
    return None if opened is None else opened.rehash


def test_a_password_opens_and_activates(database: Database, account: uuid.UUID) -> None:
    assert opens(database, account, "mật khẩu dài lắm") is None
    with database.write() as writes:
        set_password(writes, account, "mật khẩu dài lắm", NOW)
    assert opens(database, account, "mật khẩu dài lắm") is False
    assert opens(database, account, "mật khẩu dài lắn") is None
    with database.read() as reads:
        assert reads.get_one(Account, account).state == "active"


def test_composed_and_decomposed_letters_are_one_password(database: Database, account: uuid.UUID) -> None:
    import unicodedata

    with database.write() as writes:
        set_password(writes, account, unicodedata.normalize("NFD", PASSWORD), NOW)
    assert opens(database, account, unicodedata.normalize("NFC", PASSWORD)) is False
    assert prepare_password("a\u00a0b") == "a b"


@pytest.mark.parametrize("password", ["", "x" * 100_000, "\x00", "\ud800"])
def test_odd_passwords_are_wrong_not_errors(database: Database, account: uuid.UUID, password: str) -> None:
    with database.write() as writes:
        set_password(writes, account, "mật khẩu dài lắm", NOW)
    assert opens(database, account, password) is None


def import_hash(database: Database, account: uuid.UUID, old: str, until: datetime | None = None) -> None:
    """Keep a hash of an old directory."""
    with database.write() as writes:
        writes.add(
            Credential(
                account_id=account, imported_hash=SEALER.seal(old.encode(), SEAL_IMPORTED_HASH), imported_until=until
            )
        )


def ssha(password: str) -> str:
    """{SSHA} as OpenLDAP writes it."""
    import base64
    import hashlib

    salt = b"salt"
    return (
        "{SSHA}"
        + base64.b64encode(hashlib.sha1(password.encode() + salt, usedforsecurity=False).digest() + salt).decode()
    )


def test_an_old_hash_opens_once_until_its_date_and_asks_to_be_replaced(database: Database, account: uuid.UUID) -> None:
    import_hash(database, account, ssha(PASSWORD), NOW + WEEK)
    assert opens(database, account, PASSWORD) is True
    assert opens(database, account, "falsch") is None
    assert opens(database, account, PASSWORD, now=NOW + WEEK) is None
    assert opens(database, account, PASSWORD, kind="administration") is None
    with database.write() as writes:
        set_password(writes, account, PASSWORD, NOW)
    with database.read() as reads:
        kept = reads.get_one(Credential, account)
        assert kept.imported_hash is None
        assert kept.password_hash is not None
        assert kept.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert opens(database, account, PASSWORD) is False


@pytest.mark.parametrize(
    "old", ["{SSHA}!!!!", "plain", "", "$2b$99$x", "{CRYPT}", "$argon2id$v=19$m=99999999999,t=2,p=1$AA$AA"]
)
def test_a_broken_old_hash_opens_nothing(database: Database, account: uuid.UUID, old: str) -> None:
    import_hash(database, account, old)
    assert opens(database, account, PASSWORD) is None


def test_codes_are_easy_to_read_and_hard_to_guess() -> None:
    code = make_code()
    assert len(code) == 16
    assert not set("01OI") & set(CODE_ALPHABET)
    assert group_code("ABCDEFGHJKLMNPQR") == "ABCD EFGH JKLM NPQR"
    assert len({make_code() for _ in range(500)}) == 500


def test_a_code_is_redeemed_once_however_it_is_typed(database: Database, account: uuid.UUID) -> None:
    with database.write() as writes:
        code = issue_activation_code(writes, account, NOW, WEEK)
    typed = f" {group_code(code).lower().replace(' ', '-')} "
    with database.read() as reads:
        assert is_code_good(reads, account, typed, NOW)
        assert not is_code_good(reads, account, typed, NOW + WEEK)
    with database.write() as writes:
        assert not redeem_activation_code(writes, account, "AAAA", NOW)
        assert redeem_activation_code(writes, account, typed, NOW)
        assert not redeem_activation_code(writes, account, typed, NOW)


def test_printing_again_kills_the_code_before(database: Database, account: uuid.UUID) -> None:
    with database.write() as writes:
        first = issue_activation_code(writes, account, NOW, WEEK)
        second = issue_activation_code(writes, account, NOW, WEEK)
        assert not redeem_activation_code(writes, account, first, NOW)
        assert redeem_activation_code(writes, account, second, NOW)


def test_of_many_redemptions_at_once_one_succeeds(database: Database, account: uuid.UUID) -> None:
    with database.write() as writes:
        code = issue_activation_code(writes, account, NOW, WEEK)
    answers: list[bool] = []

    def redeem() -> None:
        with database.write() as writes:
            answers.append(redeem_activation_code(writes, account, code, NOW))

    threads = [threading.Thread(target=redeem) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False] * 11 + [True]


def test_no_code_for_an_account_nobody_knows(database: Database) -> None:
    with pytest.raises(PersonNotFound), database.write() as writes:
        issue_activation_code(writes, uuid.uuid4(), NOW, WEEK)


def test_hashes_are_salted() -> None:
    assert hash_password("a") != hash_password("a")
