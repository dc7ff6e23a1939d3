"""Documents made to break a parser: whatever comes in, a verdict comes out, never an exception and never "valid"."""

import random
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.verification.findings import Verdict
from signing.verification.judgement import judge
from tests.signing.verification.conftest import case_of, paper


@given(st.data())
@settings(max_examples=40)
def test_a_truncated_document_is_never_valid(data: st.DataObject) -> None:
    content = paper(data.draw(st.sampled_from(["b", "lt", "leader-then-seal"])))
    cut = data.draw(st.integers(0, len(content.rstrip()) - 1))
    assert judge(case_of(content[:cut])).verdict is not Verdict.VALID or is_whole_revision(content[:cut])


def is_whole_revision(content: bytes) -> bool:
    """Whether the cut happened to be made between two revisions: what is left is an honest document."""
    return content.rstrip().endswith(b"%%EOF")


@given(st.integers(0, 2**32), st.integers(1, 6))
@settings(max_examples=60)
def test_a_document_with_flipped_bytes_is_a_verdict_and_valid_only_outside_the_signed_bytes(
    seed: int, flips: int
) -> None:
    damage(paper("lt"), seed, flips)


def damage(content: bytes, seed: int, flips: int) -> None:
    """Flip bytes and judge: a change in what was signed must not pass."""
    chance = random.Random(seed)
    broken = bytearray(content)
    places = [chance.randrange(len(broken)) for _ in range(flips)]
    for place in places:
        broken[place] ^= 1 << chance.randrange(8)
    findings = judge(case_of(bytes(broken)))
    signed_end = content.index(b"%%EOF", content.index(b"/ByteRange")) + 5
    gap = range(content.index(b"<30"), content.index(b">", content.index(b"<30")))
    if bytes(broken) != content and any(place < signed_end and place not in gap for place in places):
        assert findings.verdict is not Verdict.VALID


@given(st.binary(max_size=400))
@settings(max_examples=60)
def test_random_bytes_are_a_verdict(content: bytes) -> None:
    assert judge(case_of(content)).verdict is not Verdict.VALID
    assert judge(case_of(b"%PDF-1.7\n" + content)).verdict is not Verdict.VALID


NEST = 30000


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"%PDF-1.7", id="header alone"),
        pytest.param(b"%PDF-1.7\nstartxref\n99999999999999999999\n%%EOF", id="startxref beyond the file"),
        pytest.param(b"%PDF-1.7\nxref\n0 99999999\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF", id="huge table"),
        pytest.param(
            b"%PDF-1.7\nxref\n0 0\ntrailer<</Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF", id="table that follows itself"
        ),
        pytest.param(b"%PDF-1.7\nxref\n0 0\ntrailer " + b"[" * NEST + b"\nstartxref\n9\n%%EOF", id="deep arrays"),
        pytest.param(
            b"%PDF-1.7\nxref\n0 0\ntrailer " + b"<</A" * NEST + b"\nstartxref\n9\n%%EOF", id="deep dictionaries"
        ),
        pytest.param(
            b"%PDF-1.7\nxref\n0 0\ntrailer<</Root " + b"9" * 5000 + b" 0 R>>\nstartxref\n9\n%%EOF", id="huge number"
        ),
        pytest.param(b"%PDF-1.7\nxref\n0 0\ntrailer<</A <41\nstartxref\n9\n%%EOF", id="string without end"),
    ],
)
def test_a_hostile_container_is_a_format_failure(content: bytes) -> None:
    findings = judge(case_of(content))
    assert (findings.verdict, findings.reason) == (Verdict.INVALID, "FORMAT_FAILURE")


def test_a_compressed_bomb_in_the_cross_references_is_refused() -> None:
    bomb = zlib.compress(zlib.compress(bytes(200 << 20), 9), 9)
    stream = b"<</Type/XRef/Size 5/W[1 2 1]/Root 1 0 R/Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n" % len(bomb)
    content = b"%PDF-1.7\n1 0 obj\n" + stream + bomb + b"\nendstream\nendobj\nstartxref\n9\n%%EOF"
    assert judge(case_of(content)).verdict is Verdict.INVALID
