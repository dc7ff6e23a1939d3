"""Codes by mail: the way in for its reader, nothing for anybody else, and every trouble a mail server makes."""

import time
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.credentials import is_code_good, keep_hash
from directory.models import Credential, MailAddress
from foundation.audit import AuditRow
from foundation.changes import small_change
from foundation.outbox import OutboxJob
from foundation.runtime import Runtime
from foundation.shell import Actor
from foundation.web import build_app
from provisioning.mail.codes import DOOR, ask_for_codes
from sso.app import build_router
from sso.factors.help_requests import ask_for_help
from tests.provisioning.mail.conftest import CODE, GLASS, PROOF, Call, jobs, set_mail, state_of, waiting, work
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.services.smtp import MailServer, start
from tests.sso.flow import form_of
from tests.sso.people import PASSWORD_HASH, official

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


def test_a_mailed_code_opens_the_account(mailing: Runtime, server: MailServer, call: Call, clock: MovableClock) -> None:
    hoa = waiting(mailing)
    record(mailing, call, clock)
    ask(mailing, call)
    assert work(mailing) >= 1
    code = sent_code(server)
    browser = Inside.of(build_app(mailing, [build_router(mailing)]))
    new = "mưa rơi trên mái tôn"
    form = {"login": "hoa.lt", "code": code, "new_password": new, "new_password_again": new}
    assert browser.post("/activate", data={**form_of(browser.get("/activate")), **form}).status_code == 303
    assert state_of(mailing, hoa.account_id) == "active"


def test_the_mail_names_neither_log_in_nor_person_nor_unit(
    mailing: Runtime, server: MailServer, call: Call, clock: MovableClock
) -> None:
    waiting(mailing)
    record(mailing, call, clock)
    ask(mailing, call)
    work(mailing)
    message = server.taken[0]
    assert message["To"] == OUTSIDE
    assert message["Auto-Submitted"] == "auto-generated"
    assert not CODE.search(str(message["Subject"]))
    parts = [message.get_body((kind,)) for kind in ("plain", "html")]
    for part in parts:
        assert part is not None
        text = part.get_content()
        assert sent_code(server) in text
        assert "/activate" in text
        for secret in ("hoa.lt", "Lê Thị Hoa", "An Bình", "H61.12"):
            assert secret not in text
            assert secret not in str(message["Subject"])


def test_the_code_stands_nowhere_but_in_the_mail(
    mailing: Runtime, server: MailServer, call: Call, clock: MovableClock, caplog: pytest.LogCaptureFixture
) -> None:
    waiting(mailing)
    record(mailing, call, clock)
    ask(mailing, call)
    with mailing.database.read() as reads:
        before = [repr(tuple(row)) for row in reads.execute(sa.select(OutboxJob.__table__))]
    work(mailing)
    code = sent_code(server)
    with mailing.database.read() as reads:
        kept = [repr(tuple(row)) for table in (OutboxJob, AuditRow, Credential)
                for row in reads.execute(sa.select(table.__table__))]  # fmt: skip
    for text in (*before, *kept, caplog.text):
        assert code not in text
        assert code.replace(" ", "") not in text
        assert OUTSIDE not in text


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


def test_nothing_goes_to_an_address_that_is_fresh_inside_or_official(
    mailing: Runtime, server: MailServer, call: Call, clock: MovableClock
) -> None:
    hoa = waiting(mailing)
    for address in ("hoa@vinhlong.gov.vn", "hoa@anbinh.vinhlong.gov.vn", "hoa", "hoa@gmail.com\nBcc: a@b.vn"):
        assert call(mailing, GLASS, "account", "contact", "hoa.lt", address, *PROOF).code == 65
    assert call(mailing, GLASS, "account", "contact", "hoa.lt", OUTSIDE, *PROOF).code == 0
    told = call(mailing, GLASS, "account", "mail-codes", "--unit", "H61.12", "--output", "csv")
    assert "less than 72 hours" in told.out
    assert "0 get a mail" in told.talk
    clock.advance(hours=73)
    with mailing.database.write() as writes:
        change = small_change(writes, "test", "test", clock.now)
        writes.add(
            MailAddress(person_id=hoa.person_id, address=OUTSIDE, address_key=OUTSIDE, valid_from=clock.now,
                        change_id=change.id)
        )  # fmt: skip
    told = call(mailing, GLASS, "account", "mail-codes", "--unit", "H61.12", "--output", "csv")
    assert "official address" in told.out
    assert jobs(mailing) == []


def test_a_changed_address_rests_again_also_between_asking_and_sending(
    mailing: Runtime, server: MailServer, call: Call, clock: MovableClock
) -> None:
    waiting(mailing)
    record(mailing, call, clock)
    ask(mailing, call)
    assert call(mailing, GLASS, "account", "contact", "hoa.lt", "thief@gmail.com", *PROOF).code == 0
    work(mailing)
    assert server.taken == []
    assert jobs(mailing)[0].state == "parked"


def test_who_came_in_meanwhile_gets_no_mail(
    mailing: Runtime, server: MailServer, call: Call, clock: MovableClock
) -> None:
    hoa = waiting(mailing)
    record(mailing, call, clock)
    ask(mailing, call)
    with mailing.database.write() as writes:
        keep_hash(writes, hoa.account_id, PASSWORD_HASH, clock.now)
    work(mailing)
    assert (jobs(mailing)[0].state, server.taken) == ("done", [])


