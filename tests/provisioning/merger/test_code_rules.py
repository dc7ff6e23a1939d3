"""The agency code follows the name, the territorial code the seat; and nonsense in a decree is refused with its word."""

import pytest

from provisioning.merger.decree_file import DecreeFaulty, parse_decree
from provisioning.merger.events import UnitChanges, unfold
from tests.provisioning.merger.books import book, named, small_book

HEAD = "format: hopnhat-decree/1\ntitle: Thử\ndecision: {number: 1/NQ, date: 2025-06-12, issuer: Quốc hội}\neffective: 2025-07-01\n"
YEN_BAI = "{scheme: admin-2004, code: '15'}"
LAO_CAI = "{scheme: admin-2004, code: '10'}"
SEAT_CODE = f"{{scheme: admin, code: '15', continues: {YEN_BAI}}}"
A = "{scheme: admin-2004, code: '28789'}"
B = "{scheme: admin-2004, code: '28756'}"
C = "{scheme: admin-2004, code: '29542'}"
D = "{scheme: admin-2004, code: '829'}"
P86 = "{scheme: admin-2004, code: '86'}"
P83 = "{scheme: admin-2004, code: '83'}"


def provinces(text: str) -> UnitChanges:
    """Lào Cai and Yên Bái, of which the one gives the name and the other the seat."""
    before = book(
        ("Tỉnh Lào Cai", "province", None, {"admin-2004": "10", "agency": "H38"}),
        ("Tỉnh Yên Bái", "province", None, {"admin-2004": "15", "agency": "H62"}),
    )
    return unfold(parse_decree((HEAD + text).encode()), before)


def faults(text: str, of: object = None) -> set[str]:
    with pytest.raises(DecreeFaulty) as refused:
        provinces(text) if of is None else unfold(parse_decree((HEAD + text).encode()), small_book())
    return {fault.code for fault in refused.value.faults}


def borne(changes: UnitChanges, unit: object) -> dict[str, str]:
    """The codes that begin for a unit, by scheme."""
    return {
        line["scheme"]: line["code"] for op, line in changes.lines if op == "code.begin" and line["unit"] == str(unit)
    }


def merge(into: str, giver: str, codes: str, more: str = "") -> str:
    return (
        f"events:\n  - {{kind: merge_into_existing, into: {into}, from: [{{unit: {giver}}}], codes: [{codes}]{more}}}\n"
    )


def test_the_name_of_one_and_the_seat_of_the_other() -> None:
    changes = provinces(merge(LAO_CAI, YEN_BAI, SEAT_CODE, f", seat: {YEN_BAI}"))
    assert borne(changes, named("Tỉnh Lào Cai")) == {"admin": "15"}
    begun = [line for op, line in changes.lines if op == "code.begin"]
    assert begun[0]["continued_from"] == str(named("Tỉnh Yên Bái"))


def test_the_same_from_the_unit_that_keeps_its_seat_and_takes_the_others_name() -> None:
    agency = "{scheme: agency, code: H38, continues: {scheme: agency, code: H38}}"
    changes = provinces(merge(YEN_BAI, LAO_CAI, f"{{scheme: admin, code: '15'}}, {agency}", ", name: Tỉnh Lào Cai"))
    assert borne(changes, named("Tỉnh Yên Bái")) == {"admin": "15", "agency": "H38"}


def test_a_new_unit_of_an_old_name_is_proposed_that_ones_agency_code() -> None:
    new = f"units:\n  - {{ref: n, level: province, name: TỈNH LÀO CAI, codes: [{SEAT_CODE}]}}\n"
    event = (
        f"events:\n  - {{kind: merge_into_new, into: {{ref: n}}, from: [{{unit: {LAO_CAI}}}, {{unit: {YEN_BAI}}}]}}\n"
    )
    changes = provinces(new + event)
    assert borne(changes, changes.refs["n"]) == {"admin": "15", "agency": "H38"}
    assert changes.to_confirm == ("H38",)
    agency = "{scheme: agency, code: H62, continues: {scheme: agency, code: H62}}"
    assert faults((new + event).replace(SEAT_CODE, f"{SEAT_CODE}, {agency}")) == {"agency_follows_name"}


SEAT = f", seat: {YEN_BAI}"
BARE = "{scheme: admin, code: '15'}"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        pytest.param(
            merge(YEN_BAI, LAO_CAI, BARE, ", name: Tỉnh Lào Cai"), "agency_follows_name",
            id="a-new-name-keeps-the-old-agency-code",
        ),
        pytest.param(
            merge(LAO_CAI, YEN_BAI, "{scheme: agency, code: H99}"), "agency_follows_name",
            id="a-kept-name-gets-another-agency-code",
        ),
        pytest.param(
            merge(LAO_CAI, YEN_BAI, "{scheme: admin, code: '10'}", SEAT), "code_follows_seat",
            id="the-number-of-the-one-that-is-not-the-seat",
        ),
        pytest.param(merge(LAO_CAI, YEN_BAI, "", SEAT), "code_follows_seat", id="a-seat-without-its-number"),
        pytest.param(merge(LAO_CAI, YEN_BAI, BARE), "code_taken", id="a-number-taken-without-a-word"),
    ],
)  # fmt: skip
def test_a_code_that_follows_neither_is_refused(text: str, word: str) -> None:
    assert word in faults(text)


