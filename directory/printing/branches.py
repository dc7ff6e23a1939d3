"""A branch of the directory as it was found, in little memory: hundreds of thousands of entries, each opened when it is asked for."""

import marshal
from collections.abc import Iterable, Iterator, Mapping

from directory.printing.difference import Found
from directory.printing.entries import Entry


class Branch(Mapping[str, Found]):
    """The entries of a branch by name. An entry's attributes are kept as one piece, a third of what they take when they are open."""

    def __init__(self, found: Iterable[Found]) -> None:
        self._packed = {each.entry.dn: (each.csn, marshal.dumps(dict(each.entry.attributes))) for each in found}

    def __getitem__(self, dn: str) -> Found:
        csn, packed = self._packed[dn]
        return Found(Entry(dn, marshal.loads(packed)), csn)  # noqa: S302 — we packed it ourselves, in this memory

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)

    def __contains__(self, dn: object) -> bool:
        return dn in self._packed
