"""After the merger: the same person under the new unit, the directory, letters, certificates, signed papers, the report."""

import json
import subprocess
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pypdf import PdfReader

from trial.documents import Letter, SigningKey, draw_letter, sign_letter
from trial.offices import bare_name
from trial.old_authority import make_authority
from trial.posts import kind_of_commune
from trial.scenes.before import NEW_PASSWORD, get, search, wait_for_the_printing
from trial.teller import Story
from trial.visitor import Visitor

BEFORE = datetime(2025, 5, 15, 2, 30, tzinfo=UTC)


def meet_the_same_official(story: Story) -> None:
    """The old log-in, the same `sub`, the new unit; the page says it first."""
    newcomer = story.trial.known["newcomer"]
    with Visitor() as visitor:
        visitor.open(f"{story.stage.documents}/login")
        visitor.log_in(newcomer.login.upper(), NEW_PASSWORD)
        story.check("the same sub", visitor.page.data.get("sub"), story.remembered["sub"])
        unit = get(story, f"/api/units/{story.setting.casting.commune}")
        story.check("under the new unit", visitor.page.data.get("unit-id"), unit["id"])
        story.check("the first screen says what the unit was before", newcomer.unit_name in visitor.page.text)
        visitor.open(f"{story.stage.documents}/documents")
        shown = visitor.page.data
        story.check("old documents: without a duty that reads them one is told who does",
                    (shown.get("count"), shown.get("closed") != "0"), ("0", True))  # fmt: skip
    read_old_documents(story)
    both = ("namesake_ben_tre", "namesake_tra_vinh")
    for key in (key for key in both if key in story.trial.known):
        known = story.trial.known[key]
        with Visitor() as visitor:
            visitor.open(f"{story.stage.documents}/login")
            visitor.log_in(known.login, known.password)
            story.check(
                f"two people were “{known.login}”; the password let {known.name} in", known.name in visitor.page.text
            )


def read_old_documents(story: Story) -> None:
    """Old documents follow their units to posts with a duty: the register says to which, and the document system asks it."""
    clerk = story.trial.known["commune_clerk"]
    story.hopnhat("unit", "heirs", clerk.unit_agency)
    with Visitor() as visitor:
        visitor.open(f"{story.stage.documents}/login")
        visitor.log_in(clerk.login, clerk.password)
        visitor.open(f"{story.stage.documents}/documents")
        olds = [share.old.name for share in story.setting.made_of]
        story.check(f"old documents: the clerk of {story.setting.commune.name} reads those of {', '.join(olds)}",
                    [name for name in olds if f"{name} mã " in visitor.page.text], olds)  # fmt: skip


def look_at_the_directory(story: Story) -> None:
    """What a mail system sees now."""
    wait_for_the_printing(story)
    if story.ask("directory", "drift") != 0:  # the small merger's instant passed in between
        wait_for_the_printing(story)
        story.hopnhat("directory", "drift", show=False)
    found = search(story, "(hopnhatPersonId=%s)", str(story.remembered["sub"]))
    story.check("the same entry, by the same name", len(found), 1)
    entry = found[0][1]
    unit = get(story, f"/api/units/{story.setting.casting.commune}")
    codes = {code.decode() for code in entry["hopnhatUnitCode"]}
    story.check("ldapsearch: the new unit's code", str(unit["code"]) in codes)
    former = {code.decode() for code in entry.get("hopnhatFormerUnitCode", [])}
    story.check("ldapsearch: the old unit's code is kept as former", story.remembered["unit-before"] in former | codes)


def print_letters(story: Story) -> None:
    """Letters of one former district, for those who brought no password."""
    target = story.stage.folder / "letters" / "district.pdf"
    story.hopnhat("account", "letters", "--unit", story.setting.casting.district, "--at", "2025-06-30", "--out", target)
    pages = len(PdfReader(target).pages)
    sizes = {tuple(round(float(side)) for side in page.mediabox[2:]) for page in PdfReader(target).pages}
    story.check(f"letters of the former district: {pages} pages, A4", sizes, {(595, 842)})


def issue_certificates(story: Story) -> None:
    """The merger proposed them; the head approves the unit's, somebody above the head's own; software tokens bring keys."""
    chair, clerk, above = (story.trial.known[key] for key in ("commune_chair", "commune_clerk", "signer"))
    dossiers = wait_for_dossiers(story)
    story.hopnhat("dossier", "list", "--unit", story.setting.casting.commune)
    unit = max(dossiers, key=lambda one: one["requests"])
    own = next(one for one in dossiers if chair.name in one["about"])
    approve_dossier(story, unit["dossier"], chair.login, chair.password)
    story.check(f"{chair.name} approved {unit['requests']} requests after a fresh log-in", state_of(story, unit), True)
    approve_dossier(story, own["dossier"], chair.login, chair.password)
    story.check("nobody approves what is about themselves", state_of(story, own), False)
    approve_dossier(story, own["dossier"], above.login, above.password)
    story.check(f"the head's own was approved by {above.name}, above", state_of(story, own), True)
    certificate, _key = bring_key(story, clerk.login, clerk.password)
    check_with_openssl(story, certificate)
    wait_until_printed(story, clerk.login, certificate)
    certificate, key = bring_key(story, chair.login, chair.password)
    story.remembered["chair"] = SigningKey(key, certificate, tuple(read_chain(story)))


