"""The files of deploy/proxy and deploy/systemd say what docs/deploy.md promises; `make clients` runs the proxies themselves."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from foundation.settings import build_settings
from provisioning.command import VERBS
from provisioning.sections import SECTIONS
from sso.certificates.settings import PATH

HOUSE = Path(__file__).resolve().parents[2]
NGINX = (HOUSE / "deploy" / "proxy" / "nginx.conf").read_text(encoding="utf-8")
APACHE = (HOUSE / "deploy" / "proxy" / "apache.conf").read_text(encoding="utf-8")
UNITS = sorted((HOUSE / "deploy" / "systemd").glob("*.service"))
DOCS = (HOUSE / "docs" / "deploy.md").read_text(encoding="utf-8")


def places(site: str, begin: str) -> list[str]:
    """The innermost blocks of a file that lead to the service."""
    return [block for block in re.findall(begin, site, re.DOTALL) if re.search(r"proxy_pass|ProxyPass ", block)]


@pytest.mark.parametrize(
    ("site", "begin", "wanted"),
    [
        pytest.param(
            NGINX,
            r"location [^{]*\{[^}]*\}",
            (
                r"X-Forwarded-For \$remote_addr;",
                r'Forwarded "";',
                r'Client-Cert (""|\$ssl_client_escaped_cert);',
                r'Client-Cert-Chain "";',
                r"Hopnhat-Proxy \$hopnhat_secret;",
                "next_upstream off",
            ),
            id="nginx",
        ),
        pytest.param(
            APACHE,
            r"<VirtualHost.*?</VirtualHost>",
            (
                r"unset X-Forwarded-For early",
                r"unset Forwarded early",
                r"unset Client-Cert early",
                r"unset Client-Cert-Chain early",
                r"unset Hopnhat-Proxy early",
                "retry=0",
            ),
            id="apache",
        ),
    ],
)
def test_no_place_that_leads_to_the_service_lets_a_callers_word_through(
    site: str, begin: str, wanted: tuple[str, ...]
) -> None:
    found = places(site, begin)
    assert len(found) == 2, "the ordinary port and that of key devices"
    assert [(one, line) for one in found for line in wanted if not re.search(line, one)] == []
    assert sum("SSL_CLIENT_CERT" in one or "$ssl_client_escaped_cert" in one for one in found) == 1
    assert PATH in site


@pytest.mark.parametrize("site", [NGINX, APACHE], ids=["nginx", "apache"])
def test_only_versions_of_tls_that_stand_are_spoken(site: str) -> None:
    spoken = re.findall(r"(?:ssl_protocols|SSLProtocol) (.*)", site)
    assert spoken
    assert not [
        line for line in spoken if re.search(r"\+?(SSLv|TLSv1(\.[01])?\b(?!\.))|\+?all", line.replace("-all", ""))
    ]


def test_every_process_has_its_unit() -> None:
    assert [unit.stem for unit in UNITS] == ["hopnhat-backup", "hopnhat-web", "hopnhat-worker"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_starts_a_verb_there_is_as_a_user_without_rights(unit: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    verb = re.search(r"/bin/hopnhat --config /etc/hopnhat/hopnhat\.toml (\w+)", text)
    assert verb
    assert verb[1] in {verb.name for verb in VERBS}
    assert "User=hopnhat" in text
    assert "NoNewPrivileges=yes" in text


def test_proxies_unit_and_page_name_one_socket_and_its_group() -> None:
    """Nobody else on the machine gets to where the proxy's word counts."""
    unit = (HOUSE / "deploy" / "systemd" / "hopnhat-web.service").read_text(encoding="utf-8")
    section = read_settings()["serve"]
    assert [f"unix:{section['socket']}" in site and "127.0.0.1:" not in site for site in (NGINX, APACHE)] == [True] * 2
    assert Path(section["socket"]).parent.name == re.findall(r"^RuntimeDirectory=(.*)$", unit, re.MULTILINE)[0]
    assert re.findall(r"^SupplementaryGroups=(.*)$", unit, re.MULTILINE) == [section["socket_group"]]


def read_settings() -> dict[str, Any]:
    """The settings file of the page."""
    block = re.search(r"```toml\n(.*?)```", DOCS, re.DOTALL)
    assert block
    return tomllib.loads(block[1])


def test_the_settings_file_of_the_page_is_one() -> None:
    written = read_settings()
    del written["client_certificate"]["authorities"]  # a file of the reader's machine
    settings = build_settings(
        {**written, "client_certificate": {**written["client_certificate"], "own_authority": True}}, SECTIONS
    )
    assert settings.issuer == "https://sso.tinh.gov.vn"
