"""From a proposal to a certificate in the register."""

from cryptography import x509

from directory.certificates import certificates_of_people
from foundation.changes import AsOf
from foundation.runtime import Runtime
from signing.authority.embedded import EmbeddedAuthority
from signing.requests.issuing import issue_for
from tests.signing.world import Merged, Token


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
