"""The public unit API: what a code means, what it has become, what it came from; no token, with ETag.

`GET /api/units/{code}` · `…/successors` · `…/predecessors` · `…/history` · `POST /api/units/successors` (many at once) ·
`GET /api/units?changed_since=` · `GET /api/units/mapping.csv` and `.xlsx`. Answers are those of `hopnhat unit … --output json`.
With a client's token: `…/documents-heirs` and `POST /api/units/documents-heirs` (scope `units.heirs`), `GET /api/people/mapping.csv` and
`.xlsx` (scope `people.mapping`).
The token of a preview may be sent everywhere: then an answer without `at` is that of its register time, and says so.
"""

import hashlib
import json
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from directory.edxml_ids import LONGEST as LONGEST_ID
from directory.edxml_ids import resolve_edxml_id
from directory.errors import UnitNotFound
from directory.history import build_history
from directory.mapping_tables import write_csv, write_xlsx
from directory.models import Scheme
from directory.person_mapping import COLUMNS as PEOPLE_COLUMNS
from directory.person_mapping import each_account
from directory.succession import answer_predecessors, answer_successors
from directory.unit_heirs import answer_heirs, answer_many_heirs
from directory.unit_mapping import COLUMNS as UNIT_COLUMNS
from directory.unit_mapping import each_unit_pair
from directory.unit_notices import list_notices, parse_cursor
from directory.units import UnitFacts, get_unit_by_code
from foundation.bearers import check_bearer, find_bearer
from foundation.bodies import BoundedRoute
from foundation.changes import AsOf
from foundation.clocks import as_rfc3339, parse_instant
from foundation.runtime import Runtime
from foundation.terminal import as_plain

MOST_CODES = 10_000
HEIRS: Final = "units.heirs"
"""The scope that opens who may read old documents: it names posts and people."""
PEOPLE: Final = "people.mapping"
"""The scope that opens which old account belongs to whom."""
CSV: Final = "text/csv; charset=utf-8"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CODE = 200

At = Annotated[str | None, Query(description="the day of the answer: 2025-07-01 or RFC 3339; default: now")]
CodeAt = Annotated[str | None, Query(description="the day the code was written")]
SchemeParameter = Annotated[Scheme | None, Query(description="the kind of the code")]

Application = Annotated[str | None, Query(description="only the accounts of this application", max_length=200)]
EdxmlParameter = Annotated[str, Query(alias="id", description="an OrganId or a DocumentId", max_length=LONGEST_ID)]
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
    """What this room serves to programs."""
    router = APIRouter()
    router.include_router(build_unit_router(runtime))
    router.include_router(build_people_router(runtime))
    return router


def build_unit_router(runtime: Runtime) -> APIRouter:
    """The unit API on this register."""
    router = APIRouter(prefix="/api/units", tags=["units"], route_class=BoundedRoute)
    zone = runtime.settings.zone
    where = partial(find_where, runtime)

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
    def mapping_csv(request: Request, at: At = None) -> Response:
        """Old unit to new unit for every event up to the instant: ids, codes before and after, kind, share, decision."""
        as_of = where(request, at)
        with runtime.database.read() as reads:
            return give_table(request, write_csv(UNIT_COLUMNS, each_unit_pair(reads, as_of)), CSV, "units.csv")

    @router.get("/mapping.xlsx")
    def mapping_xlsx(request: Request, at: At = None) -> Response:
        """The same as a workbook."""
        as_of = where(request, at)
        with runtime.database.read() as reads:
            return give_table(request, write_xlsx(UNIT_COLUMNS, each_unit_pair(reads, as_of)), XLSX, "units.xlsx")

    @router.post("/successors")
    def many_successors(request: Request, asked: CodesAsked) -> Response:
        """The successors of up to 10,000 codes, in the order asked; a code nobody bore has no origins."""
        as_of = where(request, asked.at)
        with runtime.database.read() as reads:
            answers = answer_successors(reads, asked.codes, as_of, asked.scheme, written(asked.code_at))
        return Response(as_json({"answers": answers}), media_type="application/json", headers=tell_when(request))

    @router.post("/documents-heirs")
    def many_heirs(request: Request, asked: CodesAsked) -> Response:
        """Who may read what the bearers of up to 10,000 codes kept, in the order asked: units and duties, without the posts.

        A code nobody bore has no origins. Needs a token of scope `units.heirs`.
        """
        check_bearer(request, HEIRS, previews=True)
        as_of = where(request, asked.at)
        with runtime.database.read() as reads:
            answers = answer_many_heirs(reads, asked.codes, as_of, asked.scheme, written(asked.code_at))
        return give_private(request, {"answers": answers})

    @router.get("/edxml")
    def edxml(request: Request, identifier: EdxmlParameter, at: At = None) -> Response:
        """What an OrganId or DocumentId of the document exchange means: whose code it was, and which units that is now."""
        as_of = where(request, at)
        with runtime.database.read() as reads:
            return answer(request, resolve_edxml_id(reads, identifier, as_of, zone))

    @router.get("/{code}")
    def one(request: Request, code: str, at: At = None, scheme: SchemeParameter = None) -> Response:
        """The unit that bears the code, or bore it last."""
        as_of = where(request, at)
        with runtime.database.read() as reads:
            return answer(request, show_unit(get_unit_by_code(reads, code, as_of, scheme), as_of))

    @router.get("/{code}/successors")
    def successors(
        request: Request, code: str, at: At = None, code_at: CodeAt = None, scheme: SchemeParameter = None
    ) -> Response:
        """What the units that bore the code have become."""
        as_of = where(request, at)
        with runtime.database.read_quickly() as reads:
            found = answer_successors(reads, [code], as_of, scheme, written(code_at))[0]
        return answer(request, known(found))

    @router.get("/{code}/predecessors")
    def predecessors(
        request: Request, code: str, at: At = None, code_at: CodeAt = None, scheme: SchemeParameter = None
    ) -> Response:
        """What the units that bore the code have come from."""
        as_of = where(request, at)
        with runtime.database.read_quickly() as reads:
            found = answer_predecessors(reads, [code], as_of, scheme, written(code_at))[0]
        return answer(request, known(found))

    @router.get("/{code}/history")
    def history(request: Request, code: str, at: At = None, scheme: SchemeParameter = None) -> Response:
        """The life of the units that bore the code."""
        as_of = where(request, at)
        with runtime.database.read() as reads:
            return answer(request, build_history(reads, code, as_of, scheme))

    @router.get("/{code}/documents-heirs")
    def documents_heirs(
        request: Request, code: str, at: At = None, code_at: CodeAt = None, scheme: SchemeParameter = None
    ) -> Response:
        """Who may read what the units that bore the code kept: units, and posts in them. Needs a token of scope `units.heirs`."""
        check_bearer(request, HEIRS, previews=True)
        as_of = where(request, at)
        with runtime.database.read() as reads:
            return give_private(request, answer_heirs(reads, code, as_of, scheme, written(code_at)))

    return router


