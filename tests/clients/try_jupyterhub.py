"""JupyterHub by the snippet's lines: no discovery, the person from userinfo alone, and a log-out without any parameter."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.clients.conftest import Standing
from tests.clients.programs import KEPT
from tests.clients.waiting import answers, wait_for
from tests.services.ports import free_port

HUB = """
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/cookie"
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.default_url = "/hub/home"
c.ConfigurableHTTPProxy.command = ["node", "{node}/configurable-http-proxy/bin/configurable-http-proxy"]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.pid_file = "{folder}/proxy.pid"
"""


@contextmanager
def run_hub(standing: Standing, folder: Path, port: int) -> Iterator[None]:
    """The hub with its proxy on a port, until the block ends."""
    values = {"port": port, "hub": free_port(), "api": free_port(), "folder": folder}
    settings = HUB.format(**values, node=KEPT / "node" / "node_modules")
    (folder / "hub.py").write_text(settings + standing.snippet("jupyterhub", "hub"))
    words = [KEPT / "python" / "bin" / "python", "-m", "jupyterhub", "-f", folder / "hub.py"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(list(map(str, words)), cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_for(answers(f"http://127.0.0.1:{port}/hub/health", 200), process, folder / "log")
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


def test_jupyterhub_logs_in_and_out(standing: Standing, tmp_path: Path) -> None:
    """Rules 3, 5 and 7: raw Basic, a challenge, and a log-out that is a question because nothing says whose it is."""
    port = free_port()
    home = f"http://127.0.0.1:{port}"
    standing.register("hub", f"{home}/hub/oauth_callback")
    with run_hub(standing, tmp_path, port):
        person = standing.person()
        page = person.open(f"{home}/hub/oauth_login")
        assert page.status_code == 200, (tmp_path / "log").read_text()
        assert "hoa.lt" in page.text
        goodbye = person.open(f"{home}/hub/logout")
    assert str(goodbye.url) == f"{standing.issuer}/logout"
    assert 'id="confirm-logout"' in goodbye.text
