"""What is still missing before the application gets its answer: the one function every step comes back to.

Log-in, second factor, change of password and consent each redirect to `/authorize` again; nothing is
remembered between but the session and the request itself. A log-in with a password asks it in its own transaction, and where
nothing is missing the answer goes out with the posted page (`answer_waiting` in `endpoint.py`).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from authlib.oauth2 import OAuth2Error

from sso.authorization.freshness import is_fresh
from sso.authorization.requests import CheckedRequest
from sso.levels import CERTIFICATE, reaches
from sso.sessions import OpenSession


class Step(Enum):
    """What a person has to do next."""

    LOGIN = "log-in"
    CHOICE = "choice of an account"
    SECOND_FACTOR = "second factor"
    CERTIFICATE = "certificate"
    NEW_PASSWORD = "new password"  # noqa: S105  # The name of a step, not a secret.
    CONSENT = "consent"


ERRORS: Final = {
    Step.LOGIN: "login_required",
    Step.CHOICE: "account_selection_required",
    Step.SECOND_FACTOR: "interaction_required",
    Step.CERTIFICATE: "interaction_required",
    Step.NEW_PASSWORD: "interaction_required",
    Step.CONSENT: "consent_required",
}
"""What `prompt=none` gets instead of a step (OpenID Connect Core §3.1.2.6)."""


@dataclass(frozen=True)
class Standing:
    """What is known of the person besides the session.

    `owing`: when the password was right in a session that still owes its second factor. `able`: the levels their factors reach,
    looked up where a request wants one. `password_over`: the password has to be changed first.
    """

    owing: datetime | None = None
    able: tuple[str, ...] = ()
    password_over: bool = False
    chosen: bool = False
    """Whether the person chose this account for the request at hand."""


PLAIN: Final = Standing()


class StepRequired(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types.
    """`prompt=none` was asked and a step is missing."""

    def __init__(self, step: Step) -> None:
        super().__init__("The person has to do something first.", error=ERRORS[step])


@dataclass(frozen=True)
class Ready:
    """Nothing is missing: this session may be answered for."""

    session: OpenSession


class Unmet(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types.
    """A level of log-in that the application cannot do without, and that was not reached (Unmet Authentication Requirements 1.0)."""

    error = "unmet_authentication_requirements"


def decide(
    request: CheckedRequest,
    session: OpenSession | None,
    subject: str | None,
    since: datetime | None,
    consented: datetime | None,
    now: datetime,
    standing: Standing = PLAIN,
) -> Step | Ready:
    """The next step of a checked request, or that it is ready.

    `subject`: what the session's person is called at the client. `since`: the instant the request began to wait, if it
    did. `consented`: when the person allowed all that is asked, if they did. Raises Unmet, StepRequired.
    """
    if session is None and standing.owing is not None:
        begun = is_fresh(standing.owing, request.asked, request.max_age, since, now)
        return Step.SECOND_FACTOR if begun else Step.LOGIN
    if session is None:
        return Step.LOGIN
    chosen = standing.chosen
    if not is_fresh(session.auth_time, request.asked, request.max_age, since, now, chosen=chosen):
        return Step.CHOICE if "select_account" in request.asked.prompts and not chosen else Step.LOGIN
    tried = since is not None and session.auth_time >= since
    if request.subjects - {subject}:
        if tried:
            raise StepRequired(Step.LOGIN)
        return Step.LOGIN
    if not reaches(session.acr, request.levels) and not is_enough(request, standing.able):
        return name_step_up(request, standing.able)
    if standing.password_over:
        return Step.NEW_PASSWORD
    if needs_consent(request, since, consented):
        return Step.CONSENT
    return Ready(session)


def name_step_up(request: CheckedRequest, able: tuple[str, ...]) -> Step:
    """The step that reaches the wanted level: the key device where nothing else does."""
    others = any(reaches(level, request.levels) for level in able if level != CERTIFICATE)
    return Step.SECOND_FACTOR if others else Step.CERTIFICATE


def is_enough(request: CheckedRequest, able: tuple[str, ...]) -> bool:
    """Whether a log-in below the wanted level is answered for: the level was a wish, and the person cannot reach it. Raises Unmet."""
    possible = any(reaches(level, request.levels) for level in able)
    if request.wishes.levels_essential and not possible:
        raise Unmet()
    return not possible


def needs_consent(request: CheckedRequest, since: datetime | None, consented: datetime | None) -> bool:
    """Whether the person is to be asked: a stranger's application that was not allowed yet, or one that wants to be asked for again."""
    if "consent" in request.asked.prompts:
        return consented is None or since is None or consented < since
    return not request.asked.client.own and consented is None


def check_silent(request: CheckedRequest, step: Step) -> None:
    """Refuse to show a page to a request that asked for none. Raises StepRequired."""
    if "none" in request.asked.prompts:
        raise StepRequired(step)
