"""From a proposal to a certificate in the register."""

import pytest
from cryptography import x509

from directory.certificates import certificates_of_people
from foundation.changes import AsOf
from foundation.runtime import Runtime
from signing.authority.embedded import EmbeddedAuthority
from signing.errors import KeyKnown, NotTheSubject, SubjectChanged, WrongState
from signing.requests.dossiers import find_requests
from signing.requests.issuing import issue_for
from tests.signing.world import BEGINNING, MERGER, Token, World


class Merged:
    """Two communes became one; a head, a clerk without a certificate and an official with one of before."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.province = world.unit("Tỉnh Vĩnh Long", level="province")
        self.one = world.unit("Xã Mỹ Long", self.province, until=MERGER)
        self.other = world.unit("Xã Mỹ Hòa", self.province, until=MERGER)
        self.new = world.unit("Xã Mỹ Long", self.province, since=MERGER, code="H61.101")
        world.merge(self.new, self.one, self.other)
        self.head = world.official(
            "Lê Thị Hoa", (self.one, BEGINNING, MERGER), (self.new, MERGER, None), duties="leader", title="Chủ tịch"
        )
        self.deputy = world.official(
            "Trần Văn Nam",
            (self.other, BEGINNING, MERGER),
            (self.new, MERGER, None),
            duties="deputy",
            title="Phó Chủ tịch",
        )
        self.official = world.official(
            "Nguyễn Văn An", (self.other, BEGINNING, MERGER), (self.new, MERGER, None), email="an.nv@vinhlong.gov.vn"
        )
        self.old = world.old_certificate(person_id=self.official)

    def propose(self) -> int:
        """The staff's dossier."""
        return max(self.world.propose(self.new), key=lambda dossier: self.world.digest(dossier) and self.size(dossier))

    def size(self, dossier: int) -> int:
        with self.world.runtime.database.read() as reads:
            return len(find_requests(reads, dossier))

    def request_of(self, dossier: int, person: object) -> int:
        with self.world.runtime.database.read() as reads:
            return next(row.id for row in find_requests(reads, dossier) if person in (row.person_id, row.unit_id))


@pytest.fixture
def merged(world: World) -> Merged:
    return Merged(world)


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
