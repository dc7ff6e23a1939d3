"""A province in the week before the merger: agencies, officials, accounts in every state, certificates."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from directory.certificates import publish_certificate
from directory.credentials import issue_activation_code, keep_hash
from directory.models import Account, Credential, MailAddress, UnitCode
from foundation.changes import small_change
from foundation.runtime import Runtime
from provisioning.reports.command import report_group
from tests.directory.conftest import World
from tests.provisioning.commands import Answer, build_caller
from tests.sso.people import PASSWORD_HASH

KEY = ec.generate_private_key(ec.SECP256R1())
Call = Callable[..., Answer]


@dataclass
class Office:
    """The register of these tests; acts happen at the clock's time."""

    runtime: Runtime
    world: World
    people: dict[str, uuid.UUID] = field(default_factory=dict)

    def hire(self, name: str, unit: str, *, login: str | None = None, duties: str = "") -> uuid.UUID:
        """An official with a post and, if a log-in is given, an issued account."""
        self.people[name] = self.world.official(name, unit, login=login, duties=duties)
        return self.people[name]

    def account(self, name: str) -> uuid.UUID:
        """The id of somebody's account."""
        with self.runtime.database.read() as reads:
            return reads.execute(sa.select(Account.id).where(Account.person_id == self.people[name])).scalar_one()

    def activate(self, name: str) -> None:
        """Somebody chooses a password."""
        with self.runtime.database.write() as writes:
            keep_hash(writes, self.account(name), PASSWORD_HASH, self.runtime.clocks.wall())

    def hand_code(self, name: str, days: int = 30) -> None:
        """A code was printed for somebody."""
        with self.runtime.database.write() as writes:
            issue_activation_code(writes, self.account(name), self.runtime.clocks.wall(), timedelta(days=days))

    def bring_password(self, name: str, until: datetime | None = None) -> None:
        """An old directory's hash came with a roster."""
        with self.runtime.database.write() as writes:
            writes.merge(Credential(account_id=self.account(name), imported_hash="sealed", imported_until=until))

    def certify(
        self, name: str, organisation: str, address: str | None = None, days: int = 900, since: int = 0
    ) -> None:
        """A certificate of an official, recorded now; `since` days ago it began."""
        now = self.runtime.clocks.wall()
        der = build_certificate(name, organisation, address, now - timedelta(days=since), now + timedelta(days=days))
        with self.runtime.database.write() as writes:
            change = small_change(writes, "certificate", "test", now)
            publish_certificate(writes, change, der, person_id=self.people[name])

    def address(self, name: str, address: str) -> None:
        """An official address."""
        with self.runtime.database.write() as writes:
            change = small_change(writes, "address", "test", self.runtime.clocks.wall())
            writes.add(
                MailAddress(
                    person_id=self.people[name], address=address, address_key=address,
                    valid_from=self.runtime.clocks.wall(), change_id=change.id,
                )
            )  # fmt: skip

    def code(self, unit: str, code: str) -> None:
        """An agency code, written down now."""
        with self.runtime.database.write() as writes:
            change = small_change(writes, "code", "test", self.runtime.clocks.wall())
            writes.add(
                UnitCode(unit_id=self.world.units[unit], scheme="agency", level="commune", code=code,
                         valid_from=self.runtime.clocks.wall(), change_id=change.id)
            )  # fmt: skip


def build_certificate(name: str, organisation: str, address: str | None, begins: datetime, ends: datetime) -> bytes:
    """A self-signed certificate as the register may know one."""
    subject = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, name),
        ]
    )
    builder = x509.CertificateBuilder(subject, subject, KEY.public_key(), x509.random_serial_number(), begins, ends)
    if address:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.RFC822Name(address)]), critical=False)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.DER)


@pytest.fixture
def office(runtime: Runtime) -> Office:
    """A province with a department and two communes; ten officials in every state an account may be in."""
    made = Office(runtime, World(runtime.database))
    made.world.unit("Tỉnh Vĩnh Long", level="province", admin_2004="86")
    made.world.unit("Sở Nội vụ", level="department", parent="Tỉnh Vĩnh Long")
    made.world.unit("Phòng Tổ chức", level="division", parent="Sở Nội vụ")
    for name in ("Xã An Bình", "Xã Long Hồ"):
        made.world.unit(name, parent="Tỉnh Vĩnh Long")
    made.hire("Lê Thị Hoa", "Xã An Bình", login="hoa.lt", duties="leader hr")
    made.hire("Trần Văn Nam", "Xã An Bình", login="nam.tv", duties="deputy")
    made.hire("Đỗ Thị Đào", "Xã An Bình", login="dao.dt")
    made.hire("Phạm Quốc Ẩn", "Xã Long Hồ", login="an.pq", duties="leader")
    made.hire("Võ Minh Ưng", "Xã Long Hồ", login="ung.vm")
    made.hire("Bùi Thanh Lễ", "Phòng Tổ chức", login="le.bt")
    made.hire("Ngô Không", "Sở Nội vụ")
    made.hire("=cmd|' /C calc'!A1", "Sở Nội vụ", login="cmd")
    made.activate("Lê Thị Hoa")
    made.hand_code("Đỗ Thị Đào")
    made.bring_password("Phạm Quốc Ẩn")
    return made


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Call:
    """`hopnhat report …` in English."""
    monkeypatch.setenv("HOPNHAT_LANG", "en")
    monkeypatch.chdir(tmp_path)
    return build_caller({"report": report_group}, {}, capsys)
