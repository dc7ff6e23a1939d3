"""What an application is given: the one place where a response type becomes what it returns.

A code is a reference that its application redeems, proved. What a type gives in front, the browser carries: it lives no longer than
a self-contained token, no refresh token comes of it, and who stands behind it is looked at once more while nothing else
may change them, because nobody asks again at the token endpoint.
"""

import uuid
from datetime import datetime, timedelta
from typing import Final, cast

import sqlalchemy as sa

from foundation import audit
from foundation.database import Writes
from sso import models
from sso.authorization.dispatch import Step, StepRequired
from sso.authorization.requests import CheckedRequest
from sso.opaque import digest, new_opaque
from sso.provider import Provider, Work
from sso.sessions import OpenSession, hold_session
from sso.tokens import Granted, build_id_token, issue_access, open_grant

ADD_CODE: Final = sa.insert(cast(sa.Table, models.Code.__table__))


def give_parts(
    provider: Provider, writes: Writes, checked: CheckedRequest, session: OpenSession, cookie: str | None
) -> dict[str, str]:
    """The parts of the answer to a request that is ready. `cookie`: the browser's, whose session this is. Raises StepRequired."""
    gives, now = checked.asked.gives, provider.now()
    parts: dict[str, str] = {}
    if gives.code:
        parts["code"] = make_code(writes, checked, session, now, now + timedelta(seconds=provider.policy.code_seconds))
    if gives.in_front:
        if hold_session(writes, session, cookie, provider.policy, now) is None:
            raise StepRequired(Step.LOGIN)
        parts |= issue_in_front(Work(provider, writes, now), checked, session)
    return parts


def make_code(writes: Writes, checked: CheckedRequest, session: OpenSession, now: datetime, ends_at: datetime) -> str:
    """A code for this request and session, kept as a digest."""
    code = new_opaque()
    writes.tell(
        ADD_CODE,
        {
            "code_hash": digest(code),
            "client_id": checked.asked.client.client_id,
            "grant_id": uuid.uuid4(),
            "session_id": session.id,
            "person_id": session.person_id,
            "account_id": session.account_id,
            "redirect_uri": checked.asked.redirect_uri,
            "scope": checked.scope,
            "nonce": checked.nonce,
            "challenge": checked.challenge,
            "auth_time": session.auth_time,
            "acr": session.acr,
            "amr": session.amr,
            "ends_at": ends_at,
            "wishes": checked.wishes.keep(),
            "resources": list(checked.resources) or None,
        },
    )
    return code


def issue_in_front(work: Work, checked: CheckedRequest, session: OpenSession) -> dict[str, str]:
    """Tokens by way of the browser (OpenID Connect Core §3.2.2.5): an ID token with the request's nonce, an access token where the
    type has one. The grant is kept also for an ID token alone: its application is told of the log-out.
    """
    asked, policy = checked.asked, work.provider.policy
    granted = open_front_grant(work, checked, session)
    parts: dict[str, str] = {}
    if asked.gives.token:
        answer = issue_access(
            work, asked.client, checked.scope, granted, checked.resources, at_most=policy.self_contained_seconds
        )
        parts = {name: str(value) for name, value in answer.items()}
    if asked.gives.id_token:
        parts["id_token"] = build_id_token(work, granted, checked.scope, checked.nonce, parts.get("access_token"))
    return parts


def open_front_grant(work: Work, checked: CheckedRequest, session: OpenSession) -> Granted:
    """The grant behind what is given in front: it ends with the session."""
    client = checked.asked.client
    granted = Granted(
        grant_id=uuid.uuid4(),
        client=client,
        person_id=session.person_id,
        account_id=session.account_id,
        session_id=session.id,
        scope=checked.scope,
        auth_time=session.auth_time,
        acr=session.acr,
        amr=session.amr,
        ends_at=work.now + timedelta(seconds=work.provider.policy.session_seconds),
        wishes=checked.wishes.keep(),
        resources=checked.resources,
    )
    open_grant(work, granted)
    told = {"scope": checked.scope, "response_type": checked.asked.gives.name}
    audit.record(work.writes, work.now, "sso.grant.opened", str(session.person_id), client.client_id, told)
    return granted
