"""What a PDF signature's /ByteRange covers, told from the raw bytes alone (ISO 32000-2 §12.8.1; ETSI EN 319 142-1 §5.4).

The rules stop three known families of attacks: universal signature forgery (a range that is no range), signature wrapping
(a gap that is more than the signature) and incremental saving (a range that ends inside a revision).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from foundation.i18n import Message
from signing.verification.findings import Reason, Refuted

HEX_STRING = re.compile(rb"<[0-9A-Fa-f]*>")
END_OF_REVISION = re.compile(rb"%%EOF[\x00\t\n\x0c\r ]*\Z")
WHITE = b"\x00\t\n\x0c\r "


@dataclass(frozen=True)
class ByteRange:
    """A checked range: bytes [0, gap_start) and [gap_end, end) are signed; between them stands the signature, as a hexadecimal string."""

    gap_start: int
    gap_end: int
    end: int

    def signed(self, content: bytes) -> tuple[memoryview, memoryview]:
        """The two signed stretches."""
        view = memoryview(content)
        return view[: self.gap_start], view[self.gap_end : self.end]

    def covers(self, content: bytes) -> bool:
        """Whether nothing but white space follows the last signed byte."""
        return not content[self.end :].strip(WHITE)


def check_byte_range(numbers: Sequence[object], content: bytes, signature: bytes) -> ByteRange:
    """The range of one signature, checked against the file and the bytes the parser took for /Contents.

    Exactly four whole numbers, beginning at 0; the gap is exactly the hexadecimal string of `signature`; the end is the end of a
    revision. Raises Refuted(FORMAT_FAILURE). Does not look at other signatures: see `check_no_overlap`.
    """
    if len(numbers) != 4 or not all(isinstance(number, int) and 0 <= number <= len(content) for number in numbers):
        raise refuse(Message("The byte range of the signature is not four whole numbers within the file."))
    start, first, second, rest = (int(str(number)) for number in numbers)
    found = ByteRange(first, second, second + rest)
    if start != 0 or not first < second < found.end <= len(content):
        raise refuse(
            Message("The byte range does not begin at the start of the file, or runs backwards or past its end.")
        )
    gap = content[first:second]
    if not HEX_STRING.fullmatch(gap):
        raise refuse(Message("The bytes left out of the signature are more than the signature itself."))
    if bytes.fromhex(pad(gap[1:-1]).decode("ascii")) != signature:
        raise refuse(Message("The signature in the left-out bytes is not the one the document names."))
    if not END_OF_REVISION.search(content[max(0, found.end - 32) : found.end]):
        raise refuse(Message("The signed bytes end in the middle of a revision of the document."))
    return found


def pad(digits: bytes) -> bytes:
    """Hexadecimal digits with the final 0 that may be left out (ISO 32000-2 §7.3.4.3)."""
    return digits + b"0" if len(digits) % 2 else digits


def check_no_overlap(own: ByteRange, others: Sequence[ByteRange]) -> None:
    """Refuse a signature whose left-out bytes lie in what an earlier one signed, or that ends where another ends.

    Raises Refuted(FORMAT_FAILURE).
    """
    for other in others:
        if other.end == own.end or (other.end < own.end and own.gap_start < other.end):
            raise refuse(Message("Two signatures of the document claim the same bytes."))


def refuse(detail: Message) -> Refuted:
    """The refusal all these rules share."""
    return Refuted(Reason.FORMAT_FAILURE, detail)
