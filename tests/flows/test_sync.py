"""The story of the directory: a first printing, an activation, a merger at its instant, a server that dies, a directory that is lost."""

from pathlib import Path

import ldap
import pytest
import sqlalchemy as sa
from ldap.filter import filter_format

from directory.credentials import hash_password, keep_hash
from directory.models import Account, PersonDetail
from directory.printing.command import open_server
from directory.printing.deeds import is_first
from directory.printing.entries import people_branch, units_branch
from directory.printing.errors import DirectoryUnreachable, PrintingUnsafe
from directory.printing.guards import Limits
from directory.printing.jobs import PRINT_ALL, ask_for_all
from directory.printing.server import Server
from directory.printing.slapd import PrivateSlapd
from directory.printing.sync import Comparison, compare, sync
from directory.settings import LdapSettings
from foundation.handling import drain
from foundation.outbox import OutboxJob, count_by_state
from foundation.runtime import Runtime
from foundation.settings import Settings, build_settings
from provisioning.jobs import HANDLERS
from provisioning.merger.apply import apply_plan
from tests.provisioning.merger.conftest import DECREE, Administration, administration
from tests.services.clock import MovableClock
from tests.services.slapd import empty_printing

__all__ = ["administration"]
pytestmark = [pytest.mark.flow, pytest.mark.slapd]

CROWD = 400
PASSWORD = "mưa rơi trên mái tôn"
BINH = "Trần Văn Bình"


@pytest.fixture
def settings(database_url: str, tmp_path: Path, slapd: PrivateSlapd) -> Settings:
    """This register, and the operated server it is printed to."""
    operated = {"url": slapd.url, "base": slapd.base, "password_file": slapd.folder / "writer.password"}
    written = {"database": database_url, "data": tmp_path / "data", "ldap": operated}
    return build_settings(written, [LdapSettings])


class Mail:
    """A mail system: it knows the reader, and what people type."""

    def __init__(self, slapd: PrivateSlapd) -> None:
        self.slapd = slapd

    def search(self, wanted: str, *values: str) -> list[tuple[str, dict[str, list[bytes]]]]:
        """What is found with this filter."""
        reader = ldap.initialize(self.slapd.url)
        reader.simple_bind_s(self.slapd.reader.bind_dn, self.slapd.reader.password)
        found = reader.search_s(self.slapd.base, ldap.SCOPE_SUBTREE, filter_format(wanted, list(values)))
        reader.unbind_s()
        return list(found)

    def log_in(self, login: str, password: str) -> str:
        """Search, then bind as the one found. Gives the permanent id."""
        [(dn, entry)] = self.search("(&(objectClass=inetOrgPerson)(uid=%s)(hopnhatAccountState=active))", login)
        ldap.initialize(self.slapd.url).simple_bind_s(dn, password)
        return entry["hopnhatPersonId"][0].decode()


