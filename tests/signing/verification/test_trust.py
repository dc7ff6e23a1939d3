"""Trust as people give it: files and folders, PEM and DER, certificates and lists."""

from pathlib import Path

import pytest

from signing.verification.trust import Trust, TrustUnreadable, read_trust
from tests.signing.verification.conftest import VECTORS
from tests.vectors.authorities import House
from tests.vectors.build import SIGNED


def test_a_pem_file_may_hold_several(house: House, tmp_path: Path) -> None:
    file = tmp_path / "roots.pem"
    file.write_bytes(b"a comment\n" + house.root.pem + house.stranger.pem)
    assert read_trust((file,)).anchors == (house.root.der, house.stranger.der)


def test_der_certificates_and_lists_are_told_apart(house: House, tmp_path: Path) -> None:
    (tmp_path / "root.cer").write_bytes(house.root.der)
    (tmp_path / "issuing.crl").write_bytes(house.lists(SIGNED)[1])
    (tmp_path / "notes.txt").write_bytes(b"not looked at")
    found = read_trust((tmp_path,))
    assert found.anchors == (house.root.der,)
    assert len(found.lists) == 1


def test_keys_in_a_folder_are_no_trust() -> None:
    assert len(read_trust((VECTORS / "pki",)).anchors) == 10


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"\x30", b"\x30\x03\x02\x01\x05", b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----"],
)
def test_a_file_without_certificates_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "roots.pem"
    file.write_bytes(content)
    with pytest.raises(TrustUnreadable):
        read_trust((file,))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrustUnreadable):
        read_trust((tmp_path / "nothing.pem",))


def test_trusts_add_up() -> None:
    assert Trust((b"a",)) + Trust((b"b",), (b"c",)) == Trust((b"a", b"b"), (b"c",))
