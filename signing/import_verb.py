"""`hopnhat certificate import`: certificates of another authority into the register, or what its revocation list says."""

import csv
import uuid
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from directory.people import find_posts
from directory.units import find_subtree, get_unit_by_code
from foundation.changes import AsOf
from foundation.clocks import parse_instant
from foundation.database import Reads
from foundation.errors import BadInput, HopnhatError, NotPermitted, WrongUsage
from foundation.shell import Actor, Shell, get_shell
from foundation.terminal import say
from signing.certificate_verbs import find_one_person
from signing.requests.importing import Imported, Incoming, import_certificates, import_list
from signing.verb_rights import IMPORTING, PersonOption, UnitOption, check_may


def import_files(
    context: typer.Context,
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE…", exists=True, dir_okay=False)] = None,
    person: PersonOption = None,
    unit: UnitOption = None,
    at: Annotated[str | None, typer.Option("--at", help="the day the unit bore its code")] = None,
    manifest: Annotated[
        Path | None, typer.Option(help="CSV with the columns file, person, unit", exists=True, dir_okay=False)
    ] = None,
    revocations: Annotated[
        Path | None, typer.Option("--list", help="a revocation list", exists=True, dir_okay=False)
    ] = None,
    issuer: Annotated[Path | None, typer.Option(help="the list's authority", exists=True, dir_okay=False)] = None,
    decision: Annotated[str | None, typer.Option(help="the document it came with")] = None,
) -> int:
    """Bring certificates of another authority (PEM, DER) into the register, or what its revocation list says."""
    shell = get_shell(context)
    if revocations is not None:
        return import_revocations(shell, revocations, issuer)
    now = shell.runtime.clocks.wall()
    as_of = AsOf(parse_instant(at, shell.runtime.settings.zone) if at else shell.runtime.clocks.register())
    with (
        shell.recorded_refusals("signing.certificate.import", "certificates", HopnhatError),
        shell.runtime.database.write() as writes,
    ):
        incoming = gather(writes, list(files or ()), person, unit, manifest, as_of)
        check_may(writes, shell.actor, IMPORTING, units_of(writes, incoming, AsOf(now)), now)
        done: Imported = import_certificates(writes, incoming, shell.actor.label, now, decision)
    say("{new} certificates are new in the register, {known} were known.", new=len(done.new), known=done.known)
    return 0


def gather(
    reads: Reads, files: list[Path], person: str | None, unit: str | None, manifest: Path | None, as_of: AsOf
) -> list[Incoming]:
    """What is to be imported, each with its holder. Raises WrongUsage, BadInput, UnitNotFound, PersonNotFound."""
    if manifest is not None:
        with manifest.open(encoding="utf-8-sig", newline="") as lines:
            rows = [
                (manifest.parent / row["file"], row.get("person"), row.get("unit")) for row in csv.DictReader(lines)
            ]
    elif (person is None) == (unit is None) or not files:
        raise WrongUsage("Name the files and either --person or --unit, or a --manifest.")
    else:
        rows = [(file, person, unit) for file in files]
    found = []
    for file, holder, code in rows:
        if bool(holder) == bool(code):
            raise BadInput("{file}: name either a person or a unit.", file=str(file))
        found.append(
            Incoming(
                file.read_bytes(),
                find_one_person(reads, holder, as_of) if holder else None,
                get_unit_by_code(reads, code, as_of).id if code else None,
            )
        )
    return found


def units_of(reads: Reads, incoming: list[Incoming], as_of: AsOf) -> list[uuid.UUID]:
    """The units these certificates touch today; holders without a unit today are covered by whoever may import at all."""
    posts = find_posts(reads, {one.person_id for one in incoming if one.person_id}, as_of)
    units = {post.unit_id for group in posts.values() for post in group} | {
        one.unit_id for one in incoming if one.unit_id
    }
    return sorted(units & find_subtree(reads, units, as_of), key=str)


def import_revocations(shell: Shell, revocations: Path, issuer: Path | None) -> int:
    """What another authority's list says, into the register."""
    if issuer is None:
        raise WrongUsage("Name the certificate of the list's authority by --issuer.")
    now = shell.runtime.clocks.wall()
    with (
        shell.recorded_refusals("signing.list.import", str(revocations.name), HopnhatError),
        shell.runtime.database.write() as writes,
    ):
        check_operator(writes, shell.actor, now)
        told = import_list(writes, revocations.read_bytes(), issuer.read_bytes(), shell.actor.label, now)
    say("{count} certificates are revoked by this list.", count=len(told))
    return 0


def check_operator(reads: Reads, actor: Actor, now: datetime) -> None:
    """Refuse who may import nowhere: a list may speak of anybody's certificate. Raises NotPermitted."""
    if actor.person_id is not None:
        posts = find_posts(reads, [actor.person_id], AsOf(now)).get(actor.person_id, [])
        if any(set(IMPORTING).intersection(post.duties) for post in posts):
            return
    if actor.break_glass is None:
        raise NotPermitted
