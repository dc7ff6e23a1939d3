"""A report adds up, names its instant, and finds the units where files would wait for a second signature."""

import hashlib
from datetime import datetime

import pytest
import sqlalchemy as sa

from directory.models import Account, Certificate
from foundation.changes import AsOf, Change
from foundation.clocks import parse_instant
from foundation.database import Writes
from provisioning.merger.apply import apply_plan
from provisioning.merger.reader import Reader
from provisioning.merger.report import Report, build_report
from provisioning.merger.report_screen import build_report_screen
from tests.provisioning.merger.conftest import DECREE, FOUNDED, Administration
from tests.services.clock import MovableClock

DAY = parse_instant("2025-07-01")


def report(
    administration: Administration, at: datetime = DAY, known_at: datetime | None = None, root: str | None = None
) -> Report:
    with administration.runtime.database.read() as reads:
        return build_report(
            reads,
            AsOf(at, known_at),
            administration.runtime.clocks.wall(),
            [administration.units[root]] if root else [],
        )


def give_certificate(
    administration: Administration, word: str, until: str = "2030-01-01", revoked: str | None = None
) -> None:
    def act(writes: Writes, change: Change) -> None:
        digest = hashlib.sha256(f"{word}{until}".encode())
        writes.add(
            Certificate(
                person_id=administration.people[word], der=digest.digest(), sha256=digest.hexdigest(), serial="1",
                issuer="CN=thử", subject=word, valid_from=FOUNDED, valid_to=parse_instant(until),
                revoked_at=parse_instant(revoked) if revoked else None, reason="superseded" if revoked else None,
                change_id=change.id,
            )
        )  # fmt: skip

    administration.write("certificate.publish", act)


def test_figures_by_unit_add_up_to_everybody(administration: Administration) -> None:
    found = report(administration)
    assert found.total("people") == len(administration.people) == found.total("accounts")
    assert found.total("active") == len(administration.people)
    assert found.without_post == {}


def test_figures_of_accounts_say_that_they_are_of_now(administration: Administration, clock: MovableClock) -> None:
    known = clock.now
    clock.advance(days=3)
    binh = administration.people["Trần Văn Bình"]
    with administration.runtime.database.write() as writes:
        account = writes.execute(sa.select(Account).where(Account.person_id == binh)).scalar_one()
        account.state = "suspended"
    old = report(administration, known, known)
    assert (old.total("people"), old.total("suspended")) == (len(administration.people), 1)
    assert old.counted_at == clock.now
    reader = Reader("en", administration.runtime.settings.zone, clock.now)
    told = "\n".join(build_report_screen(old, reader))
    assert f"as of {reader.moment(clock.now)}: accounts have no past" in told
    assert "accounts have no past" not in "\n".join(build_report_screen(report(administration, clock.now), reader))


def test_the_undecided_and_the_leavers_are_told_besides(administration: Administration) -> None:
    plan = administration.plan(DECREE, [administration.row("Võ Văn Huyện", "H08.31", None)])
    administration.approve(plan)
    apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"))
    found = report(administration)
    alone = plan.header.open["undecided"] + 1
    assert found.without_post == {"active": alone}
    assert found.total("people") + alone == len(administration.people)


@pytest.mark.parametrize(
    ("until", "revoked", "signers"),
    [
        pytest.param("2030-01-01", None, 1, id="valid"),
        pytest.param("2025-06-30", None, 0, id="over-by-then"),
        pytest.param("2030-01-01", "2025-06-29", 0, id="revoked-before"),
        pytest.param("2030-01-01", "2025-07-02", 1, id="revoked-later"),
    ],
)
def test_a_signer_is_a_leader_with_a_certificate_good_that_day(
    administration: Administration, until: str, revoked: str | None, signers: int
) -> None:
    give_certificate(administration, "Phạm Chủ Tịch", until, revoked)
    give_certificate(administration, "Trần Văn Bình")
    ward = next(unit for unit in report(administration).units if unit.code == "H08.31.21")
    assert (ward.signers, ward.leading, ward.lacks_signers) == (signers, 1, True)


def test_two_signers_are_enough(administration: Administration) -> None:
    administration.add_person("Phó Hai", "28789", "deputy")
    for word in ("Phạm Chủ Tịch", "Phó Hai"):
        give_certificate(administration, word)
    lacking = {unit.code for unit in report(administration).without_signers}
    assert "H08.31.21" not in lacking
    assert "H08.31.22" in lacking
    assert "H08.31" not in lacking, "a district does not sign any more"


def test_a_report_of_a_subtree_speaks_of_it_alone(administration: Administration) -> None:
    assert {unit.code for unit in report(administration, root="829").units} == {"H08.31", "H08.31.21", "H08.31.22"}


def test_an_old_report_can_be_repeated(administration: Administration, clock: MovableClock) -> None:
    known = clock.now
    clock.advance(days=1)
    administration.add_person("Đến Sau", "28756")
    assert report(administration, known_at=known).total("people") == report(administration).total("people") - 1
