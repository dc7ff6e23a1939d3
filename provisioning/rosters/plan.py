"""The operation `person.load`: everything a roster says of one human, on one line of a plan, and how it is written.

```
{"op": "person.load", "person": uuid, "name": "Lê Thị Hoa", "login": "hoa.lt", "unit": uuid of the main post, "source": "a.xlsx, Sheet1: 7",
 "detail": {"name", "number_sealed", "number_index" (hex), "staff_code", "birth_date" (ISO), "phone"},
 "account": {"id": uuid, "kind": "business"},
 "logins": [{"login", "kind": "own" | "alias"}], "mails": [{"address", "kind"}],
 "posts": [{"id": uuid, "unit": uuid, "title", "body", "duties" (space-separated), "main"}],
 "hash_sealed": text, "hash_until": instant}
```
A human whom the register knows already has no `detail` and no `account`: only posts are added. Personal numbers and hashes are sealed,
so the file may be shown; identities are minted when the plan is made, so two runs write the same rows.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from directory.logins import login_key
from directory.models import Account, Credential, Login, MailAddress, Person, PersonDetail, Post
from directory.names import fold_name
from foundation.clocks import parse_instant
from provisioning.merger.batches import Batch

LOAD: Final = "person.load"
PRINT_PERSON: Final = "print_person"


def load_person(batch: Batch, line: Mapping[str, Any]) -> None:
    """Gather the rows of one human; everything begins at the plan's instant."""
    person_id = line["person"]
    if "detail" in line:
        begin_person(batch, person_id, line["detail"])
        begin_account(batch, person_id, line)
    for post in line["posts"]:
        batch.add(
            Post,
            post_id=post["id"],
            person_id=person_id,
            unit_id=post["unit"],
            title=post["title"],
            body=post["body"],
            duties=post["duties"],
            main=post["main"],
            valid_from=batch.effective,
        )
    batch.add_job(PRINT_PERSON, line["person"])


def begin_person(batch: Batch, person_id: str, detail: Mapping[str, Any]) -> None:
    """The identity and what is known of the human."""
    index = detail["number_index"]
    born = detail["birth_date"]
    batch.add(Person, id=person_id)
    batch.add(
        PersonDetail,
        person_id=person_id,
        name=detail["name"],
        name_key=fold_name(detail["name"]),
        number_sealed=detail["number_sealed"],
        number_index=bytes.fromhex(index) if index else None,
        staff_code=detail["staff_code"],
        birth_date=date.fromisoformat(born) if born else None,
        phone=detail["phone"],
        valid_from=batch.effective,
    )


def begin_account(batch: Batch, person_id: str, line: Mapping[str, Any]) -> None:
    """The account with its log-ins and addresses, and the sealed hash of the old password if one came."""
    account_id = line["account"]["id"]
    batch.add(
        Account, id=account_id, person_id=person_id, kind=line["account"]["kind"], state="issued", state_since=batch.now
    )
    for login in line["logins"]:
        batch.add(
            Login,
            account_id=account_id,
            login=login["login"],
            login_key=login_key(login["login"]),
            kind=login["kind"],
            origin_id=line["unit"] if login["kind"] == "alias" else None,
            valid_from=batch.effective,
        )
    for mail in line["mails"]:
        batch.add(
            MailAddress,
            person_id=person_id,
            address=mail["address"],
            address_key=login_key(mail["address"]),
            kind=mail["kind"],
            valid_from=batch.effective,
        )
    if "hash_sealed" in line:
        until = line.get("hash_until")
        batch.add(
            Credential,
            account_id=account_id,
            imported_hash=line["hash_sealed"],
            imported_until=parse_instant(until) if until else None,
        )
