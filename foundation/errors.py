"""The tree of refusals, drawn once; every room hangs its own under these.

HopnhatError
├── WrongUsage    64 · 400   the call itself is off
├── BadInput      65 · 400   a file or field cannot be used as it is
├── NotFound       1 · 404   asked and answered: there is no such thing
├── Undetermined   2 · 422   the answer could not be found out, or a person must be asked
├── NotPermitted  77 · 403   the right is missing
├── TryAgain      75 · 409   stale plan, locked, somebody else was first
├── Unreachable   69 · 502   something outside did not answer
└── OurFault      70 · 500   a defect of ours

Rooms raise; only `foundation/web`, the token endpoint and the command line turn an error into a page, JSON or an exit code.
"""

from typing import ClassVar


class HopnhatError(Exception):
    """A refusal that may be shown: a stable code, a status, an exit code and a sentence that is safe to show."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 70
    sentence: ClassVar[str] = "Something went wrong on our side."
    recorded = False
    """Whether the audit has a row of this refusal already."""

    def __init__(self, sentence: str | None = None, **values: object) -> None:
        self.message = sentence or self.sentence
        self.values = values
        super().__init__(self.shown)

    @property
    def shown(self) -> str:
        """The sentence with its values, in English; the edge translates `message` and fills it by itself."""
        return self.message.format(**self.values) if self.values else self.message


class WrongUsage(HopnhatError):
    """The call itself is off: an option that does not fit, a verb that does not exist."""

    code = "wrong_usage"
    status = 400
    exit_code = 64
    sentence = "This call cannot be understood."


class BadInput(HopnhatError):
    """A file or a field cannot be used as it is."""

    code = "bad_input"
    status = 400
    exit_code = 65
    sentence = "What was sent cannot be used as it is."


class NotFound(HopnhatError):
    """Asked and answered: there is no such thing."""

    code = "not_found"
    status = 404
    exit_code = 1
    sentence = "There is nothing here."


class Undetermined(HopnhatError):
    """The answer could not be found out, or a prompt was needed where nobody can be asked."""

    code = "undetermined"
    status = 422
    exit_code = 2
    sentence = "The answer could not be found out."


class NotPermitted(HopnhatError):
    """The right is missing; the sentence names which one and, where it may, who holds it."""

    code = "not_permitted"
    status = 403
    exit_code = 77
    sentence = "You do not have the right to do this."


class TryAgain(HopnhatError):
    """Stale plan, a lock, somebody else was first: nothing was changed and another try may succeed."""

    code = "try_again"
    status = 409
    exit_code = 75
    sentence = "Somebody else was first. Please try again."


class Unreachable(HopnhatError):
    """Something outside the house did not answer."""

    code = "unreachable"
    status = 502
    exit_code = 69
    sentence = "A service behind this one did not answer."


class OurFault(HopnhatError):
    """A defect of ours."""

    code = "our_fault"
