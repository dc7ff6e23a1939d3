"""Every job the worker does, room by room."""

import directory.printing.jobs
import provisioning.merger.jobs
import signing.jobs
from foundation.outbox import Handlers

HANDLERS: Handlers = {
    **directory.printing.jobs.HANDLERS,
    **signing.jobs.HANDLERS,
    **provisioning.merger.jobs.HANDLERS,
}
