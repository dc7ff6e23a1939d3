"""How sure we are who is there: the `acr` values of log-ins, weakest first, and what an application may demand.

A stronger log-in satisfies a weaker demand. `acr_values` is a wish: what cannot be reached is left unsaid (OpenID Connect
Core §5.5.1.1); an `acr` that the `claims` parameter calls essential is a condition, and its refusal has a word of its own
(OpenID Connect Core Unmet Authentication Requirements 1.0, RFC 9470 §5).
"""

from typing import Final

PASSWORD: Final = "urn:hopnhat:password"  # noqa: S105  # The name of a level, not a secret.
"""A password alone."""
TWO_FACTORS: Final = "urn:hopnhat:two-factors"
"""A password, and a code of an app or a recovery code besides."""
PASSKEY: Final = "urn:hopnhat:passkey"
"""A key of a device that its owner opened (WebAuthn with user verification): nothing that a false page could ask for."""
CERTIFICATE: Final = "urn:hopnhat:certificate"
"""The official's key device: a certificate of an authority of the state, its key in hardware behind a PIN."""
OWING: Final = "urn:hopnhat:owing"
"""No level: the password was right, and the second factor is still owed. Such a session opens nothing."""
RECOVERY: Final = "recovery"
"""The word in `amr` for a code that stands in for a lost factor."""
CARD: Final = "sc"
"""The word in `amr` (RFC 8176) for a key device."""
UPSTREAM: Final = "upstream"
"""The word in `amr` for somebody another provider vouched for; RFC 8176 has none."""
LEVELS: Final = (PASSWORD, TWO_FACTORS, PASSKEY, CERTIFICATE)
"""Every level a log-in can have, the weakest first."""


def is_by_certificate(amr: str) -> bool:
    """Whether a key device opened what has these methods; its level may be another since, a factor more was proved."""
    return CARD in amr.split()


def reaches(acr: str | None, wanted: tuple[str, ...]) -> bool:
    """Whether a log-in of this level satisfies one of those wanted; wanting nothing is satisfied by anything."""
    if not wanted or acr in wanted:
        return True
    if acr not in LEVELS:
        return False
    return any(level in LEVELS and LEVELS.index(level) <= LEVELS.index(acr) for level in wanted)
