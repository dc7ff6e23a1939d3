"""The house's own applications: the command line and the signing room."""

from datetime import datetime

from foundation.database import Writes
from sso.client_keeping import ensure_client
from sso.client_registration import COMMAND_LINE, NewClient
from sso.scopes import ACT_SCOPE
from sso.sweeping import plan_sweep


def ensure_own_clients(writes: Writes, issuer: str, actor: str, now: datetime) -> dict[str, str | None]:
    """The house's own applications: the command line and the signing room; also plans the first sweep.

    Gives secrets by client id where they were made just now.
    """
    plan_sweep(writes, now)
    command_line = NewClient(
        name="Hợp Nhất command line",
        client_id=COMMAND_LINE,
        kind="public",
        redirect_uris=("http://127.0.0.1/done", "http://[::1]/done"),
        scopes=("openid", "profile", "unit", "offline_access", ACT_SCOPE),
    )
    signing = NewClient(
        name="Chữ ký số",
        client_id="signing",
        redirect_uris=(f"{issuer}/signing/login/done",),
        post_logout_redirect_uris=(f"{issuer}/signing/",),
        scopes=("openid", "profile", "email", "unit"),
        home_uri=f"{issuer}/signing/",
        backchannel_logout_uri=f"{issuer}/signing/logout/called",
    )
    return {str(new.client_id): ensure_client(writes, new, actor, now)[1] for new in (command_line, signing)}
