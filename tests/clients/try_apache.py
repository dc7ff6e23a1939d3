"""Apache with mod_auth_openidc, configured by nothing but what `client show --snippet` prints: log-in, claims, log-out told."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foundation.handling import work_once
from sso.logouts import HANDLERS
from tests.clients.conftest import Standing
from tests.clients.waiting import answers, wait_for
from tests.services.ports import free_port

MODULES = ("mpm_event", "authn_core", "authz_core", "authz_user", "auth_openidc", "headers", "status")
SITE = """
ServerRoot {folder}
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog {folder}/error.log
Mutex file:{folder}
{modules}
{user}
{snippet}
<Location "/">
    SetHandler server-status
    Header always set X-Person "expr=%{{REMOTE_USER}}"
    Header always set X-Unit "%{{OIDC_CLAIM_unit_code}}e"
    Header always set X-Post "%{{OIDC_CLAIM_post}}e"
</Location>
"""


@contextmanager
def run_apache(standing: Standing, folder: Path, port: int) -> Iterator[None]:
    """Apache on a port, until the block ends."""
    modules = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in MODULES)
    user = "User www-data\nGroup www-data" if os.getuid() == 0 else ""
    values = {"folder": folder, "port": port, "modules": modules, "user": user}
    (folder / "site.conf").write_text(SITE.format(**values, snippet=standing.snippet("mod_auth_openidc", "apache")))
    process = subprocess.Popen(["/usr/sbin/apache2", "-f", str(folder / "site.conf"), "-DFOREGROUND"])
    try:
        wait_for(answers(f"http://127.0.0.1:{port}/"), process, folder / "error.log")
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def test_apache_logs_in_and_is_told_of_a_log_out(standing: Standing, tmp_path: Path) -> None:
    """Rules 2, 3 and 8: its log-out address has a query, and its session is found by `sid`."""
    port = free_port()
    home = f"http://127.0.0.1:{port}"
    standing.register(
        "apache", f"{home}/app/oidc", backchannel_logout_uri=f"{home}/app/oidc?logout=backchannel", own=True
    )
    with run_apache(standing, tmp_path, port):
        person = standing.person()
        page = person.open(f"{home}/app/")
        assert (page.status_code, page.headers["X-Unit"]) == (200, "H61.12"), (tmp_path / "error.log").read_text()
        assert page.headers["X-Person"].startswith(str(standing.hoa.person_id))
        assert "Công chức tư pháp" in page.headers["X-Post"]
        assert person.http.get(f"{home}/app/").status_code == 200, "a session of its own"
        person.log_out()
        work_once(standing.runtime, HANDLERS)
        assert person.http.get(f"{home}/app/").is_redirect, "told, it asks anew"
