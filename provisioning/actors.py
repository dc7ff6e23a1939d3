"""Who acts on the command line: the person whose token lies in the user's file, or the owner of the database who breaks the glass.

Breaking the glass works only on the machine of the database and only for its owner; it is marked in every audit row by the actor's
label and stands for nobody's approval (DESIGN §5).
"""

import getpass
import os
from pathlib import Path

import sqlalchemy as sa

from directory.people import find_person
from foundation import audit
from foundation.changes import AsOf
from foundation.database import Database
from foundation.errors import NotPermitted
from foundation.runtime import Runtime
from foundation.shell import GLASS as GLASS_LABEL
from foundation.shell import Actor
from sso.terminal_login import get_kept_actor

GLASS = "provisioning.glass.break"


class GlassRefused(NotPermitted):
    """Only the owner of the database on its machine may break the glass."""

    code = "glass_refused"
    sentence = "Only the owner of the database, on its own machine, may break the glass."


class ReasonNeeded(NotPermitted):
    """Breaking the glass needs a reason somebody will read."""

    code = "reason_needed"
    sentence = "Breaking the glass needs a reason; it is kept in the audit."


def find_actor(runtime: Runtime, break_glass: str | None = None) -> Actor:
    """The acting person. Raises NotPermitted when nobody is logged in, GlassRefused or ReasonNeeded."""
    if break_glass is not None:
        return break_the_glass(runtime, break_glass)
    verified = get_kept_actor(runtime)
    person_id = verified.person_id
    if person_id is None:
        raise NotPermitted
    with runtime.database.read() as reads:
        person = find_person(reads, person_id, AsOf(runtime.clocks.register()))
    if person is None:
        raise NotPermitted
    # The survivor's id where the token's was joined to it: one human acts under one id.
    return Actor(str(person.id), person.id, person.name, logged_in_at=verified.auth_time)


def break_the_glass(runtime: Runtime, reason: str) -> Actor:
    """The owner of the database, for this one call; written to the audit at once."""
    if not reason.strip():
        raise ReasonNeeded
    owner = find_owner(runtime.database)
    if owner is None:
        raise GlassRefused
    actor = Actor(f"{GLASS_LABEL}{owner}", None, owner, reason.strip())
    with runtime.database.write() as writes:
        audit.record(writes, runtime.clocks.wall(), GLASS, actor.label, None, {"reason": actor.break_glass})
    return actor


def find_owner(database: Database) -> str | None:
    """The user of this process if the database is theirs and on this machine, else None."""
    if database.sqlite:
        file = Path(database.url.database or "")
        mine = file.is_file() and file.stat().st_uid == os.getuid()
        return getpass.getuser() if mine else None
    with database.read() as reads:
        found = reads.execute(OWNER).one()
    return str(found.me) if found.mine and found.here else None


OWNER = sa.text(
    "SELECT current_user AS me, pg_get_userbyid(datdba) = current_user AS mine, "
    "inet_server_addr() IS NULL OR inet_server_addr() <<= inet '127.0.0.0/8' OR inet_server_addr() = inet '::1' AS here "
    "FROM pg_database WHERE datname = current_database()"
)
