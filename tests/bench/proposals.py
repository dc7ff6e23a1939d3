"""Certificates of former units proposed after a merger, as the worker does it: units a second of processor, from the jobs to the drafts.

Each new commune comes from three old ones and has as many people as a commune of the country, a tenth of them with a certificate of before.
"""

import hashlib
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import provisioning.tables
import signing.jobs
from directory.models import (
    Account,
    Certificate,
    Login,
    MailAddress,
    Person,
    PersonDetail,
    Post,
    Unit,
    UnitEvent,
    UnitEventLink,
    UnitVersion,
)
from foundation.changes import small_change
from foundation.clocks import as_rfc3339, parse_instant
from foundation.database import Writes
from foundation.handling import work_once
from foundation.loop import SLOW_AT_ONCE
from foundation.outbox import enqueue_many
from foundation.runtime import Runtime
from signing.models import CertificateRequest
from tests.bench.figures import Figure, measure
from tests.bench.succession import open_register, time_act
from tests.services.databases import Databases

assert provisioning.tables.ROOMS
UNITS = 60
PEOPLE = 87
ORIGINS = 3
GOAL = 30
BEGINNING = parse_instant("2020-01-01")
DAY = parse_instant("2025-07-01")
KIND = "propose_certificates"


@measure("proposals")
def measure_proposals() -> list[Figure]:
    """On both databases."""
    with tempfile.TemporaryDirectory(prefix="hn-bench-") as folder, ExitStack() as stack:
        databases = Databases(Path(folder), stack)
        figures: list[Figure] = []
        for engine in ("sqlite", "postgresql"):
            url = stack.enter_context(databases.make(engine, Path(folder)))
            with open_register(url, Path(folder)) as runtime:
                fill(runtime)
                server = databases.cluster.server if databases.cluster else None
                figures += measure_engine(engine, runtime, [server.pid] if server else [])
        return figures


def measure_engine(engine: str, runtime: Runtime, servers: list[int]) -> Iterator[Figure]:
    """The worker's rounds until nothing waits."""

    def drain() -> None:
        handlers = {KIND: signing.jobs.HANDLERS[KIND]}
        while work_once(runtime, handlers, SLOW_AT_ONCE):
            pass

    wall, processor = time_act(drain, servers)
    with runtime.database.read() as reads:
        made = reads.execute(sa.select(sa.func.count()).select_from(CertificateRequest)).scalar_one()
    assert made >= UNITS * PEOPLE, made
    beside = f"{made:,} requests; {UNITS / wall:.0f} a second of wall"
    yield Figure(f"certificates proposed, {engine}", UNITS / processor, "units/s of processor", GOAL, "more", beside)


def fill(runtime: Runtime) -> None:
    """The communes before and after, their people, and the merger's jobs."""
    with runtime.database.write() as writes:
        change = small_change(writes, "bench", "bench", BEGINNING).id
        province = uuid.uuid4()
        add_units(writes, change, [(province, None, "Tỉnh Vĩnh Long", BEGINNING, None)], "province")
        event = {"kind": "merge_into_new", "instant": DAY, "decision_number": "1687/NQ-UBTVQH15", "change_id": change}
        jobs: list[tuple[str, Mapping[str, Any]]] = []
        for number in range(UNITS):
            new, old = uuid.uuid4(), [uuid.uuid4() for _ in range(ORIGINS)]
            units: list[Any] = [(unit, province, f"Xã Cũ {number}", BEGINNING, DAY) for unit in old]
            add_units(writes, change, [*units, (new, province, f"Xã Mới {number}", DAY, None)], "commune")
            happened = uuid.uuid4()
            writes.execute(sa.insert(UnitEvent), [event | {"id": happened}])
            link = {"event_id": happened, "successor_id": new, "share": "whole", "principal": True, "change_id": change}
            writes.execute(sa.insert(UnitEventLink), [link | {"predecessor_id": unit} for unit in old])
            add_people(writes, change, number, old, new)
            jobs.append((str(new), {"units": [str(new)], "instant": as_rfc3339(DAY), "change": change}))
        enqueue_many(writes, KIND, jobs, DAY, change_id=change)


def add_units(writes: Writes, change: int, units: list[Any], level: str) -> None:
    """Units with their only version."""
    writes.execute(sa.insert(Unit), [{"id": unit, "level": level, "change_id": change} for unit, *_ in units])
    names = ("unit_id", "parent_id", "name", "valid_from", "valid_to")
    rows = [dict(zip(names, unit, strict=True)) | {"name_key": unit[2], "change_id": change} for unit in units]
    writes.execute(sa.insert(UnitVersion), rows)


def add_people(writes: Writes, change: int, number: int, old: list[uuid.UUID], new: uuid.UUID) -> None:
    """The people of one new commune: a head, two deputies and staff, each in an old commune before."""
    people = [(uuid.uuid4(), uuid.uuid4(), f"nguoi.{number}.{place}") for place in range(PEOPLE)]
    dated = {"valid_from": BEGINNING, "change_id": change}
    writes.execute(sa.insert(Person), [{"id": person, "change_id": change} for person, _, _ in people])
    rows: dict[Any, list[dict[str, Any]]] = {
        Account: [{"id": account, "person_id": person, "change_id": change} for person, account, _ in people],
        PersonDetail: [{"person_id": p, "name": f"Nguyễn Văn {n}", "name_key": n, **dated} for p, _, n in people],
        Login: [{"account_id": account, "login": name, "login_key": name, **dated} for _, account, name in people],
        MailAddress: [
            {"person_id": person, "address": f"{name}@example.vn", "address_key": f"{name}@example.vn", **dated}
            for person, _, name in people
        ],
        Post: [
            post(change, person, unit, place, since, until)
            for place, (person, _, _) in enumerate(people)
            for unit, since, until in ((old[place % ORIGINS], BEGINNING, DAY), (new, DAY, None))
        ],
        Certificate: [certificate(change, person) for person, _, _ in people[::10]],
    }
    for model, some in rows.items():
        writes.execute(sa.insert(model), some)


def post(
    change: int, person: uuid.UUID, unit: uuid.UUID, place: int, since: datetime, until: datetime | None
) -> dict[str, Any]:
    """A main post; the first of a commune leads it, the next two are deputies."""
    duties = ("leader", "deputy", "deputy")[place] if place < ORIGINS else ""
    dates = {"valid_from": since, "valid_to": until, "change_id": change}
    return {
        "post_id": uuid.uuid4(),
        "person_id": person,
        "unit_id": unit,
        "title": "Công chức",
        "duties": duties,
        **dates,
    }


def certificate(change: int, person: uuid.UUID) -> dict[str, Any]:
    """A certificate of before, of which nothing but its dates is looked at here."""
    der = person.bytes * 60
    return {
        "person_id": person, "der": der, "sha256": hashlib.sha256(der).hexdigest(), "serial": person.hex, "issuer": "CN=CA",
        "subject": "CN=x", "valid_from": BEGINNING, "valid_to": DAY + timedelta(days=9000), "change_id": change,
    }  # fmt: skip
