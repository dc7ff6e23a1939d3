"""What has to be written so that the directory says what the register says: sorted, counted, nothing done yet."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

from directory.printing.entries import Entry, Values

Sign = Literal["+", "~", "-"]


@dataclass(frozen=True)
class Found:
    """One entry as it stands, and the sequence number of its last change (entryCSN): the guard of our next write."""

    entry: Entry
    csn: str


@dataclass(frozen=True)
class Add:
    """An entry that is missing."""

    entry: Entry
    sign: Sign = "+"

    @property
    def dn(self) -> str:
        """The name it will have."""
        return self.entry.dn


@dataclass(frozen=True)
class Modify:
    """Attributes that say something else: each is replaced whole, so that doing it twice is doing it once."""

    dn: str
    csn: str
    replaced: Mapping[str, Values]
    before: Mapping[str, Values]
    sign: Sign = "~"


@dataclass(frozen=True)
class Delete:
    """An entry the register does not know."""

    dn: str
    csn: str
    before: Mapping[str, Values]
    sign: Sign = "-"


Change = Add | Modify | Delete


@dataclass(frozen=True)
class Difference:
    """All changes in the order they are written: additions and modifications by name, deletions last."""

    changes: tuple[Change, ...]
    wanted: int
    found: int

    @cached_property
    def counts(self) -> dict[Sign, int]:
        """How many there are of each kind; kinds without any are there with 0."""
        counted: Counter[Sign] = Counter(change.sign for change in self.changes)
        return {sign: counted[sign] for sign in ("+", "~", "-")}

    @cached_property
    def by_attribute(self) -> dict[str, int]:
        """In how many modified entries each attribute changes, the most frequent first."""
        counted = Counter(name for change in self.changes if isinstance(change, Modify) for name in change.replaced)
        return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))

    @cached_property
    def lockouts(self) -> int:
        """How many entries lose a password they have today: by modification or by deletion."""
        return sum(1 for change in self.changes if loses_password(change))

    def __bool__(self) -> bool:
        return bool(self.changes)


def find_difference(wanted: Iterable[Entry], found: Mapping[str, Found]) -> Difference:
    """What turns `found` (by DN) into `wanted`. Reads `wanted` once, in any order."""
    seen: set[str] = set()
    changes = list(each_difference(wanted, found, seen))
    changes.sort(key=lambda change: (isinstance(change, Delete), change.dn))
    return Difference(tuple(changes), len(seen), len(found))


def each_difference(
    wanted: Iterable[Entry], found: Mapping[str, Found], seen: set[str] | None = None
) -> Iterator[Change]:
    """The same, one after the other as `wanted` comes, deletions last; the names that are wanted are noted in `seen`."""
    names = set() if seen is None else seen
    for entry in wanted:
        names.add(entry.dn)
        yield from compare_entry(entry, found.get(entry.dn))
    for dn in sorted(found.keys() - names):
        yield Delete(dn, found[dn].csn, found[dn].entry.attributes)


def compare_entry(wanted: Entry | None, found: Found | None) -> Iterator[Change]:
    """The change one entry needs, if any. An attribute we do not want is replaced by nothing."""
    if wanted is None:
        if found is not None:
            yield Delete(found.entry.dn, found.csn, found.entry.attributes)
    elif found is None:
        yield Add(wanted)
    elif wanted.attributes != found.entry.attributes:
        now, then = wanted.attributes, found.entry.attributes
        names = sorted(name for name in now.keys() | then.keys() if now.get(name, ()) != then.get(name, ()))
        replaced = {name: now.get(name, ()) for name in names}
        yield Modify(wanted.dn, found.csn, replaced, {name: then[name] for name in names if name in then})


def outline(change: Change) -> Change:
    """What is counted of a change, without name and values: one object for all that are alike."""
    names = tuple(change.replaced) if isinstance(change, Modify) else ()
    return build_outline(change.sign, names, loses_password(change))


@lru_cache(maxsize=4096)
def build_outline(sign: Sign, names: tuple[str, ...], loses: bool) -> Change:
    """A change of this kind to these attributes, which takes a password away or does not."""
    before: dict[str, Values] = {"userPassword": ()} if loses else {}
    if sign == "+":
        return Add(Entry("", {}))
    if sign == "-":
        return Delete("", "", before)
    return Modify("", "", dict.fromkeys(names, ()), before)


def loses_password(change: Change) -> bool:
    """Whether the change takes a password away and gives no other."""
    if isinstance(change, Add):
        return False
    had = "userPassword" in change.before
    return had and (isinstance(change, Delete) or not change.replaced["userPassword"])
