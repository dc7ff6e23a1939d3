"""From a roster to people in the register: a plan that says all, and rows that say the same."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from directory.models import (
    SEAL_IMPORTED_HASH,
    SEAL_NUMBER,
    Account,
    Credential,
    Login,
    MailAddress,
    PersonDetail,
    Post,
)
from directory.people import find_accounts, find_by_number, find_people
from foundation.changes import AsOf, visible
from foundation.plans import PlanStale
from foundation.runtime import Runtime
from provisioning.rosters.loading import NoUnits, RosterFaulty
from tests.provisioning.loads import Installation, found
from tests.provisioning.rosters.makers import AT, HEADINGS, cells, lan, row, write_csv

HASH = "{SSHA}mYfA2Lq1tT0tqv8w1B2C3D4E5F6="


@pytest.fixture
def installation(runtime: Runtime, tmp_path: Path) -> Installation:
    return found(runtime, tmp_path)


def lines_of(plan: Any) -> list[dict[str, Any]]:
    return list(plan.each_line())


def one(runtime: Runtime, model: Any, *where: Any) -> Any:
    """The only visible row."""
    with runtime.database.read() as reads:
        clause = (visible(model),) if hasattr(model, "withdrawn_by") else ()
        return reads.execute(sa.select(model).where(*clause, *where)).scalar_one()


def person_of(runtime: Runtime, number: str) -> uuid.UUID:
    with runtime.database.read() as reads:
        (person_id,) = find_by_number(reads, runtime.sealer, number, AsOf(AT))
        return person_id


def test_a_person_of_a_roster_stands_in_the_register_from_the_day_of_the_roster(installation: Installation) -> None:
    installation.load(row(email="hoa@vinhlong.gov.vn", login="hoa.lt", main="chính"))
    runtime = installation.runtime
    person_id = person_of(runtime, "086180001234")
    with runtime.database.read() as reads:
        person = find_people(reads, [person_id], AsOf(AT))[person_id]
        account = reads.execute(sa.select(Account).where(Account.person_id == person_id)).scalar_one()
    assert (person.name, person.logins, person.addresses) == ("Lê Thị Hoa", ("hoa.lt",), ("hoa@vinhlong.gov.vn",))
    assert [(post.title, post.body, post.main, post.begins) for post in person.posts] == [
        ("Văn thư", "committee", True, AT)
    ]
    assert (account.kind, account.state) == ("business", "issued")
    detail = one(runtime, PersonDetail, PersonDetail.person_id == person_id)
    assert runtime.sealer.open(detail.number_sealed, SEAL_NUMBER) == b"086180001234"
    assert (detail.name_key, detail.phone, str(detail.birth_date)) == ("le thi hoa", "0912345678", "1980-12-25")


def test_a_plan_shows_no_number_and_no_hash(installation: Installation) -> None:
    headings = [*HEADINGS.values(), "Mật khẩu (băm)"]
    path = write_csv(installation.folder / "a.csv", [headings, [*cells(row(login="hoa.lt")), HASH]])
    plan = installation.plan_files(path)
    text = plan.path.read_text(encoding="utf-8")
    assert "086180001234" not in text
    assert HASH not in text
    assert lines_of(plan)[0]["hash_until"] is None
    installation.apply(plan)
    credential = one(installation.runtime, Credential, Credential.imported_hash.is_not(None))
    assert installation.runtime.sealer.open(credential.imported_hash, SEAL_IMPORTED_HASH) == HASH.encode()


def test_a_roster_with_a_fault_is_refused_whole(installation: Installation) -> None:
    with pytest.raises(RosterFaulty):
        installation.plan(row(), lan(birth_date="31/02/1980"))
    assert not list(installation.folder.glob("*.plan"))


def test_people_without_a_log_in_get_one_that_nobody_brings(installation: Installation) -> None:
    # Somebody further down brings the log-in that the first person's name would give.
    plan = installation.plan(row(), lan(login="hoa.lt"), row(personal_number="086180009876", phone="0987654321"))
    assert [line["login"] for line in lines_of(plan)] == ["hoa.lt2", "hoa.lt", "hoa.lt3"]
    installation.apply(plan)


def test_one_log_in_in_two_provinces_stays_with_both(installation: Installation) -> None:
    one_file = write_csv(installation.folder / "a.csv", [list(HEADINGS.values()), cells(row(login="hoa"))])
    two_file = write_csv(installation.folder / "b.csv", [list(HEADINGS.values()), cells(lan(login="hoa"))])
    plan = installation.plan_files(one_file, two_file)
    assert plan.header.summary["collisions"] == 1
    assert [line["logins"] for line in lines_of(plan)] == [
        [{"login": "hoa", "kind": "own"}],
        [{"login": "lan.tt", "kind": "own"}, {"login": "hoa", "kind": "alias"}],
    ]
    installation.apply(plan)
    with installation.runtime.database.read() as reads:
        found = find_accounts(reads, "HOA ", AsOf(AT))
    assert [account.by_alias for account in found] == [False, True]


def test_one_human_in_two_rosters_has_one_record_and_both_posts(installation: Installation) -> None:
    first = write_csv(
        installation.folder / "a.csv", [list(HEADINGS.values()), cells(row(login="hoa.lt", main="chính"))]
    )
    again = row(name="LE THI HOA", unit_code="286", title="Kế toán", login="lehoa", main="chính", phone=None)
    second = write_csv(installation.folder / "b.csv", [list(HEADINGS.values()), cells(again)])
    plan = installation.plan_files(first, second)
    (line,) = lines_of(plan)
    assert line["name"] == "Lê Thị Hoa"
    assert [(post["title"], post["main"]) for post in line["posts"]] == [("Văn thư", True), ("Kế toán", False)]
    assert line["logins"] == [{"login": "hoa.lt", "kind": "own"}, {"login": "lehoa", "kind": "alias"}]
    installation.apply(plan)


def test_candidates_are_both_kept_and_counted(installation: Installation) -> None:
    plan = installation.load(row(), row(personal_number=None, title="Kế toán"))
    assert plan.header.open["candidates"] == 1
    assert plan.header.counts == {"person.load": 2}
    assert (
        one(
            installation.runtime, PersonDetail, PersonDetail.number_index.is_(None), PersonDetail.name == "Lê Thị Hoa"
        ).number_sealed
        is None
    )


def test_who_is_known_by_number_gets_posts_only(installation: Installation) -> None:
    installation.load(row(login="hoa.lt"))
    person_id = person_of(installation.runtime, "086180001234")
    plan = installation.load(
        row(login="hoa.lt"), row(title="Kế toán", unit_code="286", main="kiêm nhiệm"), name="again.csv"
    )
    assert plan.header.summary["people"] == {"people": 1, "new": 0, "known": 1, "same": 0}
    with installation.runtime.database.read() as reads:
        posts = reads.execute(
            sa.select(Post.title, Post.main).where(Post.person_id == person_id).order_by(Post.title)
        ).all()
        assert [tuple(post) for post in posts] == [("Kế toán", False), ("Văn thư", True)]
        assert (
            reads.execute(sa.select(sa.func.count()).select_from(Login).where(Login.login_key == "hoa.lt")).scalar_one()
            == 1
        )


def test_a_roster_sent_twice_changes_nothing(installation: Installation) -> None:
    installation.load(row())
    plan = installation.plan(row(), name="again.csv")
    assert (plan.header.lines, plan.header.summary["people"]["same"]) == (0, 1)


def test_an_address_of_somebody_else_is_kept_as_an_old_one_and_counted(installation: Installation) -> None:
    installation.load(row(email="office@vinhlong.gov.vn"))
    plan = installation.load(lan(email="office@vinhlong.gov.vn"), name="b.csv")
    assert plan.header.open["addresses_taken"] == 1
    kinds = {mail.kind for mail in every(installation.runtime, MailAddress)}
    assert kinds == {"own", "alias"}


def every(runtime: Runtime, model: Any) -> list[Any]:
    with runtime.database.read() as reads:
        return list(reads.execute(sa.select(model).where(visible(model))).scalars())


def test_a_plan_that_lost_the_race_for_a_log_in_is_stale_and_shows_nothing(installation: Installation) -> None:
    slow = installation.plan(row(login="hoa.lt"))
    installation.load(lan(login="hoa.lt"), name="quick.csv")
    with pytest.raises(PlanStale):
        installation.apply(slow)
    with installation.runtime.database.read() as reads:
        assert find_by_number(reads, installation.runtime.sealer, "086180001234", AsOf(AT)) == []


def test_nothing_is_loaded_into_a_register_without_units(runtime: Runtime, tmp_path: Path) -> None:
    bare = Installation(runtime, tmp_path, uuid.uuid4(), ())
    with pytest.raises(NoUnits):
        bare.plan(row())


def test_a_line_of_a_plan_is_one_human(installation: Installation) -> None:
    plan = installation.plan(row(main="chính"), row(main="kiêm nhiệm", title="Phó Chủ tịch HĐND"))
    (line,) = [json.loads(text) for text in plan.path.read_text(encoding="utf-8").splitlines()[1:]]
    assert [(post["title"], post["body"]) for post in line["posts"]] == [
        ("Văn thư", "committee"),
        ("Phó Chủ tịch HĐND", "council"),
    ]
    assert line["source"] == "roster.csv:2"
