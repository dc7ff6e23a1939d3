"""The wire: what is read is whole or refused, what is written is accounted for."""

import dataclasses
from pathlib import Path

import pytest

from directory.printing import slapd as slapd_module
from directory.printing.difference import Add, Delete, Modify
from directory.printing.entries import people_branch
from directory.printing.errors import DirectoryRefused, DirectoryUnreachable, PrintingUnreadable
from directory.printing.server import Access, Server
from directory.printing.slapd import PrivateSlapd, free_port
from tests.directory.printing.people import PASSWORD, official

pytestmark = pytest.mark.slapd


def test_many_entries_are_read_page_by_page(slapd: PrivateSlapd) -> None:
    people = [official(f"Nguyễn Văn {n}") for n in range(2_345)]
    with Server(slapd.writer) as server:
        assert server.write(Add(person.entry(slapd.base)) for person in people).done == 2_345
        found = {found.entry.dn: found.entry for found in server.read_branch(people_branch(slapd.base))}
    assert found == {person.dn(slapd.base): person.entry(slapd.base) for person in people}


def test_writing_twice_is_writing_once(slapd: PrivateSlapd) -> None:
    person = official()
    with Server(slapd.writer) as server:
        add = Add(person.entry(slapd.base))
        assert server.write([add]).done == 1
        again = server.write([add])
        assert (again.done, again.overtaken, again.refused) == (0, [add], [])
        found = server.find_entry(person.dn(slapd.base))
        assert found is not None
        gone = Delete(person.dn(slapd.base), found.csn, {})
        assert server.write([gone]).done == 1
        assert server.write([gone]).done == 1


def test_a_change_computed_from_an_older_entry_is_overtaken(slapd: PrivateSlapd) -> None:
    person = official()
    with Server(slapd.writer) as server:
        server.write([Add(person.entry(slapd.base))])
        found = server.find_entry(person.dn(slapd.base))
        assert found is not None
        first = Modify(person.dn(slapd.base), found.csn, {"title": (b"first",)}, {})
        second = Modify(person.dn(slapd.base), found.csn, {"title": (b"second",)}, {})
        assert server.write([first]).done == 1
        assert server.write([second, Delete(person.dn(slapd.base), found.csn, {})]).done == 0
        after = server.find_entry(person.dn(slapd.base))
    assert after is not None
    assert after.entry.attributes["title"] == (b"first",)


def test_one_entry_the_server_does_not_take_does_not_stop_the_others(slapd: PrivateSlapd) -> None:
    people = [official(f"Nguyễn Văn {n}").entry(slapd.base) for n in range(5)]
    people[2] = dataclasses.replace(people[2], attributes={**people[2].attributes, "mail": ("hoà@x.vn".encode(),)})
    with Server(slapd.writer) as server:
        written = server.write(Add(entry) for entry in people)
    assert written.done == 4
    assert [(change.dn, "syntax" in why.lower()) for change, why in written.refused] == [(people[2].dn, True)]


def test_a_server_that_is_not_there_is_unreachable(slapd: PrivateSlapd) -> None:
    access = dataclasses.replace(slapd.writer, url=f"ldap://127.0.0.1:{free_port()}")
    with pytest.raises(DirectoryUnreachable) as refusal:
        Server(access).connect()
    assert refusal.value.exit_code == 69


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_writer_with_a_wrong_password_is_refused(slapd: PrivateSlapd, password: str) -> None:
    with pytest.raises(DirectoryRefused) as refusal:
        Server(dataclasses.replace(slapd.writer, password=password)).connect()
    assert refusal.value.exit_code == 77


def test_a_writer_without_the_right_is_refused(slapd: PrivateSlapd) -> None:
    with Server(slapd.reader) as server, pytest.raises(DirectoryRefused):
        server.write([Add(official().entry(slapd.base))])


# --- incidents of others: a read that is not whole is never an answer ---------------------------------------------------


def test_incident_a_name_without_rights_sees_nothing_and_that_is_no_answer(slapd: PrivateSlapd) -> None:
    person = official(activated=True)
    with Server(slapd.writer) as server:
        server.write([Add(person.entry(slapd.base))])
    with (
        Server(Access(slapd.url, slapd.base, person.dn(slapd.base), PASSWORD)) as server,
        pytest.raises(PrintingUnreadable, match="not shown"),
    ):
        list(server.read_branch(people_branch(slapd.base)))


def test_incident_a_wrong_base_is_no_empty_directory(slapd: PrivateSlapd) -> None:
    with Server(slapd.writer) as server, pytest.raises(PrintingUnreadable):
        list(server.read_branch("ou=people,dc=nowhere"))


HIDE_CHILDREN = (
    'olcAccess: {0}to dn.children="ou=people,${base}" by dn.exact="cn=writer,ou=services,${base}" =w by * none'
)
FEW_ONLY = 'olcLimits: {0}dn.exact="cn=writer,ou=services,${base}" size.soft=5 size.hard=5 size.prtotal=10'


@pytest.mark.parametrize(
    "line, said",
    [
        pytest.param(
            HIDE_CHILDREN, "says that it has entries, but none is shown", id="successful but empty: rights lost"
        ),
        pytest.param(FEW_ONLY, "could not be read whole", id="cut short by a limit of the server"),
    ],
)
def test_incident_a_read_that_is_not_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, said: str
) -> None:
    with PrivateSlapd(tmp_path, outlives_parent=False) as slapd:
        with Server(slapd.writer) as server:
            server.write(Add(official(f"Nguyễn Văn {n}").entry(slapd.base)) for n in range(20))
        slapd.stop()
        fill = slapd_module.fill_template

        def fill_worse(name: str, **values: str) -> str:
            """The configuration as a colleague might have "improved" it."""
            worse = line.replace("${base}", values["base"])
            return insert(fill(name, **values), line.partition(" {0}")[0], worse)

        monkeypatch.setattr(slapd_module, "fill_template", fill_worse)
        slapd.start()
        with Server(slapd.writer) as server, pytest.raises(PrintingUnreadable, match=said):
            list(server.read_branch(people_branch(slapd.base)))


def insert(configuration: str, key: str, line: str) -> str:
    """The configuration with the line first among those of its key in the database, the others renumbered."""
    head, _, database = configuration.partition("dn: olcDatabase={1}mdb")
    lines = database.split("\n")
    first = next(n for n, text in enumerate(lines) if text.startswith(f"{key} {{"))
    renumbered = [renumber(text, key) for text in lines]
    return "\n".join([head + "dn: olcDatabase={1}mdb" + renumbered[0], *renumbered[1:first], line, *renumbered[first:]])


def renumber(text: str, key: str) -> str:
    """A line of this key with its number raised by one."""
    if not text.startswith(f"{key} {{"):
        return text
    number, _, rest = text.removeprefix(f"{key} {{").partition("}")
    return f"{key} {{{int(number) + 1}}}{rest}"
