"""Sealed columns."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.sealing import SealBroken, Sealer, open_sealer, same_secret

SEALER = Sealer({"1": b"k" * 32, "2": b"l" * 32}, "2", b"i" * 32)


@given(st.binary(max_size=200))
def test_what_is_sealed_is_opened_in_its_context_only(content: bytes) -> None:
    sealed = SEALER.seal(content, "table.column")
    assert sealed.startswith("s1.2.")
    assert SEALER.open(sealed, "table.column") == content
    with pytest.raises(SealBroken):
        SEALER.open(sealed, "table.other")


@pytest.mark.parametrize(
    "broken",
    ["", "s1", "s1.2.", "s2.2.AAAA", "s1.9.AAAA", "s1.2.!!!!", "s1.2.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
)
def test_a_broken_seal_is_refused(broken: str) -> None:
    with pytest.raises(SealBroken):
        SEALER.open(broken, "table.column")


def test_an_older_key_of_the_ring_still_opens() -> None:
    old = Sealer({"1": b"k" * 32}, "1", b"i" * 32).seal(b"x", "c")
    assert SEALER.open(old, "c") == b"x"


def test_the_blind_index_finds_equal_texts_of_one_context() -> None:
    assert SEALER.blind_index("086", "a") == SEALER.blind_index("086", "a")
    assert SEALER.blind_index("086", "a") != SEALER.blind_index("086", "b")
    assert SEALER.blind_index("086", "a") != SEALER.blind_index("087", "a")


def test_keys_are_made_once_and_private(tmp_path: Path) -> None:
    sealed = open_sealer(tmp_path / "keys").seal(b"x", "c")
    assert open_sealer(tmp_path / "keys").open(sealed, "c") == b"x"
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "keys").iterdir())


@given(st.text(max_size=20), st.text(max_size=20))
def test_secrets_of_any_letters_are_compared(left: str, right: str) -> None:
    assert same_secret(left, left)
    assert same_secret(left, right) == (left == right)
