"""What the register refuses.

HopnhatError
├── NotFound      UnitNotFound · PersonNotFound
├── BadInput      CodeMalformed · CodeTaken · IdentifierMalformed
├── NotPermitted  RightMissing · HelpedLately · ActivatedLately
├── Undetermined  CodeAmbiguous
└── TryAgain      LoginTaken
"""

from foundation.errors import BadInput, NotFound, NotPermitted, TryAgain, Undetermined


class UnitNotFound(NotFound):
    """No unit ever bore this code, or it has no such id."""

    code = "unit_not_found"
    sentence = "No unit has borne the code {code}."


class PersonNotFound(NotFound):
    """The register knows no such person."""

    code = "person_not_found"
    sentence = "The register knows no person {key}."


class CodeMalformed(BadInput):
    """The text cannot be a code of this scheme."""

    code = "code_malformed"
    sentence = "“{code}” cannot be a code of the scheme {scheme}."


class CodeTaken(BadInput):
    """A second bearer of a code that was not handed on; both decisions are named."""

    code = "code_taken"
    sentence = "The code {code} belongs to {bearer} by {decision}; {second} would give it to another unit."


class IdentifierMalformed(BadInput):
    """The text is no identifier of the document exchange."""

    code = "identifier_malformed"
    sentence = "“{text}” is neither an OrganId (a code) nor a DocumentId (code,YYYY/MM/DD,number/notation)."


class CodeAmbiguous(Undetermined):
    """Several units bore this code; the day it was written, or its scheme, is needed."""

    code = "code_ambiguous"
    sentence = (
        "The code {code} belonged to several units; say the day it was written (--code-at) or its kind (--scheme)."
    )


class RightMissing(NotPermitted):
    """The acting person holds no post with the duty whose unit covers what is touched."""

    code = "right_missing"
    sentence = "This needs the right “{duty}” for {unit}. It is held by: {holders}."


class HelpedLately(NotPermitted):
    """An approval by who was just given a new password with somebody else's help."""

    code = "helped_lately"
    sentence = (
        "This account was given a new password with somebody else's help, so it approves nothing until {until}. "
        "Another person with the right may approve at once."
    )


class ActivatedLately(NotPermitted):
    """An approval of a plan by who has just opened their account with a code that somebody else had made."""

    code = "activated_lately"
    sentence = (
        "This account was opened for the first time with a letter or a mailed code, so it approves no plan until {until}. "
        "Another person with the right may approve at once."
    )


class LoginTaken(TryAgain):
    """The log-in belongs, or belonged, to another account and is never given again."""

    code = "login_taken"
    sentence = "The log-in {login} belongs to somebody else and is never given again."
