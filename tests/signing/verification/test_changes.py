"""Changes after signing: the harmless ones are named, the others refused with what they did."""

import pytest

from signing.verification.findings import Result, Verdict
from signing.verification.judgement import judge
from tests.signing.verification.conftest import case_of, judge_paper, paper
from tests.vectors.authorities import House
from tests.vectors.build import SIGNED
from tests.vectors.papers import annotate, blank_paper, fill, rewrite_page, sign, update


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("page-rewritten", "The document was changed after it was signed: page 1 shows another text."),
        (
            "annotated",
            "The document was changed after it was signed: a note of the kind FreeText was laid over page 1.",
        ),
        ("value-replaced", "The value of the form field “amount” was replaced after signing."),
        (
            "certified-then-filled",
            "The document was changed after it was signed, although its certification forbids it.",
        ),
    ],
)
def test_a_refused_change_is_named(name: str, said: str) -> None:
    step = judge_paper(name).signatures[0].steps[10]
    assert (step.name, step.result, step.detail.show("en")) == ("changes", Result.FAILED, said)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("b", []),
        ("lt", ["Validation data was added."]),
        ("lta", ["A timestamp was put on the document.", "Validation data was added."]),
        ("filled-in", ["Validation data was added.", "The form field “reply” was filled in."]),
    ],
)
def test_a_harmless_change_is_named_and_the_document_stays_valid(name: str, said: list[str]) -> None:
    findings = judge_paper(name)
    assert findings.verdict is Verdict.VALID
    assert [message.show("en") for message in findings.signatures[0].changes_after] == said


def test_a_change_that_a_later_signature_covers_still_breaks_the_earlier_one(house: House) -> None:
    """The attacker's own signature over the changed document does not heal it."""
    first = sign(blank_paper(), house, house.leader, SIGNED)
    changed = update(first, rewrite_page("Cong van khac"))
    both = sign(changed, house, house.seal, SIGNED, field="Con dau")
    findings = judge(case_of(both))
    assert findings.verdict is Verdict.INVALID
    assert [signature.decisive_step is None for signature in findings.signatures] == [False, True]


def test_what_was_changed_before_signing_is_no_concern(house: House) -> None:
    prepared = update(update(blank_paper(form=True), annotate), fill("amount", "500"))
    findings = judge(case_of(sign(prepared, house, house.leader, SIGNED)))
    assert findings.verdict is Verdict.VALID
    assert findings.signatures[0].changes_after == ()


def test_filling_in_after_two_signatures_is_named_at_both(house: House) -> None:
    once = sign(blank_paper(form=True), house, house.leader, SIGNED)
    twice = sign(once, house, house.seal, SIGNED, field="Con dau")
    findings = judge(case_of(update(twice, fill("reply", "Dong y"))))
    assert findings.verdict is Verdict.VALID
    assert [len(signature.changes_after) for signature in findings.signatures] == [2, 1]


def test_an_update_that_adds_nothing_visible_is_still_judged() -> None:
    content = update(paper("b"), lambda out: out.update_root())
    assert judge(case_of(content)).signatures[0].covers_whole_document is False
