"""Looking for records that may be one human, over the whole register or for some newcomers, without comparing everybody with everybody.

1. every record is read once and only the hashes of its blocks are kept (some 50 bytes a record); 2. records that share a block are
paired; 3. only those pairs are read again and weighed. 290,000 records cost seconds and little memory.
"""

import uuid
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby
from typing import Any, Final, cast

import sqlalchemy as sa

from directory.models import SEAL_NUMBER, PersonDetail, Post
from directory.names import fold_name
from directory.units import chunked
from foundation.changes import stream, visible
from foundation.database import Reads
from foundation.sealing import Sealer
from provisioning.people.scoring import TWO_PEOPLE, Score, Traits, block_keys, score
from provisioning.rosters.crosschecks import is_near

KINDS: Final = ("number", "born", "phone", "staff")
MASK: Final = (1 << 64) - 1
LARGEST: Final = 40
"""A block of more records is somebody's stopgap (a phone of zeros) and says nothing."""


@dataclass(frozen=True)
class Found:
    """Two records that may be one human; the smaller id first."""

    left: uuid.UUID
    right: uuid.UUID
    score: Score


def search(reads: Reads, sealer: Sealer, newcomers: Collection[uuid.UUID] | None = None) -> Iterator[Found]:
    """Every pair a person should be asked about; with `newcomers` only pairs with one of them."""
    for pairs in chunked(find_pairs(reads, newcomers), 400):
        ids = {person for pair in pairs for person in pair}
        traits = read_traits(reads, ids)
        sealed = read_sealed_numbers(reads, ids)
        for left, right in pairs:
            if left not in traits or right not in traits:
                continue
            found = weigh(sealer, traits[left], traits[right], sealed.get(left), sealed.get(right))
            if found.asked:
                yield Found(left, right, found)


def weigh(sealer: Sealer, one: Traits, other: Traits, sealed: str | None, other_sealed: str | None) -> Score:
    """The score of a pair; two different numbers are opened only to see whether a slip of the hand made two of one."""
    near = False
    if one.number is not None and other.number is not None and one.number != other.number:
        if sealed is None or other_sealed is None:
            return TWO_PEOPLE
        numbers = [int(sealer.open(text, SEAL_NUMBER).decode()) for text in (sealed, other_sealed)]
        near = is_near(*numbers)
    return score(one, other, near=near)


# --- pairs by block ------------------------------------------------------------------------------------------------


def find_pairs(reads: Reads, newcomers: Collection[uuid.UUID] | None) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Pairs that share a block, each once, the smaller id first."""
    people: list[bytes] = []
    blocks = {kind: array("Q") for kind in KINDS}
    for person, traits in each_record(reads):
        people.append(person.bytes)
        marks = {str(key[0]): hash(key) & MASK or 1 for key in map(as_tuple, block_keys(traits))}
        for kind in KINDS:
            blocks[kind].append(marks.get(kind, 0))
    wanted = None if newcomers is None else {person.bytes for person in newcomers}
    pairs: set[tuple[bytes, bytes]] = set()
    for marks_of_kind in blocks.values():
        pairs.update(pair_up(people, marks_of_kind, wanted))
    return [(uuid.UUID(bytes=left), uuid.UUID(bytes=right)) for left, right in sorted(pairs)]


def as_tuple(key: Any) -> tuple[object, ...]:
    """A block's key as what it is: its kind, then its values."""
    return tuple(key)


def pair_up(
    people: Sequence[bytes], marks: Sequence[int], wanted: Collection[bytes] | None
) -> Iterator[tuple[bytes, bytes]]:
    """The pairs within each block of one kind."""
    filled = (row for row in range(len(people)) if marks[row])
    for _mark, rows in groupby(sorted(filled, key=marks.__getitem__), key=marks.__getitem__):
        places = list(rows)
        if len(places) == 1:
            continue
        block = sorted({people[row] for row in places})
        if not 1 < len(block) <= LARGEST:
            continue
        for left, right in combinations(block, 2):
            if wanted is None or left in wanted or right in wanted:
                yield left, right


DETAIL: Final = sa.select(
    PersonDetail.person_id,
    PersonDetail.name,
    PersonDetail.number_index,
    PersonDetail.birth_date,
    PersonDetail.phone,
    PersonDetail.staff_code,
)


def each_record(reads: Reads) -> Iterator[tuple[uuid.UUID, Traits]]:
    """Every known record without its posts, in flat memory; a record that was joined to another is none any more."""
    for person, name, number, born, phone, staff in stream(
        reads, cast(sa.Select[Any], DETAIL.where(visible(PersonDetail)))
    ):
        yield person, Traits(name, number, born, phone or None, staff or None)


# --- what pairs are weighed by -------------------------------------------------------------------------------------


def read_traits(reads: Reads, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Traits]:
    """What these records are compared by, posts included: all they ever held, so that a transfer is seen too."""
    traits: dict[uuid.UUID, Traits] = {}
    for some in chunked(ids):
        posts: dict[uuid.UUID, set[tuple[uuid.UUID, str]]] = {}
        held = sa.select(Post.person_id, Post.unit_id, Post.title).where(Post.person_id.in_(some), visible(Post))
        for person, unit, title in reads.execute(held):
            posts.setdefault(person, set()).add((unit, fold_name(title)))
        wanted = DETAIL.where(PersonDetail.person_id.in_(some), visible(PersonDetail)).order_by(PersonDetail.valid_from)
        for person, name, number, born, phone, staff in reads.execute(wanted):
            held_by = frozenset(posts.get(person, ()))
            traits[person] = Traits(name, number, born, phone or None, staff or None, held_by)
    return traits


def read_sealed_numbers(reads: Reads, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str | None]:
    """The sealed personal numbers of these records."""
    sealed: dict[uuid.UUID, str | None] = {}
    for some in chunked(ids):
        wanted = sa.select(PersonDetail.person_id, PersonDetail.number_sealed).where(
            PersonDetail.person_id.in_(some), visible(PersonDetail)
        )
        sealed |= {row.person_id: row.number_sealed for row in reads.execute(wanted)}
    return sealed
