"""The LDAP printing of two joined records: one entry has every log-in, the other stays and says where to look."""

from collections.abc import Iterator
from pathlib import Path

import ldap
import pytest

from directory.credentials import hash_password
from directory.printing.entries import person_dn
from directory.printing.jobs import HANDLERS, ask_for_all
from directory.printing.server import Server
from directory.printing.slapd import PrivateSlapd
from directory.settings import LdapSettings
from foundation.handling import drain
from foundation.runtime import Runtime, open_runtime
from foundation.settings import build_settings
from foundation.shell import Actor
from provisioning.people.joining import Pair, join_people
from provisioning.people.parting import part_people
from tests.provisioning.people.conftest import Office
from tests.services.clock import MovableClock

pytestmark = pytest.mark.slapd
GLASS = Actor("break-glass:root", None, "root", "test")
FIRST, SECOND = "bốn con bò vàng", "chín con bò vàng"


@pytest.fixture
def runtime(database_url: str, tmp_path: Path, slapd: PrivateSlapd, clock: MovableClock) -> Iterator[Runtime]:
    """The product on this register and this directory."""
    ldap_settings = {"private": True, "folder": slapd.folder, "base": slapd.base}
    written = {"database": database_url, "data": tmp_path / "data", "ldap": ldap_settings}
    runtime = open_runtime(build_settings(written, [LdapSettings]), clock.clocks)
    yield runtime
    runtime.close()


def find(slapd: PrivateSlapd, dn: str) -> dict[str, list[str]]:
    """The readable attributes of an entry."""
    with Server(slapd.reader) as server:
        found = server.find_entry(dn)
    assert found is not None
    wanted = ("uid", "cn", "seeAlso", "hopnhatAccountState", "mail")
    return {name: sorted(map(bytes.decode, found.entry.attributes.get(name, ()))) for name in wanted}


@pytest.mark.parametrize("way", ["single entries", "everything"])
def test_the_losing_entry_points_to_the_survivor_and_opens_nothing(
    office: Office, slapd: PrivateSlapd, clock: MovableClock, way: str
) -> None:
    kept = office.record("Lê Thị Hoa", "x1", "hoa.lt", password=hash_password(FIRST))
    lost = office.record("Lê Thị Hoa", "x2", "hoa.x2", password=hash_password(SECOND), address="hoa@x2.vn")
    pair = Pair(kept, lost)
    with office.runtime.database.write() as writes:
        ask_for_all(writes, clock.now)
    drain(office.runtime, HANDLERS)
    clock.advance(minutes=1)
    with office.runtime.database.write() as writes:
        join_people(writes, GLASS, pair, "một người", clock.now)
        if way == "everything":
            ask_for_all(writes, clock.now)
    drain(office.runtime, HANDLERS)
    survivor, loser = person_dn(kept, slapd.base), person_dn(lost, slapd.base)
    assert find(slapd, loser) == {
        "uid": [], "mail": [], "cn": ["Lê Thị Hoa"], "seeAlso": [survivor], "hopnhatAccountState": ["closed"],
    }  # fmt: skip
    assert (find(slapd, survivor)["uid"], find(slapd, survivor)["mail"]) == (["hoa.lt", "hoa.x2"], ["hoa@x2.vn"])
    ldap.initialize(slapd.url).simple_bind_s(survivor, FIRST)
    for dn in (survivor, loser):
        with pytest.raises(ldap.INVALID_CREDENTIALS):
            ldap.initialize(slapd.url).simple_bind_s(dn, SECOND)

    clock.advance(minutes=1)
    with office.runtime.database.write() as writes:
        part_people(writes, GLASS, pair, "hai người", clock.now)
    drain(office.runtime, HANDLERS)
    assert (find(slapd, loser)["uid"], find(slapd, loser)["seeAlso"]) == (["hoa.x2"], [])
    ldap.initialize(slapd.url).simple_bind_s(loser, SECOND)
