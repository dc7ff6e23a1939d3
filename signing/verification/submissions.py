"""A document as it is sent to us: a multipart body, counted while it comes in and kept on disk where it is large (RFC 7578)."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from foundation.errors import BadInput
from foundation.forms import Form
from foundation.i18n import _

FIELD_BYTES: Final = 64 * 1024
MOST_FILES: Final = 9
MOST_FIELDS: Final = 10
NOT_A_FORM: Final = _("The document must be sent as multipart/form-data.")


class DocumentTooLarge(BadInput):
    """More bytes than a document may have."""

    code = "document_too_large"
    status = 413
    sentence = "The document is larger than {most} MB."


@dataclass(frozen=True)
class Sent:
    """One file of a submission: the name it was sent under and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Submission:
    """The fields of a form and its files by field name; a field may bring several."""

    form: Form
    files: dict[str, list[Sent]]

    def first(self, name: str) -> Sent | None:
        """The first file of a field that is not empty, None without one."""
        return next((sent for sent in self.files.get(name, []) if sent.content), None)


async def read_submission(request: Request, most_megabytes: int) -> Submission:
    """The fields and files of a request. Raises DocumentTooLarge before more is read; BadInput for another kind of body."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise BadInput(NOT_A_FORM)
    parser = MultiPartParser(
        request.headers,
        count(request.stream(), most_megabytes),
        max_files=MOST_FILES,
        max_fields=MOST_FIELDS,
        max_part_size=FIELD_BYTES,
    )
    try:
        parts = await parser.parse()
    except (MultiPartException, HTTPException, KeyError, ValueError) as error:
        raise BadInput(NOT_A_FORM) from error
    texts: list[tuple[str, str]] = []
    files: dict[str, list[Sent]] = {}
    try:
        for name, value in parts.multi_items():
            if isinstance(value, UploadFile):
                files.setdefault(name, []).append(Sent(value.filename or "", await value.read()))
            else:
                texts.append((name, value))
    finally:
        await parts.close()
    return Submission(Form(texts), files)


async def count(stream: AsyncIterator[bytes], most_megabytes: int) -> AsyncGenerator[bytes, None]:
    """The stream, until it is longer than a document may be. Raises DocumentTooLarge."""
    left = (most_megabytes << 20) + FIELD_BYTES
    async for chunk in stream:
        left -= len(chunk)
        if left < 0:
            raise DocumentTooLarge(most=most_megabytes)
        yield chunk
