"""What exactly is not as the signer saw it, in words: for a change after signing that is not tolerated.

Looks at the signed revision and at the document today side by side. It explains a refusal and never makes one: what it cannot tell, it
leaves out.
"""

from collections.abc import Iterator
from typing import Any

from foundation.i18n import Message
from signing.verification.documents import GIVING_UP, Document
from signing.verification.inscriptions import clean

MOST_PAGES = 200
MOST_NAMED = 5
PARTS = ("/Contents", "/Resources", "/MediaBox", "/Rotate", "/CropBox")


def name_damage(document: Document, revision: int) -> list[Message]:
    """The first few differences between the signed revision and today, by page."""
    try:
        then = list(walk_pages(document.reader.get_historical_resolver(revision).root["/Pages"]))
        now = list(walk_pages(document.reader.root["/Pages"]))
        if len(then) != len(now):
            return [Message("it had {then} pages and has {now} now", {"then": len(then), "now": len(now)})]
        found = [
            message
            for number, pair in enumerate(zip(then, now, strict=True), 1)
            for message in compare_pages(number, *pair)
        ]
        return found[:MOST_NAMED]
    except GIVING_UP:
        return []


def walk_pages(node: Any, depth: int = 0) -> Iterator[Any]:
    """The pages below a node of the page tree, in order; bounded in depth and number by the caller's patience."""
    node = node.get_object()
    if depth > 20 or "/Kids" not in node:
        yield node
        return
    for kid in list(node["/Kids"])[:MOST_PAGES]:
        yield from walk_pages(kid, depth + 1)


def compare_pages(number: int, then: Any, now: Any) -> Iterator[Message]:
    """The differences between one page then and now."""
    if content_of(then) != content_of(now):
        yield Message("page {number} shows another text", {"number": number})
    elif any(str(then.get(part)) != str(now.get(part)) for part in PARTS[1:]):
        yield Message("page {number} is laid out differently", {"number": number})
    before, after = notes_of(then), notes_of(now)
    for kind in sorted(set(after) | set(before)):
        if after.get(kind, 0) > before.get(kind, 0):
            yield Message("a note of the kind {kind} was laid over page {number}", {"kind": kind, "number": number})
        elif after.get(kind, 0) < before.get(kind, 0):
            yield Message("a note of the kind {kind} was taken from page {number}", {"kind": kind, "number": number})


def content_of(page: Any) -> bytes:
    """What a page draws."""
    content = page.get("/Contents")
    if content is None:
        return b""
    content = content.get_object()
    streams = content if isinstance(content, list) else [content]
    return b"\n".join(stream.get_object().data for stream in streams)


def notes_of(page: Any) -> dict[str, int]:
    """How many annotations of each kind a page bears; fields of the form are not counted, they are compared elsewhere."""
    counted: dict[str, int] = {}
    for annotation in page.get("/Annots", ()):
        kind = clean(str(annotation.get_object().get("/Subtype", "?")).lstrip("/"))
        if kind != "Widget":
            counted[kind] = counted.get(kind, 0) + 1
    return counted


def join(messages: list[Message]) -> Message:
    """Several messages as one, separated by semicolons."""
    joined = messages[0]
    for message in messages[1:]:
        joined = Message("{first}; {second}", {"first": joined, "second": message})
    return joined
