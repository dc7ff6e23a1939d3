"""`GET /schemas/decree.json`: the JSON Schema of a decree, for editors and for those who write decrees by program.

That of the claims is served by the provider at `/schemas/claims.json`.
"""

import json

from fastapi import APIRouter
from fastapi.responses import Response

from provisioning.merger.decree import build_schema


def build_router() -> APIRouter:
    """The schemas of this room; nothing in them is secret."""
    router = APIRouter(tags=["schemas"])
    content = json.dumps(build_schema(), ensure_ascii=False, indent=2)

    @router.get("/schemas/decree.json")
    def decree() -> Response:
        """The JSON Schema of a decree."""
        return Response(
            content, media_type="application/schema+json", headers={"Cache-Control": "public, max-age=3600"}
        )

    return router