@pytest.mark.parametrize("duties", ["leader", "hr", "approver", "operator"])
def test_who_leads_or_acts_upon_others_gets_a_letter(
    mailing: Runtime, server: MailServer, call: Call, clock: MovableClock, duties: str
) -> None:
    waiting(mailing, duties=duties)
    record(mailing, call, clock)
    told = call(mailing, GLASS, "account", "mail-codes", "--unit", "H61.12", "--output", "csv")
    assert "leads, approves or acts upon others" in told.out
    assert call(mailing, GLASS, "account", "reset", "hoa.lt", *PROOF, "--by-mail").code == 65
    assert jobs(mailing) == []


def test_a_reset_by_mail_is_seen_by_its_reader_only(
    mailing: Runtime, server: MailServer, call: Call, clock: MovableClock
) -> None:
    hoa = official(mailing)
    record(mailing, call, clock)
    told = call(mailing, GLASS, "account", "reset", "hoa.lt", *PROOF, "--by-mail")
    assert told.code == 0, told.talk
    assert not CODE.search(told.out + told.talk)
    assert "h•••@gmail.com" in told.talk
    work(mailing)
    assert is_good(mailing, hoa.account_id, sent_code(server))


def test_without_a_mail_server_nothing_is_asked_for(runtime: Runtime, call: Call) -> None:
    waiting(runtime)
    told = call(runtime, GLASS, "account", "mail-codes", "--unit", "H61.12")
    assert told.code == 65
    assert jobs(runtime) == []


def test_somebody_without_the_right_records_and_asks_nothing(mailing: Runtime, call: Call, clock: MovableClock) -> None:
    waiting(mailing)
    lan = official(mailing, "Trần Thị Lan", "lan.tt", code="H61.13", unit="Xã Long Hồ", duties="help_desk")
    actor = Actor(str(lan.person_id), lan.person_id, "Trần Thị Lan")
    for words in (
        ("contact", "hoa.lt", OUTSIDE, *PROOF), ("contact", "hoa.lt"), ("contact", "hoa.lt", "--remove"),
        ("mail-codes", "--unit", "H61.12"), ("mails",),
    ):  # fmt: skip
        assert call(mailing, actor, "account", *words).code == 77
    with mailing.database.read() as reads:
        refused = sa.select(sa.func.count()).where(AuditRow.outcome == "refused")
        assert reads.execute(refused).scalar_one() == 5


def test_many_addresses_are_put_on_record_from_a_file(
    mailing: Runtime, call: Call, clock: MovableClock, tmp_path: Path
) -> None:
    waiting(mailing)
    file = tmp_path / "contacts.csv"
    file.write_text("login,address\nhoa.lt,Hoa.Le80@gmail.com\nnobody,a@b.vn\nhoa.lt,=cmd\n", "utf-8")
    told = call(mailing, GLASS, "account", "import-contacts", file, *PROOF)
    assert told.code == 1
    assert "1 addresses are new, 0 were on record; 1 lines name nobody, 1 hold no usable address" in told.talk
    clock.advance(hours=73)
    assert (
        "h•••@gmail.com is on record; codes may go there" in call(mailing, GLASS, "account", "contact", "hoa.lt").talk
    )
    assert call(mailing, GLASS, "account", "contact", "hoa.lt", "--remove").code == 0
    assert "No address" in call(mailing, GLASS, "account", "contact", "hoa.lt").talk


def test_a_code_by_mail_ends(mailing: Runtime, server: MailServer, call: Call, clock: MovableClock) -> None:
    hoa = waiting(mailing)
    record(mailing, call, clock)
    ask(mailing, call)
    work(mailing)
    code = sent_code(server)
    clock.advance(hours=72)
    assert not is_good(mailing, hoa.account_id, code)
    assert clock.now > mailing.clocks.wall() - timedelta(seconds=1)


def test_a_server_of_another_name_gets_nothing(
    mailing: Runtime, server: MailServer, call: Call, clock: MovableClock
) -> None:
    elsewhere = set_mail(mailing, server, authority=None)
    waiting(elsewhere)
    record(elsewhere, call, clock)
    ask(elsewhere, call)
    work(elsewhere)
    assert (jobs(elsewhere)[0].state, server.taken) == ("waiting", [])


def test_a_strangers_request_kills_no_code_that_was_handed_over(
    mailing: Runtime, server: MailServer, call: Call, clock: MovableClock
) -> None:
    """Whoever knows a log-in asked for help in its owner's name, and the letter in the owner's hand opened nothing any more."""
    hoa = waiting(mailing)
    record(mailing, call, clock)
    code = call(mailing, GLASS, "account", "reset", "hoa.lt", *PROOF).out.strip()

    def knock() -> None:
        clock.advance(hours=2)
        with mailing.database.write() as writes:
            ask_for_help(writes, hoa.account_id, "203.0.113.9", clock.now)
        work(mailing)

    knock()
    assert (server.taken, is_good(mailing, hoa.account_id, code)) == ([], True)
    clock.advance(days=8)
    knock()
    first = sent_code(server)
    knock()
    assert sent_code(server) != first  # a mail that did not arrive may be asked for again
    assert is_good(mailing, hoa.account_id, sent_code(server))


def test_a_code_handed_over_while_the_mail_waits_stays_good(
    mailing: Runtime, server: MailServer, call: Call, clock: MovableClock
) -> None:
    hoa = waiting(mailing)
    record(mailing, call, clock)
    with mailing.database.write() as writes:
        ask_for_codes(writes, [hoa.account_id], "reset", DOOR, clock.now)
    clock.advance(minutes=1)
    code = call(mailing, GLASS, "account", "reset", "hoa.lt", *PROOF).out.strip()
    work(mailing)
    assert (server.taken, is_good(mailing, hoa.account_id, code)) == ([], True)
