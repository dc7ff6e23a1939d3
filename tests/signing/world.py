"""Factories with words for traits: units, officials and certificates of a register before and after a merger."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.x509.oid import NameOID

from directory.certificates import KnownCertificate, publish_certificate
from directory.credentials import hash_password, keep_hash
from directory.models import (
    Account,
    Login,
    MailAddress,
    Person,
    PersonDetail,
    Post,
    Unit,
    UnitCode,
    UnitEvent,
    UnitEventLink,
    UnitVersion,
)
from directory.names import fold_name
from foundation.changes import small_change
from foundation.clocks import parse_instant
from foundation.database import Writes
from foundation.runtime import Runtime
from signing.jobs import propose_for_units
from signing.requests.approval import Approver, approve
from signing.requests.dossiers import digest_dossier, find_requests, get_dossier
from signing.requests.sending import send_dossier

BEGINNING = parse_instant("2020-01-01")
MERGER = parse_instant("2025-07-01")
FRESH = timedelta(minutes=5)
PASSWORD = "bốn con bò vàng"
PASSWORD_HASH = hash_password(PASSWORD)


@dataclass
class Token:
    """A key device as the story's software tokens are: the key stays inside, a signing request comes out."""

    key: CertificateIssuerPrivateKeyTypes = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make_csr(self, name: str = "anybody", extensions: Sequence[x509.ExtensionType] = ()) -> bytes:
        """A signing request, PEM; the name is whatever the program wrote there."""
        builder = x509.CertificateSigningRequestBuilder().subject_name(
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


class World:
    """Writes into the register as one would say it."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime

    def unit(
        self,
        name: str,
        parent: uuid.UUID | None = None,
        level: str = "commune",
        since: datetime = BEGINNING,
        until: datetime | None = None,
        code: str | None = None,
        **facts: str,
    ) -> uuid.UUID:
        """A unit in force from `since` to `until`."""
        unit_id = uuid.uuid4()
        with self.runtime.database.write() as writes:
            change = small_change(writes, "test", "test", since)
            writes.add(Unit(id=unit_id, level=level, change_id=change.id))
            writes.flush()
            writes.add(
                UnitVersion(
                    unit_id=unit_id,
                    name=name,
                    name_key=fold_name(name),
                    parent_id=parent,
                    valid_from=since,
                    valid_to=until,
                    change_id=change.id,
                    **facts,
                )
            )
            if code:
                writes.add(
                    UnitCode(
                        unit_id=unit_id,
                        scheme="agency",
                        level=level,
                        code=code,
                        valid_from=since,
                        valid_to=until,
                        change_id=change.id,
                    )
                )
        return unit_id

    def again(self, unit_id: uuid.UUID, name: str, parent: uuid.UUID, since: datetime) -> None:
        """The same unit from an instant on, under another name or superior."""
        with self.runtime.database.write() as writes:
            change = small_change(writes, "test", "test", since)
            version = UnitVersion(
                unit_id=unit_id,
                name=name,
                name_key=fold_name(name),
                parent_id=parent,
                valid_from=since,
                change_id=change.id,
            )
            writes.add(version)

    def merge(
        self, into: uuid.UUID, *origins: uuid.UUID, instant: datetime = MERGER, kind: str = "merge_into_new"
    ) -> uuid.UUID:
        """The event by which units became another one; the units themselves are written apart."""
        event_id = uuid.uuid4()
        with self.runtime.database.write() as writes:
            change = small_change(writes, "test", "test", instant)
            writes.add(
                UnitEvent(
                    id=event_id,
                    kind=kind,
                    instant=instant,
                    decision_number="1687/NQ-UBTVQH15",
                    decision_issuer="UBTVQH",
                    change_id=change.id,
                )
            )
            for origin in origins:
                writes.add(
                    UnitEventLink(
                        event_id=event_id,
                        predecessor_id=origin,
                        successor_id=into,
                        share="whole",
                        principal=True,
                        change_id=change.id,
                    )
                )
                writes.flush()
        return event_id

    def official(
        self,
        name: str,
        *places: tuple[uuid.UUID, datetime, datetime | None],
        duties: str = "",
        email: str | None = None,
        title: str = "Công chức",
        login: str | None = None,
    ) -> uuid.UUID:
        """A person with one main post after the other."""
        person_id = uuid.uuid4()
        with self.runtime.database.write() as writes:
            change = small_change(writes, "test", "test", BEGINNING)
            writes.add(Person(id=person_id, change_id=change.id))
            writes.flush()
            writes.add(
                PersonDetail(
                    person_id=person_id, name=name, name_key=fold_name(name), valid_from=BEGINNING, change_id=change.id
                )
            )
            if login:
                account_id = uuid.uuid4()
                writes.add(
                    Account(id=account_id, person_id=person_id, kind="business", state="active", change_id=change.id)
                )
                writes.flush()
                writes.add(
                    Login(
                        account_id=account_id, login=login, login_key=login, valid_from=BEGINNING, change_id=change.id
                    )
                )
                keep_hash(writes, account_id, PASSWORD_HASH, BEGINNING)
            for unit_id, since, until in places:
                writes.add(
                    Post(
                        post_id=uuid.uuid4(),
                        person_id=person_id,
                        unit_id=unit_id,
                        title=title,
                        duties=duties,
                        main=True,
                        valid_from=since,
                        valid_to=until,
                        change_id=change.id,
                    )
                )
                writes.flush()
            if email:
                writes.add(
                    MailAddress(
                        person_id=person_id, address=email, address_key=email, valid_from=BEGINNING, change_id=change.id
                    )
                )
        return person_id

    def old_certificate(
        self, *, person_id: uuid.UUID | None = None, unit_id: uuid.UUID | None = None, until: datetime | None = None
    ) -> KnownCertificate:
        """A certificate of another authority from before the merger, in the register."""
        der = make_foreign_certificate(str(person_id or unit_id), parse_instant("2024-01-01"), until)
        with self.runtime.database.write() as writes:
            change = small_change(writes, "test", "test", parse_instant("2024-01-01"))
            return publish_certificate(writes, change, der, person_id=person_id, unit_id=unit_id)

    def propose(self, *units: uuid.UUID, instant: datetime = MERGER) -> list[int]:
        """The dossiers of these units after what happened at the instant."""
        return propose_for_units(self.runtime, units, instant, f"test:{uuid.uuid4()}")

    def digest(self, dossier_id: int) -> str:
        """What an approver reads today."""
        with self.runtime.database.read() as reads:
            return digest_dossier(get_dossier(reads, dossier_id), find_requests(reads, dossier_id))

    def approve(self, dossier_id: int, person_id: uuid.UUID, writes: Writes) -> None:
        """As the pages do, right after a log-in."""
        now = self.runtime.clocks.wall()
        approve(writes, dossier_id, self.digest(dossier_id), Approver(person_id, now, FRESH), now)

    def approve_and_send(self, dossier_id: int, person_id: uuid.UUID) -> None:
        """From draft to the authority."""
        from signing.authority.embedded import open_authority

        with self.runtime.database.write() as writes:
            self.approve(dossier_id, person_id, writes)
        with self.runtime.database.write() as writes:
            send_dossier(writes, open_authority(self.runtime), dossier_id, str(person_id), self.runtime.clocks.wall())


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
            "Lê Thị Hoa",
            (self.one, BEGINNING, MERGER),
            (self.new, MERGER, None),
            duties="leader",
            title="Chủ tịch",
            login="hoa.lt",
        )
        self.deputy = world.official(
            "Trần Văn Nam",
            (self.other, BEGINNING, MERGER),
            (self.new, MERGER, None),
            duties="deputy",
            title="Phó Chủ tịch",
            login="nam.tv",
        )
        self.official = world.official(
            "Nguyễn Văn An",
            (self.other, BEGINNING, MERGER),
            (self.new, MERGER, None),
            email="an.nv@vinhlong.gov.vn",
            login="an.nv",
        )
        self.old = world.old_certificate(person_id=self.official)
        self.old_seals = [world.old_certificate(unit_id=unit) for unit in (self.one, self.other)]

    def propose(self) -> int:
        """The staff's dossier."""
        return max(self.world.propose(self.new), key=lambda dossier: self.world.digest(dossier) and self.size(dossier))

    def size(self, dossier: int) -> int:
        with self.world.runtime.database.read() as reads:
            return len(find_requests(reads, dossier))

    def request_of(self, dossier: int, person: object) -> int:
        with self.world.runtime.database.read() as reads:
            return next(row.id for row in find_requests(reads, dossier) if person in (row.person_id, row.unit_id))


OLD_KEY = ec.generate_private_key(ec.SECP256R1())
"""The key of the authority of before; one for the whole run, so that its certificates and its lists belong together."""


def make_foreign_certificate(name: str, since: datetime, until: datetime | None = None) -> bytes:
    """A certificate of the authority of before."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of old")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until or since + timedelta(days=1800))
        .sign(OLD_KEY, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.DER)


def fingerprint(der: bytes) -> str:
    """SHA-256 of a certificate, hexadecimal."""
    return hashlib.sha256(der).hexdigest()
