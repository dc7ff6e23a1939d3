"""Spring Boot with Spring Security by the snippet's application.yaml: log-in, userinfo, both ways of a log-out."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from foundation.handling import work_once
from sso.logouts import HANDLERS
from tests.clients.conftest import Standing
from tests.clients.person import Person
from tests.clients.programs import KEPT
from tests.clients.waiting import answers, wait_for
from tests.services.ports import free_port


@contextmanager
def run_spring(standing: Standing, folder: Path, port: int) -> Iterator[None]:
    """The application on a port, until the block ends."""
    (folder / "application.yaml").write_text(standing.snippet("spring-security", "spring"), encoding="utf-8")
    house = [f"--server.port={port}", "--server.address=127.0.0.1", f"--spring.config.location=file:{folder}/"]
    words = [
        "java",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        f"{KEPT}/spring/classes:{KEPT}/spring/jars/*",
        "party.SpringParty",
    ]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([*words, *house], cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_for(answers(f"http://127.0.0.1:{port}/goodbye", 200), process, folder / "log")
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


def log_in(person: Person, home: str, folder: Path) -> httpx.Response:
    """The application's page, asked for by somebody who then is known."""
    page = person.open(f"{home}/")
    assert page.status_code == 200, (page.text, (folder / "log").read_text())
    return page


def test_spring_logs_in_and_out(standing: Standing, tmp_path: Path) -> None:
    """Rules 1, 2, 5, 7 and 8: RS256, the exact issuer, a challenge unasked, a log-out from either side."""
    port = free_port()
    home = f"http://127.0.0.1:{port}"
    standing.register(
        "spring",
        f"{home}/login/oauth2/code/hopnhat",
        post_logout_redirect_uris=(f"{home}/goodbye",),
        backchannel_logout_uri=f"{home}/logout/connect/back-channel/hopnhat",
    )
    with run_spring(standing, tmp_path, port):
        person = standing.person()
        said = log_in(person, home, tmp_path).json()
        assert said["name"] == said["claims"]["sub"] == str(standing.hoa.person_id)
        assert (said["person"]["unit_code"], said["person"]["preferred_username"]) == ("H61.12", "hoa.lt")

        asked = re.search(r'name="_csrf"[^>]* value="([^"]+)"', person.http.get(f"{home}/logout").text)
        assert asked, "its page asks before a log-out"
        posted = person.http.post(f"{home}/logout", data={"_csrf": asked.group(1)})
        assert posted.headers["location"].startswith(f"{standing.issuer}/logout?id_token_hint=")
        assert person.open(posted.headers["location"]).text == "goodbye"
        assert person.http.get(f"{standing.issuer}/me").is_redirect, "the provider's session is over too"

        log_in(person, home, tmp_path)
        assert person.http.get(f"{home}/").status_code == 200, "a session of its own"
        person.log_out()
        work_once(standing.runtime, HANDLERS)
        assert person.http.get(f"{home}/").is_redirect, "told, it asks anew"
