"""Where the authority's certificates and lists are found: `/pki/…` under the issuer, as every certificate points to them."""

from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID


@dataclass(frozen=True)
class Addresses:
    """Addresses built from the service's own (RFC 5280 §4.2.1.13, §4.2.2.1)."""

    issuer: str

    def of(self, name: str) -> str:
        """The address of one published file."""
        return f"{self.issuer}/pki/{name}"

    def authority_information(self, issuer_file: str, ocsp: bool = False) -> x509.AuthorityInformationAccess:
        """Where the issuer's certificate is and, for subjects' certificates, who answers for one of them."""
        entries = [self._description(AuthorityInformationAccessOID.CA_ISSUERS, self.of(issuer_file))]
        if ocsp:
            entries.insert(0, self._description(AuthorityInformationAccessOID.OCSP, self.of("ocsp")))
        return x509.AuthorityInformationAccess(entries)

    def distribution_points(self, list_file: str) -> x509.CRLDistributionPoints:
        """Where the list is."""
        point = x509.UniformResourceIdentifier(self.of(list_file))
        return x509.CRLDistributionPoints([x509.DistributionPoint([point], None, None, None)])

    @staticmethod
    def _description(method: x509.ObjectIdentifier, address: str) -> x509.AccessDescription:
        return x509.AccessDescription(method, x509.UniformResourceIdentifier(address))
