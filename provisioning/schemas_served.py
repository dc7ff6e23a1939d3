"""`GET /schemas/decree.json`: the JSON Schema of a decree, for editors and for those who write decrees by program.

That of the claims is served by the provider at `/schemas/claims.json`.
"""

import json
from functools import cache

from fastapi import APIRouter
from fastapi.responses import Response


@cache
def write_decree_schema() -> str:
    """The schema as text, made when it is first asked for: no start of the service waits for it."""
    from provisioning.merger.decree import build_schema

    return json.dumps(build_schema(), ensure_ascii=False, indent=2)


def build_router() -> APIRouter:
    """The schemas of this room; nothing in them is secret."""
    router = APIRouter(tags=["schemas"])

    @router.get("/schemas/decree.json")
    def decree() -> Response:
        """The JSON Schema of a decree."""
        return Response(
            write_decree_schema(),
            media_type="application/schema+json",
            headers={"Cache-Control": "public, max-age=3600"},
        )

    return router
