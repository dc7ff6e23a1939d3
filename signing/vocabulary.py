"""The words of certificates: what is asked for, why, in which state it is, and about whom.

Kinds of request are the five of Decree 68/2024 Art. 11; a ground names what happened and the article that speaks of it.
"""

import uuid
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from foundation.i18n import _

Kind = Literal["new", "renewal", "change", "revocation", "recovery"]
Ground = Literal[
    "none_yet",
    "moved",
    "unit_altered",
    "address_altered",
    "left",
    "agency_passed_on",
    "agency_altered",
    "agency_ended",
    "asked",
    "key_lost",
]
RequestState = Literal["draft", "approved", "sent", "done", "refused"]
Reason = Literal[
    "unspecified", "keyCompromise", "affiliationChanged", "superseded", "cessationOfOperation", "privilegeWithdrawn"
]

KINDS: Final[tuple[str, ...]] = get_args(Kind)
GROUNDS: Final[tuple[str, ...]] = get_args(Ground)
STATES: Final[tuple[str, ...]] = get_args(RequestState)

KIND_NAMES: Final[dict[str, str]] = {
    "new": _("New certificate"),
    "renewal": _("Renewal"),
    "change": _("Change of content"),
    "revocation": _("Revocation"),
    "recovery": _("Recovery of the key device"),
}
KIND_NAME_PLURALS: Final[dict[str, str]] = {
    "new": _("New certificates"),
    "renewal": _("Renewals"),
    "change": _("Changes of content"),
    "revocation": _("Revocations"),
    "recovery": _("Recoveries of a key device"),
}
STATE_NAMES: Final[dict[str, str]] = {
    "draft": _("Waiting for approval"),
    "approved": _("Approved"),
    "sent": _("With the authority"),
    "done": _("Done"),
    "refused": _("Refused"),
}
GROUND_SENTENCES: Final[dict[str, str]] = {
    "none_yet": _("Holds no certificate that is valid (Decree 68/2024, Art. 10)"),
    "moved": _("Works in another unit than the certificate says (Decree 68/2024, Art. 15)"),
    "unit_altered": _("The unit bears another name or belongs to another superior body (Decree 68/2024, Art. 15)"),
    "address_altered": _("The official e-mail address is another one (Decree 68/2024, Art. 15)"),
    "left": _("Has left the service (Decree 68/2024, Art. 17)"),
    "agency_passed_on": _("The certificate of a merged unit passes to the unit that begins (Decree 68/2024, Art. 15)"),
    "agency_altered": _("The unit bears another name or belongs to another superior body (Decree 68/2024, Art. 15)"),
    "agency_ended": _("The unit was dissolved, split or merged (Decree 68/2024, Art. 17)"),
    "asked": _("Asked for by the holder or the managing agency (Decree 68/2024, Art. 10 and 17)"),
    "key_lost": _("The key or its device is lost or known to others (Decree 68/2024, Art. 17)"),
}
REVOCATION_REASONS: Final[dict[str, Reason]] = {
    "moved": "affiliationChanged",
    "unit_altered": "affiliationChanged",
    "address_altered": "superseded",
    "left": "affiliationChanged",
    "agency_passed_on": "affiliationChanged",
    "agency_altered": "affiliationChanged",
    "agency_ended": "cessationOfOperation",
    "key_lost": "keyCompromise",
}
"""What a revocation on this ground says in the list (RFC 5280 §5.3.1); otherwise `unspecified`."""

ISSUING_KINDS: Final = frozenset({"new", "renewal", "change"})
"""Requests that end with a certificate, for which the subject brings a key."""


@dataclass(frozen=True)
class PersonSubject:
    """What a person's certificate says, rebuilt from the register: name, agency, province, official e-mail."""

    person_id: uuid.UUID
    unit_id: uuid.UUID
    name: str
    unit: str
    division: str | None
    province: str | None
    email: str | None


@dataclass(frozen=True)
class AgencySubject:
    """What an agency's certificate says, rebuilt from the register: name, code, superior body, province, e-mail."""

    unit_id: uuid.UUID
    name: str
    code: str | None
    superior: str | None
    province: str | None
    email: str | None


Subject = PersonSubject | AgencySubject


def as_content(subject: Subject) -> dict[str, Any]:
    """The subject as JSON values, as a request keeps it and an approval freezes it."""
    return {name: str(value) if isinstance(value, uuid.UUID) else value for name, value in vars(subject).items()}
