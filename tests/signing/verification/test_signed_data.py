"""CMS signatures: every rule about their form has a signature that breaks it."""

from collections.abc import Callable
from typing import Any

import pytest
from asn1crypto import cms, core
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from signing.verification.findings import Reason, Refuted, Unproven
from signing.verification.signed_data import (
    check_algorithms,
    check_mathematics,
    check_signed_data,
    check_signer,
    digest_of,
)
from tests.vectors.authorities import House
from tests.vectors.build import SIGNED
from tests.vectors.papers import detached_signature

CONTENT = b"what is signed"


def change(encoded: bytes, do: Callable[[Any], None]) -> bytes:
    """The signature with something of it changed and written anew."""
    message = cms.ContentInfo.load(encoded)
    do(message["content"])
    return bytes(message.dump(force=True))


def attribute(name: str, *values: Any) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": name, "values": list(values)})


def resign(house: House, do: Callable[[cms.CMSAttributes], cms.CMSAttributes]) -> bytes:
    """A signature that is mathematically right over attributes that are not."""

    def rewrite(data: Any) -> None:
        signer = data["signer_infos"][0]
        attributes = do(cms.CMSAttributes(list(signer["signed_attrs"])))
        signer["signed_attrs"] = attributes
        signer["signature"] = house.leader.key.sign(attributes.dump(force=True), ec.ECDSA(hashes.SHA256()))

    return change(detached_signature(CONTENT, house, house.leader, SIGNED), rewrite)


def without(name: str) -> Callable[[cms.CMSAttributes], cms.CMSAttributes]:
    return lambda attributes: cms.CMSAttributes([a for a in attributes if a["type"].native != name])


def with_more(*more: cms.CMSAttribute) -> Callable[[cms.CMSAttributes], cms.CMSAttributes]:
    return lambda attributes: cms.CMSAttributes([*attributes, *more])


@pytest.fixture
def whole(house: House) -> bytes:
    return detached_signature(CONTENT, house, house.leader, SIGNED)


def test_a_whole_signature_passes_every_check(house: House, whole: bytes) -> None:
    message = check_signed_data(whole)
    signer, _others = check_signer(message)
    check_algorithms(message, signer, SIGNED)
    assert message.has_signing_certificate
    assert message.claimed_time == SIGNED
    assert check_mathematics(message, signer, digest_of("sha256", CONTENT)) == (True, True)
    assert check_mathematics(message, signer, digest_of("sha256", b"else")) == (False, True)


def test_zero_bytes_after_the_signature_are_padding(whole: bytes) -> None:
    assert check_signed_data(whole + bytes(50)).kind == "data"


def no_signer(data: Any) -> None:
    data["signer_infos"] = cms.SignerInfos([])


def two_signers(data: Any) -> None:
    data["signer_infos"] = cms.SignerInfos([data["signer_infos"][0], data["signer_infos"][0].copy()])


def no_attributes(data: Any) -> None:
    kept = ("version", "sid", "digest_algorithm", "signature_algorithm", "signature")
    data["signer_infos"] = cms.SignerInfos([cms.SignerInfo({name: data["signer_infos"][0][name] for name in kept})])


def own_content(data: Any) -> None:
    data["encap_content_info"]["content"] = core.OctetString(b"another text")


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda house, whole: b"", id="empty"),
        pytest.param(lambda house, whole: whole[:200], id="truncated"),
        pytest.param(lambda house, whole: whole + b"\x01", id="bytes after it"),
        pytest.param(lambda house, whole: b"\x30\x80" * 3000, id="deep nesting"),
        pytest.param(lambda house, whole: b"\x30\x84\xff\xff\xff\xff" + whole, id="absurd length"),
        pytest.param(
            lambda house, whole: cms.ContentInfo({"content_type": "data", "content": b"x"}).dump(), id="not signed data"
        ),
        pytest.param(lambda house, whole: change(whole, no_signer), id="no signer"),
        pytest.param(lambda house, whole: change(whole, two_signers), id="two signers"),
        pytest.param(lambda house, whole: change(whole, no_attributes), id="no signed attributes"),
        pytest.param(lambda house, whole: change(whole, own_content), id="content of its own"),
        pytest.param(lambda house, whole: resign(house, without("content_type")), id="no content type"),
        pytest.param(lambda house, whole: resign(house, without("message_digest")), id="no digest"),
        pytest.param(
            lambda house, whole: resign(house, with_more(attribute("content_type", "tst_info"))),
            id="content type twice",
        ),
        pytest.param(
            lambda house, whole: resign(house, with_more(attribute("message_digest", bytes(32)))), id="digest twice"
        ),
        pytest.param(
            lambda house, whole: resign(
                house, lambda a: with_more(attribute("content_type", "tst_info"))(without("content_type")(a))
            ),
            id="wrong content type",
        ),
        pytest.param(
            lambda house, whole: resign(
                house,
                lambda a: with_more(attribute("message_digest", bytes(32), bytes(31)))(without("message_digest")(a)),
            ),
            id="digest with two values",
        ),
    ],
)
def test_a_wrong_form_is_refused(house: House, whole: bytes, damage: Callable[[House, bytes], bytes]) -> None:
    with pytest.raises(Refuted) as refused:
        check_signed_data(damage(house, whole))
    assert refused.value.reason is Reason.FORMAT_FAILURE


