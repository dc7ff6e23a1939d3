"""Whom a clerk means: a uuid, a personal number, a log-in, an address or a name, turned into people of the register."""

import uuid

import sqlalchemy as sa

from directory.errors import PersonNotFound
from directory.joins import find_survivor
from directory.models import PersonDetail
from directory.names import fold_name
from directory.people import find_accounts, find_by_number
from foundation.changes import AsOf, in_force
from foundation.database import Reads
from foundation.errors import HopnhatError
from foundation.runtime import Runtime

MOST_FOUND = 50


class PersonAmbiguous(HopnhatError):
    """A key that means several people."""

    code = "person_ambiguous"
    status = 409
    exit_code = 2
    sentence = "“{key}” means {count} people; “hopnhat person find” lists them with their ids."


def find_id(key: str) -> uuid.UUID | None:
    """The id a key is, or None."""
    try:
        return uuid.UUID(key)
    except ValueError:
        return None


def resolve_people(runtime: Runtime, reads: Reads, key: str, as_of: AsOf) -> list[uuid.UUID]:
    """Whom a key may mean: a uuid, a personal number, a log-in or address, else a part of the name; a joined id means its survivor."""
    if (written := find_id(key)) is not None:
        return [find_survivor(reads, written, as_of.known_at)]
    if key.isdigit() and len(key) == 12:
        return find_by_number(reads, runtime.sealer, key, as_of)
    by_login = [account.person_id for account in find_accounts(reads, key, as_of)]
    if by_login:
        return list(dict.fromkeys(by_login))
    wanted = (
        sa.select(PersonDetail.person_id)
        .where(PersonDetail.name_key.contains(fold_name(key), autoescape=True), in_force(PersonDetail, as_of))
        .order_by(PersonDetail.name_key)
        .limit(MOST_FOUND)
    )
    return list(dict.fromkeys(reads.execute(wanted).scalars()))


def resolve_one(runtime: Runtime, reads: Reads, key: str, as_of: AsOf) -> uuid.UUID:
    """The one person a key means. Raises PersonNotFound, PersonAmbiguous when there are several."""
    found = resolve_people(runtime, reads, key, as_of)
    if not found:
        raise PersonNotFound(key=key)
    if len(found) > 1:
        raise PersonAmbiguous(key=key, count=len(found))
    return found[0]


def resolve_record(runtime: Runtime, reads: Reads, key: str, as_of: AsOf) -> uuid.UUID:
    """The very record a key means: an id is taken as it is written, also where it was joined. Raises as `resolve_one`."""
    return find_id(key) or resolve_one(runtime, reads, key, as_of)
