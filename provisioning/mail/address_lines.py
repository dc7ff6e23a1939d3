"""The operation `person.address`: somebody's new official address on one line of a plan, and how it is written.

```
{"op": "person.address", "person": uuid, "name", "login", "unit": uuid, "address": new, "from": [old], "by": the template, "source",
 "ended": [rows of the own address], "gone": [own rows that would only have begun], "aliases": [rows of old ones without an end], "until"}
```
"""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from directory.logins import login_key
from directory.models import MailAddress
from foundation.clocks import as_rfc3339, parse_instant
from provisioning.merger.batches import Batch

OP: Final = "person.address"
PROPOSE: Final = "propose_certificates"


def change_address(batch: Batch, line: Mapping[str, Any]) -> None:
    """The new address begins; the old one becomes an old one until its date, as do those that had no end."""
    person_id, until = uuid.UUID(line["person"]), parse_instant(line["until"])
    batch.withdraw(MailAddress, [*line["ended"], *line["gone"], *line["aliases"]])
    batch.end(MailAddress, line["ended"])
    batch.end(MailAddress, line["aliases"], until)
    for address, kind, ends in [(line["address"], "own", None), *((old, "alias", until) for old in line["from"])]:
        batch.add(
            MailAddress, person_id=person_id, address=address, address_key=login_key(address), kind=kind, verified=False,
            valid_from=batch.effective, valid_to=ends,
        )  # fmt: skip
    batch.add_job("print_person", line["person"])
    payload = {"units": [line["unit"]], "instant": as_rfc3339(batch.effective), "change": batch.change_id}
    batch.add_job(PROPOSE, line["unit"], payload)
