"""Ports on loopback."""

import socket


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])
