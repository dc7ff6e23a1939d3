"""The refusals of this room.

BadInput
├── CSRRefused            the signing request is unreadable, unproved or its key may not be certified
│   └── KeyKnown          the key was certified before
├── LogoutTokenRefused    what says that a session is over is not the sign-on service's word, or was said before
├── CertificateRefused    a certificate from outside is not what was asked for, or cannot be read
└── NameTooLong           a name of the register does not fit a certificate
NotFound
├── DossierNotFound
├── RequestNotFound
└── CertificateNotFound
TryAgain
├── DossierChanged        what was read is not what stands there now
├── CauseUndone           the merger a dossier came from was undone
├── WrongState            the step does not follow from where the dossier or request stands
└── SubjectChanged        the register says something else than what was approved
NotPermitted
├── DossierOfGlass        nobody approves what was composed or asked for under --break-glass
├── OwnRequest            nobody approves what they asked for or what is about themselves
├── NotTheSubject         only the subject brings the key
└── LoginTooOld           an act of weight needs a fresh log-in
Undetermined
└── NotOffered            this authority does not do this kind of request
OurFault
├── LintFailed            a certificate we were about to sign is not what its profile says
└── RecordChanged         an approved dossier is no longer what was approved
Unreachable
└── LoginFailed           the sign-on service did not give an answer that can be believed
"""

from foundation.errors import BadInput, NotFound, NotPermitted, OurFault, TryAgain, Undetermined, Unreachable


class CSRRefused(BadInput):
    """The signing request cannot be accepted; the sentence says which of its faults was found first."""

    code = "csr_refused"
    sentence = "This signing request cannot be accepted: {why}"


class KeyKnown(CSRRefused):
    """The key already has a certificate; a key is certified once."""

    code = "key_known"
    sentence = "This key already has a certificate. Please make a new key and send its signing request."


class LogoutTokenRefused(BadInput):
    """A log-out token that is not believed (OpenID Connect Back-Channel Logout 1.0 §2.8)."""

    code = "invalid_request"
    sentence = "This log-out token cannot be accepted."


class CertificateRefused(BadInput):
    """A certificate from outside cannot be read or is not the one that was asked for."""

    code = "certificate_refused"
    sentence = "This certificate cannot be accepted: {why}"


class NameTooLong(BadInput):
    """A name of the register is longer than a certificate may carry (RFC 5280 appendix A.1)."""

    code = "name_too_long"
    sentence = (
        "“{name}” has more than {most} characters and does not fit a certificate; give it a short name in the register."
    )


class DossierNotFound(NotFound):
    """There is no such dossier, or not for this reader."""

    code = "dossier_not_found"
    sentence = "There is no dossier with this number that you may see."


class RequestNotFound(NotFound):
    """There is no such request, or not for this reader."""

    code = "request_not_found"
    sentence = "There is no request with this number that you may see."


class CertificateNotFound(NotFound):
    """The register knows no such certificate."""

    code = "certificate_not_found"
    sentence = "The register knows no certificate “{which}”."


class DossierChanged(TryAgain):
    """What the approver read is not what stands there now."""

    code = "dossier_changed"
    sentence = "The dossier was changed after you read it. Please read it again."


class CauseUndone(TryAgain):
    """The merger a dossier came from was undone."""

    code = "cause_undone"
    sentence = "The change of units this dossier came from was undone. Please refuse the dossier."


class WrongState(TryAgain):
    """The step does not follow from where the dossier or the request stands."""

    code = "wrong_state"
    sentence = "This step is not possible in the present state ({state})."


class SubjectChanged(TryAgain):
    """The register says something else than the request does, so an approval does not cover it."""

    code = "subject_changed"
    sentence = "The register says something else about {name} by now. Please have the request proposed again; this one cannot be used."


class OwnRequest(NotPermitted):
    """Nobody approves what they asked for or what is about themselves."""

    code = "own_request"
    sentence = "Nobody approves a request about themselves or of their own making. Another head, a deputy or the superior body does."


class DossierOfGlass(NotPermitted):
    """A dossier composed, or asked for, by breaking the glass: its human may be the approver."""

    code = "dossier_of_glass"
    sentence = (
        "This dossier was made under --break-glass, where the register does not know who acts: the person who approves could be "
        "the person who made it. Please refuse it and have it made again by somebody who is logged in."
    )


class NotTheSubject(NotPermitted):
    """Only the subject brings the key: the person, or the clerk of the agency."""

    code = "not_the_subject"
    sentence = "Only the holder of this request may send a signing request for it."


class LoginTooOld(NotPermitted):
    """An approval, a refusal, a choice or the bringing of a key needs a fresh log-in."""

    code = "login_too_old"
    sentence = "Please log in again: this needs a log-in that is not older than {minutes} minutes."


class NotOffered(Undetermined):
    """This authority does not do this kind of request."""

    code = "not_offered"
    sentence = "This authority cannot do that: {why}"


class LintFailed(OurFault):
    """A certificate we were about to sign is not what its profile says; nothing was signed."""

    code = "lint_failed"
    sentence = "The certificate was not issued: it would not have been right."


class RecordChanged(OurFault):
    """An approved dossier is no longer what was approved; nothing of it is carried out."""

    code = "record_changed"
    sentence = "The dossier is not what was approved. Nothing was done."


class LoginFailed(Unreachable):
    """The sign-on service did not give an answer that can be believed."""

    code = "login_failed"
    sentence = "The log-in could not be completed. Please try again."
