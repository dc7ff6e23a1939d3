"""The judgement at its door: a document, trust and lists in; a verdict with its word of the standard out."""

from datetime import UTC, datetime, timedelta

import pytest

from signing.verification.findings import Findings, Indication, Reason, Result, Verdict
from signing.verification.judgement import judge
from tests.signing.verification.conftest import case_of, judge_paper, paper
from tests.vectors.authorities import House, issue_list
from tests.vectors.build import SIGNED
from tests.vectors.papers import sign

SOON = SIGNED + timedelta(days=1)
YEARS_LATER = SIGNED + timedelta(days=800)
VALID, INVALID, OPEN = Verdict.VALID, Verdict.INVALID, Verdict.UNDETERMINED


def step_of(findings: Findings, name: str, signature: int = 0) -> Result:
    return next(step.result for step in findings.signatures[signature].steps if step.name == name)


@pytest.mark.parametrize(
    ("name", "verdict", "reason", "level"),
    [
        ("b", VALID, None, "PAdES-B-B"),
        ("t", VALID, None, "PAdES-B-T"),
        ("lt", VALID, None, "PAdES-B-LT"),
        ("lta", VALID, None, "PAdES-B-LTA"),
        ("pkcs7", VALID, None, "PKCS7-B"),
        ("leader-then-seal", VALID, None, "PAdES-B-LT"),
        ("content-stamped", VALID, None, "PAdES-B-T"),
        ("stamp-by-nobody", VALID, None, "PAdES-B-T"),
        ("filled-in", VALID, None, "PAdES-B-LT"),
        ("unsigned", OPEN, None, None),
        ("stamped-only", OPEN, None, None),
        ("expired", OPEN, Reason.OUT_OF_BOUNDS_NO_POE, "PAdES-B-B"),
        ("unknown-authority", OPEN, Reason.NO_CERTIFICATE_CHAIN_FOUND, "PAdES-B-B"),
        ("web-server", OPEN, Reason.CHAIN_CONSTRAINTS_FAILURE, "PAdES-B-B"),
        ("before-its-certificate", INVALID, Reason.NOT_YET_VALID, "PAdES-B-T"),
        ("value-replaced", INVALID, Reason.FORMAT_FAILURE, "PAdES-B-LT"),
        ("page-rewritten", INVALID, Reason.FORMAT_FAILURE, "PAdES-B-LT"),
        ("annotated", INVALID, Reason.FORMAT_FAILURE, "PAdES-B-LT"),
        ("certified-then-filled", INVALID, Reason.FORMAT_FAILURE, "PAdES-B-LT"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_document_gets_its_verdict_soon_after_signing(
    name: str, verdict: Verdict, reason: Reason | None, level: str | None
) -> None:
    findings = judge_paper(name, SOON)
    assert (findings.verdict, findings.reason) == (verdict, reason)
    assert [signature.level for signature in findings.signatures][:1] == ([level] if level else [])


@pytest.mark.parametrize("name", ["lt", "lta", "leader-then-seal"])
def test_a_document_with_its_own_proofs_is_valid_years_later_without_any_list(name: str) -> None:
    findings = judge_paper(name, YEARS_LATER, lists=[])
    assert findings.verdict is VALID
    assert findings.signatures[0].best_time == SIGNED
    assert findings.signatures[0].best_time_from == "timestamp"


@pytest.mark.parametrize("name", ["b", "t", "pkcs7"])
def test_missing_lists_leave_the_verdict_open_at_every_level(name: str) -> None:
    findings = judge_paper(name, lists=[])
    assert (findings.verdict, findings.reason) == (OPEN, Reason.TRY_LATER)


def test_every_signature_has_all_steps_in_order_whatever_happened() -> None:
    for name in ("b", "lta", "unknown-authority", "annotated"):
        for signature in judge_paper(name).signatures:
            assert [step.n for step in signature.steps] == list(range(1, 12))


def test_the_signers_own_certificate_as_trust_is_trusted_directly_and_no_list_is_asked(house: House) -> None:
    findings = judge_paper("unknown-authority", lists=[], trust=(house.unknown.der,))
    assert findings.verdict is VALID


def test_direct_trust_does_not_prolong_a_certificate(house: House) -> None:
    findings = judge_paper("expired", lists=[], trust=(house.expired.der,))
    assert (findings.verdict, findings.reason) == (OPEN, Reason.OUT_OF_BOUNDS_NO_POE)


def test_no_trust_at_all_leaves_the_verdict_open() -> None:
    assert judge_paper("lt", trust=()).reason is Reason.NO_CERTIFICATE_CHAIN_FOUND


def test_a_certificate_that_signs_web_pages_is_taken_when_it_is_trusted_itself(house: House) -> None:
    assert judge_paper("web-server", trust=(house.web_server.der,)).verdict is VALID


def revoked(house: House, when: datetime) -> list[bytes]:
    return house.lists(SIGNED + timedelta(days=2), {house.leader.certificate.serial_number: when})


def test_a_revocation_after_the_proven_time_does_not_touch_the_signature(house: House) -> None:
    lists = revoked(house, SIGNED + timedelta(days=1))
    findings = judge_paper("t", SIGNED + timedelta(days=3), lists=lists)
    assert findings.verdict is VALID


def test_a_revocation_without_proof_of_time_leaves_the_verdict_open(house: House) -> None:
    lists = revoked(house, SIGNED + timedelta(days=1))
    findings = judge_paper("b", SIGNED + timedelta(days=3), lists=lists)
    assert (findings.verdict, findings.reason) == (OPEN, Reason.REVOKED_NO_POE)


def test_the_time_of_reception_proves_that_the_signature_is_older_than_the_revocation(house: House) -> None:
    lists = revoked(house, SIGNED + timedelta(days=1))
    findings = judge_paper("b", SIGNED + timedelta(days=3), lists=lists, received=SIGNED + timedelta(hours=1))
    assert findings.verdict is VALID
    assert findings.signatures[0].best_time_from == "reception"


def test_a_reception_after_the_revocation_proves_nothing(house: House) -> None:
    lists = revoked(house, SIGNED + timedelta(days=1))
    findings = judge_paper("b", SIGNED + timedelta(days=3), lists=lists, received=SIGNED + timedelta(days=2))
    assert (findings.verdict, findings.reason) == (OPEN, Reason.REVOKED_NO_POE)


def test_a_reception_after_the_moment_of_judgement_counts_for_nothing() -> None:
    findings = judge_paper("b", SOON, received=SOON + timedelta(days=1))
    assert findings.signatures[0].best_time_from == "none"


def test_a_revocation_before_the_timestamp_is_not_undone_by_it(house: House) -> None:
    lists = revoked(house, SIGNED - timedelta(days=30))
    findings = judge_paper("t", SIGNED + timedelta(days=3), lists=lists)
    assert (findings.verdict, findings.reason) == (OPEN, Reason.REVOKED_NO_POE)


def test_a_signature_proven_to_be_made_after_the_revocation_is_invalid(house: House) -> None:
    lists = revoked(house, SIGNED - timedelta(days=30))
    findings = judge_paper("content-stamped", SIGNED + timedelta(days=3), lists=lists)
    assert (findings.verdict, findings.reason) == (INVALID, Reason.REVOKED)


def test_a_claimed_time_before_the_revocation_is_no_proof(house: House) -> None:
    old = sign(paper("unsigned"), house, house.leader, SIGNED - timedelta(days=300))
    findings = judge(case_of(old, SIGNED + timedelta(days=3), lists=revoked(house, SIGNED)))
    assert findings.signatures[0].claimed_time == SIGNED - timedelta(days=300)
    assert findings.reason is Reason.REVOKED_NO_POE


def test_a_revoked_authority_leaves_the_verdict_open(house: House) -> None:
    root_list = issue_list(
        house.root, SIGNED, revoked={house.issuing.certificate.serial_number: SIGNED - timedelta(days=9)}
    )
    findings = judge_paper("b", lists=[root_list, issue_list(house.issuing, SIGNED)])
    assert (findings.verdict, findings.reason) == (OPEN, Reason.REVOKED_CA_NO_POE)


def test_judging_in_the_past_does_not_know_what_was_revoked_later(house: House) -> None:
    lists = revoked(house, SIGNED + timedelta(days=1))
    assert judge_paper("b", SIGNED + timedelta(hours=1), lists=lists).verdict is VALID


def test_a_timestamp_from_after_the_moment_of_judgement_proves_nothing() -> None:
    findings = judge_paper("t", SIGNED - timedelta(days=10), lists=[])
    assert findings.signatures[0].best_time is None


def test_a_list_made_after_the_certificates_end_says_nothing_about_it(house: House) -> None:
    after_end = datetime(2034, 6, 1, tzinfo=UTC)
    findings = judge_paper(
        "t", after_end, lists=[*house.lists(after_end - timedelta(days=1)), issue_list(house.root, SIGNED)]
    )
    assert findings.verdict is OPEN


def test_a_list_from_a_foreign_authority_says_nothing(house: House) -> None:
    findings = judge_paper("b", lists=[issue_list(house.stranger, SIGNED), issue_list(house.root, SIGNED)])
    assert findings.reason is Reason.TRY_LATER


def test_a_stale_list_says_nothing_about_an_unproven_time(house: House) -> None:
    findings = judge_paper("b", SIGNED + timedelta(days=90), lists=house.lists(SIGNED))
    assert findings.reason is Reason.TRY_LATER


def test_two_signatures_are_told_apart_and_the_second_is_named_after_the_first() -> None:
    findings = judge_paper("leader-then-seal")
    leader, seal = findings.signatures
    assert (leader.signer_name, seal.signer_name) == ("Nguyễn Văn An", "UBND xã An Bình")
    assert [message.text for message in leader.changes_after] == [
        "A further signature was added in the field “{name}”.",
        "Validation data was added.",
    ]
    assert leader.changes_after[0].values == {"name": "Con dau"}
    assert not leader.covers_whole_document


def test_one_broken_signature_makes_the_document_invalid_and_leaves_the_other_its_own_verdict() -> None:
    content = bytearray(paper("leader-then-seal"))
    content[content.index(b"12/UBND")] ^= 1
    findings = judge(case_of(bytes(content)))
    assert findings.verdict is INVALID
    assert {signature.indication for signature in findings.signatures} == {Indication.TOTAL_FAILED}
    assert findings.reason is Reason.HASH_FAILURE


def test_a_signature_over_the_second_revision_alone_breaks_without_touching_the_first() -> None:
    content = bytearray(paper("leader-then-seal"))
    place = content.rindex(b"(Con dau)")
    content[place + 1] ^= 1
    findings = judge(case_of(bytes(content)))
    assert [signature.indication for signature in findings.signatures][-1] is Indication.TOTAL_FAILED
    assert findings.verdict is INVALID


def test_bytes_after_the_end_of_the_document_are_refused() -> None:
    assert judge(case_of(paper("b") + b"\r\n\n")).verdict is VALID
    findings = judge(case_of(paper("b") + b"7 0 obj (hidden) endobj"))
    assert (findings.verdict, findings.reason) == (INVALID, Reason.FORMAT_FAILURE)


def test_what_is_no_pdf_is_told_honestly() -> None:
    assert judge(case_of(b"hello")).reason is Reason.FORMAT_FAILURE
    archive = judge(case_of(b"PK\x03\x04" + bytes(60)))
    assert (archive.verdict, archive.reason, archive.format) == (OPEN, Reason.GENERIC, "ASiC-E")
    assert judge(case_of(b"<?xml version='1.0'?><a/>")).format == "XAdES"


def test_addresses_of_missing_lists_are_named_for_the_outside() -> None:
    wanted = judge_paper("b", lists=[]).wanted
    assert [(want.kind, want.address) for want in wanted] == [("crl", "http://lists.example.vn/issuing.crl")]
