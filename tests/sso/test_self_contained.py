"""Self-contained tokens of programs: nothing is kept of them, and they end like all others."""

import pytest
import sqlalchemy as sa
from joserfc.util import urlsafe_b64decode as decode
from joserfc.util import urlsafe_b64encode as encode

from sso.bearers import get_bearer
from sso.client_keeping import add_client, change_client, remove_client
from sso.client_registration import NewClient
from sso.errors import TokenRefused
from sso.keys import ACCESS_TOKEN, ID_TOKEN, KeyRing
from sso.models import AccessToken
from tests.services.clock import MovableClock
from tests.sso.conftest import CALLBACK, SCOPES, Door
from tests.sso.flow import Application, ask_token, get_code, redeem, userinfo
from tests.sso.flow import Attempt as Asked
from tests.sso.people import PASSWORD, official

ISSUER = "http://127.0.0.1:8000"


@pytest.fixture
def program(door: Door) -> Application:
    """An application with self-contained tokens."""
    new = NewClient(name="Máy", client_id="may", redirect_uris=(CALLBACK,), scopes=SCOPES, access_token_format="jwt")
    with door.runtime.database.write() as writes:
        client, secret = add_client(writes, new, "test", door.runtime.clocks.wall())
    return Application(client.client_id, secret, CALLBACK)


def give(door: Door, program: Application) -> str:
    """A token for the program itself."""
    form = {"grant_type": "client_credentials", "scope": "verify"}
    return str(ask_token(door.browser(), program, form).json()["access_token"])


def is_active(door: Door, program: Application, token: str) -> bool:
    """What introspection says."""
    return bool(ask_token(door.browser(), program, {"token": token}, "/introspect").json()["active"])


def opens(door: Door, token: str) -> bool:
    """Whether it opens the house's own interfaces."""
    runtime = door.runtime
    try:
        found = get_bearer(runtime.database, runtime.clocks, KeyRing(runtime), ISSUER, token)
    except TokenRefused:
        return False
    return found.client == "may" and found.person is None and found.scopes == {"verify"}


def count_kept(door: Door) -> int:
    """How many tokens are kept."""
    with door.runtime.database.read() as reads:
        return int(reads.execute(sa.select(sa.func.count()).select_from(AccessToken)).scalar_one())


def test_one_is_good_and_nothing_is_kept_of_it(door: Door, program: Application) -> None:
    token = give(door, program)
    told = ask_token(door.browser(), program, {"token": token}, "/introspect").json()
    assert (told["active"], told["client_id"], told["sub"], told["scope"]) == (True, "may", "may", "verify")
    assert opens(door, token)
    assert count_kept(door) == 0
    assert userinfo(door.browser(), token).status_code == 401, "it speaks of nobody"


def test_a_revoked_one_is_dead_at_once_and_only_its_own_program_revokes_it(door: Door, program: Application) -> None:
    token, other = give(door, program), give(door, program)
    assert ask_token(door.browser(), door.application, {"token": token}, "/revoke").status_code == 200
    assert is_active(door, program, token)
    for _again in range(2):
        assert ask_token(door.browser(), program, {"token": token}, "/revoke").status_code == 200
        assert not is_active(door, program, token)
    assert not opens(door, token)
    assert is_active(door, program, other)
    assert count_kept(door) == 1


ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the group of P-256 (FIPS 186-5): with (r, s) a signature, (r, ORDER - s) is one too."""


def respell(token: str) -> str:
    """The same token with another good signature, made without the key."""
    signed, _dot, signature = token.rpartition(".")
    raw = decode(signature.encode())
    other = (ORDER - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")
    return f"{signed}.{encode(raw[:32] + other).decode()}"


def test_a_revoked_one_stays_dead_however_its_signature_is_written(door: Door, program: Application) -> None:
    token = give(door, program)
    twin = respell(token)
    assert twin != token
    assert is_active(door, program, twin), "it is a good signature"
    assert ask_token(door.browser(), program, {"token": token}, "/revoke").status_code == 200
    assert not is_active(door, program, twin)
    assert not opens(door, twin)


def test_one_ends_in_time(door: Door, program: Application, clock: MovableClock) -> None:
    token = give(door, program)
    clock.advance(seconds=299)
    assert is_active(door, program, token)
    clock.advance(seconds=1)
    assert not is_active(door, program, token)
    assert not opens(door, token)


def test_one_ends_with_its_program(door: Door, program: Application) -> None:
    token = give(door, program)
    with door.runtime.database.write() as writes:
        remove_client(writes, "may", "test", door.runtime.clocks.wall())
    assert not opens(door, token)


@pytest.mark.parametrize(
    ("typ", "changed"),
    [
        pytest.param(ID_TOKEN, {}, id="an-id-token"),
        pytest.param(ACCESS_TOKEN, {"iss": "https://other.example.vn"}, id="of-another-issuer"),
        pytest.param(ACCESS_TOKEN, {"sub": "somebody"}, id="of-a-person"),
        pytest.param(ACCESS_TOKEN, {"auth_time": 1}, id="of-a-log-in-whose-row-is-gone"),
        pytest.param(ACCESS_TOKEN, {"exp": None}, id="without-end"),
        pytest.param(ACCESS_TOKEN, {"client_id": "nobody", "sub": "nobody"}, id="of-no-program"),
        pytest.param(ACCESS_TOKEN, {"preview": True}, id="of-a-preview-that-was"),
        pytest.param(ACCESS_TOKEN, {"aud": ["https://mail.example.vn/"]}, id="for-another-resource"),
    ],
)
def test_what_we_signed_for_something_else_opens_nothing(
    door: Door, program: Application, typ: str, changed: dict[str, object]
) -> None:
    now, keys = door.runtime.clocks.wall(), KeyRing(door.runtime)
    keys.prepare(now)
    claims = {
        "iss": ISSUER,
        "sub": "may",
        "aud": ISSUER,
        "client_id": "may",
        "scope": "verify",
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + 300,
        "jti": "x",
    }
    assert opens(door, keys.sign(claims, "ES256", now, ACCESS_TOKEN))
    assert not opens(door, keys.sign({**claims, **changed}, "ES256", now, typ))


def test_a_changed_one_opens_nothing(door: Door, program: Application) -> None:
    head, body, signature = give(door, program).split(".")
    assert not opens(door, f"{head}.{body[:-2]}AA.{signature}")
    assert not opens(door, f"{head}.{body}.")
    assert not opens(door, f"{'a' * 20_000}.b.c")


def test_a_persons_one_is_kept_and_ends_with_its_account(door: Door, program: Application) -> None:
    official(door.runtime)
    browser, asked = door.browser(), Asked(program)
    token = redeem(browser, asked, get_code(browser, asked, "hoa.lt", PASSWORD)).json()["access_token"]
    assert count_kept(door) == 1
    assert is_active(door, program, token)
    with door.runtime.database.write() as writes:
        change_client(writes, "may", {"name": "Máy khác"}, "test", door.runtime.clocks.wall())
        writes.execute(sa.delete(AccessToken))
    assert not is_active(door, program, token), "what its row said is not believed from the token alone"
