"""Every section a settings file may have, room by room."""

from directory.settings import AccountsSection, LdapSettings
from foundation.settings import Section
from foundation.web_section import WebSection
from provisioning.mail.settings import MailSection
from provisioning.merger.settings import MergerSection
from provisioning.people.settings import PeopleSection
from provisioning.settings import HelpDeskSection, ServeSection, WorkerSection
from signing.settings import SigningSection, VerificationSection
from sso.certificates.settings import ClientCertificateSection
from sso.settings import SsoSection
from sso.upstream.settings import UpstreamSection

SECTIONS: tuple[type[Section], ...] = (
    ServeSection,
    WorkerSection,
    HelpDeskSection,
    MailSection,
    MergerSection,
    PeopleSection,
    WebSection,
    AccountsSection,
    LdapSettings,
    SsoSection,
    ClientCertificateSection,
    UpstreamSection,
    SigningSection,
    VerificationSection,
)
