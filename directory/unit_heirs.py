"""Who may today read what a unit kept: the units that hold its documents (`document_keepers`), and in them the posts with certain
duties: those the event names, else READERS (docs/decisions/0017)."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from directory.codes import clean_code
from directory.document_keepers import Estate, Keeper, Rule, find_keepers
from directory.errors import UnitNotFound
from directory.event_steps import load_links
from directory.models import UnitEvent, UnitEventLink
from directory.people import PostFacts, find_members
from directory.succession import Shown, describe_origin, group_bearings, tell
from directory.unit_faces import NO_CODES, load_codes, load_faces, stands
from directory.units import Bearing, chunked, find_bearers
from foundation.changes import AsOf, visible
from foundation.database import Reads


def answer_heirs(
    reads: Reads, code: str, as_of: AsOf, scheme: str | None = None, code_at: datetime | None = None
) -> dict[str, Any]:
    """For each unit that bore the code, the units and posts that may read what it kept. Raises UnitNotFound."""
    answer = answer_many_heirs(reads, [code], as_of, scheme, code_at)[0]
    if not answer["origins"]:
        raise UnitNotFound(code=answer["code"])
    heirs = [heir for origin in answer["origins"] for heir in origin["heirs"]]
    posts = find_posts_of(reads, {uuid.UUID(heir["unit"]) for heir in heirs}, as_of)
    for heir in heirs:
        heir["posts"] = describe_posts(posts.get(uuid.UUID(heir["unit"]), ()), heir["duties"])
    return answer


def answer_many_heirs(
    reads: Reads, codes: Sequence[str], as_of: AsOf, scheme: str | None = None, code_at: datetime | None = None
) -> list[dict[str, Any]]:
    """For each code, in the order asked, the units that may read and the duties that open them there; without the posts, which one
    code alone is answered with. A code nobody bore has no origins."""
    bearers = find_bearers(reads, codes, as_of, scheme, code_at)
    estate, shown = load_estate(reads, {borne.unit_id for found in bearers.values() for borne in found}, as_of)

    def describe(unit: uuid.UUID, borne: Sequence[Bearing]) -> dict[str, Any]:
        keepers = find_keepers(unit, estate, code_at or borne[0].borne_from)
        heirs = [describe_keeper(keeper, shown) for keeper in keepers]
        return describe_origin(shown.units[unit], borne, as_of) | {"heirs": heirs}

    return [
        {
            "code": code,
            "scheme": scheme,
            "at": tell(as_of.at),
            "origins": [
                describe(unit, borne)
                for unit, borne in group_bearings(bearers.get(code, ())).items()
                if unit in shown.units
            ],
        }
        for code in map(clean_code, codes)
    ]


def load_estate(reads: Reads, units: Iterable[uuid.UUID], as_of: AsOf) -> tuple[Estate, Shown[uuid.UUID]]:
    """Everything reachable from these units, also by way of archives that ended themselves."""
    wanted = set(units)
    while True:
        links = load_links(reads, wanted, as_of)
        closed = load_closed(reads, links, as_of)
        events = {step.event_id for steps in links.values() for step in steps} | {
            event for ends in closed.values() for _, event in ends
        }
        rules = load_rules(reads, events, as_of)
        archives = {rule.archive_id for rule in rules.values() if rule.archive_id} - links.keys()
        if not archives:
            break
        wanted |= archives
    faces = load_faces(reads, links, as_of)
    standing = {unit for unit, face in faces.items() if stands(face, as_of)}
    ends = {unit: face.ends for unit, face in faces.items()}
    return Estate(links, rules, closed, standing, ends), Shown(faces, load_codes(reads, standing, as_of), as_of)


def load_closed(
    reads: Reads, units: Iterable[uuid.UUID], as_of: AsOf
) -> dict[uuid.UUID, list[tuple[datetime, uuid.UUID]]]:
    """The events in which units ended without a successor, by unit."""
    found: dict[uuid.UUID, list[tuple[datetime, uuid.UUID]]] = {}
    for ids in chunked(units):
        for unit, instant, event in reads.execute(
            sa.select(UnitEventLink.predecessor_id, UnitEvent.instant, UnitEvent.id)
            .join(UnitEvent, UnitEvent.id == UnitEventLink.event_id)
            .where(
                UnitEventLink.predecessor_id.in_(ids),
                UnitEventLink.successor_id.is_(None),
                visible(UnitEventLink, as_of.known_at),
                visible(UnitEvent, as_of.known_at),
                UnitEvent.instant <= as_of.at,
            )
        ):
            if unit is not None:
                found.setdefault(unit, []).append((instant, event))
    return found


def load_rules(reads: Reads, events: Iterable[uuid.UUID], as_of: AsOf) -> dict[uuid.UUID, Rule]:
    """What each event says of documents."""
    found: dict[uuid.UUID, Rule] = {}
    for ids in chunked(events):
        for event, documents, archive, readers, decision in reads.execute(
            sa.select(
                UnitEvent.id, UnitEvent.documents, UnitEvent.archive_id, UnitEvent.readers, UnitEvent.decision_number
            ).where(UnitEvent.id.in_(ids), visible(UnitEvent, as_of.known_at))
        ):
            found[event] = Rule(documents, archive, tuple((readers or "").split()), decision)
    return found


def find_posts_of(reads: Reads, units: Iterable[uuid.UUID], as_of: AsOf) -> dict[uuid.UUID, list[PostFacts]]:
    """The posts in force in these units."""
    found: dict[uuid.UUID, list[PostFacts]] = {}
    for post in find_members(reads, units, as_of):
        found.setdefault(post.unit_id, []).append(post)
    return found


def describe_keeper(keeper: Keeper, shown: Shown[uuid.UUID]) -> dict[str, Any]:
    """One unit that may read, by which rule, and the duties that open it there."""
    unit = shown.units[keeper.unit_id]
    return {
        "unit": str(unit.id),
        "name": unit.name,
        "level": unit.level,
        "codes": shown.codes.get(keeper.unit_id, NO_CODES),
        "rule": keeper.rule,
        "decision": keeper.decision,
        "share": keeper.share,
        "principal": keeper.principal,
        "path": [str(event) for event in keeper.path],
        "duties": list(keeper.readers),
        "example": unit.example,
    }


def describe_posts(posts: Iterable[PostFacts], readers: Iterable[str]) -> list[dict[str, Any]]:
    """The posts of a unit that may read."""
    return [
        {
            "post": str(post.post_id),
            "person": str(post.person_id),
            "title": post.title,
            "body": post.body,
            "duties": list(post.duties),
        }
        for post in posts
        if set(post.duties).intersection(readers)
    ]
