"""Mass deletion and mass suspension: always "could not read" taken for "nobody exists".

opnsense #10128 (directory down, every synced user deleted), glpi #984 (512 users disabled on a warning), cf-mgmt #121, wg-portal #744
(a successful but empty result disabled everyone), owncloud core #29547 (asked for a stop at ten per cent).
"""

import pytest
import sqlalchemy as sa

from directory.models import Account, Login
from directory.people import find_posts
from directory.printing.errors import DirectoryUnreachable, PrintingUnsafe
from foundation.changes import AsOf
from foundation.handling import drain
from provisioning.merger.apply import GuardsBroken
from provisioning.merger.jobs import HANDLERS
from tests.provisioning.incidents.conftest import DAY, EVE, Printer, approve_and_apply, digest
from tests.provisioning.merger.conftest import DECREE, Administration
from tests.services.clock import MovableClock


@pytest.mark.slapd
def test_a_directory_that_is_down_disables_nobody(administration: Administration, printer: Printer) -> None:
    before = digest(administration)
    printer.slapd.stop()
    with pytest.raises(DirectoryUnreachable):
        printer.sync(DAY)
    printer.slapd.start()
    assert digest(administration) == before
    with administration.runtime.database.read() as reads:
        assert set(reads.execute(sa.select(Account.state)).scalars()) == {"active"}
    assert not printer.compare(EVE)


@pytest.mark.slapd
def test_a_register_that_reads_empty_takes_nothing_from_the_directory(
    administration: Administration, printer: Printer
) -> None:
    """Successful but empty: long before anybody was founded the register has nobody, and says so without an error."""
    before_anybody = EVE.replace(year=1990)
    with pytest.raises(PrintingUnsafe):
        printer.sync(before_anybody)
    assert not printer.compare(EVE)


def test_a_list_by_which_a_unit_loses_most_of_its_people_changes_nothing(administration: Administration) -> None:
    words = [f"Người {number}" for number in range(12)]
    for word in words:
        administration.add_person(word, "28789")
    before = digest(administration)
    plan = administration.plan(DECREE, [administration.row(word, "H08.31.21", None) for word in words])
    with pytest.raises(GuardsBroken, match="An Hội"):
        approve_and_apply(administration, plan)
    assert digest(administration) == before


def test_who_leaves_is_suspended_that_day_and_never_deleted(
    administration: Administration, clock: MovableClock
) -> None:
    leaver = administration.people["Võ Văn Huyện"]
    plan = administration.plan(DECREE, [administration.row("Võ Văn Huyện", "H08.31", None)])
    approve_and_apply(administration, plan)
    with administration.runtime.database.read() as reads:
        assert reads.execute(sa.select(Account.state).where(Account.person_id == leaver)).scalar_one() == "active"
    clock.set(DAY)
    drain(administration.runtime, HANDLERS)
    with administration.runtime.database.read() as reads:
        account = reads.execute(sa.select(Account).where(Account.person_id == leaver)).scalar_one()
        kept = reads.execute(sa.select(Login.login).where(Login.account_id == account.id)).scalars().all()
        past = find_posts(reads, [leaver], AsOf(EVE))[leaver]
    assert account.state == "suspended"
    assert len(kept) == 1
    assert past[0].unit_id == administration.units["829"]
