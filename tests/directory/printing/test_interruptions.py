"""What the server or somebody else does in the middle of a printing: nothing is lost, and never is the older picture put over the newer."""

from typing import Any

import pytest

from directory.printing.difference import Change
from directory.printing.errors import DirectoryUnreachable
from directory.printing.server import Server
from directory.printing.singles import print_people
from directory.printing.sync import compare
from tests.directory.printing.printer import Printer
from tests.directory.printing.small_register import SmallRegister

pytestmark = pytest.mark.slapd


@pytest.mark.parametrize(
    ("window", "after"),
    [
        pytest.param(64, 70, id="after the first answers"),
        pytest.param(64, 200, id="while answers come"),
        pytest.param(512, 200, id="before any answer was taken"),
    ],
)
def test_a_server_killed_in_the_middle_loses_nothing(
    register: SmallRegister, printer: Printer, monkeypatch: pytest.MonkeyPatch, window: int, after: int
) -> None:
    """It dies once so many requests were handed to it, however many of them it had done by then."""
    register.people(300)
    send, sent = Server._send, []

    def send_and_kill(server: Server, change: Change) -> int:
        number = send(server, change)
        sent.append(number)
        if len(sent) == after:
            printer.slapd.kill()
        return number

    monkeypatch.setattr(Server, "_send", send_and_kill)
    monkeypatch.setattr("directory.printing.sync.UNDER_WAY", window)
    with pytest.raises(DirectoryUnreachable) as refusal:
        printer.sync(from_nothing=True)
    assert refusal.value.exit_code == 69
    monkeypatch.setattr(Server, "_send", send)
    printer.slapd.start()
    told = refusal.value.values["done"]
    assert isinstance(told, int)
    assert max(0, after - window) <= told <= printer.count() <= after
    printer.sync(from_nothing=printer.count() == 0)
    assert not printer.compare()
    assert printer.count() == 300


def test_a_server_killed_after_its_last_answer_has_all(register: SmallRegister, printer: Printer) -> None:
    """What was under way when it died is counted by its answer alone: the last one says that everything is there."""
    register.people(300)
    told: list[int] = []

    def kill(done: int, total: int) -> None:
        told.append(done)
        if done == total:
            printer.slapd.kill()

    assert printer.sync(from_nothing=True, progress=kill).done == 300
    assert told == sorted(told)
    printer.slapd.start()
    assert printer.count() == 300
    assert not printer.compare()


def test_what_somebody_wrote_in_between_is_not_overwritten_but_looked_at_again(
    register: SmallRegister, printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = register.person("Lê Thị Hoà", "hoa.lt")
    printer.sync(from_nothing=True)
    register.rename(person, "Lê Thị Hoa")
    write = Server.write

    def write_late(server: Server, changes: Any, **options: Any) -> Any:
        """Between our comparison and our write a job prints a name that is newer than the one we have in hand."""
        monkeypatch.setattr(Server, "write", write)
        register.rename(person, "Lê Thị Hoài")
        with Server(printer.slapd.writer) as other:
            print_people(register.database, other, [person], printer.clock)
        return write(server, changes, **options)

    with Server(printer.slapd.writer) as server:
        difference = compare(register.database, server, printer.clock).people
        written = write_late(server, difference.changes)
    assert (written.done, len(written.overtaken)) == (0, 1)

    register.rename(person, "Lê Thị Hoa")
    monkeypatch.setattr(Server, "write", write_late)
    outcome = printer.sync()
    found = printer.person(person)
    assert found is not None
    assert found["cn"] == ["Lê Thị Hoài"]
    assert not printer.compare()
    assert outcome.done + outcome.settled >= 1


def test_incident_the_server_is_down_and_nobody_is_deleted(register: SmallRegister, printer: Printer) -> None:
    people = register.people(20)
    printer.sync(from_nothing=True)
    register.withdraw(*people)
    writer = printer.slapd.writer
    printer.slapd.stop()
    with pytest.raises(DirectoryUnreachable), Server(writer):
        pytest.fail("it answered")
    printer.slapd.start()
    assert printer.count() == 20