def test_the_story_of_the_directory(
    administration: Administration, slapd: PrivateSlapd, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "directory.printing.sync.UNDER_WAY", 64
    )  # Else all is done before the first answer is looked at.
    runtime, mail = administration.runtime, Mail(slapd)
    administration.add_crowd("28756", CROWD)
    people = CROWD + len(administration.people)

    # The first printing fills an empty directory; then there is nothing left to say.
    with runtime.database.write() as writes:
        ask_for_all(writes, clock.now)
    drain(runtime, HANDLERS)
    assert len(mail.search("(objectClass=hopnhatPerson)")) == people
    assert not drift(runtime)
    with runtime.database.read() as reads:
        assert not is_first(reads, slapd.base)

    # Somebody sets a password; as soon as the worker has passed, it opens the mail.
    binh = administration.people[BINH]
    set_password(runtime, BINH, administration)
    drain(runtime, HANDLERS)
    login = mail.search("(hopnhatPersonId=%s)", str(binh))[0][1]["uid"][0].decode()
    assert mail.log_in(login, PASSWORD) == str(binh)

    # A merger is applied ten days ahead: the directory goes on telling today.
    plan = administration.plan(DECREE, [administration.row("Võ Văn Huyện", "H08.31", None)])
    administration.approve(plan)
    apply_plan(runtime, plan.path, administration.actor("Lê Thị Hoa"))
    names = set(printed(slapd, people_branch(slapd.base)))
    drain(runtime, HANDLERS)
    assert not drift(runtime)

    # On the day the server is away: the jobs wait, nothing is lost, and it is printed when the server is back.
    slapd.stop()
    clock.set("2025-07-01T00:00:05+07:00")
    drain(runtime, HANDLERS)
    with runtime.database.read() as reads:
        assert (
            PRINT_ALL
            in reads.execute(sa.select(OutboxJob.kind).where(OutboxJob.attempts > 0, OutboxJob.state == "waiting"))
            .scalars()
            .all()
        )
    slapd.start()
    clock.advance(minutes=30)
    drain(runtime, HANDLERS)
    assert count_by_state(runtime.database)["waiting"] == 1, "the next whole printing"
    assert not drift(runtime)
    assert set(printed(slapd, people_branch(slapd.base))) == names

    # The same log-in and password, the same entry; the new unit, found by the old code too.
    assert mail.log_in(login, PASSWORD) == str(binh)
    entry = mail.search("(hopnhatPersonId=%s)", str(binh))[0][1]
    assert b"H61.101" in entry["hopnhatUnitCode"]
    assert b"H08.31.21" in entry["hopnhatFormerUnitCode"]
    standing = "(&(objectClass=hopnhatUnit)(hopnhatFormerUnitCode=%s)(hopnhatUnitState=standing))"
    assert [found["hopnhatUnitId"] for _, found in mail.search(standing, "28756")] == [entry["hopnhatUnitId"]]
    assert mail.search("(&(objectClass=hopnhatPerson)(hopnhatUnitCode=%s))", "H08.31.22") == []

    # An old log-in ends by the clock alone, without anybody doing anything.
    assert len(mail.search("(uid=%s)", "cuc.nt")) == 1
    for day in range(1, 8):
        clock.set(f"2025-12-{24 + day}T12:00:00+07:00")
        drain(runtime, HANDLERS)
    assert mail.search("(uid=%s)", "cuc.nt") == []

    # The server is killed in the middle of a large sync; the next one completes it.
    with runtime.database.write() as writes:
        writes.execute(sa.update(PersonDetail).values(phone="0270 3822 123"))
    with pytest.raises(DirectoryUnreachable):
        print_everything(runtime, slapd, killed_after=150)
    slapd.start()
    assert 0 < len(drift(runtime).people.changes) < people
    print_everything(runtime, slapd)
    assert not drift(runtime)

    # The directory is lost. Nobody fills it again unasked; printed from nothing, it says what it said.
    before = printed(slapd, people_branch(slapd.base)) | printed(slapd, units_branch(slapd.base))
    empty_printing(slapd)
    with pytest.raises(PrintingUnsafe):
        print_everything(runtime, slapd)
    print_everything(runtime, slapd, from_nothing=True)
    assert printed(slapd, people_branch(slapd.base)) | printed(slapd, units_branch(slapd.base)) == before
    assert mail.log_in(login, PASSWORD) == str(binh)


def set_password(runtime: Runtime, word: str, administration: Administration) -> None:
    """What activation does with the password, in one transaction."""
    with runtime.database.write() as writes:
        account = writes.execute(
            sa.select(Account.id).where(Account.person_id == administration.people[word])
        ).scalar_one()
        keep_hash(writes, account, hash_password(PASSWORD), runtime.clocks.wall())


def drift(runtime: Runtime) -> Comparison:
    """What the directory says otherwise."""
    with open_server(runtime) as server:
        return compare(runtime.database, server, runtime.clocks.register)


def print_everything(
    runtime: Runtime, slapd: PrivateSlapd, *, killed_after: int | None = None, from_nothing: bool = False
) -> None:
    """A sync; the server is killed once so many writes are done."""

    def kill(done: int, _total: int) -> None:
        if killed_after is not None and done >= killed_after:
            slapd.kill()

    with open_server(runtime) as server:
        sync(runtime.database, server, runtime.clocks.register, Limits(), from_nothing=from_nothing, progress=kill)


def printed(slapd: PrivateSlapd, branch: str) -> dict[str, dict[str, tuple[bytes, ...]]]:
    """Every entry of a branch, passwords included."""
    with Server(slapd.writer) as server:
        return {found.entry.dn: dict(found.entry.attributes) for found in server.read_branch(branch)}
