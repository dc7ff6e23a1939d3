"""`POST /device_authorization` (RFC 8628 §3.1): a device without a browser asks for a log-in that its person does on another.

The device code is a secret of 256 bits. The user code is eight consonants, easy to read aloud and to type; it opens
nothing by itself, and who tries codes is stopped (`door/device.py`).
"""

import secrets
from datetime import timedelta
from typing import Any, Final, cast

import sqlalchemy as sa
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError, InvalidScopeError, UnauthorizedClientError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from foundation.database import Writes
from foundation.forms import Form
from sso import models
from sso.assertions import prepare_assertion
from sso.authorization.requests import REPEATABLE
from sso.client_authentication import authenticate_client
from sso.client_registration import DEVICE_GRANT
from sso.clients import Client
from sso.headers import NO_STORE
from sso.opaque import digest, new_opaque
from sso.provider import Provider
from sso.resources import check_resources
from sso.waiting import Heap, make_room

TABLE: Final = cast(sa.Table, models.DeviceCode.__table__)
UNUSED: Final = TABLE.c.state != "used"
DEVICES: Final = Heap(
    TABLE,
    TABLE.c.device_hash,
    living=lambda now: sa.and_(UNUSED, TABLE.c.ends_at > now),
    over=lambda now: sa.and_(UNUSED, TABLE.c.ends_at <= now),
    under_way=TABLE.c.state != "waiting",
)
"""As what nobody proved is counted."""
LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
HALF: Final = 4


def ask_for_device(provider: Provider, request: Request, form: Form) -> Response:
    """Codes for a device whose client may have people log in this way."""
    prepare_assertion(provider, form)
    try:
        if form.repeated - REPEATABLE:
            raise InvalidRequestError("A parameter was sent twice.")
        with provider.database.write() as writes:
            client = authenticate_client(provider, writes, form, request.headers.get("authorization"))
            body = keep_codes(provider, writes, client, form, request.state.caller)
    except OAuth2Error as error:
        headers = {**dict(error.get_headers()), **NO_STORE}
        described = {"error": error.error, "error_description": error.get_error_description()}
        return JSONResponse(described, error.status_code, headers=headers)
    return JSONResponse(body, headers=NO_STORE)


def keep_codes(provider: Provider, writes: Writes, client: Client, form: Form, caller: str) -> dict[str, Any]:
    """New codes, kept as digests. Raises OAuth2Error."""
    if not client.check_grant_type(DEVICE_GRANT):
        raise UnauthorizedClientError("The client may not log people in on another device.")
    scope = client.get_allowed_scope(form.text("scope"))
    if form.text("scope") and not scope:
        raise InvalidScopeError()
    place = make_room(provider, writes, DEVICES, client.client_id, caller) if client.public else {}
    resources = check_resources(writes, provider.issuer, form.every("resource"))
    device, user, now, policy = new_opaque(), new_user_code(), provider.now(), provider.policy
    row = {
        "device_hash": digest(device),
        "user_code_hash": digest(normalise(user)),
        "client_id": client.client_id,
        "scope": scope,
        "resources": list(resources) or None,
        "state": "waiting",
        "interval": policy.device_interval_seconds,
        "made_at": now,
        "ends_at": now + timedelta(seconds=policy.device_seconds),
        **place,
    }
    writes.connection().execute(sa.insert(TABLE).values(**row))
    page = f"{provider.issuer}/device"
    return {
        "device_code": device,
        "user_code": user,
        "verification_uri": page,
        "verification_uri_complete": f"{page}?user_code={user}",
        "expires_in": policy.device_seconds,
        "interval": policy.device_interval_seconds,
    }


def new_user_code() -> str:
    """Two groups of four consonants: nothing that spells a word, nothing that looks like something else."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(2 * HALF))
    return f"{letters[:HALF]}-{letters[HALF:]}"


def show_user_code(typed: str) -> str:
    """A whole code as a device shows it, for whoever compares the two; anything else as it was typed, at a length a code has."""
    letters = normalise(typed)
    return f"{letters[:HALF]}-{letters[HALF:]}" if len(letters) == 2 * HALF else typed[:20]


def normalise(typed: str) -> str:
    """A user code as it is compared: capitals, without what stands between them (RFC 8628 §6.1)."""
    return "".join(letter for letter in typed.upper() if letter in LETTERS)
