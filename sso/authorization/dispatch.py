"""What is still missing before the application gets its answer: the one function every step comes back to.

Log-in, and later second factor, change of password and consent, each redirect to `/authorize` again; nothing is
remembered between but the session and the request itself.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from authlib.oauth2 import OAuth2Error

from sso.authorization.freshness import is_fresh
from sso.authorization.requests import CheckedRequest
from sso.sessions import OpenSession


class Step(Enum):
    """What a person has to do next; the value is the error `prompt=none` gets instead (OpenID Connect Core §3.1.2.6)."""

    LOGIN = "login_required"
    CONSENT = "consent_required"


class StepRequired(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types.
    """`prompt=none` was asked and a step is missing."""

    def __init__(self, step: Step) -> None:
        super().__init__("The person has to do something first.", error=step.value)


@dataclass(frozen=True)
class Ready:
    """Nothing is missing: this session may be answered for."""

    session: OpenSession


def decide(
    request: CheckedRequest, session: OpenSession | None, since: datetime | None, consented: bool, now: datetime
) -> Step | Ready:
    """The next step of a checked request, or that it is ready. `since`: the instant it began to wait for a log-in, if it did."""
    if session is None or not is_fresh(session.auth_time, request.asked, request.max_age, since, now):
        return Step.LOGIN
    if not request.asked.client.own and not consented:
        return Step.CONSENT
    return Ready(session)


def check_silent(request: CheckedRequest, step: Step) -> None:
    """Refuse to show a page to a request that asked for none. Raises StepRequired."""
    if "none" in request.asked.prompts:
        raise StepRequired(step)
