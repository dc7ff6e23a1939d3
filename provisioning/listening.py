"""Where the service listens: a port, or a socket of the file system that only the proxy's group may open."""

import errno
import grp
import os
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISSOCK
from typing import Final

from foundation.errors import TryAgain
from foundation.i18n import Message, _
from foundation.settings import Settings, SettingsRefused
from provisioning.settings import ServeSection
from sso.certificates.settings import ClientCertificateSection

MODE: Final = 0o660


class ListensAlready(TryAgain):
    """Another service has the socket."""

    code = "listens_already"
    sentence = _("Another service listens at {socket}.")


@dataclass(frozen=True)
class Listening:
    """An address and port; or a socket, and the group that may open it besides its owner."""

    host: str
    port: int
    socket: Path | None = None
    group: str = ""


def choose_listening(settings: Settings, host: str | None = None, port: int | None = None) -> Listening:
    """Where the settings say; a host or port that was named at the command line goes before their socket. Raises SettingsRefused."""
    section = settings[ServeSection]
    by_socket = section.socket is not None and host is None and port is None
    listening = Listening(host or section.host, port or section.port)
    if by_socket:
        listening = Listening(section.host, section.port, section.socket, section.socket_group)
    if complaint := find_complaint(settings, listening):
        raise SettingsRefused(complaints=complaint)
    return listening


def find_complaint(settings: Settings, listening: Listening) -> Message | None:
    """Why the service cannot listen so, or None."""
    if listening.socket is None:
        return find_doubt(settings)
    if not listening.socket.parent.is_dir():
        return Message("serve.socket: the folder {folder} is not there", {"folder": listening.socket.parent})
    if listening.group:
        try:
            group = grp.getgrnam(listening.group).gr_gid
        except KeyError:
            return Message("serve.socket_group: there is no group {group}", {"group": listening.group})
        if os.geteuid() != 0 and group not in (os.getegid(), *os.getgroups()):
            return Message("serve.socket_group: the service does not belong to {group}", {"group": listening.group})
    return None


def find_doubt(settings: Settings) -> Message | None:
    """Why certificates cannot be taken from a proxy at a port, or None: there its address would be all that it shows."""
    section = settings[ClientCertificateSection]
    if not section.enabled or section.proxy_by_address or settings.proxy_secret is not None:
        return None
    return Message(
        "client_certificate.header: any program that reaches the port from the proxy's address could log in as anybody; "
        "set serve.socket, or proxy_secret (docs/deploy.md)"
    )


def clear_socket(path: Path) -> None:
    """Take away a socket that a service left behind when it was killed. Raises ListensAlready, SettingsRefused."""
    if not path.exists():
        return
    if not S_ISSOCK(path.stat().st_mode):
        raise SettingsRefused(complaints=Message("serve.socket: {file} is no socket", {"file": path}))
    with socket.socket(socket.AF_UNIX) as door:
        door.setblocking(False)  # One that hangs with a full queue is there all the same.
        if door.connect_ex(str(path)) != errno.ECONNREFUSED:
            raise ListensAlready(socket=str(path))
    path.unlink()


def open_to_group(listening: Listening) -> None:
    """Let the group in to the socket that the server has just made."""
    if listening.socket is not None and listening.group:
        shutil.chown(listening.socket, group=listening.group)
