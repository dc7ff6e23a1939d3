"""Byte ranges: the attacks that made their rules necessary, and the documents that must pass."""

import re

import pytest

from signing.verification.byte_ranges import ByteRange, check_byte_range, check_no_overlap
from signing.verification.findings import Reason, Refuted, Verdict
from signing.verification.judgement import judge
from tests.signing.verification.conftest import case_of, paper

SIGNATURE = b"\x30\x03\x02\x01\x05"
BODY = b"%PDF-1.7 a<3003020105>b %%EOF\n"
START, END = BODY.index(b"<"), BODY.index(b">") + 1


def test_a_range_with_the_signature_alone_left_out_is_accepted() -> None:
    checked = check_byte_range([0, START, END, len(BODY) - END], BODY, SIGNATURE)
    assert b"".join(bytes(part) for part in checked.signed(BODY)) == BODY[:START] + BODY[END:]
    assert checked.covers(BODY)
    assert not checked.covers(BODY + b"more")
    assert checked.covers(BODY + b"\r\n\x00")


@pytest.mark.parametrize(
    "numbers",
    [
        pytest.param([0, START, END], id="three numbers"),
        pytest.param([0, START, END, 3, 0, 3], id="six numbers"),
        pytest.param([0, START, END, "3"], id="not a number"),
        pytest.param([0, -1, END, 3], id="negative"),
        pytest.param([1, START, END, len(BODY) - END], id="does not begin at the start"),
        pytest.param([0, START, END, len(BODY)], id="past the end"),
        pytest.param([0, START, START, 3], id="no gap"),
        pytest.param([0, END, START, 3], id="backwards"),
        pytest.param([0, START - 1, END, len(BODY) - END], id="gap begins too early"),
        pytest.param([0, START, END + 1, len(BODY) - END - 1], id="gap ends too late"),
        pytest.param([0, START, END, 3], id="ends within a revision"),
        pytest.param([0, 10**30, END, 3], id="absurdly large"),
    ],
)
def test_every_other_range_is_refused(numbers: list[object]) -> None:
    with pytest.raises(Refuted) as refused:
        check_byte_range(numbers, BODY, SIGNATURE)
    assert refused.value.reason is Reason.FORMAT_FAILURE


@pytest.mark.parametrize("gap", [b"<30030201ZZ>", b"<<300302010>", b"(3003020105)", b"<3003020106>", b"<3003 020105>"])
def test_a_gap_that_is_not_the_signature_is_refused(gap: bytes) -> None:
    body = BODY.replace(b"<3003020105>", gap)
    with pytest.raises(Refuted):
        check_byte_range([0, START, START + len(gap), len(body) - START - len(gap)], body, SIGNATURE)


def test_a_signature_may_not_leave_out_what_an_earlier_one_signed() -> None:
    first, second = ByteRange(10, 20, 100), ByteRange(50, 60, 200)
    with pytest.raises(Refuted):
        check_no_overlap(second, [first])
    check_no_overlap(ByteRange(110, 120, 200), [first])


def test_two_signatures_may_not_end_at_the_same_byte() -> None:
    with pytest.raises(Refuted):
        check_no_overlap(ByteRange(30, 40, 100), [ByteRange(10, 20, 100)])


def rewrite_range(content: bytes, numbers: str) -> bytes:
    """The document with another byte range of the same length."""
    return re.sub(
        rb"/ByteRange \[[^\]]*\]",
        lambda match: f"/ByteRange [{numbers}]".ljust(len(match[0]) - 1).encode() + b"]",
        content,
    )


@pytest.mark.parametrize("numbers", ["0 0 0 0", "0 10 20 30", "0 99999999 1 1", "-1 5 5 5", "/A /B", "0 1 2 3 4 5 6"])
def test_a_forged_range_in_a_real_document_is_invalid(numbers: str) -> None:
    content = rewrite_range(paper("b"), numbers[:40]).replace(b"  ]", b"]  ")
    findings = judge(case_of(content))
    assert findings.verdict is Verdict.INVALID
