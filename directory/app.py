"""The public unit API: what a code means, what it has become, what it came from; no token, with ETag.

`GET /api/units/{code}` · `…/successors` · `…/predecessors` · `…/history` · `POST /api/units/successors` (many at once) ·
`GET /api/units?changed_since=` · `GET /api/units/mapping.csv`. Answers are those of `hopnhat unit … --output json`.
"""

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from directory.errors import UnitNotFound
from directory.history import build_history
from directory.models import Scheme, UnitEvent, UnitEventLink
from directory.succession import answer_predecessors, answer_successors
from directory.unit_notices import list_notices, parse_cursor
from directory.units import UnitFacts, get_unit_by_code, last_facts
from foundation.bodies import BoundedRoute
from foundation.changes import AsOf, visible
from foundation.clocks import as_rfc3339, parse_instant
from foundation.database import Reads
from foundation.runtime import Runtime
from foundation.terminal import as_plain, disarm

MOST_CODES = 10_000
LONGEST_CODE = 200

At = Annotated[str | None, Query(description="the day of the answer: 2025-07-01 or RFC 3339; default: now")]
CodeAt = Annotated[str | None, Query(description="the day the code was written")]
SchemeParameter = Annotated[Scheme | None, Query(description="the kind of the code")]

ChangedSince = Annotated[
    str | None, Query(description="`next` of the answer before, or an instant: what was published since")
]


class CodesAsked(BaseModel):
    """The body of the bulk form."""

    codes: list[Annotated[str, Field(max_length=LONGEST_CODE)]] = Field(max_length=MOST_CODES)
    scheme: Scheme | None = None
    at: str | None = None
    code_at: str | None = None


def build_router(runtime: Runtime) -> APIRouter:
    """The unit API on this register."""
    router = APIRouter(prefix="/api/units", tags=["units"], route_class=BoundedRoute)
    zone = runtime.settings.zone

    def where(at: str | None) -> AsOf:
        return AsOf(parse_instant(at, zone) if at else runtime.clocks.register())

    def written(code_at: str | None) -> datetime | None:
        return parse_instant(code_at, zone) if code_at else None

    @router.get("")
    def list_changed(request: Request, changed_since: ChangedSince = None, at: At = None) -> Response:
        """What was published of units, oldest publication first: what a mirror of the register follows.

        An event may be told twice (its id says so); one that was taken back is told again with the state `withdrawn`.
        """
        since = parse_cursor(changed_since, zone) if changed_since else None
        until = parse_instant(at, zone) if at else None
        with runtime.database.read() as reads:
            page = list_notices(reads, since, runtime.clocks.wall(), until)
        following = str(page.next) if page.next else None
        return answer(request, {"events": page.notices, "next": following, "more": page.more})

    @router.get("/mapping.csv")
    def mapping(at: At = None) -> Response:
        """Old unit to new unit for every event up to the instant: ids, codes, kind, share, decision."""
        with runtime.database.read() as reads:
            text = write_mapping(reads, where(at))
        return Response(text, media_type="text/csv; charset=utf-8")

    @router.post("/successors")
    def many_successors(asked: CodesAsked) -> Response:
        """The successors of up to 10,000 codes, in the order asked; a code nobody bore has no origins."""
        with runtime.database.read() as reads:
            answers = answer_successors(reads, asked.codes, where(asked.at), asked.scheme, written(asked.code_at))
        return Response(as_json({"answers": answers}), media_type="application/json")

    @router.get("/{code}")
    def one(request: Request, code: str, at: At = None, scheme: SchemeParameter = None) -> Response:
        """The unit that bears the code, or bore it last."""
        as_of = where(at)
        with runtime.database.read() as reads:
            return answer(request, show_unit(get_unit_by_code(reads, code, as_of, scheme), as_of))

    @router.get("/{code}/successors")
    def successors(
        request: Request, code: str, at: At = None, code_at: CodeAt = None, scheme: SchemeParameter = None
    ) -> Response:
        """What the units that bore the code have become."""
        with runtime.database.read() as reads:
            found = answer_successors(reads, [code], where(at), scheme, written(code_at))[0]
        return answer(request, known(found))

    @router.get("/{code}/predecessors")
    def predecessors(
        request: Request, code: str, at: At = None, code_at: CodeAt = None, scheme: SchemeParameter = None
    ) -> Response:
        """What the units that bore the code have come from."""
        with runtime.database.read() as reads:
            found = answer_predecessors(reads, [code], where(at), scheme, written(code_at))[0]
        return answer(request, known(found))

    @router.get("/{code}/history")
    def history(request: Request, code: str, at: At = None, scheme: SchemeParameter = None) -> Response:
        """The life of the units that bore the code."""
        with runtime.database.read() as reads:
            return answer(request, build_history(reads, code, where(at), scheme))

    return router


