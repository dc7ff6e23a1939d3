"""Hire, move, give a post, end one, leave, invite: what is written, what the worker does on the day, who is refused."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from directory.models import Account, Login, PersonDetail, Post
from directory.people import find_by_number, find_people
from foundation.audit import AuditRow
from foundation.changes import AsOf, visible
from foundation.clocks import parse_instant
from foundation.handling import drain
from foundation.shell import Actor
from provisioning.people.daily import Act, Newcomer, hire
from provisioning.people.errors import ChangeRefused
from provisioning.people.jobs import HANDLERS
from tests.provisioning.people.conftest import Call, Office, count_changes
from tests.services.clock import MovableClock

WORDS = ("--from", "2025-06-21", "--decision", "12/QĐ-UBND")
NUMBER = "086090000007"


def ask(call: Call, office: Office, actor: Actor, *words: str) -> dict[str, Any]:
    """A verb of person that works, as data."""
    answer = call(office.runtime, actor, "person", *words, "--output", "json")
    assert answer.code == 0, answer.talk
    return dict(json.loads(answer.out))


def held(office: Office, person: str | uuid.UUID, day: str) -> list[tuple[str, str, bool]]:
    """Unit, title and whether main of the posts on a day."""
    words = {unit: word for word, unit in office.units.items()}
    with office.runtime.database.read() as reads:
        person_id = uuid.UUID(str(person))
        found = find_people(reads, [person_id], AsOf(parse_instant(day))).get(person_id)
        return [(words[post.unit_id], post.title, post.main) for post in found.posts] if found else []


def state(office: Office, person: str) -> str:
    """The state of somebody's account."""
    with office.runtime.database.read() as reads:
        return reads.execute(sa.select(Account.state).where(Account.person_id == uuid.UUID(person))).scalar_one()


def test_somebody_is_hired_with_a_log_in_of_their_own(office: Office, hr: Actor, call: Call) -> None:
    post = ("--unit", "H61.1", "--title", "Công chức tư pháp", *WORDS)
    known = ("--number", NUMBER, "--born", "1990-05-01", "--phone", "0912345678", "--address", "dao@x1.vn")
    done = ask(call, office, hr, "hire", "Trần Thị  Đào", *post, *known)
    again = ask(call, office, hr, "hire", "Trần Thị Đào", *post)
    assert (done["login"], again["login"]) == ("dao.tt", "dao.tt2")
    assert held(office, done["person"], "2025-06-20T12:00:00+07:00") == []
    assert held(office, done["person"], "2025-06-22") == [("x1", "Công chức tư pháp", True)]
    with office.runtime.database.read() as reads:
        as_of = AsOf(parse_instant("2025-06-22"))
        assert [str(one) for one in find_by_number(reads, office.runtime.sealer, NUMBER, as_of)] == [done["person"]]
        found = find_people(reads, [uuid.UUID(done["person"])], as_of)[uuid.UUID(done["person"])]
    assert (found.name, found.birth_date, found.addresses) == ("Trần Thị Đào", date(1990, 5, 1), ("dao@x1.vn",))
    assert state(office, done["person"]) == "issued"


def test_a_human_who_is_known_is_not_hired_again(office: Office, hr: Actor, call: Call) -> None:
    office.record("Trần Thị Đào", "x2", "dao.tt", number=NUMBER)
    words = ("--unit", "H61.1", "--title", "Kế toán", *WORDS, "--number", NUMBER)
    answer = call(office.runtime, hr, "person", "hire", "Trần Thị Đào", *words)
    assert (answer.code, "Trần Thị Đào" in answer.talk) == (65, True)


def test_two_hires_of_one_name_at_once_get_two_log_ins(office: Office, hr: Actor) -> None:
    """The look beforehand is not what decides: the constraint is."""

    def write(_number: int) -> str | None:
        with office.runtime.database.write() as writes:
            now = office.runtime.clocks.wall()
            return hire(writes, office.runtime.sealer, Act(hr, now), Newcomer("Lê Văn Hai"), None, now).login

    with ThreadPoolExecutor(4) as pool:
        logins = list(pool.map(write, range(4)))
    assert sorted(filter(None, logins)) == ["hai.lv", "hai.lv2", "hai.lv3", "hai.lv4"]


