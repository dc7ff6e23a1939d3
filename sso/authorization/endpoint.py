"""`/authorize`: check, decide, answer. GET does the work; POST is turned into GET, so that the browser sends its session along."""

import uuid
from datetime import timedelta
from typing import Final, cast
from urllib.parse import urlencode

import sqlalchemy as sa
from authlib.oauth2 import OAuth2Error
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from foundation.database import Writes
from foundation.forms import Form
from sso import models
from sso.authorization.answers import answer, answer_error
from sso.authorization.checks import build_asked, check_redirect_uri, check_request, read_client
from sso.authorization.dispatch import Ready, Step, check_silent, decide
from sso.authorization.freshness import mark_asked, read_asked
from sso.authorization.requests import ASKED, Asked, CheckedRequest
from sso.consent import has_consented
from sso.opaque import digest, new_opaque
from sso.provider import Provider
from sso.sessions import OpenSession, find_session, read_cookie, touch_session

ADD_CODE: Final = sa.insert(cast(sa.Table, models.Code.__table__))
PAGES: Final = {Step.LOGIN: "/login", Step.CONSENT: "/consent"}


def authorize(provider: Provider, request: Request, form: Form) -> Response:
    """Answer an authorization request. Raises what must be shown to the person: client or address unknown."""
    if request.method == "POST":
        return RedirectResponse(f"/authorize?{urlencode(dict(form))}", 303)
    now = provider.now()
    with provider.database.write() as writes:
        client = read_client(writes, provider.clients, form)
        asked = build_asked(client, check_redirect_uri(client, form), form)
        try:
            checked = check_request(asked, form)
            session = find_session(writes, read_cookie(request, provider.settings), provider.policy, now)
            since = read_asked(provider.runtime.sealer, asked, form.get(ASKED), now)
            consented = client.own or (
                session is not None and has_consented(writes, session.person_id, client.client_id, checked.scope)
            )
            step = decide(checked, session, since, consented, now)
            if isinstance(step, Ready):
                touch_session(writes, step.session, now)
                code = make_code(provider, writes, checked, step.session)
                return answer(request, asked, provider.issuer, {"code": code})
            check_silent(checked, step)
        except OAuth2Error as error:
            return answer_error(request, asked, provider.issuer, error)
    return send_to_step(provider, asked, step, form.get(ASKED) if since else None)


def make_code(provider: Provider, writes: Writes, checked: CheckedRequest, session: OpenSession) -> str:
    """A code for this request and session, kept as a digest."""
    code, now = new_opaque(), provider.now()
    writes.connection().execute(
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
            "ends_at": now + timedelta(seconds=provider.policy.code_seconds),
        },
    )
    return code


def send_to_step(provider: Provider, asked: Asked, step: Step, mark: str | None) -> Response:
    """Send the person to the page of a step, with the way back to this very request."""
    mark = mark or mark_asked(provider.runtime.sealer, asked, provider.now())
    back = f"/authorize?{urlencode({**asked.parameters, ASKED: mark})}"
    query = {"next": back}
    if locales := asked.get("ui_locales"):
        query["ui_locales"] = locales
    return RedirectResponse(f"{PAGES[step]}?{urlencode(query)}", 303)
