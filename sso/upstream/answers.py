"""What comes back from a provider, believed step by step (OpenID Connect Core §3.1.2.7, §3.1.3.7; RFC 9207 §2.4).

1 the answer says it is this provider's, where it says anything or the provider always does; 2 it is no refusal; 3 the code is redeemed
with the verifier, at the provider's own endpoint; 4 the ID token is signed by a key of the provider, by an algorithm of ours; 5 it is
from the provider, for us and nobody else, in time, and of a log-in since the trip began where a fresh one is wanted; 6 it has the nonce
of this trip; 7 it names somebody.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from joserfc import jwt
from joserfc.errors import JoseError

from foundation.sealing import same_secret
from sso.algorithms import ALGORITHMS, Key, fits
from sso.client_keys import CRITICAL, SignatureRefused, read_header
from sso.upstream.departures import Vouched
from sso.upstream.documents import Documents, Metadata
from sso.upstream.errors import AnswerMixed, AnswerRefused, ProviderAway
from sso.upstream.settings import UpstreamProvider
from sso.upstream.trips import Trip

LEEWAY: Final = timedelta(seconds=60)
LONGEST_SUBJECT: Final = 255


def read_answer(
    documents: Documents, provider: UpstreamProvider, trip: Trip, answer: Mapping[str, str], own: str, now: datetime
) -> Vouched:
    """Who it is, by the provider's word. Waits for the network. Raises AnswerMixed, AnswerRefused, ProviderAway."""
    metadata = documents.find(provider)
    check_sender(provider, metadata, answer.get("iss"))
    code = answer.get("code")
    if answer.get("error") or not code:
        raise AnswerRefused(why=f"2: {str(answer.get('error'))[:60]}")
    token = redeem(documents, provider, metadata, trip, code, own)
    claims = read_signed(token, documents.find_keys(metadata))
    check_claims(claims, provider, trip, now)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise AnswerRefused(why="7: nobody")
    sid = claims.get("sid")
    return Vouched(subject, sid if isinstance(sid, str) and len(sid) <= LONGEST_SUBJECT else None, token)


def check_sender(provider: UpstreamProvider, metadata: Metadata, told: str | None) -> None:
    """Step 1. Raises AnswerMixed."""
    if told is None and metadata.names_itself:
        raise AnswerMixed(why="1: it does not say whose it is")
    if told is not None and told != provider.issuer:
        raise AnswerMixed(why="1: it is another provider's")


def redeem(
    documents: Documents, provider: UpstreamProvider, metadata: Metadata, trip: Trip, code: str, own: str
) -> str:
    """Step 3: the ID token for the code. Raises AnswerRefused, ProviderAway."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": own + provider.path,
        "code_verifier": trip.verifier,
    }
    headers = {}
    if metadata.secret_in_form:
        form |= {"client_id": provider.client_id, "client_secret": provider.secret}
    else:
        headers["Authorization"] = write_basic(provider.client_id, provider.secret)
    try:
        told = json.loads(documents.post(metadata.token_endpoint, form, headers).content)
        token = told["id_token"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise ProviderAway(why="3: no ID token") from error
    if not isinstance(token, str):
        raise ProviderAway(why="3: no ID token")
    return token


def write_basic(client_id: str, secret: str) -> str:
    """Basic with both parts form-encoded (RFC 6749 §2.3.1)."""
    pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def read_signed(token: str, keys: Iterable[Key]) -> dict[str, Any]:
    """Step 4: the claims. Raises AnswerRefused."""
    try:
        header = read_header(token)
    except SignatureRefused as error:
        raise AnswerRefused(why="4: unreadable") from error
    alg, kid = header.get("alg"), header.get("kid")
    if alg not in ALGORITHMS or any(name in header for name in CRITICAL):
        raise AnswerRefused(why="4: algorithm")
    for key in keys:
        if (kid is None or key.kid in (None, kid)) and fits(key, alg, named=key.alg):
            try:
                return dict(jwt.decode(token, key, algorithms=[alg]).claims)
            except (JoseError, ValueError):
                continue
    raise AnswerRefused(why="4: signature")


def read_time(claims: Mapping[str, Any], name: str) -> datetime:
    """An instant of a token. Raises KeyError, TypeError, ValueError, OverflowError or OSError where it is none."""
    return datetime.fromtimestamp(float(claims[name]), UTC)


def is_older(logged_in: datetime, trip: Trip) -> bool:
    """Whether the log-in there was before this trip began."""
    return logged_in + LEEWAY < datetime.fromisoformat(trip.fresh_since)


def check_claims(claims: Mapping[str, Any], provider: UpstreamProvider, trip: Trip, now: datetime) -> None:
    """Steps 5 and 6. Raises AnswerRefused."""
    audience = claims.get("aud")
    if claims.get("iss") != provider.issuer or audience not in (provider.client_id, [provider.client_id]):
        raise AnswerRefused(why="5: issuer or audience")
    if claims.get("azp") not in (None, provider.client_id):
        raise AnswerRefused(why="5: for somebody else")
    try:
        ends, made = (read_time(claims, name) for name in ("exp", "iat"))
        stale = bool(trip.fresh_since) and is_older(read_time(claims, "auth_time"), trip)
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise AnswerRefused(why="5: time") from error
    if stale:
        raise AnswerRefused(why="5: an old log-in")
    if ends + LEEWAY <= now or made - LEEWAY > now:
        raise AnswerRefused(why="5: time")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not same_secret(nonce, trip.nonce):
        raise AnswerRefused(why="6: nonce")
