"""What the sign-on service knows these pages by: a secret it made once, which `init` keeps in `<data>/keys`, mode 0600."""

from pathlib import Path

from signing.errors import LoginFailed

FILE = "signing-client.secret"


def read_secret(keys: Path) -> str:
    """The secret. Raises LoginFailed before the application was registered."""
    try:
        return (keys / FILE).read_text(encoding="ascii").strip()
    except FileNotFoundError as error:
        raise LoginFailed from error