def test_two_hires_with_one_wanted_log_in_at_once_make_one(office: Office, hr: Actor) -> None:
    def write(name: str) -> str:
        try:
            with office.runtime.database.write() as writes:
                now = office.runtime.clocks.wall()
                newcomer = Newcomer(name, login="giam.doc")
                hire(writes, office.runtime.sealer, Act(hr, now), newcomer, None, now)
        except ChangeRefused as refusal:
            return refusal.code
        return "hired"

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(write, ["Một Người", "Hai Người", "Ba Người", "Bốn Người"]))
    assert sorted(outcomes) == ["change_refused"] * 3 + ["hired"]
    with office.runtime.database.read() as reads:
        owners = reads.execute(sa.select(sa.func.count(Login.row_id)).where(Login.login == "giam.doc")).scalar_one()
        named = sa.select(sa.func.count(PersonDetail.row_id)).where(PersonDetail.name.like("% Người"))
        assert (owners, reads.execute(named).scalar_one()) == (1, 1)


def test_two_who_write_down_one_human_at_once_write_one_record(office: Office, hr: Actor) -> None:
    def write(_number: int) -> str:
        try:
            with office.runtime.database.write() as writes:
                now = office.runtime.clocks.wall()
                hire(writes, office.runtime.sealer, Act(hr, now), Newcomer("Lê Văn Hai", NUMBER), None, now)
        except ChangeRefused as refusal:
            return refusal.code
        return "hired"

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(write, range(4)))
    assert sorted(outcomes) == ["change_refused"] * 3 + ["hired"]


def test_a_move_ends_the_main_post_and_leaves_the_others(office: Office, hr: Actor, call: Call) -> None:
    person = office.record("Trần Thị Đào", "x1", "dao.tt")
    beside = ("--unit", "H61", "--title", "Thành viên tổ 35", "--from", "2025-06-21", "--decision", "1/QĐ")
    ask(call, office, hr, "post", "dao.tt", *beside, "--until", "2025-09-01")
    ask(
        call,
        office,
        hr,
        "move",
        "dao.tt",
        "--unit",
        "H61.2",
        "--title",
        "Kế toán",
        "--from",
        "2025-07-15",
        "--decision",
        "2/QĐ",
    )
    assert held(office, person, "2025-07-14") == [("x1", "Chuyên viên", True), ("86", "Thành viên tổ 35", False)]
    assert held(office, person, "2025-07-15") == [("x2", "Kế toán", True), ("86", "Thành viên tổ 35", False)]
    assert held(office, person, "2025-09-01") == [("x2", "Kế toán", True)]
    ask(call, office, hr, "end", "dao.tt", "--unit", "H61", "--from", "2025-08-01", "--decision", "3/QĐ")
    assert held(office, person, "2025-08-02") == [("x2", "Kế toán", True)]


def test_a_leaver_is_shut_out_on_the_day_and_not_before(
    office: Office, hr: Actor, call: Call, clock: MovableClock
) -> None:
    person = office.record("Trần Thị Đào", "x1", "dao.tt")
    ask(call, office, hr, "leave", "dao.tt", "--why", "retired", "--from", "2025-08-01", "--decision", "9/QĐ")
    drain(office.runtime, HANDLERS)
    assert (state(office, str(person)), held(office, person, "2025-07-31")) == ("active", [("x1", "Chuyên viên", True)])
    clock.set("2025-08-01T00:00:01+07:00")
    drain(office.runtime, HANDLERS)
    assert (state(office, str(person)), held(office, person, "2025-08-01")) == ("suspended", [])
    shown = json.loads(call(office.runtime, hr, "person", "show", str(person), "--output", "json").out)
    assert (shown["left"]["why"], shown["left"]["decision"]) == ("retired", "9/QĐ")


def test_who_died_yesterday_is_shut_out_now(office: Office, hr: Actor, call: Call) -> None:
    person = office.record("Trần Thị Đào", "x1", "dao.tt")
    ask(call, office, hr, "leave", "dao.tt", "--why", "died", "--from", "2025-06-19", "--decision", "giấy chứng tử 5")
    drain(office.runtime, HANDLERS)
    assert state(office, str(person)) == "suspended"


def test_who_comes_back_before_the_day_stays_open(office: Office, hr: Actor, call: Call, clock: MovableClock) -> None:
    person = office.record("Trần Thị Đào", "x1", "dao.tt")
    ask(call, office, hr, "leave", "dao.tt", "--why", "resigned", "--from", "2025-08-01", "--decision", "9/QĐ")
    ask(
        call,
        office,
        hr,
        "move",
        "dao.tt",
        "--unit",
        "H61.2",
        "--title",
        "Kế toán",
        "--from",
        "2025-07-20",
        "--decision",
        "10/QĐ",
    )
    clock.set("2025-08-02")
    drain(office.runtime, HANDLERS)
    assert state(office, str(person)) == "active"
    assert held(office, person, "2025-08-02") == [("x2", "Kế toán", True)]


