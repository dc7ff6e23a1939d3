"""A branch of the directory in little memory, and what is kept of changes that were written."""

import pytest

from directory.printing.branches import Branch
from directory.printing.difference import Add, Change, Delete, Difference, Found, Modify, outline
from directory.printing.entries import Entry

HOA = Found(Entry("hopnhatPersonId=1", {"cn": (b"L\xc3\xaa Hoa",), "uid": (b"hoa", b"hoa.lt")}), "csn-1")
NAM = Found(Entry("hopnhatPersonId=2", {"cn": (b"Nam",), "userPassword": (b"{ARGON2}x",)}), "csn-2")


def test_what_was_found_comes_out_as_it_was() -> None:
    branch = Branch([HOA, NAM])
    assert dict(branch) == {HOA.entry.dn: HOA, NAM.entry.dn: NAM}
    assert branch.keys() - {NAM.entry.dn} == {HOA.entry.dn}
    assert branch.get("hopnhatPersonId=3") is None


def test_a_name_nobody_bears_is_refused() -> None:
    with pytest.raises(KeyError):
        Branch([HOA])["hopnhatPersonId=2"]


def test_outlines_count_like_the_changes_themselves() -> None:
    had = NAM.entry.attributes
    changes: list[Change] = [
        Add(HOA.entry),
        Modify("a", "c", {"cn": (b"x",), "userPassword": ()}, had),
        Modify("b", "c", {"userPassword": (b"new",)}, had),
        Modify("c", "c", {"cn": (b"x",)}, {}),
        Delete("d", "c", had),
        Delete("e", "c", HOA.entry.attributes),
    ]
    whole, outlined = Difference(tuple(changes), 6, 6), Difference(tuple(map(outline, changes)), 6, 6)
    assert outlined.counts == whole.counts
    assert outlined.by_attribute == whole.by_attribute
    assert outlined.lockouts == whole.lockouts == 2
    assert outline(changes[0]) is outline(Add(NAM.entry))
