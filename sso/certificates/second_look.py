"""What a key device opened is looked at again, every `list_minutes`: a list may name its certificate since.

The register learns of revocations that are imported; a list that is only fetched, or laid into a folder, teaches it nothing. So the worker
judges by the lists of the moment every certificate that has something open, by the path it came in with, and ends what a revoked one
opened. Where nothing can be found out, nothing ends: who is in was found good when they came.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509

from directory.certificates import KnownCertificate, find_certificate
from foundation.database import Writes
from foundation.outbox import Handlers, Job
from foundation.runtime import Runtime
from sso.certificates.ending import end_by
from sso.certificates.errors import CertificateRefused, CertificateRevoked
from sso.certificates.judgement import Judge
from sso.certificates.keeping import read_between
from sso.certificates.lists import Lists
from sso.certificates.openings import find_kept, find_living
from sso.certificates.responders import Responders
from sso.certificates.settings import ClientCertificateSection
from sso.fetching import Fetcher
from sso.policy import load_policy
from sso.rounds import plan_round
from sso.settings import SsoSection

LOOK: Final = "sso.certificates.look"
log = logging.getLogger("hopnhat.certificates")


def plan_look(writes: Writes, runtime: Runtime) -> None:
    """See to it that the worker looks when the next round span begins; nothing where nobody comes in with a certificate."""
    section = runtime.settings[ClientCertificateSection]
    if section.enabled:
        plan_round(writes, LOOK, runtime.clocks.wall(), timedelta(minutes=section.list_minutes))


def look_again(runtime: Runtime, _job: Job) -> None:
    """The worker's job: see the module. The next one is planned first, whatever becomes of this."""
    section = runtime.settings[ClientCertificateSection]
    with runtime.database.write() as writes:
        plan_look(writes, runtime)
    if section.enabled:
        fetcher = Fetcher(load_policy(runtime.settings[SsoSection]).section)
        # Our own authority's revocations are the register's at once.
        judge = Judge(section, Lists(section, fetcher, None), Responders(section, fetcher), None)
        for known in find_open(runtime):
            end_if_revoked(runtime, judge, known)


def find_open(runtime: Runtime) -> list[KnownCertificate]:
    """The certificates that have something open and are good as far as the register knows."""
    with runtime.database.read() as reads:
        found = [find_certificate(reads, sha256) for sha256 in find_living(reads, runtime.clocks.wall())]
    return [known for known in found if known is not None and known.revoked_at is None]


def end_if_revoked(runtime: Runtime, judge: Judge, known: KnownCertificate) -> None:
    """End what it opened, if it is revoked by now. Waits for the network before the transaction."""
    now = runtime.clocks.wall()
    with runtime.database.read() as reads:
        paths = find_kept(reads, known.sha256, now)
    try:
        for kept in paths:
            check_path(judge, known, kept, now)
    except CertificateRevoked as error:
        log.info("revoked since it opened a session: %s, %s", known.sha256, error)
        with runtime.database.write() as writes:
            end_by(writes, known, "certificate on a list", now)


def check_path(judge: Judge, known: KnownCertificate, kept: bytes | None, now: datetime) -> None:
    """Let pass a certificate by one of the paths it came in with; also where nothing can be found out. Raises CertificateRevoked."""
    try:
        judge.check_again(x509.load_der_x509_certificate(known.der), now, read_between(kept))
    except CertificateRevoked:
        raise
    except (CertificateRefused, ValueError) as error:
        log.info("could not be judged again: %s, %s", known.sha256, error)


HANDLERS: Final[Handlers] = {LOOK: look_again}