def test_somebody_from_outside_is_shut_out_at_the_end_and_may_stay_longer(
    office: Office, commune_hr: Actor, call: Call, clock: MovableClock
) -> None:
    words = ("--sponsor", "H61.1", "--until", "2025-07-10", "--decision", "HĐ 4")
    done = ask(call, office, commune_hr, "external", "Nguyễn Kỹ Sư", *words)
    ask(call, office, commune_hr, "external", done["person"], "--extend", "--until", "2025-07-20", "--decision", "HĐ 5")
    for day, expected in (("2025-07-10", "issued"), ("2025-07-20", "suspended")):
        clock.set(f"{day}T00:00:01+07:00")
        drain(office.runtime, HANDLERS)
        assert state(office, done["person"]) == expected, day


# --- refusals ------------------------------------------------------------------------------------------------------

HIRE = ("hire", "Lý Văn Mới", "--title", "Chuyên viên", *WORDS)


@pytest.mark.parametrize(
    ("words", "event"),
    [
        pytest.param((*HIRE, "--unit", "H61.2"), "hire", id="hire into another commune"),
        pytest.param(
            ("move", "dao.tt", "--unit", "H61.2", "--title", "A", *WORDS), "move", id="move to another commune"
        ),
        pytest.param(
            ("post", "ba.vv", "--unit", "H61.1", "--title", "A", *WORDS), "post", id="somebody of another commune"
        ),
        pytest.param(("end", "ba.vv", "--unit", "H61.2", *WORDS), "end", id="end elsewhere"),
        pytest.param(("leave", "ba.vv", "--why", "retired", *WORDS), "leave", id="let somebody else's person go"),
        pytest.param(
            ("external", "Kỹ Sư", "--sponsor", "H61.2", "--until", "2025-09-01", "--decision", "1"),
            "external",
            id="sponsor",
        ),
        pytest.param(("leave", "tran.n2", "--why", "retired", *WORDS), "leave", id="oneself"),
        pytest.param((*HIRE, "--unit", "H61.1", "--duties", "hr"), "hire", id="a duty that acts upon others"),
    ],
)
def test_who_lacks_the_right_writes_nothing_and_is_recorded(
    office: Office, commune_hr: Actor, call: Call, words: tuple[str, ...], event: str
) -> None:
    office.record("Trần Thị Đào", "x1", "dao.tt")
    office.record("Võ Văn Ba", "x2", "ba.vv")
    before = count_changes(office.runtime)
    assert call(office.runtime, commune_hr, "person", *words).code == 77
    assert count_changes(office.runtime) == before
    with office.runtime.database.read() as reads:
        wanted = sa.select(AuditRow.event).where(AuditRow.outcome == "refused")
        assert reads.execute(wanted).scalars().all() == [f"provisioning.person.{event}"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param((*HIRE, "--unit", "H99"), 1, id="no such unit"),
        pytest.param((*HIRE, "--unit", "H61.1", "--duties", "king"), 64, id="no such duty"),
        pytest.param((*HIRE, "--unit", "H61.1", "--number", "123"), 65, id="no number"),
        pytest.param((*HIRE, "--unit", "H61.1", "--until", "2025-06-01"), 65, id="ends before it begins"),
        pytest.param((*HIRE, "--unit", "H61.1", "--login", "dao.tt"), 65, id="a log-in of somebody else"),
        pytest.param(("hire", " ", "--title", "A", "--unit", "H61.1", *WORDS), 65, id="no name"),
        pytest.param(("leave", "dao.tt", "--why", "tired", *WORDS), 64, id="no such reason"),
        pytest.param(("leave", "nobody.here", "--why", "retired", *WORDS), 1, id="nobody"),
        pytest.param(("end", "dao.tt", "--unit", "H61.2", *WORDS), 65, id="no post there"),
        pytest.param(("post", "dao.tt", "--unit", "H61.1", "--title", "Chuyên viên", *WORDS), 65, id="held already"),
        pytest.param(
            ("external", "Kỹ Sư", "--until", "2025-09-01", "--decision", "1"), 64, id="nobody answers for them"
        ),
        pytest.param(
            ("external", "dao.tt", "--extend", "--until", "2025-09-01", "--decision", "1"), 65, id="an official"
        ),
        pytest.param(
            (*HIRE[:4], "--unit", "H61.1", "--from", "2004-01-01", "--decision", "1"),
            77,
            id="years back, before the unit was",
        ),
    ],
)
def test_what_does_not_fit_is_told_and_not_written(
    office: Office, hr: Actor, call: Call, words: tuple[str, ...], code: int
) -> None:
    office.record("Trần Thị Đào", "x1", "dao.tt")
    before = count_changes(office.runtime)
    assert call(office.runtime, hr, "person", *words).code == code
    assert count_changes(office.runtime) == before
    with office.runtime.database.read() as reads:
        posts = sa.select(sa.func.count(Post.row_id)).where(visible(Post))
        assert reads.execute(posts).scalar_one() == 3
