"""How the steps of a verification are heard: each one ends in writing, and a step without what it needs is left unexamined."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from foundation.i18n import Message
from signing.verification.documents import GIVING_UP
from signing.verification.findings import Objection, Reason, Result, Step

T = TypeVar("T")


@dataclass
class Hearing:
    """The steps of one signature as they are heard; a step that needs what an earlier one did not give is left unexamined."""

    steps: list[Step] = field(default_factory=list)

    def hear(
        self, n: int, name: str, examine: Callable[[], tuple[T, Message]], *needs: object, decisive: bool = True
    ) -> T | None:
        """Run step `n` and write down how it ended; gives what the step found, None when it did not pass."""
        if any(need is None for need in needs):
            unexamined = Message("Not examined, because an earlier step did not pass.")
            self.steps.append(Step(n, name, Result.UNDETERMINED, unexamined, None, decisive))
            return None
        try:
            found, detail = examine()
        except Objection as objection:
            self.steps.append(Step(n, name, objection.result, objection.detail, objection.reason, decisive))
            return None
        except GIVING_UP as error:
            detail = Message("The document cannot be read at this step ({what}).", {"what": type(error).__name__})
            self.steps.append(Step(n, name, Result.FAILED, detail, Reason.FORMAT_FAILURE, decisive))
            return None
        self.steps.append(Step(n, name, Result.PASSED, detail, None, decisive))
        return found


def must(found: T | None) -> T:
    """What an earlier step found; the hearing runs a step only when it did."""
    assert found is not None
    return found
