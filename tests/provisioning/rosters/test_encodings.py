"""Character sets of text files, told by their marks and by whether Vietnamese comes out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioning.rosters.encodings import (
    LEGACY,
    TCVN3,
    VNI_ALL,
    decode,
    find_encoding,
    is_syllable,
    turn_tcvn3,
    turn_vni,
)
from provisioning.rosters.errors import AmbiguousEncoding, UnknownEncoding
from tests.provisioning.rosters.makers import check, roster, row, write_csv

PEOPLE = [row(name=name, personal_number=f"0861800012{place:02}", phone=None) for place, name in enumerate(
    ["Nguyễn Đức Phượng", "Trần Thị Ngọc Ánh", "Lê Văn Dũng", "Phạm Quỳnh Như", "Huỳnh Thị Mỹ Lệ", "Võ Hoàng Yến"]
)]  # fmt: skip


FULL_NAMES = (*(str(person["name"]) for person in PEOPLE), "Đỗ Hùng", "Cao Dũng", "Tô Mai", "Lý Ý", "Hồ Đi", "Vũ Ủi")


def write_legacy(path: Path, encoding: str, people: Sequence[Mapping[str, Any]] = PEOPLE) -> Path:
    """A roster in one of the sets that Python has no codec for, or Windows-1258 with its combining tones."""
    text = write_csv(path, roster(*people)).read_text(encoding="utf-8")
    if encoding == "windows-1258":
        tones = "\u0300\u0309\u0303\u0301\u0323"
        import unicodedata

        raw = b""
        for letter in text:
            apart = unicodedata.normalize("NFD", letter)
            found = [mark for mark in apart if mark in tones]
            base = unicodedata.normalize("NFC", "".join(mark for mark in apart if mark not in tones))
            raw += base.encode("cp1258") + "".join(found).encode("cp1258")
    elif encoding == "tcvn3":
        back = {ord(letter): byte for byte, letter in TCVN3.items()}
        upper = {ord(letter.upper()): byte for byte, letter in TCVN3.items() if letter.islower()}
        raw = text.translate(upper | back).encode("latin-1")
    else:
        single = {letter: key for key, letter in VNI_ALL.items()}
        raw = "".join(single.get(letter, letter) for letter in text).encode("cp1252")
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_unicode_in_every_dress_is_read(tmp_path: Path, encoding: str, name: str) -> None:
    lines = check(write_csv(tmp_path / "a.csv", roster(*PEOPLE), encoding, ";"))
    assert lines[0].facts is not None
    assert (lines[0].facts["encoding"], lines[0].facts["delimiter"]) == (name, ";")
    assert [line.values.name for line in lines[2:] if line.values] == [person["name"] for person in PEOPLE]


@pytest.mark.parametrize("encoding", ["windows-1258", "tcvn3", "vni"])
def test_sets_of_the_time_before_unicode_are_recognised_and_said(tmp_path: Path, encoding: str) -> None:
    lines = check(write_legacy(tmp_path / "a.csv", encoding))
    assert lines[0].facts is not None
    assert lines[0].facts["encoding"] == encoding
    assert [line.values.name for line in lines[2:] if line.values] == [person["name"] for person in PEOPLE]


def test_known_samples_of_the_old_sets() -> None:
    assert turn_tcvn3("NguyÔn V¨n H­¬ng, §Æng ThÞ Ph­îng") == "Nguyễn Văn Hương, Đặng Thị Phượng"
    assert turn_vni("Nguyeãn Vaên AÙnh, Ñaëng Thò Höông") == "Nguyễn Văn Ánh, Đặng Thị Hương"


def test_text_in_no_known_set_is_refused() -> None:
    with pytest.raises(UnknownEncoding):
        find_encoding("Tên;Привет мир и люди\r\n".encode("cp1251", "replace"), is_utf8=False)


def test_what_two_sets_read_differently_is_refused_with_both_readings(tmp_path: Path) -> None:
    # The byte 0xF1 is an “ủ” in TCVN3 and a “đ” in VNI: “Tñ” is no word, but “ñi” is “đi” and “ủi”.
    sample = "Họ tên;x\r\nñi;x\r\n".replace("ọ", "o").replace("ê", "e").encode("latin-1")
    with pytest.raises(AmbiguousEncoding) as caught:
        find_encoding(sample, is_utf8=False)
    assert {"ủi", "đi"} == {str(caught.value.values[name])[:2] for name in ("one_reading", "other_reading")}
    (tmp_path / "a.csv").write_bytes(sample)
    assert [fault.code for fault in check(tmp_path / "a.csv")[0].faults] == ["file-encoding-ambiguous"]


def test_the_evidence_for_a_set_is_said(tmp_path: Path) -> None:
    facts = check(write_legacy(tmp_path / "a.csv", "tcvn3"))[0].facts
    assert facts is not None
    assert facts["encoding_evidence"]["by"] == "words"
    shares = facts["encoding_evidence"]["vietnamese"]
    assert shares["tcvn3"] > 0.95
    assert max(shares["vni"], shares["windows-1258"]) < 0.5


@given(st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_set_is_told_right_or_not_at_all(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """However short the file: one or two people are enough, or the answer is a refusal, never another name."""
    encoding = data.draw(st.sampled_from(["windows-1258", "tcvn3", "vni"]))
    names = data.draw(st.lists(st.sampled_from(FULL_NAMES), min_size=1, max_size=3, unique=True))
    people = [row(name=name, personal_number=f"0861800012{place:02}", phone=None) for place, name in enumerate(names)]
    path = write_legacy(tmp_path_factory.mktemp("old") / "a.csv", encoding, people)
    lines = check(path)
    if lines[0].outcome == "fault":
        assert [fault.code for fault in lines[0].faults] <= [
            "file-encoding",
            "file-encoding-ambiguous",
            "file-no-roster",
        ]
        return
    for line, name in zip(lines[2:], names, strict=True):
        assert line.values is not None
        assert line.values.name in (name, None)
        assert line.values.name or line.outcome == "fault"


def test_a_few_broken_places_do_not_change_the_set() -> None:
    sample = ("Nguyễn Thị Phượng;" * 50).encode() + b"\xff;"
    assert find_encoding(sample, is_utf8=False).errors == "replace"


def test_a_sample_may_be_read_with_every_set_without_failing() -> None:
    for encoding in LEGACY:
        assert decode(bytes(range(256)), encoding)


@pytest.mark.parametrize("word", ["Nguyễn", "Phượng", "Ánh", "Quỳnh", "Khuyên", "nghiêng", "Ý"])
def test_vietnamese_syllables_are_told(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["NguyÔn", "Ñaëng", "Straße", "Đzung"])
def test_other_words_are_not(word: str) -> None:
    assert not is_syllable(word)
