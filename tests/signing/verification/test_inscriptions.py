"""Foreign text in reports: harmless wherever it is shown."""

import pytest

from signing.verification.inscriptions import clean


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        pytest.param("Nguyễn Văn An", "Nguyễn Văn An", id="a name stays"),
        pytest.param("Nguyê\u0303n", "Nguyễn", id="marks are put together"),
        pytest.param("a\u202egpj.exe", "agpj.exe", id="no turning of the line"),
        pytest.param("a\nVALID\r\n\tb", "a VALID b", id="no new line"),
        pytest.param("a\x1b[31mred", "a[31mred", id="no terminal codes"),
        pytest.param("a\u200b\u2066b\u2069", "ab", id="nothing invisible"),
        pytest.param("", "", id="empty"),
    ],
)
def test_foreign_text_is_cleaned(foreign: str, shown: str) -> None:
    assert clean(foreign) == shown


def test_long_text_is_cut() -> None:
    assert len(clean("x" * 10_000_000)) == 160
