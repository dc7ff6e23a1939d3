"""A rename that looks like delete and create: an OU or CN renamed makes new accounts and the files of the old are gone.

nextcloud #8764 and #7430, mailcow-ldap-sync #3 (DN as key), owncloud core #30170; Entra's documentation: an OU rename alone can cause
mass deletions. Here a unit and a person are their UUIDs, and a rename is a change of one entry that keeps its name.
"""

import ldap
import pytest

from directory.people import find_posts
from directory.printing.difference import Modify
from directory.printing.entries import unit_dn
from foundation.changes import AsOf
from tests.provisioning.incidents.conftest import DAY, Printer, approve_and_apply
from tests.provisioning.merger.conftest import DECREE, Administration

RENAMED = """
title: Đổi tên, đổi mã
decision: {number: 7/NQ, date: 2025-06-12, issuer: HĐND}
effective: 2025-07-01
events:
  - {kind: rename, unit: {scheme: admin-2004, code: "28756"}, name: "Phường Tên Khác, + mới"}
  - {kind: recode, unit: {scheme: admin-2004, code: "28756"}, codes: [{scheme: agency, code: H08.31.99}]}
"""


def entry_uuid(printer: Printer, dn: str) -> list[bytes]:
    """What the server itself calls the entry, whatever is written in it."""
    access = printer.slapd.writer
    connection = ldap.initialize(access.url)
    connection.simple_bind_s(access.bind_dn, access.password)
    try:
        ((_dn, attributes),) = connection.search_s(dn, ldap.SCOPE_BASE, attrlist=["entryUUID"])
    finally:
        connection.unbind_s()
    return list(attributes["entryUUID"])


@pytest.mark.slapd
def test_a_renamed_unit_is_one_changed_entry(administration: Administration, printer: Printer) -> None:
    dn = unit_dn(administration.units["28756"], printer.slapd.base)
    before = entry_uuid(printer, dn)
    approve_and_apply(administration, administration.plan(RENAMED))
    comparison = printer.compare(DAY)
    assert comparison.counts["-"] == comparison.counts["+"] == 0
    assert all(isinstance(change, Modify) for difference in comparison.differences for change in difference.changes)
    printer.sync(DAY)
    assert entry_uuid(printer, dn) == before


@pytest.mark.slapd
def test_people_of_a_merged_unit_keep_their_entries(administration: Administration, printer: Printer) -> None:
    approve_and_apply(administration, administration.plan(DECREE))
    people = printer.compare(DAY).people
    assert people.counts["-"] == people.counts["+"] == 0
    assert people.counts["~"] > 0


def test_the_person_is_the_same_before_and_after(administration: Administration) -> None:
    cuc = administration.people["Nguyễn Thị Cúc"]
    approve_and_apply(administration, administration.plan(RENAMED))
    with administration.runtime.database.read() as reads:
        before, after = (find_posts(reads, [cuc], AsOf(at))[cuc] for at in (DAY.replace(year=2024), DAY))
    assert [post.post_id for post in before] == [post.post_id for post in after]
