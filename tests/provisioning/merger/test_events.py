"""What a decree does to units, and what it must not do."""

import uuid

import pytest

from provisioning.merger.decree_file import DecreeFaulty, parse_decree
from provisioning.merger.events import UnitChanges, unfold
from tests.provisioning.merger.books import named, small_book

HEAD = """format: hopnhat-decree/1
title: Thử
decision: {number: 1/NQ, date: 2025-06-12, issuer: Quốc hội}
effective: 2025-07-01
"""
A = "{scheme: admin-2004, code: '28789'}"
B = "{scheme: admin-2004, code: '28756'}"
C = "{scheme: admin-2004, code: '29542'}"
D = "{scheme: admin-2004, code: '829'}"
P86 = "{scheme: admin-2004, code: '86'}"
END_D = f"  - {{kind: dissolve, unit: {D}, heirs: [{{unit: {{ref: n}}, share: part}}]}}\n"


def new(ref: str = "n", codes: str = "{scheme: agency, code: H61.101}") -> str:
    return f"  - {{ref: {ref}, level: commune, name: Mới, parent: {P86}, codes: [{codes}]}}\n"


def decree(units: str, events: str) -> UnitChanges:
    return unfold(parse_decree((HEAD + f"units:\n{units}events:\n{events}").encode()), small_book())


def absorb(into: str, giver: str, more: str = "") -> str:
    return f"  - {{kind: merge_into_existing, into: {into}, from: [{{unit: {giver}{more}}}]}}\n"


def split(principal: str) -> str:
    heirs = f"[{{unit: {{ref: n}}, share: part}}, {{unit: {{ref: m}}, share: part{principal}}}]"
    return f"  - {{kind: split, unit: {C}, into: {heirs}}}\n"


LEFT = f"  - {{kind: dissolve, unit: {D}}}\n  - {{kind: create, unit: {{ref: n}}}}\n"
SECOND = new("m", "{scheme: agency, code: H61.102}")
NUMBER = "{scheme: admin, code: '29542'CONTINUES}, {scheme: agency, code: H61.101}"
MERGE = f"  - {{kind: merge_into_new, into: {{ref: n}}, from: [{{unit: {A}}}, {{unit: {B}}}]}}\n"


def test_units_pass_whole_into_a_new_one() -> None:
    changes = decree(new(), MERGE + END_D)
    ward = changes.refs["n"]
    assert changes.find_heir(named("A")) == changes.find_heir(named("B")) == ward
    assert changes.ended == {named("A"), named("B"), named("D")}
    assert changes.find_heir(named("D")) is None
    assert changes.counts["commune.before"] == 2
    assert changes.counts["commune.after"] == 1


def test_ends_stand_before_beginnings_and_events_last() -> None:
    ops = [op for op, _content in decree(new(), MERGE + END_D).lines]
    order = ["unit.end", "code.end", "unit.begin", "unit.change", "code.begin", "event"]
    assert [order.index(op) for op in ops] == sorted(order.index(op) for op in ops)


def test_a_code_is_continued_from_its_bearer() -> None:
    code = "{scheme: admin, code: '28789', continues: {scheme: admin-2004, code: '28789'}}"
    changes = decree(new(codes=f"{code}, {{scheme: agency, code: H61.101}}"), MERGE + END_D)
    begun = [content for op, content in changes.lines if op == "code.begin" and content["scheme"] == "admin"]
    assert [line["continued_from"] for line in begun] == [str(named("A"))]
    assert changes.counts["codes_continue"] == 1


def test_a_missing_agency_code_is_proposed_after_the_highest_ever_given() -> None:
    changes = decree(new(codes=""), MERGE + END_D)
    assert changes.to_confirm == ("H61.100",)


def test_a_standing_unit_gives_up_the_code_of_the_same_kind() -> None:
    changes = decree(
        new(), MERGE + END_D + f"  - {{kind: recode, unit: {C}, codes: [{{scheme: admin, code: '29542'}}]}}\n"
    )
    closed = {
        (line["scheme"], line["code"])
        for op, line in changes.lines
        if op == "code.end" and line["unit"] == str(named("C"))
    }
    assert closed == {("admin-2004", "29542")}


