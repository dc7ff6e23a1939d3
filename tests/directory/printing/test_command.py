"""`hopnhat directory …` at its door: exit codes, figures, refusals."""

import json
from pathlib import Path

import ldap
import pytest
import typer

from directory.printing.command import directory_group
from directory.printing.entries import person_dn
from directory.printing.slapd import PrivateSlapd
from directory.settings import LdapSettings
from foundation import audit
from foundation.runtime import Runtime
from foundation.settings import build_settings
from foundation.shell import Actor, Shell
from foundation.terminal import run
from tests.directory.printing.small_register import SmallRegister
from tests.services.slapd import empty_printing

pytestmark = pytest.mark.slapd


class Terminal:
    """Calls the verbs as the command line does and keeps what they print."""

    def __init__(self, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.config = config
        self.capsys = capsys
        self.actor = Actor("break-glass:root")

    def __call__(self, *words: str) -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        root, shell = typer.Typer(), Shell([LdapSettings], self.find_actor, self.config)

        @root.callback()
        def begin(context: typer.Context) -> None:
            """Put the shell where verbs find it."""
            context.obj = shell

        root.add_typer(directory_group, name="directory")
        try:
            code = run(root, ["directory", *words])
        finally:
            if "runtime" in vars(shell):
                shell.runtime.close()
        said = self.capsys.readouterr()
        return code, said.out, said.err

    def find_actor(self, runtime: Runtime, break_glass: str | None) -> Actor:
        return self.actor


@pytest.fixture
def hopnhat(
    database_url: str,
    tmp_path: Path,
    slapd: PrivateSlapd,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Terminal:
    config = tmp_path / "hopnhat.toml"
    config.write_text(
        f'database = "{database_url}"\ndata = "{tmp_path / "data"}"\n'
        f'[ldap]\nprivate = true\nfolder = "{slapd.folder}"\nbase = "{slapd.base}"\n'
    )
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    return Terminal(config, capsys)


def test_the_verbs_in_their_order(register: SmallRegister, hopnhat: Terminal, slapd: PrivateSlapd) -> None:
    people = register.people(3, register.unit("Phường An Hội", "28789"))
    code, out, _ = hopnhat("drift", "--output", "json")
    assert (code, [row["sign"] for row in json.loads(out)]) == (1, ["+", "+", "+", "+"])

    code, out, err = hopnhat("sync", "--output", "json")
    assert code == 0
    assert json.loads(out)[0] | {"seconds": 0} == {"added": 4, "changed": 0, "deleted": 0, "refused": 0, "seconds": 0}
    assert "People: 3 in the register, 0 in the directory: 3 + new, 0 ~ change, 0 - leave" in err
    assert hopnhat("drift")[0] == 0

    register.rename(people[0], "Lê Thị Hoà")
    code, out, err = hopnhat("drift")
    assert code == 1
    assert "cn: Nguyễn Văn 0 → Lê Thị Hoà" in " ".join(out.split())
    assert hopnhat("sync")[0] == 0
    code, out, _ = hopnhat("status", "--output", "json")
    assert code == 0
    assert json.loads(out) == {
        "url": slapd.url, "base": slapd.base, "units": 1, "people": 3, "waiting": 0, "parked": 0,
    }  # fmt: skip
    with register.database.read() as reads:
        events = [row.event for row in reads.query(audit.AuditRow)]
    assert events == ["directory.printing.sync"] * 2


def test_a_directory_that_was_lost_is_rebuilt_only_when_asked(
    register: SmallRegister, hopnhat: Terminal, slapd: PrivateSlapd
) -> None:
    register.people(3)
    assert hopnhat("sync")[0] == 0
    empty_printing(slapd)
    code, _, err = hopnhat("sync")
    assert (code, "hopnhat directory rebuild" in err) == (2, True)
    assert hopnhat("rebuild")[0] == 0
    assert hopnhat("drift")[0] == 0


def test_a_rebuild_of_what_stands_is_confirmed_by_typing_its_suffix(
    register: SmallRegister, hopnhat: Terminal, slapd: PrivateSlapd
) -> None:
    register.people(3)
    assert hopnhat("rebuild")[0] == 0
    assert hopnhat("rebuild")[0] == 2
    assert hopnhat("rebuild", "--confirm", "yes")[0] == 2
    assert hopnhat("rebuild", "--confirm", slapd.base)[0] == 0


def test_a_password_is_never_shown_in_a_difference(
    register: SmallRegister, hopnhat: Terminal, slapd: PrivateSlapd
) -> None:
    person = register.person("Lê Thị Hoà", "hoa.lt")
    hopnhat("rebuild")
    register.activate(person)
    code, out, _ = hopnhat("drift", "--output", "json")
    assert code == 1
    assert "userPassword" in out
    assert "argon2" not in out.lower()


def test_what_takes_too_much_away_needs_its_exact_number(register: SmallRegister, hopnhat: Terminal) -> None:
    people = register.people(20)
    hopnhat("rebuild")
    register.withdraw(*people[:10])
    code, _, err = hopnhat("sync")
    assert (code, "--expect-deletions 10" in err) == (2, True)
    assert hopnhat("sync", "--expect-deletions", "9")[0] == 2
    assert hopnhat("sync", "--expect-deletions", "10")[0] == 0


def test_only_an_operator_of_every_root_prints(register: SmallRegister, hopnhat: Terminal, slapd: PrivateSlapd) -> None:
    unit = register.unit("Phường An Hội", "28789")
    person = register.person("Lê Thị Hoà", "hoa.lt", unit)
    hopnhat.actor = Actor(str(person), person)
    assert hopnhat("sync")[0] == 77
    assert hopnhat("rebuild")[0] == 77
    reader = ldap.initialize(slapd.url)
    reader.simple_bind_s(slapd.reader.bind_dn, slapd.reader.password)
    with pytest.raises(ldap.NO_SUCH_OBJECT):
        reader.search_s(person_dn(person, slapd.base), ldap.SCOPE_BASE)


def test_a_server_that_is_away_is_told_in_one_sentence(hopnhat: Terminal, slapd: PrivateSlapd, tmp_path: Path) -> None:
    text = hopnhat.config.read_text().partition("[ldap]")[0]
    hopnhat.config.write_text(
        text
        + f'[ldap]\nurl = "{slapd.url}"\nbase = "{slapd.base}"\npassword_file = "{slapd.folder / "writer.password"}"\n'
    )
    slapd.stop()
    code, _, err = hopnhat("sync")
    assert (code, "does not answer" in err) == (69, True)


def test_without_a_directory_the_call_is_wrong(hopnhat: Terminal) -> None:
    hopnhat.config.write_text(hopnhat.config.read_text().partition("[ldap]")[0])
    assert hopnhat("drift")[0] == 64


REFUSED = [
    pytest.param({"private": True, "url": "ldaps://x"}, "exclude each other", id="two servers"),
    pytest.param({"url": "ldaps://x"}, "password_file is missing", id="no password"),
    pytest.param({"url": "ldap://x", "password_file": "p"}, "loopback only", id="a password over an open wire"),
    pytest.param({"url": "http://x", "password_file": "p"}, "must begin with", id="no LDAP address"),
    pytest.param({"base": "DC=Vinh Long"}, "base", id="a suffix of another form"),
    pytest.param({"loss_percent": 101}, "loss_percent", id="more than all"),
]


@pytest.mark.parametrize("ldap_settings, complaint", REFUSED)
def test_settings_that_are_refused_at_start(ldap_settings: dict[str, object], complaint: str) -> None:
    with pytest.raises(Exception, match=complaint):
        build_settings({"ldap": ldap_settings}, [LdapSettings])
