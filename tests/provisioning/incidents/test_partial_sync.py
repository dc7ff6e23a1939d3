"""A synchronisation that stops in the middle: LSC's tasks end silently after their time; what is half written must be found and finished.

The register is never half changed (it is seen by one row); the directory may be, and the next printing finishes it.
"""

import pytest

from directory.printing.errors import DirectoryUnreachable
from tests.provisioning.incidents.conftest import DAY, EVE, Printer, approve_and_apply, digest
from tests.provisioning.merger.conftest import DECREE, Administration

pytestmark = pytest.mark.slapd


def test_the_server_dies_in_the_middle_and_the_next_printing_finishes(
    administration: Administration, printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "directory.printing.sync.UNDER_WAY", 64
    )  # Else all is done before the first answer is looked at.
    administration.add_crowd("28756", 400)
    printer.sync(EVE)
    approve_and_apply(administration, administration.plan(DECREE))
    after = digest(administration)

    def die(done: int, _total: int) -> None:
        if done > 50:
            printer.slapd.kill()

    with pytest.raises(DirectoryUnreachable):
        printer.sync(DAY, progress=die)
    printer.slapd.start()
    left = sum(printer.compare(DAY).counts.values())
    assert left > 0
    outcome = printer.sync(DAY)
    assert outcome.done == left
    assert outcome.refused == {}
    assert not printer.compare(DAY)
    assert digest(administration) == after
