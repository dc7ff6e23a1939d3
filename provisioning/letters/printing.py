"""Printing letters: codes are made for the paper, the paper is written whole, then the codes' hashes are kept, then the paper is given out.

1. who gets a letter is read in one snapshot; 2. each unit's list and letters go into a draft that only its owner can read;
3. the hashes replace the accounts' old ones, a few hundred in a short transaction; 4. the draft gets its name. A kill before 3 leaves all
earlier letters good; one before 4 asks for printing anew. Codes are nowhere else: not in a log, a plan or the outbox.
"""

import os
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Final, cast

import sqlalchemy as sa

from directory.credentials import hash_code, make_code
from directory.models import Credential
from directory.units import chunked
from foundation import audit
from foundation.changes import AsOf
from foundation.database import Database, Writes
from foundation.errors import NotFound
from foundation.i18n import _, translate
from foundation.settings import Settings
from provisioning.letters.handover_page import Recipient, add_handover
from provisioning.letters.letter_page import Letter, LetterHead, LetterSheet
from provisioning.letters.pdf_files import PdfFile
from provisioning.letters.recipients import Addressee, Bundle, each_bundle

AT_ONCE: Final = 250
EVENT: Final = "provisioning.letter.printed"
PURPOSE: Final = "activation"


class NoLetters(NotFound):
    """Nobody of the unit needs a letter."""

    code = "no_letters"
    sentence = "No letters are to be printed for this unit: everybody has a password or an activated account."


@dataclass(frozen=True)
class Order:
    """What is to be printed: whose letters, where to, until when their codes are good; not those of the accounts `without`.

    `lists_only` makes no codes.
    """

    unit_id: uuid.UUID
    out: Path
    at: datetime
    now: datetime
    valid_until: datetime
    language: str
    person_id: uuid.UUID | None = None
    lists_only: bool = False
    without: frozenset[uuid.UUID] = frozenset()


@dataclass(frozen=True)
class Printed:
    """What was printed, and how long it took in seconds."""

    letters: int
    units: int
    seconds: float

    @property
    def rate(self) -> float:
        """Letters a second."""
        return self.letters / max(self.seconds, 1e-6)


def print_letters(
    database: Database,
    settings: Settings,
    order: Order,
    actor: str,
    on_progress: Callable[[int], None] = lambda done: None,
) -> Printed:
    """Print the letters of an order into its file. Raises NoLetters; then nothing is written and no code changes."""
    begun = time.monotonic()
    hashes: list[tuple[uuid.UUID, bytes]] = []
    units = people = 0
    with open_draft(order.out) as draft:
        title = translate(order.language, _("Hand-over lists") if order.lists_only else _("Activation letters"))
        pdf = PdfFile(draft, f"{title} – {settings.title}", order.language, order.now)
        with database.read() as reads:
            for bundle in each_bundle(reads, order.unit_id, AsOf(order.at), order.person_id, order.without):
                hashes += print_bundle(pdf, settings, order, bundle)
                units += 1
                people += len(bundle.people)
                on_progress(people)
        if not units:
            raise NoLetters
        pdf.close()
        keep_hashes(database, order, hashes, actor, units)
    return Printed(people, units, time.monotonic() - begun)


@contextmanager
def open_draft(out: Path) -> Iterator[IO[bytes]]:
    """A file beside `out`, mode 0600, that takes its name when the block ends well and is gone otherwise."""
    draft = out.with_name(f".{out.name}.{uuid.uuid4().hex[:8]}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb", buffering=1 << 16) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


def print_bundle(pdf: PdfFile, settings: Settings, order: Order, bundle: Bundle) -> list[tuple[uuid.UUID, bytes]]:
    """One unit: its list, then its letters. Gives the hash of each account's new code."""
    head = build_head(settings, order, bundle)
    if order.person_id is None:
        add_handover(pdf, head, [Recipient(person.name, person.title, person.login) for person in bundle.people])
    if order.lists_only:
        return []
    sheet = LetterSheet(pdf, head)
    return [print_letter(sheet, person, number, len(bundle.people)) for number, person in enumerate(bundle.people, 1)]


def print_letter(sheet: LetterSheet, person: Addressee, number: int, total: int) -> tuple[uuid.UUID, bytes]:
    """One letter; its code lives only in this function and on the paper."""
    code = make_code()
    sheet.add(Letter(person.name, person.title, person.login, code, number, total))
    return person.account_id, hash_code(code)


def build_head(settings: Settings, order: Order, bundle: Bundle) -> LetterHead:
    """What the letters of a unit share."""
    return LetterHead(
        above=bundle.above.agency_name,
        unit=bundle.unit.agency_name,
        code=bundle.unit.code,
        example=bundle.example,
        hotline=bundle.hotline or settings.hotline,
        issuer=settings.issuer,
        language=order.language,
        printed_at=order.now,
        valid_until=order.valid_until,
        zone=settings.zone,
    )


def keep_hashes(
    database: Database, order: Order, hashes: Sequence[tuple[uuid.UUID, bytes]], actor: str, units: int
) -> None:
    """Keep the new hashes, each account's old one ends; told to the audit by numbers only."""
    for part in chunked(hashes, AT_ONCE):
        with database.write() as writes:
            replace_codes(writes, order, part)
            detail = {"letters": len(part), "until": order.valid_until.isoformat(), "units": units}
            audit.record(writes, order.now, EVENT, actor, str(order.unit_id), detail)


def replace_codes(writes: Writes, order: Order, hashes: Sequence[tuple[uuid.UUID, bytes]]) -> None:
    """Write the hashes of some accounts in two statements: rows that are there, rows that are not yet."""
    table = cast(sa.Table, Credential.__table__)
    ids = [account_id for account_id, _hash in hashes]
    there = set(writes.execute(sa.select(Credential.account_id).where(Credential.account_id.in_(ids))).scalars())
    fixed = {"code_purpose": PURPOSE, "code_until": order.valid_until, "code_made_at": order.now}
    changed = [{"b_account": key, "b_hash": code_hash} for key, code_hash in hashes if key in there]
    added = [{"account_id": key, "code_hash": code_hash, **fixed} for key, code_hash in hashes if key not in there]
    if changed:
        update = sa.update(table).where(table.c.account_id == sa.bindparam("b_account"))
        writes.connection().execute(update.values(code_hash=sa.bindparam("b_hash"), **fixed), changed)
    if added:
        writes.connection().execute(sa.insert(table), added)
