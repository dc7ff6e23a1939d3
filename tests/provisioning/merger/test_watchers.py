"""No reader sees half a merger: not while it is written, not when it is published, not at the instant.

Watchers on threads of their own read the register and the public unit API all the while; every single look is one whole state.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from directory.models import Post
from directory.people import find_posts
from directory.succession import answer_successors
from foundation.changes import AsOf, in_force
from foundation.clocks import parse_instant
from foundation.database import Reads
from foundation.runtime import Runtime
from provisioning.merger import apply as applying
from provisioning.merger.apply import apply_plan
from tests.provisioning.merger.conftest import DECREE, Administration
from tests.services.clock import MovableClock

EVE, DAY = parse_instant("2025-06-30T23:59:59+07:00"), parse_instant("2025-07-01")


@dataclass
class Watcher:
    """Looks again and again; keeps each state it saw, in order, once in a row."""

    runtime: Runtime
    look: Callable[[Reads], Any]
    seen: list[Any] = field(default_factory=list)
    looks: int = 0

    def watch(self, stop: threading.Event) -> None:
        """Until told to stop, and once more."""
        last = False
        while not last:
            last = stop.is_set()
            with self.runtime.database.read() as reads:
                state = self.look(reads)
            self.looks += 1
            if not self.seen or self.seen[-1] != state:
                self.seen.append(state)


@contextmanager
def watching(*watchers: Watcher) -> Iterator[None]:
    """All of them at once, for the time of the block; what one of them could not do fails the test."""
    stop = threading.Event()
    with ThreadPoolExecutor(len(watchers)) as threads:
        running = [threads.submit(watcher.watch, stop) for watcher in watchers]
        try:
            yield
        finally:
            stop.set()
        for one in running:
            one.result()


def count_people(administration: Administration, at: Callable[[], datetime]) -> Callable[[Reads], Any]:
    """People by unit at an instant, as one picture."""

    def look(reads: Reads) -> Any:
        counted = sa.select(Post.unit_id, sa.func.count()).where(in_force(Post, AsOf(at()))).group_by(Post.unit_id)
        return sorted((str(unit), count) for unit, count in reads.execute(counted))

    return look


def tell_person(administration: Administration, word: str, at: Callable[[], datetime]) -> Callable[[Reads], Any]:
    """What an application is told of somebody: unit and post, and what their old unit became."""
    person = administration.people[word]

    def look(reads: Reads) -> Any:
        as_of = AsOf(at())
        posts = [(str(post.unit_id), post.title) for post in find_posts(reads, [person], as_of).get(person, [])]
        origins = answer_successors(reads, ["28756"], as_of, code_at=EVE)[0]["origins"]
        return posts, [[str(heir["unit"]) for heir in origin["successors"]] for origin in origins]

    return look


def test_while_it_is_written_and_when_it_is_published(
    administration: Administration, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = administration.runtime
    administration.add_crowd("28756", 400)
    plan = administration.plan(DECREE, [administration.row("Võ Văn Huyện", "H08.31", None)])
    administration.approve(plan)
    monkeypatch.setattr(applying, "PEOPLE_AT_ONCE", 40)  # many short transactions
    after = Watcher(runtime, count_people(administration, lambda: DAY))
    before = Watcher(runtime, count_people(administration, lambda: EVE))
    told = Watcher(runtime, tell_person(administration, "Nguyễn Thị Cúc", lambda: DAY))
    with watching(after, before, told):
        apply_plan(runtime, plan.path, administration.actor("Lê Thị Hoa"))
    assert len(before.seen) == 1
    assert len(after.seen) == len(told.seen) == 2
    assert min(after.looks, before.looks, told.looks) > 3
    posts, heirs = told.seen[1]
    assert heirs == [[posts[0][0]]]


def test_at_the_instant_the_clock_alone_changes_everything(administration: Administration, clock: MovableClock) -> None:
    runtime = administration.runtime
    plan = administration.plan(DECREE)
    administration.approve(plan)
    apply_plan(runtime, plan.path, administration.actor("Lê Thị Hoa"))
    clock.set(DAY - timedelta(milliseconds=50))
    people = Watcher(runtime, count_people(administration, lambda: clock.now))
    told = Watcher(runtime, tell_person(administration, "Nguyễn Thị Cúc", lambda: clock.now))
    with watching(people, told):
        for _step in range(100):
            clock.advance(milliseconds=1)
            runtime.seal_audit()
    assert len(people.seen) == len(told.seen) == 2