def known(found: dict[str, Any]) -> dict[str, Any]:
    """The answer, if any unit ever bore the code. Raises UnitNotFound."""
    if not found["origins"]:
        raise UnitNotFound(code=found["code"])
    return found


def as_json(value: object) -> str:
    """JSON text with its letters as they are."""
    return json.dumps(as_plain(value), ensure_ascii=False)


def answer(request: Request, value: object) -> Response:
    """JSON with a strong ETag; 304 when the reader has it already (RFC 9110 §8.8.3)."""
    body = as_json(value)
    tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "public, max-age=0, must-revalidate"}
    if tag in [given.strip().removeprefix("W/") for given in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def show_unit(unit: UnitFacts, as_of: AsOf) -> dict[str, Any]:
    """A unit as the API shows it."""
    return {
        "id": str(unit.id),
        "code": unit.code,
        "codes": dict(unit.codes),
        "name": unit.name,
        "agency_name": unit.agency_name,
        "level": unit.level,
        "kind": unit.kind,
        "parent": str(unit.parent_id) if unit.parent_id else None,
        "hotline": unit.hotline,
        "from": as_rfc3339(unit.begins),
        "to": as_rfc3339(unit.ends) if unit.ends else None,
        "in_force": unit.begins <= as_of.at and (unit.ends is None or unit.ends > as_of.at),
        "example": unit.example,
    }


def event_rows(reads: Reads, as_of: AsOf) -> Sequence[sa.Row[UnitEvent, UnitEventLink]]:
    """Events with their links up to the reader's instant, oldest first."""
    return reads.execute(
        sa.select(UnitEvent, UnitEventLink)
        .join(UnitEventLink, UnitEventLink.event_id == UnitEvent.id)
        .where(
            visible(UnitEvent, as_of.known_at),
            visible(UnitEventLink, as_of.known_at),
            UnitEvent.instant <= as_of.at,
        )
        .order_by(UnitEvent.instant, UnitEvent.row_id, UnitEventLink.row_id)
    ).all()


MAPPING_COLUMNS = ("old_unit", "old_code", "old_name", "new_unit", "new_code", "new_name", "kind", "share", "principal",
                   "instant", "decision", "example")  # fmt: skip


def write_mapping(reads: Reads, as_of: AsOf) -> str:
    """The mapping table as CSV; formulas in names are disarmed."""
    rows = [(event, link) for event, link in event_rows(reads, as_of) if link.predecessor_id and link.successor_id]
    units = last_facts(
        reads, {end for _, link in rows for end in (link.predecessor_id, link.successor_id) if end}, as_of
    )
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(MAPPING_COLUMNS)
    for event, link in rows:
        old, new = units.get(link.predecessor_id or event.id), units.get(link.successor_id or event.id)
        if old is None or new is None:
            continue
        cells = (old.id, old.public_codes["admin"] or old.code, old.name, new.id, new.public_codes["admin"] or new.code,
                 new.name, event.kind, link.share, link.principal, as_rfc3339(event.instant), event.decision_number,
                 event.example)  # fmt: skip
        writer.writerow([disarm(as_plain(cell)) for cell in cells])
    return out.getvalue()
