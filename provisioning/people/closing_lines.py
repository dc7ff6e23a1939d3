"""The operation `person.close` of a plan: the account of somebody who left is closed for good, by a job that looks once more.

`{"op": "person.close", "person": uuid, "name": text, "login": text, "unit": uuid of the unit they left last, "by": why they left}`
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from provisioning.merger.batches import Batch

CLOSE: Final = "person.close"
CLOSE_ACCOUNT: Final = "close_account"


def close_account(batch: "Batch", line: Mapping[str, Any]) -> None:
    """The job."""
    batch.add_job(CLOSE_ACCOUNT, f"{batch.change_id}:{line['n']}", {"person": line["person"]})
