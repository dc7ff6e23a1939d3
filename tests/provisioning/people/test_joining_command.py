"""`person join`, `part` and `show` at their door: what a clerk reads, exit codes, rights."""

import json
import uuid

import pytest
import sqlalchemy as sa

from foundation.audit import AuditRow
from foundation.shell import Actor
from provisioning.people.joining import Pair
from tests.provisioning.people.conftest import Call, Office, count_changes


@pytest.fixture
def pair(office: Office) -> Pair:
    """One human, written down in two communes."""
    kept = office.record("Trần Thị Đào", "x1", "dao.tt", address="dao@x1.vn")
    return Pair(kept, office.record("Trần Thị Đào", "x2", "dao.x2"))


def test_a_clerk_joins_looks_and_parts(office: Office, pair: Pair, hr: Actor, call: Call) -> None:
    joined = call(office.runtime, hr, "person", "join", "dao.tt", "dao.x2", "--reason", "một người")
    assert (joined.code, f"person part {pair.survivor} {pair.loser}" in joined.talk) == (0, True)
    shown = json.loads(call(office.runtime, hr, "person", "show", str(pair.loser), "--output", "json").out)
    assert (shown["person"], len(shown["posts"]), shown["logins"]) == (str(pair.survivor), 2, ["dao.tt", "dao.x2"])
    assert [one["person"] for one in shown["joined"]] == [str(pair.loser)]
    table = call(office.runtime, hr, "person", "show", str(pair.loser))
    assert f"{pair.loser} was joined to {pair.survivor}" in table.talk
    assert "also answers for" in table.out
    parted = call(office.runtime, hr, "person", "part", "dao.tt", str(pair.loser), "--reason", "hai người")
    assert parted.code == 0
    again = json.loads(call(office.runtime, hr, "person", "show", str(pair.loser), "--output", "json").out)
    assert (again["person"], again["joined"], again["logins"]) == (str(pair.loser), [], ["dao.x2"])


@pytest.mark.parametrize("verb", ["join", "part"])
def test_hr_of_one_unit_cannot_join_across_two(
    office: Office, pair: Pair, hr: Actor, commune_hr: Actor, call: Call, verb: str
) -> None:
    words = [str(pair.survivor), str(pair.loser), "--reason", "thử"]
    if verb == "part":
        assert call(office.runtime, hr, "person", "join", *words).code == 0
    before = count_changes(office.runtime)
    assert call(office.runtime, commune_hr, "person", verb, *words).code == 77
    assert count_changes(office.runtime) == before
    with office.runtime.database.read() as reads:
        wanted = sa.select(AuditRow.subject).where(
            AuditRow.event == f"provisioning.person.{verb}", AuditRow.outcome == "refused"
        )
        assert reads.execute(wanted).scalars().all() == [str(pair.survivor)]


def test_nobody_joins_their_own_record(office: Office, hr: Actor, call: Call) -> None:
    other = office.record("Lê Thị Hoa", "x1", "hoa.x1")
    answer = call(office.runtime, hr, "person", "join", str(hr.person_id), str(other), "--reason", "tôi")
    assert answer.code == 77


def test_records_of_people_with_weight_are_joined_by_operators_only(office: Office, hr: Actor, call: Call) -> None:
    """Otherwise whoever may join could hand a second person's approval to a record of their own choosing."""
    office.record("Phó Phòng", "x1", "pho", duties="approver")
    office.record("Phó Phòng", "x2", "pho.x2")
    assert call(office.runtime, hr, "person", "join", "pho", "pho.x2", "--reason", "thử").code == 77


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(("part", "dao.tt", str(uuid.UUID(int=1)), "--reason", "x"), 1, id="never joined"),
        pytest.param(("join", "dao.tt", "dao.tt", "--reason", "x"), 65, id="one record"),
        pytest.param(("join", "dao.tt", "nobody.here", "--reason", "x"), 1, id="nobody"),
        pytest.param(("join", "dao.tt", "dao.x2"), 64, id="no reason"),
    ],
)
def test_what_cannot_be_joined_is_told(
    office: Office, pair: Pair, call: Call, words: tuple[str, ...], code: int
) -> None:
    glass = Actor("break-glass:root", None, "root", "test")
    assert call(office.runtime, glass, "person", *words).code == code
