"""A decree is read with every fault at its line, and nothing in it can hurt."""

import pytest

from provisioning.merger.decree import build_schema
from provisioning.merger.decree_file import DecreeFaulty, parse_decree
from tests.provisioning.merger.conftest import DECREE

HEAD = """format: hopnhat-decree/1
title: Thử
decision: {number: 1/NQ, date: 2025-06-12, issuer: Quốc hội}
effective: 2025-07-01
"""


def faults(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(DecreeFaulty) as refused:
        parse_decree(text.encode())
    return [(fault.line, fault.path, fault.code) for fault in refused.value.faults]


def test_a_code_keeps_its_zeros_and_a_date_is_midnight_in_viet_nam() -> None:
    read = parse_decree(
        (HEAD + "units: [{ref: a, level: commune, name: X, codes: [{scheme: admin, code: 00004}]}]\n").encode()
    )
    assert read.decree.units[0].codes[0].code == "00004"
    assert read.decree.effective.isoformat() == "2025-06-30T17:00:00+00:00"


def test_the_example_of_the_house_is_read() -> None:
    assert len(parse_decree(DECREE.encode()).decree.events) == 3


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("", [(1, "", "empty")], id="nothing"),
        pytest.param("title: [", [(2, "", "yaml")], id="not-yaml"),
        pytest.param(HEAD + "title: again\n", [(5, "title", "key_twice")], id="a-key-twice"),
        pytest.param(HEAD + "units: &a [*a]\n", [(5, "units[0]", "anchor")], id="an-alias-of-itself"),
        pytest.param(
            HEAD + "old_logins_until: !!python/object:os.system x\n",
            [(5, "old_logins_until", "value_error")],
            id="a-python-tag",
        ),
        pytest.param(HEAD + "effective_from: x\n", [(5, "effective_from", "extra_forbidden")], id="an-unknown-word"),
        pytest.param(
            HEAD.replace("2025-07-01", "01/07/2025"), [(4, "effective", "value_error")], id="a-day-in-another-order"
        ),
        pytest.param(
            HEAD + "units:\n  - {ref: a, level: commune, name: X, codes: [{scheme: agency, code: h61}]}\n",
            [(6, "units[0].codes[0]", "value_error")],
            id="a-code-of-another-shape",
        ),
        pytest.param(
            HEAD + "events:\n  - {kind: merge, into: {ref: a}}\n",
            [(6, "events[0]", "union_tag_invalid")],
            id="an-unknown-event",
        ),
        pytest.param(
            HEAD + "events:\n  - {kind: create, unit: {ref: a, scheme: admin, code: '1'}}\n",
            [(6, "events[0].unit", "value_error")],
            id="a-unit-named-twice",
        ),
        pytest.param(
            HEAD + "rules:\n  - {level: district}\n  - {to: principal}\n",
            [(6, "rules[0].to", "missing"), (7, "rules[1]", "value_error")],
            id="two-faults-at-once",
        ),
        pytest.param(
            HEAD + "old_logins_until: 2025-06-30\n",
            [(5, "old_logins_until", "value_error")],
            id="old-log-ins-ending-too-early",
        ),
    ],
)
def test_every_fault_is_named_at_its_line(text: str, found: list[tuple[int, str, str]]) -> None:
    assert faults(text) == found


def test_the_schema_is_published_with_every_event() -> None:
    schema = build_schema()
    assert schema["title"] == "A decree (hopnhat-decree/1)"
    assert {"MergeIntoNew", "Split", "Dissolve", "UnitName"} <= schema["$defs"].keys()


def test_a_complaint_of_our_own_stands_at_its_line_in_the_readers_language() -> None:
    text = "title: A\ndecision: {number: '1', date: 2025-06-12, issuer: x}\neffective: 2025-06-01\nold_logins_until: 2025-05-01\n"
    with pytest.raises(DecreeFaulty) as refused:
        parse_decree(text.encode())
    fault = refused.value.faults[0]
    assert (fault.line, fault.path) == (3, "effective")
    assert fault.why.show("en") == "The day lies before the decision of 12 June 2025."
    assert fault.why.show("vi") == "Ngày hiệu lực trước ngày ban hành quyết định (12/6/2025)."


def test_a_unit_that_is_named_by_half_is_told_in_both_languages() -> None:
    text = (
        "title: A\ndecision: {number: '1', date: 2025-06-12, issuer: x}\neffective: 2025-07-01\n"
        "events:\n  - {kind: rename, unit: {scheme: admin}, name: B}\n"
    )
    with pytest.raises(DecreeFaulty) as refused:
        parse_decree(text.encode())
    (fault,) = refused.value.faults
    assert (fault.line, fault.path) == (5, "events[0].unit")
    assert "ref" in fault.why.show("vi") != fault.why.show("en")