def test_a_seat_must_be_one_of_those_that_merge() -> None:
    text = merge(P86, P83, "", f", seat: {C}") + f"  - {{kind: dissolve, unit: {D}}}\n"
    assert "seat_elsewhere" in faults(text, of="small")


def happen(kind: str, more: str) -> str:
    return f"  - {{kind: {kind}, {more}}}\n"


def absorb(into: str, giver: str, more: str = "") -> str:
    return happen("merge_into_existing", f"into: {into}, from: [{{unit: {giver}{more}}}]")


def split(*parts: str) -> str:
    return happen("split", f"unit: {C}, into: [{', '.join(f'{{unit: {part}}}' for part in parts)}]")


def correct(wrong: str, right: str) -> str:
    return happen("correct", f"unit: {C}, codes: [{{scheme: admin-2004, wrong: '{wrong}', right: '{right}'}}]")


END = happen("dissolve", f"unit: {C}")
RENAME = happen("rename", f"unit: {C}, name: Khác")
RECODE = happen("recode", f"unit: {C}, codes: [{{scheme: admin, code: '29542'}}]")
ARCHIVE = f"documents: {{to: archive, archive: {C}}}\n"
OWN = f"{C}, share: part"
NEW = "{ref: n}, share: part"
BEGUN = (
    f"units:\n  - {{ref: n, level: commune, name: Mới, parent: {P86}, codes: [{{scheme: agency, code: H61.101}}]}}\n"
)


@pytest.mark.parametrize(
    ("before", "events", "word"),
    [
        pytest.param("", END + absorb(A, C), "ends_twice", id="dissolved-and-merged"),
        pytest.param("", END + RENAME, "edited_and_ends", id="renamed-on-its-last-day"),
        pytest.param("", END + RECODE, "edited_and_ends", id="recoded-on-its-last-day"),
        pytest.param("", RENAME + RENAME, "edited_twice", id="renamed-twice"),
        pytest.param("", absorb(A, C, ", share: part"), "rest_lost", id="a-part-and-the-rest-nowhere"),
        pytest.param(BEGUN, split(OWN, NEW), "principal", id="two-principals-of-one-that-stands"),
        pytest.param(BEGUN, split(C, f"{NEW}, principal: false"), "whole_twice", id="whole-and-a-part-beside-it"),
        pytest.param(BEGUN, split(NEW, f"{NEW}, principal: false"), "heir_twice", id="one-heir-named-twice"),
        pytest.param("", happen("reparent", f"unit: {P83}, parent: {A}"), "cycle", id="above-itself"),
        pytest.param(
            "", happen("reparent", f"unit: {P83}, parent: {P86}") + happen("reparent", f"unit: {P86}, parent: {P83}"),
            "cycle", id="two-above-each-other",
        ),
        pytest.param("", absorb(A, B) + absorb(B, A), "heir_ends", id="each-into-the-other"),
        pytest.param(
            "", happen("correct", f"unit: {C}, name: Đúng") + RENAME, "corrected_and_changes", id="corrected-and-renamed"
        ),
        pytest.param("", correct("11111", "22222"), "code_not_borne", id="a-wrong-code-it-never-bore"),
        pytest.param("", correct("29542", "28756"), "code_taken", id="a-right-code-of-another"),
        pytest.param(ARCHIVE, END, "archive_ends", id="an-archive-that-ends"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_its_word(before: str, events: str, word: str) -> None:
    assert word in faults(f"{before}events:\n{events}", of="small")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"events:\n  - {{kind: correct, unit: {C}}}\n", id="a-correction-of-nothing"),
        pytest.param(f"documents: {{to: archive}}\nevents:\n{END}", id="an-archive-without-a-unit"),
        pytest.param(f"documents: {{to: all, archive: {A}}}\nevents:\n{END}", id="a-unit-that-is-no-archive"),
        pytest.param(
            f"events:\n  - {{kind: correct, unit: {C}, codes: [{{scheme: admin, wrong: '1', right: 'x'}}]}}\n",
            id="a-right-code-that-is-none",
        ),
    ],
)
def test_what_the_schema_cannot_take_is_refused_at_its_line(text: str) -> None:
    with pytest.raises(DecreeFaulty):
        parse_decree((HEAD + text).encode())


def test_nothing_takes_effect_before_it_was_decided() -> None:
    with pytest.raises(DecreeFaulty):
        parse_decree(HEAD.replace("2025-07-01", "2025-06-11").encode())
    parse_decree(HEAD.replace("2025-07-01", "2025-06-12").encode())
