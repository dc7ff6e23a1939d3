"""The edge where a signing request comes in, by page, by program or on the command line: one transaction, and what is refused is kept.

A request that no longer says what the register says can never be issued; it is closed at once, so that a new one may be proposed.
"""

from foundation.i18n import _
from foundation.refusals import recorded_refusals
from foundation.runtime import Runtime
from signing.authority.embedded import open_authority
from signing.errors import SubjectChanged
from signing.requests.dossiers import get_request, give_up
from signing.requests.freshness import Present, check_present
from signing.requests.issuing import Issued, issue_for


def bring_csr(runtime: Runtime, number: int, sender: Present, content: bytes) -> Issued:
    """The certificate for a signing request, for who logged in just now: its key will sign in their name for years.

    Raises LoginTooOld and what `issue_for` raises; each refusal leaves an audit row.
    """
    now = runtime.clocks.wall()
    try:
        with (
            recorded_refusals(runtime, "signing.certificate.issue", str(sender.person_id), f"request:{number}"),
            runtime.database.write() as writes,
        ):
            check_present(sender, runtime.settings, runtime.clocks)
            return issue_for(writes, open_authority(runtime), number, sender.person_id, content, now)
    except SubjectChanged:
        with runtime.database.write() as writes:
            give_up(writes, get_request(writes, number), _("Given up: the register says something else now."), now)
        raise
