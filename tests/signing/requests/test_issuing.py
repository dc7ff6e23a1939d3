"""From an approved request to a certificate in the register, once, for its subject, as it was approved."""

import threading
import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from cryptography import x509

from directory.certificates import certificates_of_people
from directory.models import Post, UnitVersion
from foundation.changes import AsOf, small_change, withdraw
from foundation.errors import HopnhatError, TryAgain
from foundation.runtime import Runtime
from signing.authority.embedded import EmbeddedAuthority
from signing.errors import (
    CSRRefused,
    KeyKnown,
    NotTheSubject,
    RecordChanged,
    RequestNotFound,
    SubjectChanged,
    WrongState,
)
from signing.models import CertificateRequest
from signing.requests.dossiers import find_requests
from signing.requests.issuing import issue_for
from signing.requests.sending import send_dossier
from tests.services.clock import MovableClock
from tests.signing.world import BEGINNING, MERGER, Merged, Token


@pytest.fixture
def dossier(merged: Merged) -> int:
    return merged.propose()


def test_a_proposal_becomes_a_certificate_in_the_register(
    merged: Merged, runtime: Runtime, authority: EmbeddedAuthority
) -> None:
    dossier = merged.propose()
    merged.world.approve_and_send(dossier, merged.head)
    request = merged.request_of(dossier, merged.official)
    token = Token()
    with runtime.database.write() as writes:
        issued = issue_for(writes, authority, request, merged.official, token.make_csr(), runtime.clocks.wall())
    with runtime.database.read() as reads:
        known = certificates_of_people(reads, [merged.official], AsOf(runtime.clocks.wall()))[merged.official]
    assert issued.sha256 in {certificate.sha256 for certificate in known}
    certificate = x509.load_der_x509_certificate(issued.certificate)
    assert certificate.public_key() == token.key.public_key()
    assert certificate.subject.rfc4514_string().endswith("CN=Nguyễn Văn An,O=UBND xã Mỹ Long,ST=Tỉnh Vĩnh Long,C=VN")


@pytest.fixture
def sent(merged: Merged, dossier: int) -> int:
    """The official's request, approved and with the authority."""
    merged.world.approve_and_send(dossier, merged.head)
    return merged.request_of(dossier, merged.official)


def bring(
    merged: Merged, authority: EmbeddedAuthority, request: int, person: uuid.UUID, content: bytes | None = None
) -> str:
    runtime = merged.world.runtime
    with runtime.database.write() as writes:
        return issue_for(
            writes, authority, request, person, content or Token().make_csr(), runtime.clocks.wall()
        ).sha256


def move_elsewhere(merged: Merged) -> None:
    """The official changes units after the approval."""
    with merged.world.runtime.database.write() as writes:
        change = small_change(writes, "test", "test", MERGER)
        rows = writes.execute(
            sa.select(Post).where(Post.person_id == merged.official, Post.valid_to.is_(None))
        ).scalars()
        row = next(iter(rows))
        withdraw(writes, Post, change, [row.row_id])
        writes.add(
            Post(
                post_id=row.post_id,
                person_id=merged.official,
                unit_id=merged.province,
                title="Chuyên viên",
                duties="",
                main=True,
                valid_from=row.valid_from,
                change_id=change.id,
            )
        )


def rename_unit(merged: Merged) -> None:
    """The unit gets another name after the approval."""
    with merged.world.runtime.database.write() as writes:
        writes.execute(sa.update(UnitVersion).where(UnitVersion.unit_id == merged.new).values(name="Xã Mỹ Lộc"))


def tamper(merged: Merged) -> None:
    """Somebody edits the approved content in the database."""
    with merged.world.runtime.database.write() as writes:
        rows = writes.execute(
            sa.select(CertificateRequest).where(CertificateRequest.person_id == merged.official)
        ).scalars()
        for row in rows:
            row.content = row.content | {"name": "Chủ tịch"}


SPOILT = [
    pytest.param(move_elsewhere, SubjectChanged, id="the person moved on"),
    pytest.param(rename_unit, SubjectChanged, id="the unit was renamed"),
    pytest.param(tamper, RecordChanged, id="the record was edited"),
]


