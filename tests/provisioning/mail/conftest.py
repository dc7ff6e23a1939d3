"""A mail server in a process of its own, a runtime that hands its mail there, and officials with addresses outside."""

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from directory.models import Account
from foundation.handling import drain
from foundation.outbox import OutboxJob
from foundation.runtime import Runtime
from foundation.settings import build_settings
from foundation.shell import Actor
from provisioning.account_command import account_group
from provisioning.jobs import HANDLERS
from provisioning.sections import SECTIONS
from tests.provisioning.commands import Answer, build_caller
from tests.services.smtp import USER, MailServer, mail_server
from tests.sso.people import Official, official

GLASS = Actor("break-glass:test", None, "test", "test")
PROOF = ("--proof", "đơn có chữ ký, lưu tại phòng nội vụ")
CODE = re.compile(r"(?:[2-9A-HJ-NP-Z]{4} ){3}[2-9A-HJ-NP-Z]{4}")
Call = Callable[..., Answer]


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    """One server for the session."""
    with mail_server(tmp_path_factory.mktemp("mail")) as server:
        yield server


@pytest.fixture
def server(shared_server: MailServer) -> Iterator[MailServer]:
    """The server without messages and without trouble."""
    for file in shared_server.folder.glob("*.eml"):
        file.unlink()
    shared_server.be()
    yield shared_server
    shared_server.be()


@pytest.fixture
def mailing(runtime: Runtime, server: MailServer) -> Runtime:
    """The product with a mail server over STARTTLS and a log-in."""
    return set_mail(runtime, server)


def set_mail(runtime: Runtime, server: MailServer, **changed: object) -> Runtime:
    """The same product with other settings of mail."""
    mail = {
        "host": "127.0.0.1", "port": server.port, "sender": "khong-tra-loi@vinhlong.gov.vn", "user": USER,
        "password_file": str(server.folder / "password"), "authority": str(server.folder / "authority.pem"),
        "own_domains": ["vinhlong.gov.vn"], "timeout_seconds": 2.0, **changed,
    }  # fmt: skip
    core = {"database": runtime.settings.database, "data": str(runtime.settings.data), "title": "UBND tỉnh Vĩnh Long"}
    return replace(runtime, settings=build_settings({**core, "mail": mail}, SECTIONS))


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """`hopnhat account …` in English."""
    monkeypatch.setenv("HOPNHAT_LANG", "en")
    return build_caller({"account": account_group}, {}, capsys)


def waiting(
    runtime: Runtime,
    name: str = "Lê Thị Hoa",
    login: str = "hoa.lt",
    duties: str = "",
    unit: str = "Xã An Bình",
    code: str = "H61.12",
) -> Official:
    """An official whose account nobody can open yet."""
    return official(runtime, name, login, unit=unit, code=code, state="issued", with_password=False, duties=duties)


def work(runtime: Runtime) -> int:
    """Everything the worker has to do now."""
    return drain(runtime, HANDLERS)


def jobs(runtime: Runtime) -> list[OutboxJob]:
    """The mail jobs."""
    with runtime.database.read() as reads:
        return [job for job in reads.query(OutboxJob).order_by(OutboxJob.id) if job.kind == "mail_code"]


def state_of(runtime: Runtime, account: uuid.UUID) -> str:
    """The state of an account."""
    with runtime.database.read() as reads:
        return reads.get_one(Account, account).state