def wait_for_dossiers(story: Story) -> list[dict[str, Any]]:
    """The drafts the merger's own job composed for one commune."""
    for _ in range(300 * story.setting.patience):
        printed = story.hopnhat(
            "dossier", "list", "--unit", story.setting.casting.commune, "--output", "json", quiet=True
        )
        found: list[dict[str, Any]] = json.loads(printed)
        if found:
            return found
        time.sleep(story.setting.pause)
    story.check("the merger proposed certificates for the commune", False)
    return []


def state_of(story: Story, dossier: dict[str, Any]) -> bool:
    """Whether a dossier was approved, as the command line tells."""
    printed = story.hopnhat("dossier", "list", "--unit", story.setting.casting.commune, "--output", "json", quiet=True)
    return any(one["dossier"] == dossier["dossier"] and one["approved_at"] for one in json.loads(printed))


def approve_dossier(story: Story, number: int, login: str, password: str) -> None:
    """Open a dossier, log in afresh, approve what stands there, if the page lets one."""
    with Visitor() as visitor:
        visitor.open(f"{story.stage.issuer}/signing/dossiers/{number}/approve")
        for _ in range(2):
            if any("password" in form.values for form in visitor.page.forms):
                visitor.log_in(login, password)
        if any("approve" in form.buttons for form in visitor.page.forms):
            visitor.submit({}, having="approve", button="approve")


def bring_key(story: Story, login: str, password: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """A key made on the subject's side; only its signing request leaves it."""
    key = ec.generate_private_key(ec.SECP256R1())
    csr = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    with Visitor() as visitor:
        visitor.open(f"{story.stage.issuer}/signing/certificate")
        visitor.log_in(login, password)
        for _ in range(100):
            waiting = visitor.http.get(f"{story.stage.issuer}/signing/requests").json()
            if waiting:
                break
            time.sleep(0.1)
        story.check(f"{login}: an approved request waits for a key", len(waiting) >= 1)
        answer = visitor.http.post(
            f"{story.stage.issuer}/signing/requests/{waiting[0]['request']}/csr",
            content=csr.public_bytes(serialization.Encoding.PEM),
            headers={"Content-Type": "application/pkcs10"},
        )
    story.check(f"{login}: the embedded authority issued from the signing request", answer.status_code, 201)
    certificates = x509.load_pem_x509_certificates(answer.content)
    (story.stage.folder / "authority.pem").write_bytes(
        b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates[1:])
    )
    return certificates[0], key


def read_chain(story: Story) -> list[x509.Certificate]:
    """The certificates above, the issuer first."""
    return x509.load_pem_x509_certificates((story.stage.folder / "authority.pem").read_bytes())


def check_with_openssl(story: Story, certificate: x509.Certificate) -> None:
    """Another program's word: openssl verifies the chain."""
    folder = story.stage.folder
    leaf = folder / "certificate.pem"
    leaf.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    said = subprocess.run(
        ["openssl", "verify", "-CAfile", str(folder / "authority.pem"), str(leaf)],
        capture_output=True,
        text=True,
        check=False,
    )
    story.check("openssl verify: the certificate stands on the authority", said.returncode, 0)


def wait_until_printed(story: Story, login: str, certificate: x509.Certificate) -> None:
    """The certificate reaches LDAP through the outbox."""
    der = certificate.public_bytes(serialization.Encoding.DER)
    for _ in range(150):
        found = search(story, "(uid=%s)", login, attributes=["userCertificate;binary"])
        if any(der in entry.get("userCertificate;binary", []) for _dn, entry in found):
            break
        time.sleep(0.1)
    else:
        story.check("ldapsearch: the certificate is in the directory", False)
        return
    story.check("ldapsearch: the certificate is in the directory", True)


def import_the_past(story: Story) -> None:
    """Certificates of the old authority, as HR brings them: those of a former province's leader and agency."""
    authority = make_authority()
    folder = story.stage.folder / "past"
    folder.mkdir(exist_ok=True)
    signer = story.trial.known["signer"]
    office = f"UBND {story.setting.former.name[0].lower()}{story.setting.former.name[1:]}"
    leader = authority.issue(signer.name, office, 1001)
    agency = authority.issue(office, office, 1002)
    for name, one in (("leader", leader), ("agency", agency)):
        (folder / f"{name}.pem").write_bytes(one.certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "root.pem").write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
    story.hopnhat("certificate", "import", folder / "leader.pem", "--person", signer.login)
    story.hopnhat("certificate", "import", folder / "agency.pem", "--unit", story.setting.former.code)
    story.remembered["past"] = (authority, leader, agency)


