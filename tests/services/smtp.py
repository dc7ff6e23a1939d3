"""A mail server in a process of its own: STARTTLS, log-in, and whatever trouble a test asks for while it runs.

`python -m tests.services.smtp FOLDER PORT` serves on loopback. The folder holds the server's certificate and key, `mode.json` (read at
every command: which command is answered how), and gets a file for each message it took.
"""

import json
import os
import socketserver
import ssl
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.services.ports import free_port

USER, PASSWORD = "hopnhat", "a password of the mail server"


class Talk(socketserver.StreamRequestHandler):
    """One conversation (RFC 5321, as far as a client of ours goes)."""

    def handle(self) -> None:
        """Greet, then answer each command by the mode in force."""
        self.folder = Path(os.environ["SMTP_FOLDER"])
        self.closed_wire, self.known, self.recipients = False, False, list[str]()
        if self.trouble("GREETING"):
            return
        self.say("220 test ESMTP")
        while raw := self.rfile.readline():
            line = raw.decode("utf-8", "replace").strip()
            verb = line.split(" ")[0].upper()
            if self.trouble(verb) or (verb == "QUIT" and self.bye()):
                return
            if self.answered:
                continue
            getattr(self, f"do_{verb.lower()}", self.do_unknown)(line)

    def mode(self) -> dict[str, Any]:
        """How the test wants this server to be now."""
        file = self.folder / "mode.json"
        found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
        return found

    def trouble(self, verb: str) -> bool:
        """The trouble this command is to meet: a wait, an answer, or a wire that is cut (then true)."""
        self.answered = False
        wanted = self.mode().get(verb)
        if wanted is None:
            return False
        if "wait" in wanted:
            time.sleep(wanted["wait"])
        if wanted.get("cut"):
            return True
        if "say" in wanted:
            self.say(wanted["say"])
            self.answered = True
        return False

    def say(self, text: str) -> None:
        """One line of answer."""
        self.wfile.write(f"{text}\r\n".encode())
        self.wfile.flush()

    def bye(self) -> bool:
        """The end."""
        self.say("221 bye")
        return True

    def do_ehlo(self, _line: str) -> None:
        """What this server can do, before and after the wire is closed."""
        plain = self.mode().get("no_starttls")
        offers = ["250-test", *([] if self.closed_wire or plain else ["250-STARTTLS"])]
        offers += ["250-AUTH PLAIN LOGIN"] if self.closed_wire else []
        for offer in [*offers, "250 8BITMIME"]:
            self.say(offer)

    def do_starttls(self, _line: str) -> None:
        """Close the wire."""
        self.say("220 go ahead")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "server.pem")
        self.request = context.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb")
        self.closed_wire = True

    def do_auth(self, line: str) -> None:
        """A log-in by PLAIN (RFC 4616)."""
        _nothing, user, password = b64decode(line.split(" ")[2]).decode().split("\0")
        self.known = (user, password) == (USER, PASSWORD)
        self.say("235 welcome" if self.known else "535 5.7.8 who are you")

    def do_mail(self, _line: str) -> None:
        """A sender; only over a closed wire, from who logged in."""
        self.recipients = []
        self.say("250 ok" if self.known or self.mode().get("open") else "530 5.7.0 log in first")

    def do_rcpt(self, line: str) -> None:
        """A recipient."""
        self.recipients.append(line.partition("<")[2].partition(">")[0])
        self.say("250 ok")

    def do_data(self, _line: str) -> None:
        """The message, kept as a file; then the answer to its end."""
        self.say("354 go on")
        lines = []
        while (raw := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(raw.removeprefix(b"."))
        wanted = self.mode().get("END")
        if wanted and wanted.get("say", "2")[0] != "2":
            self.say(wanted["say"])
            return
        number = len(list(self.folder.glob("*.eml")))
        (self.folder / f"{number:04d}.eml").write_bytes(b"".join(lines))
        if wanted and wanted.get("cut"):
            self.request.close()
            return
        self.say("250 2.0.0 taken")

    def do_rset(self, _line: str) -> None:
        """Begin anew."""
        self.say("250 ok")

    def do_unknown(self, _line: str) -> None:
        """Anything else."""
        self.say("502 5.5.1 unknown")


class Server(socketserver.ThreadingTCPServer):
    """Conversations side by side."""

    allow_reuse_address = True
    daemon_threads = True


@dataclass
class MailServer:
    """A running server as tests see it."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    def be(self, **mode: Any) -> None:
        """From now on commands are answered so: RCPT={"say": "550 5.1.1 nobody"}, DATA={"cut": True}, GREETING={"wait": 3}."""
        draft = self.folder / "mode.draft"
        draft.write_text(json.dumps(mode))
        draft.replace(self.folder / "mode.json")

    @property
    def taken(self) -> list[EmailMessage]:
        """The messages it took, in order."""
        files = sorted(self.folder.glob("*.eml"))
        return [message_from_bytes(file.read_bytes(), policy=default) for file in files]

    def stop(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.wait(timeout=10)


def write_certificate(folder: Path) -> None:
    """A certificate of this server for 127.0.0.1, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test mail server")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now - timedelta(days=1), now + timedelta(days=2)
    )
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        builder.add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(Encoding.PEM)
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.pem").write_bytes(private + certificate)
    (folder / "authority.pem").write_bytes(certificate)
    (folder / "password").write_text(PASSWORD + "\n")


@contextmanager
def mail_server(folder: Path) -> Iterator[MailServer]:
    """A server in a process of its own, until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    write_certificate(folder)
    server = start(folder, free_port())
    try:
        yield server
    finally:
        server.stop()


def start(folder: Path, port: int) -> MailServer:
    """Begin serving; the port answers when this returns."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.services.smtp", str(folder), str(port)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    with process.stdout as told:
        assert told.readline() == b"ready\n"
    return MailServer(folder, port, process)


if __name__ == "__main__":
    os.environ["SMTP_FOLDER"] = sys.argv[1]
    with Server(("127.0.0.1", int(sys.argv[2])), Talk) as serving:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        serving.serve_forever()
