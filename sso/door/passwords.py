"""What a new password must be: long, not the log-in, not one that everybody tries."""

from typing import Final

from directory.credentials import LONGEST_PASSWORD, prepare_password
from directory.logins import login_key
from directory.names import fold_name
from foundation.i18n import _

COMMON: Final = frozenset(
    (
        *(
            "123456789012",
            "1234567890123",
            "12345678901234",
            "111111111111",
            "000000000000",
            "012345678901",
            "987654321098",
        ),
        *(
            "password1234",
            "password12345",
            "qwertyuiop12",
            "qwertyuiopas",
            "abcdefghijkl",
            "abcd12345678",
            "administrator",
        ),
        *(
            "matkhau123456",
            "matkhau12345",
            "matkhaumatkhau",
            "vietnam123456",
            "vietnam12345",
            "emyeuanh1234",
            "anhyeuem1234",
        ),
        *("hopnhat123456", "hopnhat12345", "uybannhandan", "congchuc1234", "canbo1234567"),
    )
)


def check_new_password(password: str, login: str, length: int) -> str | None:
    """What is wrong with a new password, as one sentence with `{length}`, or None. Length is counted in characters (RFC 8265)."""
    prepared = prepare_password(password)
    if len(prepared) < length:
        return _(
            "The new password needs at least {length} characters. Three or four words you remember well are a good one."
        )
    if len(prepared) > LONGEST_PASSWORD:
        return _("The new password is too long.")
    plain = fold_name(prepared).replace(" ", "")
    if plain in COMMON or len(set(plain)) < 4:
        return _("Many people use this password, so it is guessed at once. Please choose another.")
    key = login_key(login)
    if len(key) >= 4 and key in plain:
        return _("The new password must not contain your log-in.")
    return None
