"""Is the service there? `/health/live`: the process answers. `/health/ready`: it can also reach its database."""

import logging

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from foundation.errors import HopnhatError
from foundation.runtime import Runtime

log = logging.getLogger("hopnhat.health")
ASK = sa.text("SELECT 1")


async def answer_live(_request: Request) -> JSONResponse:
    """200 as long as the process serves."""
    return JSONResponse({"status": "live"})


async def answer_ready(request: Request) -> JSONResponse:
    """200 when the database answers too, else 503; never says why (the log does)."""
    ready = await run_in_threadpool(is_ready, request.app.state.runtime)
    return JSONResponse({"status": "ready" if ready else "not ready"}, 200 if ready else 503)


def is_ready(runtime: Runtime) -> bool:
    """Whether the database answers one question."""
    try:
        with runtime.database.connect() as connection:
            connection.execute(ASK)
    except (sa.exc.SQLAlchemyError, HopnhatError, OSError):
        log.exception("not ready")
        return False
    return True
