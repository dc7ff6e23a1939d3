"""Every job the worker does, room by room."""

import directory.printing.jobs
import provisioning.mail.codes
import provisioning.mail.recovery
import provisioning.merger.jobs
import provisioning.people.jobs
import signing.jobs
import sso.certificates.ending
import sso.certificates.second_look
import sso.locks.carrying
import sso.logouts
import sso.sweeping
from foundation.outbox import Handlers

SLOW = frozenset(
    {"propose_certificates", "look_at_newcomers", provisioning.mail.codes.MAIL_CODE, sso.certificates.second_look.LOOK}
)
"""Kinds that wait for all others."""

HANDLERS: Handlers = {
    **directory.printing.jobs.HANDLERS,
    **signing.jobs.HANDLERS,
    **provisioning.merger.jobs.HANDLERS,
    **provisioning.mail.codes.HANDLERS,
    **provisioning.mail.recovery.HANDLERS,
    **provisioning.people.jobs.HANDLERS,
    **sso.certificates.ending.HANDLERS,
    **sso.certificates.second_look.HANDLERS,
    **sso.locks.carrying.HANDLERS,
    **sso.logouts.HANDLERS,
    **sso.sweeping.HANDLERS,
}