def test_a_unit_that_gives_a_part_may_stand() -> None:
    events = MERGE + END_D
    events += absorb(P86, C, ", share: part, stands: true")
    changes = decree(new(), events)
    assert named("C") not in changes.ended


def test_a_split_names_one_principal() -> None:
    units = new("n") + SECOND
    events = split(", principal: false")
    changes = decree(units, events)
    assert changes.find_heir(named("C")) is None
    assert named("C") in changes.ended


@pytest.mark.parametrize(
    ("units", "events", "code"),
    [
        pytest.param(new() + new(), MERGE + END_D, "ref_twice", id="a-ref-twice"),
        pytest.param(new(), END_D.replace("ref: n", "ref: x"), "ref_unknown", id="an-unknown-ref"),
        pytest.param(new(), MERGE.replace("28789", "11111") + END_D, "unit_unknown", id="a-code-nobody-bears"),
        pytest.param(new(), MERGE.replace(A, "{scheme: agency, code: H61.99}") + END_D, "unit_unknown", id="a-unit-that-ended-before"),
        pytest.param(new() + SECOND, MERGE + END_D, "no_event", id="a-unit-from-nowhere"),
        pytest.param(new(), MERGE + MERGE + END_D, "begins_twice", id="a-unit-that-begins-twice"),
        pytest.param(new(), MERGE, "orphan_none", id="the-district-above-may-stand"),
        pytest.param(new(), LEFT, "orphan", id="wards-left-under-an-ended-district"),
        pytest.param(new().replace(P86, D), MERGE + END_D, "parent_ends", id="a-new-unit-under-an-ended-one"),
        pytest.param(new(), MERGE + END_D + absorb(C, A), "whole_twice", id="whole-to-two"),
        pytest.param(
            new() + SECOND,
            split(""),
            "principal", id="two-principals",
        ),
        pytest.param(new(), MERGE + END_D + absorb(A, C), "heir_ends", id="an-heir-that-ends"),
        pytest.param(new(), MERGE + END_D + absorb(P86, C, ", stands: true"), "whole_and_stands", id="whole-and-still-standing"),
        pytest.param(new(), MERGE + END_D + absorb(C, C), "into_itself", id="into-itself"),
        pytest.param(new(codes="{scheme: agency, code: H61.31}"), MERGE + END_D, "code_taken", id="a-second-bearer"),
        pytest.param(new(codes="{scheme: agency, code: H61.99}"), MERGE + END_D, "code_taken", id="a-code-closed-long-ago"),
        pytest.param(new(codes=NUMBER.replace("CONTINUES", "")), MERGE + END_D, "code_taken", id="an-old-number-of-a-stranger"),
        pytest.param(
            new(codes=NUMBER.replace("CONTINUES", f", continues: {C}")),
            MERGE + END_D, "continues_stranger", id="continuing-a-unit-that-gives-nothing",
        ),
        pytest.param(
            new() + new("m", "{scheme: agency, code: H61.101}"),
            MERGE + END_D + "  - {kind: create, unit: {ref: m}}\n", "code_twice", id="one-code-for-two",
        ),
    ],
)  # fmt: skip
def test_what_a_decree_must_not_do_is_refused(units: str, events: str, code: str) -> None:
    if code == "orphan_none":
        assert decree(units, events).ended == {named("A"), named("B")}
        return
    with pytest.raises(DecreeFaulty) as refused:
        decree(units, events)
    assert code in {fault.code for fault in refused.value.faults}
    assert all(fault.line > 4 for fault in refused.value.faults)


def test_a_second_bearer_is_refused_with_both_decisions() -> None:
    own = "{scheme: agency, code: H61.31, decision: {number: 7/QĐ-UBND, date: 2025-06-20, issuer: UBND tỉnh}}"
    with pytest.raises(DecreeFaulty) as refused:
        decree(new(codes=own), MERGE + END_D)
    (why,) = [fault.why.show("en") for fault in refused.value.faults]
    assert "124/2004/QĐ-TTg" in why
    assert "7/QĐ-UBND" in why


def test_identities_come_from_the_mint() -> None:
    minted = iter(uuid.UUID(int=number) for number in range(100, 200))
    text = parse_decree((HEAD + f"units:\n{new()}events:\n{MERGE}{END_D}").encode())
    assert unfold(text, small_book(), lambda: next(minted)).refs["n"] == uuid.UUID(int=100)
