"""Settings of coming in with a key device."""

from pathlib import Path
from typing import ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from foundation.complaints import complain
from foundation.i18n import _
from foundation.settings import Section

PATH: Final = "/login/certificate"


class ClientCertificateSection(Section):
    """Coming in with the official's key device, whose certificate a proxy hands on; off without `header`."""

    name: ClassVar[str] = "client_certificate"
    header: str = Field(default="", pattern=r"^[A-Za-z0-9-]*$")
    """Header in which the proxy hands the certificate on: Client-Cert as RFC 9440 has it, or one that nginx fills with
    $ssl_client_escaped_cert. It must drop this header from what comes from outside, and prove itself: by `socket` under [serve] or
    by `proxy_secret`."""
    proxy_by_address: bool = False
    """Whether an address of `trusted_proxies` is proof enough. Whoever can open a connection to the service from there, such as any user of
    one machine, then logs in as everybody whose certificate they have: only where nobody but the proxy can."""
    address: str = Field(default="", pattern=r"^(https?://[^/?#]+)?$")
    """Where the proxy asks browsers for a certificate, such as https://sso.tinh.gov.vn:8443; the service's own address by default."""
    authorities: tuple[Path, ...] = ()
    """PEM files of the authorities whose certificates open the door: roots, and those between them and the people's certificates."""
    own_authority: bool = False
    """Whether certificates of this installation's own authority open the door, too."""
    lists: tuple[Path, ...] = ()
    """Revocation lists (DER or PEM), files or folders of them, kept fresh by somebody else."""
    fetch_lists: bool = True
    """Whether lists are fetched from where the certificates say; their hosts must stand in `fetch_hosts` under [sso]."""
    list_minutes: int = Field(default=60, ge=1, le=24 * 60)
    """A fetched list is fetched anew after so long, or when its own time is over; so often the worker looks again at what is open."""

    ocsp: Literal["off", "beside", "required"] = "beside"
    """Whether responders are asked (OCSP): not at all; beside the lists, and one that is away is made up for by a list in force; or always,
    and then nothing opens without an answer for the person's own certificate. Their hosts must stand in `fetch_hosts` under [sso]."""
    chain_header: str = Field(default="", pattern=r"^[A-Za-z0-9-]*$")
    """Header in which the proxy hands on the authorities between, as the browser showed them (RFC 9440 §2.3: Client-Cert-Chain); they only
    help to find the path to `authorities`. The proxy must drop it from what comes from outside, too."""

    @property
    def enabled(self) -> bool:
        """Whether anybody comes in with a certificate."""
        return bool(self.header)

    @model_validator(mode="after")
    def check_trust(self) -> Self:
        """Refuse a door without anybody to vouch, and files that are not there."""
        if self.header and not (self.authorities or self.own_authority):
            raise complain(_("authorities is missing (or own_authority)"))
        for place in (*self.authorities, *self.lists):
            if not place.exists():
                raise complain(_("{file} is not there"), file=place)
        return self
