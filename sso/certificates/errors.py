"""Why a certificate opens nothing.

CertificateRefused            the log has the reason; the person reads one sentence for all of them
├── HeaderUntrusted           the header came from somebody who is no trusted proxy
├── ProxyUnproven             it came from the proxy's address, and nothing shows that it is the proxy
├── NothingPresented          the browser showed no certificate
├── CertificateStrange        what was handed on is no certificate, or more than one
├── ChainRefused              no path to an authority we trust, or not within its time
├── CertificateRevoked        revoked, by a list or in the register
├── RevocationUnknown         no list that is in force says anything: that is never "valid"
└── HolderRefused             not in the register as a person's, or the account is not active
"""


class CertificateRefused(Exception):
    """A certificate that does not open the door; `code` for the audit, `why` for the log."""

    code = "refused"

    def __init__(self, why: str = "") -> None:
        super().__init__(why)


class HeaderUntrusted(CertificateRefused):
    """The header came from somebody who is no trusted proxy."""

    code = "untrusted_header"


class ProxyUnproven(CertificateRefused):
    """The header came from the proxy's address, where any program may write it."""

    code = "unproven_proxy"


class NothingPresented(CertificateRefused):
    """No certificate."""

    code = "none"


class CertificateStrange(CertificateRefused):
    """Not readable, or more than one."""

    code = "strange"


class ChainRefused(CertificateRefused):
    """No path to an authority we trust."""

    code = "chain"


class CertificateRevoked(CertificateRefused):
    """Revoked."""

    code = "revoked"


class RevocationUnknown(CertificateRefused):
    """Could not be found out."""

    code = "revocation_unknown"


class HolderRefused(CertificateRefused):
    """Nobody's in the register, or of somebody who may not come in."""

    code = "holder"
