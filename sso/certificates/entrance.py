"""`/login/certificate`: coming in with the official's key device.

What is checked, in this order: 1 the header came from a trusted proxy and holds one certificate; 2 the register knows it as a
person's, and their account is active; 3 a path to a trusted authority, within its time, its key for signatures; 4 no list and no
row of the register has it revoked; 5 the account is still active while the session is opened. Whatever is wrong, the person reads one
sentence; the audit has the word for it.

No guess is counted against the account, and none keeps its owner out: there is nothing to guess.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from cryptography import x509
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from foundation import audit
from foundation.database import Writes
from foundation.forms import Form
from sso.certificates.errors import CertificateRefused, CertificateStrange, HolderRefused
from sso.certificates.holders import Holder, find_holder
from sso.certificates.judgement import Judge
from sso.certificates.keeping import write_between
from sso.certificates.lists import Lists, OwnAuthority
from sso.certificates.openings import note_opening
from sso.certificates.presented import read_chain, read_presented
from sso.certificates.responders import Responders
from sso.certificates.settings import ClientCertificateSection
from sso.door.admission import Entered, let_in, lock_state, settle, start_session
from sso.door.candidates import name_subject
from sso.door.guesses import open_account
from sso.door.sources import check_source, weigh_failure
from sso.door.way_back import WayBack, read_way_back
from sso.factors.devices import find_device, read_device
from sso.levels import CARD, CERTIFICATE
from sso.provider import Provider
from sso.sessions import get_opened

METHODS: Final = f"{CARD} mfa"
"""RFC 8176: a smart card; its key and the PIN that opens it."""
log = logging.getLogger("hopnhat.certificates")


class CertificateDoor:
    """The door of one process."""

    def __init__(self, provider: Provider, own: OwnAuthority | None = None) -> None:
        self.provider = provider
        self.section = provider.settings[ClientCertificateSection]
        lists, responders = Lists(self.section, provider.fetcher, own), Responders(self.section, provider.fetcher)
        self.judge = Judge(self.section, lists, responders, own)

    def log_in(self, request: Request, form: Form) -> Response:
        """The posted form: on the way, or back at the log-in page with one sentence. Raises SourceShut."""
        provider = self.provider
        with provider.database.read() as reads:
            back = read_way_back(provider, reads, form)
        with provider.database.write() as writes:
            check_source(writes, provider.runtime.sealer, request.state.caller, provider.now())
        der = b""
        try:
            der = read_presented(request, self.section)
            holder = self.check(der, read_chain(request, self.section))
            entered = admit(provider, request, holder)
        except CertificateRefused as error:
            refuse(provider, request, der, error)
            return RedirectResponse(f"{provider.issuer}{back.link('/login', certificate='refused')}", 303)
        return let_in(provider, absolute(provider, back), entered)

    def check(self, der: bytes, shown: Sequence[x509.Certificate] = ()) -> Holder:
        """Whose the certificate is, everything about it checked. Raises CertificateRefused."""
        now = self.provider.now()
        with self.provider.database.read() as reads:
            holder = find_holder(reads, der, now)
        try:
            certificate = x509.load_der_x509_certificate(der)
            needed = self.judge.check(certificate, now, shown)
        except ValueError as error:
            raise CertificateStrange(why=str(error)) from error
        return replace(holder, between=write_between(needed))


def admit(provider: Provider, request: Request, holder: Holder) -> Entered:
    """The session of who came in with a key device. Raises HolderRefused when the account was suspended or the row revoked meanwhile."""
    now, account = provider.now(), holder.account
    with provider.database.write() as writes:
        if lock_state(writes, account.account_id) != "active" or not still_known(writes, holder, provider):
            raise HolderRefused(why="the account or the certificate changed meanwhile")
        cookie = start_session(provider, writes, request, account, METHODS, CERTIFICATE).cookie
        opened = get_opened(writes, cookie)
        note_opening(writes, opened, holder, provider.policy, now)
        device = find_device(writes, account.account_id, read_device(request, provider.settings), now)
        if device is None:
            open_account(writes, provider.runtime.sealer, account.account_id, now)
        subject = name_subject(provider, account.account_id, device)
        known = settle(provider, writes, request, account.account_id, subject)
        detail = {
            "by": METHODS,
            "certificate": holder.sha256,
            "caller": request.state.caller,
            "agent": request.headers.get("user-agent", "")[:80],
        }
        audit.record(writes, now, "sso.session.opened", str(account.person_id), str(account.account_id), detail)
        return Entered(account.person_id, cookie, known)


def still_known(writes: Writes, holder: Holder, provider: Provider) -> bool:
    """Whether the register still has the certificate as this account's: a revocation may have come while lists were fetched."""
    try:
        return find_holder(writes, holder.der, provider.now()).account.account_id == holder.account.account_id
    except CertificateRefused:
        return False


def refuse(provider: Provider, request: Request, der: bytes, error: CertificateRefused) -> None:
    """Write down that a certificate opened nothing, and why; the network pays for it as for a wrong password."""
    log.info("certificate refused: %s %s", error.code, error)
    now, detail = provider.now(), {"why": error.code, "caller": request.state.caller}
    with provider.database.write() as writes:
        weigh_failure(writes, provider.runtime.sealer, request.state.caller, provider.policy, now)
        audit.record(writes, now, "sso.certificate.refused", "somebody", name_certificate(der), detail, "refused")


def name_certificate(der: bytes) -> str:
    """What the audit calls a certificate: its SHA-256, nothing where there was none."""
    return hashlib.sha256(der).hexdigest() if der else ""


def absolute(provider: Provider, back: WayBack) -> WayBack:
    """The same way with the service's own origin: certificates may be asked for at another port."""
    return replace(back, address=provider.issuer + back.address)
