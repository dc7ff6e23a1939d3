"""Dovecot: people open their mail with a token (OAUTHBEARER) that the snippet asks about. Needs root, as Dovecot does."""

import imaplib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.clients.conftest import Standing
from tests.clients.waiting import listens, wait_for
from tests.services.ports import free_port

CALLBACK = "http://127.0.0.1:8999/callback"
HOUSE = """
base_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:~/Maildir
first_valid_uid = 1
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}/home/%u
}}
"""


@contextmanager
def run_dovecot(snippet: str) -> Iterator[tuple[int, Path]]:
    """Dovecot on a port, until the block ends; its folder is short, for its sockets have short names."""
    folder, port = Path(tempfile.mkdtemp(prefix="mail-")), free_port()
    folder.chmod(0o755)
    (folder / "home").mkdir()
    shutil.chown(folder / "home", "nobody", "nogroup")
    _opening, passdb, oauth = snippet.split("# --- ")
    oauth_file = folder / "oauth2.conf.ext"
    oauth_file.write_text("# " + oauth)
    passdb = passdb.replace("/etc/dovecot/dovecot-oauth2.conf.ext", str(oauth_file))
    (folder / "dovecot.conf").write_text(HOUSE.format(folder=folder, port=port) + "# " + passdb)
    process = subprocess.Popen(["/usr/sbin/dovecot", "-F", "-c", str(folder / "dovecot.conf")])
    try:
        wait_for(listens(port), process, folder / "log")
        yield port, folder
    finally:
        process.terminate()
        process.wait(timeout=20)
        shutil.rmtree(folder)


def open_mail(port: int, login: str, token: str) -> str:
    """Open the mailbox with a token. Gives OK; raises imaplib.IMAP4.error when refused."""
    said = f"n,a={login},\x01auth=Bearer {token}\x01\x01".encode()
    with imaplib.IMAP4("127.0.0.1", port) as mail:
        mail.authenticate("OAUTHBEARER", lambda _challenge: said)
        return mail.select("INBOX")[0]


def test_mail_is_opened_with_a_token_of_its_owner(standing: Standing) -> None:
    """Rule 11: the mail server asks about tokens of other applications, with empty parameters, and is told `username`."""
    standing.register("webmail", CALLBACK)
    standing.register("dovecot", scopes=())
    token = standing.token("webmail", CALLBACK)
    with run_dovecot(standing.snippet("dovecot", "dovecot")) as (port, folder):
        assert open_mail(port, "hoa.lt", token) == "OK", (folder / "log").read_text()
        for login, shown in (("nam.tv", token), ("hoa.lt", "none-of-ours")):
            with pytest.raises(imaplib.IMAP4.error):
                open_mail(port, login, shown)
