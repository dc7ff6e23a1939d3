"""The private server: who may bind, who may see what, and what survives a kill."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import ldap
import pytest

from directory.printing.difference import Add
from directory.printing.entries import people_branch
from directory.printing.errors import ServerNotStarted
from directory.printing.server import Server
from directory.printing.slapd import PrivateSlapd
from tests.directory.printing.people import PASSWORD, official

pytestmark = pytest.mark.slapd


def bind(slapd: PrivateSlapd, dn: str, password: str) -> Any:
    connection = ldap.initialize(slapd.url)
    connection.simple_bind_s(dn, password)
    return connection


def test_an_activated_person_binds_with_the_password_of_the_register(slapd: PrivateSlapd) -> None:
    person = official("Nguyễn Thị Hoà", activated=True)
    with Server(slapd.writer) as server:
        server.write([Add(person.entry(slapd.base))])
    connection = bind(slapd, person.dn(slapd.base), PASSWORD)
    assert connection.whoami_s() == f"dn:{person.dn(slapd.base)}"


def test_what_mail_does_search_as_reader_then_bind_as_the_person(slapd: PrivateSlapd) -> None:
    person = official("Nguyễn Thị Hoà", login="hoa.nt", activated=True)
    with Server(slapd.writer) as server:
        server.write([Add(person.entry(slapd.base))])
    reader = bind(slapd, slapd.reader.bind_dn, slapd.reader.password)
    rows = reader.search_s(
        slapd.base, ldap.SCOPE_SUBTREE, "(&(objectClass=inetOrgPerson)(uid=hoa.nt))", ["uid", "mail"]
    )
    assert [dn for dn, _ in rows] == [person.dn(slapd.base)]
    bind(slapd, rows[0][0], PASSWORD)


REFUSALS = [
    pytest.param("{person}", "wrong", ldap.INVALID_CREDENTIALS, id="wrong password: 49"),
    pytest.param("{person}", "", ldap.UNWILLING_TO_PERFORM, id="name without password: 53"),
    pytest.param("{silent}", PASSWORD, ldap.INVALID_CREDENTIALS, id="nobody activated this one: 49"),
    pytest.param("{silent}", "", ldap.UNWILLING_TO_PERFORM, id="nobody activated, no password: 53"),
    pytest.param(
        "hopnhatPersonId=nobody,ou=people,{base}", PASSWORD, ldap.INVALID_CREDENTIALS, id="no such person: 49"
    ),
    pytest.param("cn=reader,ou=services,{base}", "wrong", ldap.INVALID_CREDENTIALS, id="reader, wrong password: 49"),
    pytest.param("cn=config", "secret", ldap.INVALID_CREDENTIALS, id="nobody binds to the configuration: 49"),
]


@pytest.mark.parametrize("dn, password, refusal", REFUSALS)
def test_a_bind_is_refused(slapd: PrivateSlapd, dn: str, password: str, refusal: type[Exception]) -> None:
    person, silent = official("Trần Văn An", activated=True), official("Lê Thị Ba")
    with Server(slapd.writer) as server:
        server.write([Add(person.entry(slapd.base)), Add(silent.entry(slapd.base))])
    name = dn.format(person=person.dn(slapd.base), silent=silent.dn(slapd.base), base=slapd.base)
    with pytest.raises(refusal):
        bind(slapd, name, password)


@pytest.mark.parametrize("branch", ["", "ou=people,", "ou=units,", "ou=services,"])
def test_nothing_is_shown_without_a_name(slapd: PrivateSlapd, branch: str) -> None:
    connection = ldap.initialize(slapd.url)
    with pytest.raises(ldap.UNWILLING_TO_PERFORM, match="authentication required"):
        connection.search_s(branch + slapd.base, ldap.SCOPE_SUBTREE)


def test_the_reader_sees_everything_but_passwords(slapd: PrivateSlapd) -> None:
    person = official("Trần Văn An", activated=True)
    with Server(slapd.writer) as server:
        server.write([Add(person.entry(slapd.base))])
        assert b"{ARGON2}" in server.find_entry(person.dn(slapd.base)).entry.attributes["userPassword"][0]
    with Server(slapd.reader) as server:
        seen = server.find_entry(person.dn(slapd.base)).entry.attributes
    assert "userPassword" not in seen
    assert seen.keys() == person.entry(slapd.base).attributes.keys() - {"userPassword"}


def test_a_person_sees_only_the_own_entry(slapd: PrivateSlapd) -> None:
    me, other = official("Trần Văn An", activated=True), official("Lê Thị Ba", activated=True)
    with Server(slapd.writer) as server:
        server.write([Add(me.entry(slapd.base)), Add(other.entry(slapd.base))])
    connection = bind(slapd, me.dn(slapd.base), PASSWORD)
    assert len(connection.search_s(me.dn(slapd.base), ldap.SCOPE_BASE)) == 1
    with pytest.raises(ldap.NO_SUCH_OBJECT):
        connection.search_s(other.dn(slapd.base), ldap.SCOPE_BASE)


WRITES = [
    pytest.param("reader", ldap.INSUFFICIENT_ACCESS, id="the reader"),
    pytest.param("person", ldap.INSUFFICIENT_ACCESS, id="a person, about oneself"),
    pytest.param(None, ldap.STRONG_AUTH_REQUIRED, id="nobody"),
]


@pytest.mark.parametrize("who, refusal", WRITES)
@pytest.mark.parametrize("attribute", ["cn", "userPassword"])
def test_only_the_writer_writes(slapd: PrivateSlapd, who: str | None, refusal: type[Exception], attribute: str) -> None:
    person = official("Trần Văn An", activated=True)
    with Server(slapd.writer) as server:
        server.write([Add(person.entry(slapd.base))])
    connection = ldap.initialize(slapd.url)
    if who == "reader":
        connection.simple_bind_s(slapd.reader.bind_dn, slapd.reader.password)
    elif who == "person":
        connection.simple_bind_s(person.dn(slapd.base), PASSWORD)
    with pytest.raises(refusal):
        connection.modify_s(person.dn(slapd.base), [(ldap.MOD_REPLACE, attribute, [b"new"])])


@pytest.mark.parametrize("dn", ["cn=writer,ou=services,{base}", "cn=reader,ou=services,{base}", "ou=people,{base}"])
def test_the_writer_does_not_touch_the_frame(slapd: PrivateSlapd, dn: str) -> None:
    connection = bind(slapd, slapd.writer.bind_dn, slapd.writer.password)
    with pytest.raises((ldap.INSUFFICIENT_ACCESS, ldap.NOT_ALLOWED_ON_NONLEAF)):
        connection.delete_s(dn.format(base=slapd.base))


def test_guessing_locks_the_entry_for_a_while(slapd: PrivateSlapd) -> None:
    person = official("Trần Văn An", activated=True)
    with Server(slapd.writer) as server:
        server.write([Add(person.entry(slapd.base))])
        for _ in range(10):
            with pytest.raises(ldap.INVALID_CREDENTIALS):
                bind(slapd, person.dn(slapd.base), "wrong")
        with pytest.raises(ldap.INVALID_CREDENTIALS):
            bind(slapd, person.dn(slapd.base), PASSWORD)
        # What the server notes about guesses is its own affair: for the printing the entry says the same.
        assert server.find_entry(person.dn(slapd.base)).entry == person.entry(slapd.base)


def test_a_killed_server_starts_again_on_the_same_data(tmp_path: Path) -> None:
    person = official("Trần Văn An")
    with PrivateSlapd(tmp_path, outlives_parent=False) as slapd:
        port = slapd.url
        with Server(slapd.writer) as server:
            server.write([Add(person.entry(slapd.base))])
        slapd.kill()
        assert slapd.find_pid() is None
        slapd.start()
        assert slapd.url == port
        with Server(slapd.reader) as server:
            assert len(list(server.read_branch(people_branch(slapd.base)))) == 1


def test_the_server_outlives_a_killed_parent_and_is_found_again(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from directory.printing.slapd import PrivateSlapd; "
        "PrivateSlapd(Path(sys.argv[1])).start(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    house = Path(__file__).parents[3]
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=house, check=False, env={**os.environ, "PYTHONPATH": "."}
    )
    slapd = PrivateSlapd(tmp_path)
    pid = slapd.find_pid()
    try:
        assert pid is not None
        assert slapd.start().find_pid() == pid
        with Server(slapd.reader):
            pass
    finally:
        slapd.stop()
    assert slapd.find_pid() is None


def test_the_last_to_leave_stops_the_server(tmp_path: Path) -> None:
    with PrivateSlapd(tmp_path) as one:
        pid = one.find_pid()
        with PrivateSlapd(tmp_path) as two:
            assert two.find_pid() == pid
        assert one.find_pid() == pid
    assert one.find_pid() is None


def test_a_stale_or_reused_pid_is_not_believed(tmp_path: Path) -> None:
    slapd = PrivateSlapd(tmp_path, outlives_parent=False)
    tmp_path.joinpath("slapd.pid").write_text(str(os.getpid()))
    assert slapd.find_pid() is None
    slapd.stop()
    tmp_path.joinpath("slapd.pid").write_text("4194304")
    with slapd:
        assert slapd.find_pid() not in (None, 4194304)


def test_services_keep_their_passwords_in_files_for_the_owner_only(slapd: PrivateSlapd) -> None:
    for service in ("writer", "reader"):
        assert (slapd.folder / f"{service}.password").stat().st_mode & 0o777 == 0o600
    assert slapd.writer.password not in repr(slapd.writer)


def test_a_wiped_server_starts_empty_with_the_same_services(tmp_path: Path) -> None:
    with PrivateSlapd(tmp_path, outlives_parent=False) as slapd:
        before = slapd.reader
        slapd.wipe()
        slapd.start()
        assert slapd.reader == before
        with Server(slapd.reader) as server:
            assert list(server.read_branch(people_branch(slapd.base))) == []


def test_a_folder_may_be_called_anything(tmp_path: Path) -> None:
    with PrivateSlapd(tmp_path / 'sổ bộ "của tôi"', outlives_parent=False) as slapd, Server(slapd.writer) as server:
        assert list(server.read_branch(people_branch(slapd.base))) == []


def test_a_configuration_that_slapd_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    with pytest.raises(ServerNotStarted, match="slapadd refuses"):
        PrivateSlapd(tmp_path, base="this is no name").start()
