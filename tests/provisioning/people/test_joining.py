"""Two records of one human become one, and two again: ids, posts, log-ins, addresses, passwords, rights, races."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from directory.credentials import hash_password
from directory.joins import PersonJoin, find_joined_credentials
from directory.models import Account, Certificate, Credential, ForeignAccount, Login, MailAddress, Post
from directory.people import find_accounts, find_by_number, find_people, find_person
from directory.portrait import find_portrait
from foundation.changes import AsOf, Change, open_change, small_change, visible
from foundation.errors import HopnhatError
from foundation.plans import Plan, PlanHeader
from foundation.shell import Actor
from provisioning.people.errors import ChangedSince, JoinedAlready, JoinRefused, NotJoined, NumbersDiffer, PlanRunning
from provisioning.people.joining import Pair, check_may_join, join_people
from provisioning.people.parting import Parted, part_people
from provisioning.people.rewriting import read_rows, write_again
from provisioning.plan_rights import OwnPlan, check_may_approve
from tests.provisioning.people.conftest import Office
from tests.services.clock import MovableClock

GLASS = Actor("break-glass:root", None, "root", "test")
NUMBER, OTHER = "086090000001", "086090000002"


@pytest.fixture
def pair(office: Office) -> Pair:
    """A clerk that two communes have written down, with different log-ins, addresses and passwords."""
    kept = office.record("Trần Thị Đào", "x1", "dao.tt", number=NUMBER, address="dao@x1.vn", password="a")
    lost = office.record("Trần Thị Đào", "x2", "dao.x2", phone="0912345678", address="dao@x2.vn", password="b")
    return Pair(kept, lost)


def join(office: Office, pair: Pair, actor: Actor, right_number: uuid.UUID | None = None) -> Change:
    """The join as the verb does it."""
    with office.runtime.database.write() as writes:
        now = office.runtime.clocks.wall()
        check_may_join(writes, actor, pair, now)
        return join_people(writes, actor, pair, "cùng một người", now, right_number)


def part(office: Office, pair: Pair, actor: Actor) -> Parted:
    """The parting as the verb does it."""
    with office.runtime.database.write() as writes:
        return part_people(writes, actor, pair, "nhầm", office.runtime.clocks.wall())


def test_one_human_holds_the_posts_of_both(office: Office, pair: Pair, hr: Actor) -> None:
    join(office, pair, hr)
    assert office.posts(pair.survivor) == [("Chuyên viên", True), ("Chuyên viên", False)]
    assert office.posts(pair.loser) == []


def test_the_losing_id_answers_with_the_survivor_everywhere(office: Office, pair: Pair, hr: Actor) -> None:
    join(office, pair, hr)
    as_of = AsOf(office.runtime.clocks.wall())
    with office.runtime.database.read() as reads:
        assert find_people(reads, [pair.loser], as_of)[pair.loser] == find_person(reads, pair.survivor, as_of)
        portrait = find_portrait(reads, pair.loser, as_of.at)
        own = find_portrait(reads, pair.survivor, as_of.at)
    assert portrait is not None
    assert portrait == own
    assert portrait.joined == (pair.loser,)
    assert portrait.person.phone == "0912345678"


def test_every_old_log_in_and_address_leads_to_the_one_account(office: Office, pair: Pair, hr: Actor) -> None:
    join(office, pair, hr)
    as_of = AsOf(office.runtime.clocks.wall())
    with office.runtime.database.read() as reads:
        for typed in ("dao.tt", "dao.x2", "dao@x1.vn", "dao@x2.vn"):
            assert [account.person_id for account in find_accounts(reads, typed, as_of)] == [pair.survivor], typed
        person = find_person(reads, pair.survivor, as_of)
    assert person is not None
    assert (person.logins[0], person.addresses[0]) == ("dao.tt", "dao@x1.vn")


@pytest.mark.parametrize("model", [Login, MailAddress])
def test_what_the_losing_record_was_called_is_given_to_nobody_else(
    office: Office, pair: Pair, hr: Actor, model: type[Login] | type[MailAddress]
) -> None:
    join(office, pair, hr)
    office.record("Trần Thị Điệp", "x2", "diep.tt")
    other = office.people["diep.tt"]

    def give(writes: sa.orm.Session, change: Change) -> None:
        now = office.runtime.clocks.wall()
        if model is Login:
            account = writes.execute(sa.select(Account.id).where(Account.person_id == other)).scalar_one()
            row = writes.execute(sa.select(Login).where(Login.account_id == account)).scalar_one()
            row.withdrawn_by = change.id
            writes.add(
                Login(account_id=account, login="dao.x2", login_key="dao.x2", valid_from=now, change_id=change.id)
            )
        else:
            writes.add(
                MailAddress(
                    person_id=other, address="dao@x2.vn", address_key="dao@x2.vn", valid_from=now, change_id=change.id
                )
            )
        writes.flush()

    with pytest.raises(sa.exc.IntegrityError):
        office.write("test", give)


def test_parting_puts_both_back_exactly(office: Office, pair: Pair, hr: Actor, clock: MovableClock) -> None:
    before = office.digest()
    clock.advance(hours=1)
    join(office, pair, hr)
    assert office.digest() != before
    clock.advance(hours=1)
    parted = part(office, pair, hr)
    assert parted.kept == ()
    assert office.digest() == before
    assert (office.state(pair.survivor), office.state(pair.loser)) == ("active", "active")
    assert office.survivor(pair.loser) == pair.loser


def test_what_happened_since_stays_with_the_survivor_and_is_told(
    office: Office, pair: Pair, hr: Actor, clock: MovableClock
) -> None:
    clock.advance(hours=1)
    join(office, pair, hr)
    clock.advance(hours=1)
    with office.runtime.database.write() as writes:
        rows = read_rows(writes, Post, Post.person_id == pair.survivor, Post.main.is_(False))
        change = small_change(writes, "person.move", hr.label, clock.now)
        write_again(writes, Post, [rows[0].row_id], change, valid_to=clock.now)
    clock.advance(hours=1)
    parted = part(office, pair, hr)
    assert [(kept.table, kept.what) for kept in parted.kept] == [("post", "Chuyên viên")]
    assert office.posts(pair.loser) == []
    assert len(office.posts(pair.survivor)) == 2
    with office.runtime.database.read() as reads:
        assert find_accounts(reads, "dao.x2", AsOf(clock.now))[0].person_id == pair.loser


def test_joined_records_are_joined_on_and_parted_from_the_newest_back(
    office: Office, pair: Pair, hr: Actor, clock: MovableClock
) -> None:
    third = office.record("Trần Thị Đào", "x1", "dao.3", title="Kế toán")
    whole = Pair(third, pair.survivor)
    before = office.digest()
    clock.advance(hours=1)
    join(office, pair, hr)
    between = office.digest()
    clock.advance(hours=1)
    join(office, whole, hr)
    assert {office.survivor(pair.survivor), office.survivor(pair.loser)} == {third}
    with pytest.raises(NotJoined):
        part(office, pair, hr)
    with pytest.raises(ChangedSince):
        part(office, Pair(third, pair.loser), hr)
    clock.advance(hours=1)
    part(office, whole, hr)
    assert office.digest() == between
    clock.advance(hours=1)
    assert part(office, pair, hr).kept == ()
    assert office.digest() == before


def test_certificates_and_accounts_elsewhere_go_over(office: Office, pair: Pair, hr: Actor) -> None:
    since = datetime(2024, 1, 1, tzinfo=UTC)

    def give(writes: sa.orm.Session, change: Change) -> None:
        dated = {"valid_from": since, "change_id": change.id, "person_id": pair.loser}
        writes.add(Certificate(der=b"x", sha256="00", serial="1", issuer="CN=CA", subject="CN=Đào", **dated))
        writes.add(ForeignAccount(application="vanban", foreign_id="17", **dated))

    office.write("test", give)
    join(office, pair, hr)
    with office.runtime.database.read() as reads:
        for model in (Certificate, ForeignAccount):
            owners = reads.execute(sa.select(model.person_id).where(visible(model))).scalars().all()
            assert owners == [pair.survivor], model


def test_both_passwords_open_the_one_account_until_a_new_one_is_set(
    office: Office, pair: Pair, hr: Actor, clock: MovableClock
) -> None:
    join(office, pair, hr)
    with office.runtime.database.write() as writes:
        account = writes.execute(sa.select(Account.id).where(Account.person_id == pair.survivor)).scalar_one()
        opening = [one.password_hash for one in find_joined_credentials(writes, account, clock.now)]
        later = find_joined_credentials(writes, account, clock.now + timedelta(days=181))
        credential = writes.get_one(Credential, account)
        credential.password_hash, credential.password_set_at = hash_password("mật khẩu mới"), clock.now + timedelta(1)
        writes.flush()
        since = find_joined_credentials(writes, account, clock.now + timedelta(days=2))
    assert (opening, later, since) == (["b"], [], [])


def test_an_account_nobody_opened_takes_the_password_and_gives_it_back(office: Office, hr: Actor) -> None:
    kept = office.record("Lý Văn Mới", "x1", "moi.lv", state="issued", password=None)
    lost = office.record("Lý Văn Mới", "x2", "moi.x2", password="b")
    pair = Pair(kept, lost)

    def look() -> tuple[str, str | None]:
        with office.runtime.database.read() as reads:
            wanted = (
                sa.select(Account.state, Credential.password_hash)
                .outerjoin(Credential, Credential.account_id == Account.id)
                .where(Account.person_id == kept)
            )
            state, password = reads.execute(wanted).one()
            return state, password

    join(office, pair, hr)
    assert look() == ("active", "b")
    part(office, pair, hr)
    assert look() == ("issued", None)


# --- refusals ------------------------------------------------------------------------------------------------------


def test_two_numbers_are_two_people_until_somebody_says_which_is_right(office: Office, hr: Actor) -> None:
    kept = office.record("Võ Văn Ba", "x1", "ba.vv", number=NUMBER)
    lost = office.record("Võ Văn Ba", "x2", "ba.x2", number=OTHER)
    with pytest.raises(NumbersDiffer):
        join(office, Pair(kept, lost), hr)
    with pytest.raises(NumbersDiffer):
        join(office, Pair(kept, lost), hr, uuid.uuid4())
    join(office, Pair(kept, lost), hr, right_number=lost)
    with office.runtime.database.read() as reads:
        found = find_by_number(reads, office.runtime.sealer, OTHER, AsOf(office.runtime.clocks.wall()))
        other = find_by_number(reads, office.runtime.sealer, NUMBER, AsOf(office.runtime.clocks.wall()))
    assert (found, other) == ([kept], [])


@pytest.mark.parametrize(
    ("kept", "lost"),
    [
        pytest.param("active", "suspended", id="the one that ends is suspended"),
        pytest.param("suspended", "active", id="the one that stays is suspended"),
        pytest.param("closed", "active", id="only the one that ends has an account"),
    ],
)
def test_accounts_that_are_shut_are_not_opened_by_a_join(office: Office, hr: Actor, kept: str, lost: str) -> None:
    pair = Pair(office.record("A B", "x1", "b.a", state=kept), office.record("A B", "x2", "b.a2", state=lost))
    with pytest.raises(JoinRefused):
        join(office, pair, hr)


def test_a_record_is_not_joined_to_itself_nor_to_nobody_nor_twice(office: Office, pair: Pair, hr: Actor) -> None:
    for wrong in (Pair(pair.survivor, pair.survivor), Pair(pair.survivor, uuid.uuid4())):
        with pytest.raises(HopnhatError):
            join(office, wrong, hr)
    join(office, pair, hr)
    for again in (pair, Pair(pair.loser, pair.survivor)):
        with pytest.raises(JoinedAlready):
            join(office, again, hr)


def test_a_person_whom_a_plan_is_writing_about_is_left_alone(office: Office, pair: Pair, hr: Actor) -> None:
    with office.runtime.database.write() as writes:
        change = open_change(writes, "merger", "somebody", office.runtime.clocks.wall())
        writes.execute(sa.update(Post).where(Post.person_id == pair.loser).values(withdrawn_by=change.id))
    with pytest.raises(PlanRunning):
        join(office, pair, hr)


def test_two_joins_of_one_pair_at_once_make_one_join(office: Office, pair: Pair, hr: Actor) -> None:
    """Also in opposite directions: whoever comes second is told."""

    def attempt(chosen: Pair) -> str:
        try:
            join(office, chosen, hr)
        except HopnhatError as error:
            return error.code
        return "joined"

    pairs = [pair, Pair(pair.loser, pair.survivor)] * 3
    with ThreadPoolExecutor(len(pairs)) as pool:
        outcomes = list(pool.map(attempt, pairs))
    assert sorted(outcomes) == ["joined"] * 1 + ["joined_already"] * 5
    with office.runtime.database.read() as reads:
        assert reads.execute(sa.select(sa.func.count(PersonJoin.row_id)).where(visible(PersonJoin))).scalar_one() == 1


def test_a_plan_is_not_approved_by_its_author_under_another_id(office: Office, hr: Actor) -> None:
    """Two records of one human are not two people."""
    office.record("Lê Thị Hoa", "86", "hoa.2", duties="approver hr")
    second = office.actor("hoa.2")
    header = PlanHeader(kind="merger", title="", made_at="", made_by="", author=second.label)
    plan = Plan(office.files, header, "")
    with office.runtime.database.write() as writes:
        now = office.runtime.clocks.wall()
        join_people(writes, GLASS, Pair(office.people["Lê Thị Hoa"], office.people["hoa.2"]), "một người", now)
        with pytest.raises(OwnPlan):
            check_may_approve(writes, hr, plan, now)
