"""oidc-agent: a program of the terminal without a browser logs in by the device grant, and renews its token."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foundation.web import build_app
from sso.app import build_router
from sso.client_registration import DEVICE_GRANT
from tests.clients.conftest import Standing
from tests.services.inside import Inside
from tests.sso.flow import userinfo


@contextmanager
def run_agent(home: Path) -> Iterator[dict[str, str]]:
    """The agent, and the environment of who speaks with it."""
    (home / ".config" / "oidc-agent").mkdir(parents=True)
    mine = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "PASSWORD": "hộp kín"}
    mine = {name: value for name, value in mine.items() if not name.startswith("OIDC")}
    said = subprocess.run(["oidc-agent"], env=mine, capture_output=True, text=True, check=True).stdout
    known = dict(re.findall(r"(OIDC\w+)=([^;]+);", said))
    try:
        yield {**mine, **known}
    finally:
        subprocess.run(["oidc-agent", "-k"], env={**mine, **known}, capture_output=True, check=False)


def test_oidc_agent_logs_in_by_the_device_grant(standing: Standing, tmp_path: Path) -> None:
    standing.register("agent", grant_types=(DEVICE_GRANT, "refresh_token"))
    command = standing.snippet("oidc-agent", "agent").partition("oidc-gen")[2].partition("\noidc-token")[0]
    words = ["oidc-gen", *command.replace("\\\n", " ").replace('"', "").split()]
    scope = words.index(next(word for word in words if word.startswith("--scope")))
    end = words.index("--no-url-call")
    words[scope:end] = [" ".join(words[scope:end])]
    with run_agent(tmp_path) as environment:
        process = subprocess.Popen(
            [*words, "--pw-env=PASSWORD", "--prompt=none"],
            env=environment, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        standing.person().allow_device(read_code(process))
        out, _err = process.communicate(timeout=60)
        assert process.returncode == 0, out
        told = subprocess.run(["oidc-token", "hopnhat"], env=environment, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stderr
    app = build_app(standing.runtime, [build_router(standing.runtime)])
    assert userinfo(Inside.of(app), told.stdout.strip()).json()["sub"] == str(standing.hoa.person_id)


def read_code(process: subprocess.Popen[str]) -> str:
    """The code a person has to type, from what the program shows. Raises AssertionError."""
    assert process.stdout is not None
    shown, end = "", time.monotonic() + 30
    while time.monotonic() < end:
        line = process.stdout.readline()
        shown += line
        found = re.search(r"\b([A-Z]{4}-?[A-Z]{4})\b", shown)
        if found:
            return found.group(1)
        if not line:
            break
    raise AssertionError(shown)
