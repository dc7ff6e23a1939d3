"""An address put on record, a code asked for by mail, and the code as its reader finds it."""

import uuid

from directory.credentials import is_code_good
from foundation.runtime import Runtime
from tests.provisioning.mail.conftest import CODE, GLASS, PROOF, Call
from tests.services.clock import MovableClock
from tests.services.smtp import MailServer

OUTSIDE = "hoa.le80@gmail.com"


def record(runtime: Runtime, call: Call, clock: MovableClock, login: str = "hoa.lt", address: str = OUTSIDE) -> None:
    """An address put on record long enough ago."""
    answer = call(runtime, GLASS, "account", "contact", login, address, *PROOF)
    assert answer.code == 0, answer.talk
    clock.advance(hours=73)


def ask(runtime: Runtime, call: Call) -> None:
    answer = call(runtime, GLASS, "account", "mail-codes", "--unit", "H61.12")
    assert answer.code == 0, answer.talk


def sent_code(server: MailServer, number: int = -1) -> str:
    body = server.taken[number].get_body(("plain",))
    assert body is not None
    found = CODE.search(body.get_content())
    assert found is not None
    return found[0]


def is_good(runtime: Runtime, account: uuid.UUID, code: str) -> bool:
    with runtime.database.read() as reads:
        return is_code_good(reads, account, code, runtime.clocks.wall())
