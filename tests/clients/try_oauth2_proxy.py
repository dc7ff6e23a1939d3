"""oauth2-proxy by the snippet: discovery at its start, a log-in before what it guards, the person's address handed on.

No registry we fetch from has the program, so this runs where it is installed (`conftest.py` says aloud where it is not).
"""

import base64
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.clients.conftest import OAUTH2_PROXY, Standing
from tests.clients.waiting import listens, wait_for
from tests.services.ports import free_port


@contextmanager
def run_proxy(standing: Standing, folder: Path, port: int) -> Iterator[None]:
    """The proxy on a port, in front of a fixed answer, until the block ends."""
    cookie = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    snippet = standing.snippet("oauth2-proxy", "proxy").replace("32-RANDOM-BYTES-IN-BASE64", cookie)
    house = (
        f'http_address = "127.0.0.1:{port}"\nupstreams = ["static://200"]\n'
        "cookie_secure = false\nset_xauthrequest = true\n"
    )
    (folder / "proxy.cfg").write_text(house + snippet)
    words = [str(OAUTH2_PROXY), "--config", str(folder / "proxy.cfg")]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(words, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_for(listens(port), process, folder / "log")
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


def test_oauth2_proxy_guards_by_a_log_in(standing: Standing, tmp_path: Path) -> None:
    """Rules 2 and 5; an address that is not proved lets in by the setting the snippet has."""
    port = free_port()
    home = f"http://127.0.0.1:{port}"
    standing.register("proxy", f"{home}/oauth2/callback")
    with run_proxy(standing, tmp_path, port):
        person = standing.person()
        assert person.http.get(f"{home}/").status_code == 403, "its own page with a button"
        one, other = (person.http.get(f"{home}/oauth2/start?rd=/").headers["location"] for _request in range(2))
        page = person.open(one)
        assert (page.status_code, page.text) == (200, "Authenticated"), (tmp_path / "log").read_text()
        known = person.http.get(f"{home}/oauth2/auth")
        assert known.headers["X-Auth-Request-Email"] == "hoa.lt@vinhlong.gov.vn"
        assert person.open(other).status_code == 200, "two log-ins at once of one browser disturb neither"
