"""How a case travels into the isolated process and findings travel out: one JSON header, then raw bytes; never anything that runs.

What comes back was written by a process that read a stranger's file: it is checked field by field and bounded before it is believed.
"""

import base64
import json
import socket
import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from foundation.i18n import Message
from signing.verification.cases import Case
from signing.verification.findings import Findings, Reason, Result, SignatureFindings, Step, Wanted

LENGTH = struct.Struct("!IQ")
LARGEST_ANSWER = 8 * 1024 * 1024
LARGEST_HEADER = 64 * 1024 * 1024


class BrokenLineError(Exception):
    """The other side closed the line or wrote what no honest side writes."""


def send_frame(line: socket.socket, header: Mapping[str, Any], content: bytes = b"") -> None:
    """Write one frame."""
    encoded = json.dumps(header, ensure_ascii=False).encode()
    line.sendall(LENGTH.pack(len(encoded), len(content)) + encoded)
    if content:
        line.sendall(content)


def receive_frame(
    line: socket.socket, largest_header: int = LARGEST_HEADER, largest_content: int = 2**40
) -> tuple[Any, bytes]:
    """Read one frame. Raises BrokenLineError when the line ends or a length is beyond what is allowed."""
    header_length, content_length = LENGTH.unpack(receive_exactly(line, LENGTH.size))
    if header_length > largest_header or content_length > largest_content:
        raise BrokenLineError("frame too large")
    try:
        header = json.loads(receive_exactly(line, header_length))
    except ValueError as error:
        raise BrokenLineError("no JSON") from error
    return header, receive_exactly(line, content_length)


def receive_exactly(line: socket.socket, length: int) -> bytes:
    """So many bytes from the line. Raises BrokenLineError at its end."""
    parts = bytearray()
    while len(parts) < length:
        chunk = line.recv(min(1 << 20, length - len(parts)))
        if not chunk:
            raise BrokenLineError("line ended")
        parts += chunk
    return bytes(parts)


def pack_case(case: Case) -> tuple[dict[str, Any], bytes]:
    """A case as header and content; detached contents follow the document in the same stretch of bytes."""
    header = {
        "at": write_time(case.at),
        "received": write_time(case.received),
        **{name: [base64.b64encode(der).decode() for der in getattr(case, name)] for name in DER_FIELDS},
        "lengths": [len(case.content), *map(len, case.detached)],
    }
    return header, b"".join((case.content, *case.detached))


DER_FIELDS = ("trust", "certificates", "crls", "ocsps")


def unpack_case(header: Mapping[str, Any], content: bytes) -> Case:
    """The case in a frame."""
    pieces, start = [], 0
    for length in header["lengths"]:
        pieces.append(content[start : start + length])
        start += length
    at = read_time(header["at"])
    assert at is not None
    return Case(
        content=pieces[0],
        at=at,
        received=read_time(header["received"]),
        detached=tuple(pieces[1:]),
        **{name: tuple(base64.b64decode(text) for text in header[name]) for name in DER_FIELDS},
    )


def pack_findings(findings: Findings) -> dict[str, Any]:
    """Findings as JSON."""
    objection = findings.objection
    return {
        "format": findings.format,
        "signatures": [pack_signature(signature) for signature in findings.signatures],
        "objection": [objection[0], objection[1], pack_message(objection[2])] if objection else None,
        "wanted": [[wanted.kind, wanted.address] for wanted in findings.wanted],
    }


def pack_signature(signature: SignatureFindings) -> dict[str, Any]:
    """One signature's findings as JSON."""
    return {
        "id": signature.id,
        "steps": [[s.n, s.name, s.result, pack_message(s.detail), s.reason, s.decisive] for s in signature.steps],
        "level": signature.level,
        "signer_name": signature.signer_name,
        "certificate_sha256": signature.certificate_sha256,
        "claimed_time": write_time(signature.claimed_time),
        "best_time": write_time(signature.best_time),
        "best_time_from": signature.best_time_from,
        "covers_whole_document": signature.covers_whole_document,
        "changes_after": [pack_message(message) for message in signature.changes_after],
    }


def pack_message(message: Message) -> list[Any]:
    """A sentence with its values; a value that is a sentence itself stays one."""
    return [message.text, {k: pack_message(v) if isinstance(v, Message) else v for k, v in message.values.items()}]


def read_findings(data: Any) -> Findings:
    """Findings from JSON. Raises BrokenLineError when anything is not as it must be."""
    try:
        objection = data["objection"]
        return Findings(
            format=read_text(data["format"]),
            signatures=tuple(read_signature(entry) for entry in data["signatures"]),
            objection=(Result(objection[0]), Reason(objection[1]), read_message(objection[2])) if objection else None,
            wanted=tuple(Wanted(read_text(kind), read_text(address)) for kind, address in data["wanted"]),
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise BrokenLineError("findings are not as they must be") from error


def read_signature(data: Any) -> SignatureFindings:
    """One signature's findings from JSON."""
    return SignatureFindings(
        id=read_text(data["id"]),
        steps=tuple(read_step(*entry) for entry in data["steps"]),
        level=read_optional(data["level"]),
        signer_name=read_optional(data["signer_name"]),
        certificate_sha256=read_optional(data["certificate_sha256"]),
        claimed_time=read_time(data["claimed_time"]),
        best_time=read_time(data["best_time"]),
        best_time_from=read_text(data["best_time_from"]),
        covers_whole_document=data["covers_whole_document"] is True,
        changes_after=tuple(read_message(entry) for entry in data["changes_after"]),
    )


def read_step(n: Any, name: Any, result: Any, detail: Any, reason: Any, decisive: Any) -> Step:
    """One step from JSON."""
    return Step(
        int(n),
        read_text(name),
        Result(result),
        read_message(detail),
        Reason(reason) if reason else None,
        decisive is True,
    )


def read_message(data: Sequence[Any]) -> Message:
    """A sentence from JSON; values are text, numbers or sentences."""
    text, values = data
    return Message(
        read_text(text),
        {read_text(k): read_message(v) if isinstance(v, list) else read_value(v) for k, v in values.items()},
    )


def read_value(value: Any) -> str | int:
    """A value of a sentence. Raises ValueError for anything but text and whole numbers."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("not a value of a sentence")
    return value


def read_text(value: Any) -> str:
    """Text. Raises ValueError otherwise."""
    if not isinstance(value, str):
        raise ValueError("not text")
    return value


def read_optional(value: Any) -> str | None:
    """Text or None."""
    return None if value is None else read_text(value)


def write_time(instant: datetime | None) -> str | None:
    """An instant as RFC 3339 in UTC."""
    return instant.astimezone(UTC).isoformat() if instant else None


def read_time(text: Any) -> datetime | None:
    """An instant from RFC 3339. Raises ValueError."""
    return datetime.fromisoformat(read_text(text)).astimezone(UTC) if text else None