def test_another_certificate_with_the_signers_number_is_not_taken_for_the_signers(house: House) -> None:
    other = cms.CMSAttributes(
        list(
            cms.ContentInfo.load(detached_signature(CONTENT, house, house.seal, SIGNED))["content"]["signer_infos"][0][
                "signed_attrs"
            ]
        )
    )
    foreign = next(a for a in other if a["type"].native == "signing_certificate_v2")
    message = check_signed_data(resign(house, lambda a: with_more(foreign)(without("signing_certificate_v2")(a))))
    with pytest.raises(Unproven) as refused:
        check_signer(message)
    assert refused.value.reason is Reason.NO_SIGNING_CERTIFICATE_FOUND


def test_a_signature_without_its_certificate_is_left_open(whole: bytes) -> None:
    def drop(data: Any) -> None:
        data["certificates"] = cms.CertificateSet([])

    with pytest.raises(Unproven) as refused:
        check_signer(check_signed_data(change(whole, drop)))
    assert refused.value.reason is Reason.NO_SIGNING_CERTIFICATE_FOUND


def swap_s(data: Any) -> None:
    """The other signature that fits the same key and content: ECDSA allows it to be computed by anybody."""
    signer = data["signer_infos"][0]
    r, s = decode_dss_signature(signer["signature"].native)
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    signer["signature"] = sequence(r, order - s)


def sequence(r: int, s: int) -> bytes:
    return bytes(core.SequenceOf([r, s], spec=core.Integer).dump())


def test_the_twin_of_an_ecdsa_signature_is_accepted_and_nothing_is_named_by_its_bytes(whole: bytes) -> None:
    message = check_signed_data(change(whole, swap_s))
    signer, _others = check_signer(message)
    assert check_mathematics(message, signer, digest_of("sha256", CONTENT)) == (True, True)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"", id="empty"),
        pytest.param(sequence(0, 0), id="zeros"),
        pytest.param(sequence(1, 2**256), id="out of range"),
        pytest.param(sequence(-5, 7), id="negative"),
        pytest.param(b"\x30\x06\x02\x01\x01\x02\x01\x01\x00", id="bytes after it"),
    ],
)
def test_a_signature_value_that_is_none_does_not_hold(whole: bytes, value: bytes) -> None:
    def put(data: Any) -> None:
        data["signer_infos"][0]["signature"] = value

    message = check_signed_data(change(whole, put))
    signer, _others = check_signer(message)
    assert check_mathematics(message, signer, digest_of("sha256", CONTENT))[1] is False


def test_a_weak_digest_is_not_accepted(house: House, whole: bytes) -> None:
    def weaken(data: Any) -> None:
        data["signer_infos"][0]["digest_algorithm"] = {"algorithm": "sha1"}
        data["signer_infos"][0]["signature_algorithm"] = {"algorithm": "sha1_ecdsa"}

    message = check_signed_data(change(whole, weaken))
    signer, _others = check_signer(message)
    with pytest.raises(Unproven) as refused:
        check_algorithms(message, signer, SIGNED)
    assert refused.value.reason is Reason.CRYPTO_CONSTRAINTS_FAILURE


def test_a_digest_that_is_not_the_signature_algorithms_own_is_not_accepted(whole: bytes) -> None:
    def contradict(data: Any) -> None:
        data["signer_infos"][0]["digest_algorithm"] = {"algorithm": "sha512"}

    message = check_signed_data(change(whole, contradict))
    signer, _others = check_signer(message)
    assert check_mathematics(message, signer, digest_of("sha512", CONTENT))[0] is False
    with pytest.raises(Unproven) as refused:
        check_algorithms(message, signer, SIGNED)
    assert refused.value.reason is Reason.CRYPTO_CONSTRAINTS_FAILURE


def test_an_unknown_digest_is_left_open() -> None:
    with pytest.raises(Unproven):
        digest_of("md99", b"")
