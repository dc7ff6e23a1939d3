"""People, their posts and what a typed log-in may mean."""

import uuid

import pytest
import sqlalchemy as sa

from directory.models import Login, MailAddress, Post
from directory.people import find_accounts, find_former_units, find_person
from foundation.changes import AsOf
from foundation.database import broken_guard
from tests.directory.conftest import BEFORE, MERGER, World


@pytest.fixture
def office(world: World) -> World:
    """Two units."""
    world.unit("Xã Cũ", ends=MERGER)
    world.unit("Xã Mới", begins=MERGER)
    return world


def add_alias(world: World, person: uuid.UUID, login: str) -> None:
    """An old log-in of somebody, good until the merger."""
    with world.database.write() as writes:
        account = find_accounts_of(world, person)
        change = world.change(writes)
        writes.add(Login(account_id=account, login=login, login_key=login, kind="alias", valid_from=BEFORE, valid_to=MERGER,
                         change_id=change.id))  # fmt: skip


def find_accounts_of(world: World, person: uuid.UUID) -> uuid.UUID:
    """The account of a person."""
    from directory.models import Account

    with world.database.read() as reads:
        return reads.execute(sa.select(Account.id).where(Account.person_id == person)).scalar_one()


def test_a_person_has_the_posts_of_the_instant_and_remembers_the_unit_before(office: World) -> None:
    person = office.official("Trần Thị Đào", "Xã Cũ", login="dao.tt", ends=MERGER)
    with office.database.write() as writes:
        change = office.change(writes)
        writes.add(Post(post_id=uuid.uuid4(), person_id=person, unit_id=office.units["Xã Mới"], title="Chủ tịch", duties="leader",
                        main=True, valid_from=MERGER, change_id=change.id))  # fmt: skip
    with office.database.read() as reads:
        before, after = (find_person(reads, person, AsOf(at)) for at in (BEFORE, MERGER))
        assert before is not None
        assert after is not None
        assert before.main_post is not None
        assert before.main_post.title == "Công chức"
        assert after.main_post is not None
        assert after.main_post.duties == ("leader",)
        assert find_former_units(reads, person, AsOf(BEFORE)) == []
        former = find_former_units(reads, person, AsOf(MERGER))
        assert [(f.unit.name, f.until) for f in former] == [("Xã Cũ", MERGER)]


@pytest.mark.parametrize("typed", ["dao.tt", "DAO.TT", " dao.tt ", "đào.tt"])
def test_a_log_in_is_understood_as_it_was_meant(office: World, typed: str) -> None:
    office.official("Trần Thị Đào", "Xã Cũ", login="dao.tt")
    with office.database.read() as reads:
        assert len(find_accounts(reads, typed, AsOf(BEFORE))) == 1


@pytest.mark.parametrize("typed", ["", " ", "dao", "dao.tt'--", "%", "dao.tt@", "\x00"])
def test_what_is_no_log_in_means_nobody(office: World, typed: str) -> None:
    office.official("Trần Thị Đào", "Xã Cũ", login="dao.tt")
    with office.database.read() as reads:
        assert find_accounts(reads, typed, AsOf(BEFORE)) == []


def test_an_old_log_in_may_fit_two_people_until_its_end(office: World) -> None:
    for name in ("Một", "Hai"):
        add_alias(office, office.official(name, "Xã Cũ", login=f"{name.lower()}"), "nva")
    with office.database.read() as reads:
        assert [account.by_alias for account in find_accounts(reads, "nva", AsOf(BEFORE))] == [True, True]
        assert find_accounts(reads, "nva", AsOf(MERGER)) == []


def test_a_log_in_is_never_given_to_another(office: World) -> None:
    office.official("Một", "Xã Cũ", login="mot")
    with pytest.raises(sa.exc.IntegrityError) as caught:
        office.official("Hai", "Xã Cũ", login="mot")
    assert broken_guard(caught.value) == "login_never_reissued"


def add_main_post(world: World, person: uuid.UUID) -> None:
    """Another main post from the beginning on."""
    with world.database.write() as writes:
        change = world.change(writes)
        writes.add(
            Post(
                post_id=uuid.uuid4(),
                person_id=person,
                unit_id=world.units["Xã Cũ"],
                title="Bí thư",
                main=True,
                valid_from=BEFORE,
                change_id=change.id,
            )
        )


def test_one_main_post_at_an_instant(office: World) -> None:
    person = office.official("Một", "Xã Cũ", ends=MERGER)
    with pytest.raises(sa.exc.IntegrityError) as caught:
        add_main_post(office, person)
    assert broken_guard(caught.value) == "one_main_post"


def test_an_old_mail_address_opens_the_same_door(office: World) -> None:
    person = office.official("Trần Thị Đào", "Xã Cũ", login="dao.tt")
    with office.database.write() as writes:
        change = office.change(writes)
        writes.add(MailAddress(person_id=person, address="Dao@bentre.gov.vn", address_key="dao@bentre.gov.vn", kind="alias",
                               valid_from=BEFORE, valid_to=MERGER, change_id=change.id))  # fmt: skip
    with office.database.read() as reads:
        assert [a.person_id for a in find_accounts(reads, "DAO@bentre.gov.vn", AsOf(BEFORE))] == [person]
        assert find_accounts(reads, "dao@bentre.gov.vn", AsOf(MERGER)) == []
