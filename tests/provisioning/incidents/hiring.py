"""Somebody gets a post, for the tests of incidents."""

import uuid

from directory.models import Post
from foundation.changes import Change
from foundation.database import Writes
from tests.provisioning.merger.conftest import EFFECTIVE, Administration


def hire(administration: Administration, person: uuid.UUID, unit: str, *, main: bool = True) -> None:
    """A main post in the unit from the day of the merger on, in one published change."""

    def act(writes: Writes, change: Change) -> None:
        writes.add(
            Post(
                post_id=uuid.uuid4(), person_id=person, unit_id=administration.units[unit], title="Chuyên viên",
                body="committee", duties="", main=main, valid_from=EFFECTIVE,
                change_id=change.id,
            )
        )  # fmt: skip

    administration.write("person.hire", act)
