"""Every table of the house on one metadata: importing this module is enough to know them all."""

import sqlalchemy as sa

import directory.departures
import directory.joins
import directory.models
import foundation.audit
import foundation.changes
import foundation.outbox
import foundation.plans
import provisioning.mail.models
import provisioning.people.models
import provisioning.rosters.models
import signing.models
import sso.factors.models
import sso.models
import sso.upstream.models
from foundation.database import Base

ROOMS = (
    directory.models,
    directory.joins,
    directory.departures,
    foundation.audit,
    foundation.changes,
    foundation.outbox,
    foundation.plans,
    provisioning.mail.models,
    provisioning.people.models,
    provisioning.rosters.models,
    signing.models,
    sso.factors.models,
    sso.models,
    sso.upstream.models,
)


def all_tables() -> sa.MetaData:
    """The metadata of all rooms."""
    return Base.metadata
