"""When somebody asked for help at the door: a code by mail, where an address outside was confirmed long enough ago.

Nobody is told at the door whether there is one. Who leads or acts upon others gets no code by mail; they go to a person. Nor is a
code made where one was handed over and still opens the account: a stranger who asks would make the letter in somebody's hand worthless.
"""

import uuid

from directory.models import Account
from foundation.outbox import Handlers, Job
from foundation.runtime import Runtime
from provisioning.mail.codes import DOOR, WANTED, ask_for_codes, holds_code
from provisioning.mail.contacts import find_contacts
from provisioning.mail.settings import MailSection
from provisioning.rosters.hashes_command import is_letter_only
from sso.factors.help_requests import ASKED


def mail_who_asked(runtime: Runtime, job: Job) -> None:
    """Outbox `recovery_asked`, keyed by account: ask for a mailed code, or leave it to the people who see the request."""
    policy, now, account_id = runtime.settings[MailSection], runtime.clocks.wall(), uuid.UUID(job.key)
    if not policy.enabled:
        return
    with runtime.database.write() as writes:
        account = writes.get(Account, account_id)
        if account is None or account.kind != "business" or account.state not in WANTED["reset"]:
            return
        if is_letter_only(writes, account.person_id, now) or holds_code(writes, account_id, now):
            return
        contact = find_contacts(writes, runtime.sealer, [account.person_id], policy, now)[account.person_id]
        if contact.address is not None and contact.why is None:
            ask_for_codes(writes, [account_id], "reset", DOOR, now)


HANDLERS: Handlers = {ASKED: mail_who_asked}
