"""The proxy files of deploy/proxy as they are, names and ports put in: what reaches the service's socket behind nginx and behind Apache."""

import json
import os
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from sso.certificates.presented import decode
from tests.clients.waiting import answers, wait_for
from tests.services.ports import free_port

DEPLOY = Path(__file__).resolve().parents[2] / "deploy" / "proxy"
FORGED = {
    "Client-Cert": ":AAAA:",
    "Client-Cert-Chain": ":AAAA:",
    "X-Forwarded-For": "198.51.100.7",
    "Forwarded": "for=198.51.100.7",
    "Hopnhat-Proxy": "guessed",
}
MODULES = ("mpm_event", "authz_core", "alias", "ssl", "socache_shmcb", "headers", "proxy", "proxy_http")
Start = Callable[[Path, str], Sequence[str]]


class AtSocket(ThreadingHTTPServer):
    """A server at a socket of the file system, which the proxy's user may open."""

    address_family = socket.AF_UNIX

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)
        Path(str(self.server_address)).chmod(0o666)


class Echo(BaseHTTPRequestHandler):
    """In the service's place: tells which headers reached it."""

    def do_GET(self) -> None:
        body = json.dumps([[name.lower(), value] for name, value in self.headers.items()]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        """At a socket nobody has an address."""
        return ""

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


def make_certificate(folder: Path, name: str) -> Path:
    """A self-made certificate and its key in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    certificate = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number(), now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / f"{name}.pem"
    file.write_bytes(certificate.public_bytes(Encoding.PEM) + private)
    return file


def start_nginx(folder: Path, site: str) -> Sequence[str]:
    """The words that start nginx with nothing but this site."""
    user = "user www-data;" if os.getuid() == 0 else ""
    head = f"{user} pid {folder}/pid; error_log {folder}/log; daemon off; events {{}}"
    (folder / "nginx.conf").write_text(f"{head} http {{ access_log off; {site} }}")
    return ["/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]


def start_apache(folder: Path, site: str) -> Sequence[str]:
    """The same with Apache; port 80 and 443 are what Debian's ports.conf listens to."""
    modules = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in MODULES)
    user = "User www-data\nGroup www-data" if os.getuid() == 0 else ""
    listens = "\n".join(
        f"Listen 127.0.0.1:{line.split(':')[1][:-1]}" for line in site.splitlines() if line.startswith("<VirtualHost")
    )
    ours = "\n".join(line for line in site.splitlines() if not line.startswith("Listen"))
    own = f"ServerName localhost\nPidFile {folder}/pid\nErrorLog {folder}/log\nMutex file:{folder}"
    head = f"ServerRoot {folder}\n{own}\n{modules}\n{user}\n{listens}\n"
    (folder / "apache.conf").write_text(head + ours)
    return ["/usr/sbin/apache2", "-f", str(folder / "apache.conf"), "-DFOREGROUND"]


@contextmanager
def run_proxy(file: str, start: Start, folder: Path) -> Iterator[tuple[int, int, int]]:
    """The proxy with this file in front of the echo: its plain port, its ordinary one, and that of key devices."""
    folder.chmod(0o755)
    own, authority = make_certificate(folder, "own"), make_certificate(folder, "authority")
    plain, ordinary, devices = (free_port() for _ in range(3))
    with TemporaryDirectory(prefix="hn-proxy-") as near, AtSocket(f"{near}/web.sock", Echo) as echo:  # type: ignore[arg-type]  # a path
        Path(near).chmod(0o755)
        threading.Thread(target=echo.serve_forever, daemon=True).start()
        site = (DEPLOY / file).read_text(encoding="utf-8")
        changes = {
            "/run/hopnhat/web.sock": f"{near}/web.sock",
            "/etc/hopnhat/tls/chain.pem": str(own),
            "/etc/hopnhat/tls/key.pem": str(own),
            "/etc/hopnhat/authorities.pem": str(authority),
            "listen [::]:": "# listen ",
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "listen 443 ": f"listen 127.0.0.1:{ordinary} ",
            "listen 8443 ": f"listen 127.0.0.1:{devices} ",
            "*:80>": f"*:{plain}>",
            "*:443>": f"*:{ordinary}>",
            "*:8443>": f"*:{devices}>",
            "sso.tinh.gov.vn": "localhost",
        }
        for written, here in changes.items():
            site = site.replace(written, here)
        process = subprocess.Popen(start(folder, site))
        try:
            wait_for(answers(f"http://127.0.0.1:{plain}/"), process, folder / "log")
            yield plain, ordinary, devices
        finally:
            process.terminate()
            process.wait(timeout=20)
            echo.shutdown()


def browse(certificate: Path | None = None) -> httpx.Client:
    """A browser that believes any server, with a key device or without."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if certificate:
        context.load_cert_chain(certificate)
    return httpx.Client(verify=context, headers=FORGED)


@pytest.mark.parametrize(
    ("file", "start"), [("nginx.conf", start_nginx), ("apache.conf", start_apache)], ids=["nginx", "apache"]
)
def test_what_reaches_the_service_behind_the_proxy_is_the_proxys_word(file: str, start: Start, tmp_path: Path) -> None:
    """Forged headers of a caller's own count nowhere; a key device's certificate arrives at its one place."""
    device = make_certificate(tmp_path, "device")
    with run_proxy(file, start, tmp_path) as (plain, ordinary, devices):
        sent = httpx.get(f"http://localhost:{plain}/login?next=%2Fme")
        assert (sent.status_code, sent.headers["location"]) == (308, "https://localhost/login?next=%2Fme")
        with browse() as stranger, browse(device) as official:
            reply = stranger.get(f"https://localhost:{ordinary}/authorize?{'x' * 6000}")
            reached = [(name, value) for name, value in reply.json() if name in ("x-forwarded-for", "forwarded")]
            assert reached == [("x-forwarded-for", "127.0.0.1")]
            assert not {"client-cert", "client-cert-chain", "hopnhat-proxy"} & dict(reply.json()).keys()
            place = f"https://localhost:{devices}/login/certificate"
            held = [value for name, value in official.get(place).json() if name == "client-cert"]
            wanted = x509.load_pem_x509_certificate(device.read_bytes()).public_bytes(Encoding.DER)
            assert [decode(value) for value in held] == [wanted]
            assert not [value for name, value in stranger.get(place).json() if name == "client-cert" and value]
            other = official.get(f"https://localhost:{devices}/token")
            assert (other.status_code, other.headers["location"]) == (302, "https://localhost/token")
