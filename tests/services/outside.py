"""The world outside: a server of an application on this machine, over TLS with a certificate of its own, that serves what a
test puts there and keeps what it is sent.
"""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qs

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Sent:
    """One request that came."""

    path: str
    form: dict[str, str]


@dataclass
class Outside:
    """What is served, and what came."""

    port: int
    authority: Path
    documents: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    posts: list[Sent] = field(default_factory=list)
    gets: list[str] = field(default_factory=list)

    def address(self, path: str) -> str:
        """The address of a path."""
        return f"https://localhost:{self.port}{path}"

    def put(self, path: str, content: bytes | str, media_type: str = "application/json") -> str:
        """Serve a document. Gives its address."""
        self.documents[path] = (media_type, content.encode() if isinstance(content, str) else content)
        return self.address(path)


def make_certificate(folder: Path) -> Path:
    """A certificate for localhost that is its own authority, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "outside.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file


@contextmanager
def open_outside(folder: Path) -> Iterator[Outside]:
    """The server, until the block ends. Whoever trusts `authority` ($SSL_CERT_FILE) believes its name."""
    outside = Outside(0, make_certificate(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), build_handler(outside))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(outside.authority)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    outside.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield outside
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def build_handler(outside: Outside) -> type[BaseHTTPRequestHandler]:
    """What answers: the documents, the redirects, and 200 to whatever is posted."""

    class Handler(BaseHTTPRequestHandler):
        """Says nothing to the terminal."""

        def do_GET(self) -> None:
            """A document, a redirect or nothing."""
            outside.gets.append(self.path)
            if self.path in outside.redirects:
                self.answer(302, "text/plain", b"", {"Location": outside.redirects[self.path]})
                return
            media_type, content = outside.documents.get(self.path, ("", b""))
            self.answer(200 if media_type else 404, media_type or "text/plain", content, {})

        def do_POST(self) -> None:
            """Keep it."""
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            outside.posts.append(Sent(self.path, {name: values[0] for name, values in parse_qs(body).items()}))
            self.answer(200, "text/plain", b"", {})

        def answer(self, status: int, media_type: str, content: bytes, headers: dict[str, str]) -> None:
            """One answer."""
            self.send_response(status)
            for name, value in {"Content-Type": media_type, "Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    return Handler
