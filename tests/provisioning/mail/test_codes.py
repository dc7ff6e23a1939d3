"""Codes by mail: the way in for its reader, and nothing for anybody else."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.credentials import keep_hash
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
from tests.provisioning.mail.asking import OUTSIDE, ask, is_good, record, sent_code
from tests.provisioning.mail.conftest import CODE, GLASS, PROOF, Call, jobs, state_of, waiting, work
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.services.smtp import MailServer
from tests.sso.flow import form_of
from tests.sso.people import PASSWORD_HASH, official


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
