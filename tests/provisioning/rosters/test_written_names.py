"""Names as people typed them."""

import unicodedata

import pytest

from provisioning.rosters.written_names import read_name


@pytest.mark.parametrize(
    ("written", "name", "code"),
    [
        ("Lê Thị Hoa", "Lê Thị Hoa", None),
        (" Lê Thị Hoa ", "Lê Thị Hoa", None),
        (unicodedata.normalize("NFD", "Lê Thị Hoà"), "Lê Thị Hoà", "name-decomposed"),
        ("Lê\u00a0Thị\u200b  Hoa", "Lê Thị Hoa", "name-spaces"),
        ("LÊ THỊ HOA", "Lê Thị Hoa", "name-case"),
        ("lê thị hoa", "Lê Thị Hoa", "name-case"),
        ("Lê văn ánh", "Lê Văn Ánh", "name-case"),
        ("H'Hen Niê", "H'Hen Niê", None),
        ("Y Bion", "Y Bion", None),
    ],
)
def test_what_is_certain_is_put_right_and_said(written: str, name: str, code: str | None) -> None:
    taken, found = read_name(written)
    assert taken == name
    assert [fault.code for fault in found] == ([code] if code else [])


@pytest.mark.parametrize(
    ("written", "code", "proposal"),
    [
        (None, "name-missing", None),
        ("H'HEN NIÊ", "name-case-unsure", "H'Hen Niê"),
        ("Nguy?n Th? Hoa", "name-letters-lost", None),
        ("Nguy\ufffdn Hoa", "name-letters-lost", None),
        ("Nguyá»…n Thá»‹ Hoa", "name-misread", "Nguyễn Thị Hoa"),
        ("Ðặng Văn Hùng", "name-lookalike", "Đặng Văn Hùng"),
        ("Lê Тhị Hoa", "name-lookalike", "Lê Thị Hoa"),
        ("Lê Thị Hoa 2", "name-signs", None),
        ("Lê Thị Hoa (văn thư)", "name-signs", None),
        ("李 Hoa", "name-lookalike", None),
    ],
)
def test_what_is_doubtful_is_a_fault(written: str | None, code: str, proposal: str | None) -> None:
    taken, found = read_name(written)
    assert taken is None
    assert [(fault.code, fault.proposal) for fault in found] == [(code, proposal)]