def build_people_router(runtime: Runtime) -> APIRouter:
    """The mapping of people for applications that are converted; never without a token of its scope."""
    router = APIRouter(prefix="/api/people", tags=["people"], route_class=BoundedRoute)
    where = partial(find_where, runtime)

    @router.get("/mapping.csv")
    def people_csv(request: Request, at: At = None, application: Application = None) -> Response:
        """Old account, log-in and address to `sub`, log-in, address, unit and post as of the instant."""
        check_bearer(request, PEOPLE, previews=True)
        as_of = where(request, at)
        with runtime.database.read() as reads:
            return give_table(
                request, write_csv(PEOPLE_COLUMNS, each_account(reads, as_of, application)), CSV, "people.csv"
            )

    @router.get("/mapping.xlsx")
    def people_xlsx(request: Request, at: At = None, application: Application = None) -> Response:
        """The same as a workbook."""
        check_bearer(request, PEOPLE, previews=True)
        as_of = where(request, at)
        with runtime.database.read() as reads:
            return give_table(
                request, write_xlsx(PEOPLE_COLUMNS, each_account(reads, as_of, application)), XLSX, "people.xlsx"
            )

    return router


def find_where(runtime: Runtime, request: Request, at: str | None) -> AsOf:
    """Where the register is read: the instant asked for, else that of a preview's token, else now. Raises BadInput, TokenMissing."""
    bearer = find_bearer(request)
    if at:
        return AsOf(parse_instant(at, runtime.settings.zone))
    return AsOf((bearer.register_time if bearer else None) or runtime.clocks.register())


def tell_when(request: Request) -> dict[str, str]:
    """The header by which an answer to a preview says so."""
    bearer = find_bearer(request)
    return {"Register-Time": as_rfc3339(bearer.register_time)} if bearer and bearer.register_time else {}


def give_table(request: Request, content: bytes, media_type: str, name: str) -> Response:
    """A table to keep."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        **tell_when(request),
    }
    return Response(content, media_type=media_type, headers=headers)


def give_private(request: Request, value: object) -> Response:
    """JSON that nobody keeps on the way."""
    headers = {"Cache-Control": "no-store", **tell_when(request)}
    return Response(as_json(value), media_type="application/json", headers=headers)


def known(found: dict[str, Any]) -> dict[str, Any]:
    """The answer, if any unit ever bore the code. Raises UnitNotFound."""
    if not found["origins"]:
        raise UnitNotFound(code=found["code"])
    return found


def as_json(value: object) -> str:
    """JSON text with its letters as they are; what JSON does not know is made plain on the way."""
    return json.dumps(value, ensure_ascii=False, default=as_plain)


def answer(request: Request, value: object) -> Response:
    """JSON with a strong ETag; 304 when the reader has it already (RFC 9110 §8.8.3)."""
    body = as_json(value)
    tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    kept = "public" if find_bearer(request) is None else "private"
    headers = {"ETag": tag, "Cache-Control": f"{kept}, max-age=0, must-revalidate", "Vary": "Authorization"}
    headers |= tell_when(request)
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
