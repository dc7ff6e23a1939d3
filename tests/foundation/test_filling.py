"""Our own filling of argon2id's memory: the same tags as two programs nobody here wrote, and never used where it gives others."""

import ctypes
import subprocess
from pathlib import Path

import pytest
from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from hypothesis import example, given, settings
from hypothesis import strategies as st

from foundation import filling
from foundation.argon2id import PLACE_BYTES, Place
from foundation.filling import Fill, compute, load_fill

SOURCE = Path(filling.__file__).with_name("argon2id.c")
PLACE = Place()


def compile_source(source: Path, place: Path, *more: str) -> Path:
    """What the installation does, for every processor with AVX2."""
    subprocess.run(["gcc", "-O1", "-march=x86-64-v3", "-shared", "-fPIC", *more, "-o", place, source], check=True)
    return place


@pytest.fixture(scope="module")
def fill(tmp_path_factory: pytest.TempPathFactory) -> Fill:
    """The source as it is now, compiled without a word of complaint."""
    place = tmp_path_factory.mktemp("filling") / "fill.so"
    found = load_fill(compile_source(SOURCE, place, "-Wall", "-Wextra", "-Werror"))
    assert found is not None
    return found


def compute_elsewhere(password: bytes, salt: bytes, length: int, passes: int, kibibytes: int) -> bytes:
    """The tag by OpenSSL's kin, which has no line in common with libargon2."""
    return Argon2id(salt=salt, length=length, iterations=passes, lanes=1, memory_cost=kibibytes).derive(password)


@settings(max_examples=60, deadline=None)
@given(
    password=st.binary(max_size=300),
    salt=st.binary(min_size=8, max_size=40),
    length=st.integers(4, 200),
    passes=st.integers(1, 4),
    kibibytes=st.one_of(st.integers(8, 600), st.sampled_from([1023, 1024, 2051])),
)
@example(b"", b"\0" * 8, 32, 2, 19456)
@example(b"password", b"somesalt", 64, 1, 512)
@example(b"password", b"somesalt", 65, 3, 515)
def test_whatever_is_hashed_the_tag_is_the_one_others_compute(
    fill: Fill, password: bytes, salt: bytes, length: int, passes: int, kibibytes: int
) -> None:
    mine = compute(fill, PLACE.start, password, salt, length, passes, kibibytes)
    assert mine == compute_elsewhere(password, salt, length, passes, kibibytes)
    assert mine == hash_secret_raw(password, salt, passes, kibibytes, 1, length, Type.ID)


def test_nothing_stays_and_nothing_around_is_touched(fill: Fill) -> None:
    ctypes.memset(PLACE.start, 0xAB, PLACE_BYTES)
    compute(fill, PLACE.start + 4096, b"password", b"somesalt", 32, 2, 1024)
    left = PLACE.read()
    assert left[:4096] == b"\xab" * 4096
    assert not any(left[4096 : 4096 + 1024 * 1024])
    assert left[4096 + 1024 * 1024 :].count(0xAB) == PLACE_BYTES - 4096 - 1024 * 1024


def test_where_nothing_was_compiled_there_is_none(tmp_path: Path) -> None:
    assert load_fill(tmp_path / "nothing.so") is None


def test_what_cannot_be_loaded_is_not_used(tmp_path: Path) -> None:
    broken, other = tmp_path / "broken.so", tmp_path / "other.c"
    broken.write_bytes(b"no library")
    other.write_text("void something_else(void) {}")
    assert load_fill(broken) is None
    assert load_fill(compile_source(other, tmp_path / "other.so")) is None


def test_what_gives_other_tags_is_not_used(tmp_path: Path) -> None:
    text = SOURCE.read_text(encoding="utf-8")
    wrong = text.replace("asked[5] = ARGON2ID", "asked[5] = 1")
    assert wrong != text
    source = tmp_path / "wrong.c"
    source.write_text(wrong, encoding="utf-8")
    assert load_fill(compile_source(source, tmp_path / "wrong.so")) is None