@pytest.mark.parametrize(("spoil", "refusal"), SPOILT)
def test_nothing_is_issued_that_is_no_longer_what_was_approved(
    merged: Merged,
    sent: int,
    authority: EmbeddedAuthority,
    spoil: Callable[[Merged], None],
    refusal: type[HopnhatError],
) -> None:
    spoil(merged)
    with pytest.raises(refusal):
        bring(merged, authority, sent, merged.official)


def test_only_the_subject_brings_a_key_and_a_refused_one_may_be_tried_again(
    merged: Merged, sent: int, authority: EmbeddedAuthority
) -> None:
    for person in (merged.head, merged.deputy, uuid.uuid4()):
        with pytest.raises(NotTheSubject):
            bring(merged, authority, sent, person)
    with pytest.raises(CSRRefused):
        bring(merged, authority, sent, merged.official, b"nonsense")
    with pytest.raises(RequestNotFound):
        bring(merged, authority, 10**9, merged.official)
    assert bring(merged, authority, sent, merged.official)
    with pytest.raises(WrongState):
        bring(merged, authority, sent, merged.official)


def test_no_key_is_certified_twice_not_even_the_authority_s(
    merged: Merged, sent: int, authority: EmbeddedAuthority, dossier: int
) -> None:
    token = Token()
    bring(merged, authority, sent, merged.official, token.make_csr())
    second = merged.request_of(dossier, merged.deputy)
    with pytest.raises(KeyKnown):
        bring(merged, authority, second, merged.deputy, token.make_csr())
    with pytest.raises(KeyKnown):
        bring(merged, authority, second, merged.deputy, Token(authority.keys.issuing_key).make_csr())


def test_the_seal_of_the_agency_is_brought_by_who_keeps_it(
    merged: Merged, sent: int, authority: EmbeddedAuthority, dossier: int
) -> None:
    seal = merged.request_of(dossier, merged.new)
    with pytest.raises(NotTheSubject):
        bring(merged, authority, seal, merged.official)
    clerk = merged.world.official("Trần Thị Mỹ Lệ", (merged.new, MERGER, None), duties="clerk")
    assert bring(merged, authority, seal, clerk)


def test_before_the_approval_and_before_sending_nothing_is_issued(
    merged: Merged, dossier: int, authority: EmbeddedAuthority
) -> None:
    request = merged.request_of(dossier, merged.official)
    with pytest.raises(WrongState):
        bring(merged, authority, request, merged.official)
    with merged.world.runtime.database.write() as writes:
        merged.world.approve(dossier, merged.head, writes)
    with pytest.raises(WrongState):
        bring(merged, authority, request, merged.official)


def test_a_tampered_dossier_is_not_sent(merged: Merged, dossier: int, authority: EmbeddedAuthority) -> None:
    with merged.world.runtime.database.write() as writes:
        merged.world.approve(dossier, merged.head, writes)
    tamper(merged)
    with pytest.raises(RecordChanged), merged.world.runtime.database.write() as writes:
        send_dossier(writes, authority, dossier, "test", MERGER)


def test_sixty_certificates_are_issued_in_seconds(
    merged: Merged, runtime: Runtime, authority: EmbeddedAuthority, clock: MovableClock
) -> None:
    people = [
        merged.world.official(f"Nguyễn Văn {number}", (merged.one, BEGINNING, MERGER), (merged.new, MERGER, None))
        for number in range(60)
    ]
    dossier = merged.propose()
    merged.world.approve_and_send(dossier, merged.head)
    requests = {person: merged.request_of(dossier, person) for person in people}
    signing_requests = {person: Token().make_csr() for person in people}
    before = len(requests)
    for person in people:
        bring(merged, authority, requests[person], person, signing_requests[person])
    with runtime.database.read() as reads:
        done = [row for row in find_requests(reads, dossier) if row.state == "done" and row.person_id in requests]
    assert len(done) == before


def test_many_at_once_get_one_certificate(
    merged: Merged, sent: int, authority: EmbeddedAuthority, runtime: Runtime
) -> None:
    outcomes: list[str] = []

    def try_it() -> None:
        try:
            outcomes.append(bring(merged, authority, sent, merged.official))
        except (WrongState, TryAgain) as error:
            outcomes.append(error.code)

    workers = [threading.Thread(target=try_it) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(len(outcome) == 64 for outcome in outcomes) == 1
    assert len(outcomes) == 6
    with runtime.database.read() as reads:
        assert len(certificates_of_people(reads, [merged.official])[merged.official]) == 2
