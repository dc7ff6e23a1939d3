"""Every trouble a mail server makes: what passes is tried again, what stays is shown, and only the newest code works."""

import time

import pytest

from directory.models import Credential
from foundation.runtime import Runtime
from tests.provisioning.mail.asking import OUTSIDE, ask, is_good, record, sent_code
from tests.provisioning.mail.conftest import GLASS, Call, jobs, set_mail, waiting, work
from tests.services.clock import MovableClock
from tests.services.smtp import MailServer, start


@pytest.mark.parametrize(
    "trouble",
    [
        {"RCPT": {"say": "451 4.7.1 hoa.le80@gmail.com greylisted"}},
        {"MAIL": {"say": "421 4.3.2 shutting down"}},
        {"DATA": {"say": "452 4.3.1 no room"}},
        {"END": {"say": "451 4.3.0 try later"}},
        {"GREETING": {"say": "421 busy", "cut": True}},
        {"RCPT": {"cut": True}},
        {"RCPT": {"wait": 3}},
        {"AUTH": {"say": "535 5.7.8 no"}},
        {"no_starttls": True},
    ],
    ids=[
        "greylisted",
        "closing",
        "no room",
        "refused at the end",
        "busy",
        "cut",
        "slow",
        "log-in",
        "stripped of STARTTLS",
    ],
)
def test_trouble_that_passes_is_tried_again_and_the_newest_code_works(
    mailing: Runtime, server: MailServer, call: Call, clock: MovableClock, trouble: dict[str, object]
) -> None:
    hoa = waiting(mailing)
    record(mailing, call, clock)
    ask(mailing, call)
    server.be(**trouble)
    begun = time.monotonic()
    work(mailing)
    assert time.monotonic() - begun < 4.5
    assert (jobs(mailing)[0].state, server.taken) == ("waiting", [])
    assert OUTSIDE not in str(jobs(mailing)[0].last_error)
    with mailing.database.read() as reads:
        credential = reads.get(Credential, hoa.account_id)
        assert credential is None or credential.code_hash is None
    for _try in range(15):  # tries of this kind are not counted: a day is a day
        clock.advance(minutes=11)
        if _try < 14 and not trouble.get("RCPT", {}):
            work(mailing)
    server.be()
    clock.advance(minutes=11)
    work(mailing)
    assert jobs(mailing)[0].state == "done"
    assert is_good(mailing, hoa.account_id, sent_code(server))


def test_a_server_that_is_gone_delays_and_comes_back(
    mailing: Runtime, server: MailServer, call: Call, clock: MovableClock
) -> None:
    people = [waiting(mailing), waiting(mailing, "Trần Thị Lan", "lan.tt", code="H61.13", unit="Xã Long Hồ")]
    record(mailing, call, clock)
    record(mailing, call, clock, "lan.tt", "lan@yahoo.com")
    server.stop()
    for unit in ("H61.12", "H61.13"):
        assert call(mailing, GLASS, "account", "mail-codes", "--unit", unit).code == 0
    work(mailing)
    assert [job.state for job in jobs(mailing)] == ["waiting", "waiting"]
    assert all(job.due > mailing.clocks.wall() for job in jobs(mailing))
    server.process = start(server.folder, server.port).process
    clock.advance(minutes=2)
    work(mailing)
    assert len(server.taken) == len(people)


def test_a_server_that_stays_away_is_given_up_and_shown(
    mailing: Runtime, server: MailServer, call: Call, clock: MovableClock
) -> None:
    waiting(mailing)
    record(mailing, call, clock)
    ask(mailing, call)
    server.be(RCPT={"say": "451 4.7.1 later"})
    work(mailing)
    clock.advance(hours=48, minutes=11)
    work(mailing)
    shown = call(mailing, GLASS, "account", "mails")
    assert shown.code == 1
    assert "Lê Thị Hoa" in shown.out
    assert "451 4.7.1" in shown.out
    assert OUTSIDE not in shown.out + shown.talk


@pytest.mark.parametrize("verb", ["RCPT", "END"])
def test_a_refusal_for_good_is_parked_at_once_and_leaves_no_code(
    mailing: Runtime, server: MailServer, call: Call, clock: MovableClock, verb: str
) -> None:
    hoa = waiting(mailing)
    record(mailing, call, clock)
    ask(mailing, call)
    server.be(**{verb: {"say": "550 5.1.1 <hoa.le80@gmail.com> nobody here"}})
    work(mailing)
    job = jobs(mailing)[0]
    assert (job.state, job.attempts) == ("parked", 1)
    assert "550 5.1.1" in str(job.last_error)
    assert OUTSIDE not in str(job.last_error)
    with mailing.database.read() as reads:
        credential = reads.get(Credential, hoa.account_id)
        assert credential is None or credential.code_hash is None


def test_an_answer_that_never_came_back_makes_a_second_mail_and_only_the_newest_code_works(
    mailing: Runtime, server: MailServer, call: Call, clock: MovableClock
) -> None:
    hoa = waiting(mailing)
    record(mailing, call, clock)
    ask(mailing, call)
    server.be(END={"cut": True})
    work(mailing)
    server.be()
    clock.advance(minutes=2)
    work(mailing)
    assert len(server.taken) == 2
    assert not is_good(mailing, hoa.account_id, sent_code(server, 0))
    assert is_good(mailing, hoa.account_id, sent_code(server, 1))


def test_a_server_of_another_name_gets_nothing(
    mailing: Runtime, server: MailServer, call: Call, clock: MovableClock
) -> None:
    elsewhere = set_mail(mailing, server, authority=None)
    waiting(elsewhere)
    record(elsewhere, call, clock)
    ask(elsewhere, call)
    work(elsewhere)
    assert (jobs(elsewhere)[0].state, server.taken) == ("waiting", [])
