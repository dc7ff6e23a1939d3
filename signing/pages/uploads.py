"""Forms that carry a file: bounded before they are parsed, checked for their browser's token like every other form."""

from collections.abc import Callable
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from foundation.errors import BadInput
from foundation.forms import Form, check_form_token, read_body, read_query
from foundation.pages import is_https
from foundation.web import Endpoint

MOST_BYTES: Final = 64 * 1024
FileAct = Callable[[Request, Form, bytes], Response]


def upload_route(act: FileAct) -> Endpoint:
    """An endpoint whose form has one file at most; `act` gets the fields and the file's bytes, empty where none was chosen."""

    async def endpoint(request: Request) -> Response:
        if request.method != "POST":
            return await run_in_threadpool(act, request, read_query(request), b"")
        form, content = await read_upload(request)
        settings = request.app.state.runtime.settings
        check_form_token(request.app.state.runtime.sealer, request, form, is_https(settings))
        return await run_in_threadpool(act, request, form, content)

    return endpoint


async def read_upload(request: Request) -> tuple[Form, bytes]:
    """The fields and the file of a multipart form (RFC 7578). Raises FormTooLarge before more is read; BadInput."""
    body = await read_body(request, MOST_BYTES)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise BadInput("The body must be multipart/form-data.")

    async def replay() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    try:
        parts = await Request(request.scope, replay).form(max_files=1, max_fields=10, max_part_size=MOST_BYTES)
    except (HTTPException, ValueError, KeyError) as error:
        raise BadInput("The form cannot be read.") from error
    texts = [(name, value) for name, value in parts.multi_items() if isinstance(value, str)]
    files = [value for value in parts.values() if isinstance(value, UploadFile)]
    content = await files[0].read() if files else b""
    await parts.close()
    return Form(texts), content
