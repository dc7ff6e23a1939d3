"""Mayan EDMS, a real document system, by the snippet's environment: an official's first log-in makes an account there."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sso.client_snippets import find_lacks
from sso.clients import get_client
from tests.clients.conftest import Standing
from tests.clients.programs import KEPT
from tests.clients.waiting import listens, wait_for
from tests.services.ports import free_port


@contextmanager
def run_mayan(standing: Standing, folder: Path, port: int) -> Iterator[None]:
    """The document system on a port and a fresh copy of an empty archive, until the block ends."""
    shutil.copytree(KEPT / "mayan" / "media", folder / "media")
    lines = [line for line in standing.snippet("mayan-edms", "mayan").splitlines() if not line.startswith("#")]
    environment = {
        **os.environ,
        "MAYAN_MEDIA_ROOT": str(folder / "media"),
        "MAYAN_CELERY_BROKER_URL": "memory://",
        "MAYAN_ALLOWED_HOSTS": '["127.0.0.1"]',
        "PYTHONWARNINGS": "ignore",
        **dict(line.split("=", 1) for line in lines),
    }
    words = [KEPT / "mayan" / "bin" / "gunicorn", "--bind", f"127.0.0.1:{port}", "--timeout", "120", "mayan.wsgi"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            list(map(str, words)), cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            wait_for(listens(port), process, folder / "log", 120)
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


def test_an_official_logs_in_to_mayan(standing: Standing, tmp_path: Path) -> None:
    """Rules 1 and 5: keys by `kid` and `alg`, and no code challenge where the registration lets it off."""
    port = free_port()
    home = f"http://127.0.0.1:{port}"
    standing.register("mayan", f"{home}/oidc/callback/", pkce_required=False)
    with standing.runtime.database.read() as reads:
        assert find_lacks("mayan-edms", get_client(reads, "mayan")) == []
    with run_mayan(standing, tmp_path, port):
        person = standing.person()
        person.http.timeout = 120
        whom, asking = f"{home}/api/v4/users/current/", {"Accept": "application/json"}
        assert person.http.get(whom, headers=asking).status_code in (401, 403), (tmp_path / "log").read_text()
        back = person.follow(f"{home}/oidc/authenticate/", f"{home}/oidc/callback/")
        assert person.http.get(back).is_redirect, (tmp_path / "log").read_text()
        known = person.http.get(whom, headers=asking)
        assert known.status_code == 200, (known.text, (tmp_path / "log").read_text())
        assert known.json()["email"] == "hoa.lt@vinhlong.gov.vn"
