"""`hopnhat account import-hashes`: old passwords that go on working, from a file of log-ins and hashes.

The file has a log-in (or a personal number) and a hash on each line. Hashes are sealed at once, checked at the first log-in and
replaced there. Whoever brings a hash may know its password, and would be its owner at the door; therefore: the duty `operator`,
which runs the old directory anyway, and not human resources; no account that has a password or an old hash already; no
administration account; nobody who is or will be a head or deputy or who approves or acts upon others (they get a letter); and an
audit row for each person. A roster's own column goes through a plan that a second person approves.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import sqlalchemy as sa
import typer

from directory.logins import login_key
from directory.models import SEAL_IMPORTED_HASH, SEAL_NUMBER, Account, Credential, Login, PersonDetail, Post
from directory.units import chunked
from foundation import audit
from foundation.changes import AsOf, in_force, visible
from foundation.clocks import parse_instant
from foundation.database import Reads, Writes
from foundation.errors import BadInput, NotPermitted
from foundation.i18n import _
from foundation.refusals import recorded_refusals
from foundation.runtime import Runtime
from foundation.sealing import Sealer
from foundation.shell import Actor, get_shell
from foundation.terminal import say
from provisioning.account_states import WEIGHTY, check_may_act
from provisioning.rosters.cells import cell_text
from provisioning.rosters.files import open_book
from provisioning.rosters.headings import find_column
from provisioning.rosters.password_hashes import read_hash

AT_ONCE: Final = 250
EVENT: Final = "provisioning.account.import-hashes"
TAKEN: Final = "provisioning.account.hash_taken"
LETTER_ONLY: Final = WEIGHTY | {"leader", "deputy"}
"""Duties whose holders get a code by letter: who planted a password of theirs could approve in their name."""


class HashRow(NamedTuple):
    """One line of the file: whom it names and the hash."""

    row: int
    login: str | None
    number: str | None
    hashed: str


class NoHashes(BadInput):
    """The file has no columns for log-ins and hashes."""

    code = "no_hashes"
    sentence = "The file needs the headings “login” (or “personal_number”) and “password_hash” in its first row."


def import_hashes(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="CSV or XLSX with the columns login (or personal_number) and password_hash")
    ],
    until: Annotated[str | None, typer.Option("--until", help="until when the old passwords open accounts")] = None,
) -> int:
    """Let old passwords open accounts until their owners set new ones. Exit code 1 when a line names nobody."""
    shell = get_shell(context)
    runtime = shell.runtime
    with shell.recorded_refusals(EVENT, "-"):
        actor = shell.actor
    end = parse_instant(until, runtime.settings.zone) if until else None
    counts: Counter[str] = Counter()
    for rows in chunked(read_hashes(file), AT_ONCE):
        counts += keep_hashes(runtime, actor, rows, end, file.name)
    say(
        _(
            "{kept} old passwords go on working; {own} accounts have a password already; {letter} belong to people who lead, "
            "approve or act upon others and get a letter; {unknown} lines name nobody, {faulty} hold no hash."
        ),
        kept=counts["kept"], own=counts["own"], letter=counts["letter"], unknown=counts["unknown"], faulty=counts["faulty"],
    )  # fmt: skip
    return 1 if counts["unknown"] or counts["faulty"] else 0


def read_hashes(file: Path) -> Iterator[HashRow]:
    """The lines of the file. Raises NoHashes and what reading a file raises."""
    rows = open_book(file).sheets[0].rows()
    first = next(rows, None)
    columns = {find_column(cell_text(cell) or ""): place for place, cell in enumerate(first.cells)} if first else {}
    who = columns.get("login", columns.get("personal_number"))
    if who is None or "password_hash" not in columns:
        raise NoHashes
    for row in rows:
        cells = [*row.cells, *([None] * len(columns))]
        named = cell_text(cells[who])
        hashed, _faults = read_hash(cells[columns["password_hash"]])
        by_login = "login" in columns
        yield HashRow(row.number, named if by_login else None, None if by_login else named, hashed or "")


def keep_hashes(
    runtime: Runtime, actor: Actor, rows: Iterable[HashRow], until: datetime | None, source: str
) -> Counter[str]:
    """Seal and keep the hashes of some lines in one short transaction. Raises NotPermitted, audited."""
    now = runtime.clocks.wall()
    counts: Counter[str] = Counter()
    with recorded_refusals(runtime, EVENT, actor.label, "-", NotPermitted), runtime.database.write() as writes:
        for row in rows:
            account = find_account(writes, runtime.sealer, row, AsOf(runtime.clocks.register()))
            if account is None or not row.hashed:
                counts["unknown" if account is None else "faulty"] += 1
                continue
            check_may_act(writes, actor, account.person_id, ("operator",), now)
            word = "letter" if is_letter_only(writes, account.person_id, now) else None
            word = word or keep_hash(writes, runtime.sealer, account.id, row.hashed, until)
            if word == "kept":
                audit.record(writes, now, TAKEN, actor.label, str(account.person_id), {"file": source, "row": row.row})
            counts[word] += 1
        audit.record(writes, now, EVENT, actor.label, "-", dict(counts))
    return counts


def is_letter_only(reads: Reads, person_id: uuid.UUID, now: datetime) -> bool:
    """Whether this person holds, or will hold by what is written, a duty of LETTER_ONLY."""
    standing = sa.or_(Post.valid_to.is_(None), Post.valid_to > now)
    wanted = sa.select(Post.duties).where(Post.person_id == person_id, visible(Post), standing)
    return any(LETTER_ONLY.intersection(duties.split()) for duties in reads.execute(wanted).scalars())


def find_account(reads: Reads, sealer: Sealer, row: HashRow, as_of: AsOf) -> Account | None:
    """The business account a line names, by its own log-in or the personal number."""
    wanted = sa.select(Account).where(Account.kind == "business")
    if row.number is not None:
        index = sealer.blind_index(row.number, SEAL_NUMBER)
        owner = sa.select(PersonDetail.person_id).where(PersonDetail.number_index == index, visible(PersonDetail))
        return reads.execute(wanted.where(Account.person_id.in_(owner))).scalars().first()
    key = login_key(row.login or "")
    bearer = sa.select(Login.account_id).where(Login.login_key == key, Login.kind == "own", in_force(Login, as_of))
    return reads.execute(wanted.where(Account.id.in_(bearer))).scalars().first() if key else None


def keep_hash(writes: Writes, sealer: Sealer, account_id: uuid.UUID, hashed: str, until: datetime | None) -> str:
    """Keep one hash sealed, unless something opens the account already; gives the word it is counted under."""
    credential = writes.get(Credential, account_id)
    if credential is not None and (credential.password_hash is not None or credential.imported_hash is not None):
        return "own"
    if credential is None:
        credential = Credential(account_id=account_id)
        writes.add(credential)
    credential.imported_hash = sealer.seal(hashed.encode(), SEAL_IMPORTED_HASH)
    credential.imported_until = until
    return "kept"
