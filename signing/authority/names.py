"""The distinguished name of a subject, built from the register alone.

A person: C=VN, ST=province, O=agency, OU=division, CN=name, UID=the person's permanent identifier. An agency: C=VN, ST=province,
O=superior body, organizationIdentifier=its code, CN=name, UID=the unit's. The UID makes the subject one and only (RFC 5280 §4.1.2.6).
"""

from cryptography import x509
from cryptography.x509.oid import NameOID

from signing.errors import NameTooLong
from signing.vocabulary import PersonSubject, Subject

MOST = 64
"""Upper bound of CN, O and OU (RFC 5280 appendix A.1); ST has 128, and no province needs more than 64."""


def build_name(subject: Subject) -> x509.Name:
    """The subject's distinguished name. Raises NameTooLong."""
    if isinstance(subject, PersonSubject):
        parts = [
            (NameOID.STATE_OR_PROVINCE_NAME, subject.province),
            (NameOID.ORGANIZATION_NAME, subject.unit),
            (NameOID.ORGANIZATIONAL_UNIT_NAME, subject.division),
            (NameOID.COMMON_NAME, subject.name),
            (NameOID.USER_ID, str(subject.person_id)),
        ]
    else:
        parts = [
            (NameOID.STATE_OR_PROVINCE_NAME, subject.province),
            (NameOID.ORGANIZATION_NAME, subject.superior),
            (NameOID.ORGANIZATION_IDENTIFIER, subject.code),
            (NameOID.COMMON_NAME, subject.name),
            (NameOID.USER_ID, str(subject.unit_id)),
        ]
    attributes = [x509.NameAttribute(NameOID.COUNTRY_NAME, "VN")]
    attributes += [x509.NameAttribute(oid, check_length(text)) for oid, text in parts if text]
    return x509.Name(attributes)


def check_length(text: str) -> str:
    """The text, when a certificate can carry it. Raises NameTooLong."""
    if len(text) > MOST:
        raise NameTooLong(name=text, most=MOST)
    return text
