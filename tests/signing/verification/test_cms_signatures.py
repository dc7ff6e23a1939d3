"""Signatures apart from their content: the same steps, the same words."""

from datetime import timedelta

import pytest
from asn1crypto import cms

from signing.verification.cases import Case
from signing.verification.findings import Findings, Reason, Verdict
from signing.verification.judgement import judge
from tests.vectors.authorities import House
from tests.vectors.build import SIGNED
from tests.vectors.papers import detached_signature

TEXT = b"Cong van so 12/UBND"


def judge_signature(house: House, signature: bytes, *contents: bytes) -> Findings:
    lists = tuple(house.lists(SIGNED + timedelta(hours=1)))
    return judge(Case(signature, SIGNED + timedelta(days=1), trust=(house.root.der,), crls=lists, detached=contents))


@pytest.fixture
def signature(house: House) -> bytes:
    return detached_signature(TEXT, house, house.leader, SIGNED)


def test_a_detached_signature_holds_over_its_content(house: House, signature: bytes) -> None:
    findings = judge_signature(house, signature, TEXT)
    assert (findings.verdict, findings.format, findings.signatures[0].level) == (Verdict.VALID, "CAdES", "CAdES-B-B")
    assert [step.n for step in findings.signatures[0].steps] == list(range(1, 12))


def test_a_signature_with_its_content_inside_needs_none_apart(house: House) -> None:
    assert (
        judge_signature(house, detached_signature(TEXT, house, house.leader, SIGNED, detached=False)).verdict
        is Verdict.VALID
    )


@pytest.mark.parametrize(
    ("contents", "verdict", "reason"),
    [
        pytest.param((b"another text",), Verdict.INVALID, Reason.HASH_FAILURE, id="other content"),
        pytest.param((), Verdict.UNDETERMINED, Reason.SIGNED_DATA_NOT_FOUND, id="no content"),
        pytest.param((TEXT, TEXT), Verdict.UNDETERMINED, Reason.SIGNED_DATA_NOT_FOUND, id="two contents"),
    ],
)
def test_a_detached_signature_without_its_content_does_not_hold(
    house: House, signature: bytes, contents: tuple[bytes, ...], verdict: Verdict, reason: Reason
) -> None:
    findings = judge_signature(house, signature, *contents)
    assert (findings.verdict, findings.reason) == (verdict, reason)


def test_content_inside_and_apart_is_refused(house: House) -> None:
    inside = detached_signature(TEXT, house, house.leader, SIGNED, detached=False)
    assert judge_signature(house, inside, TEXT).reason is Reason.FORMAT_FAILURE


def test_a_changed_signature_value_is_a_crypto_failure(house: House, signature: bytes) -> None:
    message = cms.ContentInfo.load(signature)
    value = bytearray(message["content"]["signer_infos"][0]["signature"].native)
    value[-1] ^= 1
    message["content"]["signer_infos"][0]["signature"] = bytes(value)
    findings = judge_signature(house, message.dump(force=True), TEXT)
    assert (findings.verdict, findings.reason) == (Verdict.INVALID, Reason.SIG_CRYPTO_FAILURE)


def test_every_truncation_is_a_verdict(house: House, signature: bytes) -> None:
    for cut in range(20, len(signature), 97):
        assert judge_signature(house, signature[:cut], TEXT).verdict is not Verdict.VALID