def verify_papers(story: Story) -> None:
    """A paper signed in a former province's name and one signed after the merger: both judged, here and by the document system."""
    folder = story.stage.folder / "papers"
    folder.mkdir(exist_ok=True)
    old, new = folder / "truoc-2025-05-15.pdf", folder / "hom-nay.pdf"
    old.write_bytes(sign_in_the_name_of_before(story))
    new.write_bytes(sign_today(story))
    past = story.stage.folder / "past" / "root.pem"
    printed = story.hopnhat("verify", old, "--trust", past, "--at", "2025-06-01", "--no-network", "--json", show=False)
    report = json.loads(printed)
    first = report["signatures"][0]
    story.check("before the merger: valid", report["verdict"], "valid")
    story.check("the signer held that post then", first["authority"]["verdict"], "held")
    story.check("and the report says what the unit has become", first["authority"]["unit_today"] != [])
    story.hopnhat("verify", old, "--trust", past, "--at", "2025-06-01", "--no-network")
    after = json.loads(story.hopnhat("verify", new, "--json", "--no-network", show=False))
    story.check("after the merger: valid", after["verdict"], "valid")
    story.check("the signer holds that post now", after["signatures"][0]["authority"]["verdict"], "held")
    damaged = folder / "damaged.pdf"
    damaged.write_bytes(new.read_bytes().replace(b"/Title", b"/Tytle", 1))
    story.hopnhat("verify", damaged, "--no-network", "--json", expect=1, show=False)
    clerk = story.trial.known["commune_clerk"]
    with Visitor() as visitor:
        visitor.open(f"{story.stage.documents}/login")
        visitor.log_in(clerk.login, clerk.password)
        visitor.open(f"{story.stage.documents}/verify")
        visitor.submit({}, having="file", files={"file": (new.name, new.read_bytes())})
        story.check("the document system shows the verdict", visitor.page.data.get("verdict"), "valid")


def sign_in_the_name_of_before(story: Story) -> bytes:
    """The leader signs, then the agency, as Decree 30/2020 has it; revocation lists of the day inside."""
    authority, leader, agency = story.remembered["past"]
    signer = story.trial.known["signer"]
    letter = Letter(
        superior="", agency=f"UBND {story.setting.former.name.upper()}", number="118/UBND-NC",
        place=bare_name(story.setting.former.name), at=BEFORE,
        subject="V/v chuẩn bị sắp xếp đơn vị hành chính", paragraphs=("Kính gửi các sở, ban, ngành tỉnh.",),
        signer_title=signer.title, signer_name=signer.name,
    )  # fmt: skip
    crl = authority.list_revoked(BEFORE - timedelta(days=1))
    signed = sign_letter(draw_letter(letter), leader, BEFORE)
    return sign_letter(signed, agency, BEFORE + timedelta(minutes=20), field="Signature2", crls=[crl])


def sign_today(story: Story) -> bytes:
    """A letter of the new commune, signed with the certificate that was just issued; the authority's lists inside."""
    signing: SigningKey = story.remembered["chair"]
    now = datetime.now(UTC)
    chair = story.trial.known["commune_chair"]
    letter = Letter(
        superior=f"UBND {story.setting.after.name.upper()}", agency=f"UBND {story.setting.commune.name.upper()}",
        number="7/UBND-VP", place=story.setting.town, at=now,
        subject="V/v tiếp nhận hồ sơ của các đơn vị trước sắp xếp", paragraphs=("Kính gửi các cơ quan liên quan.",),
        signer_title=f"Chủ tịch UBND {kind_of_commune(story.setting.commune.name)}", signer_name=chair.name,
    )  # fmt: skip
    return sign_letter(
        draw_letter(letter), signing, now, crls=[fetch_list(address) for address in list_addresses(signing)]
    )


def list_addresses(signing: SigningKey) -> list[str]:
    """Where the certificates of a chain say their revocation lists are."""
    addresses = []
    for certificate in (signing.certificate, *signing.chain):
        try:
            points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        except x509.ExtensionNotFound:
            continue
        addresses += [name.value for point in points for name in point.full_name or ()]
    return list(dict.fromkeys(addresses))


def fetch_list(address: str) -> x509.CertificateRevocationList:
    """A revocation list as anybody gets it."""
    answer = httpx.get(address, timeout=10, trust_env=False)
    answer.raise_for_status()
    return x509.load_der_x509_crl(answer.content)


def report_the_state(story: Story) -> None:
    """The figures, and the sealed record of everything that was done."""
    story.hopnhat("merger", "report")
    story.hopnhat("audit", "verify")
