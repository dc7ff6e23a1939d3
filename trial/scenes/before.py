"""Before the merger: a service, three provinces, their rosters, and an official who logs in under the old unit."""

import json
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
import ldap
from ldap.filter import filter_format
from pypdf import PdfReader

from directory.printing.access import build_slapd
from directory.printing.slapd import PrivateSlapd
from foundation.plans import read_plan
from provisioning.merger.approval import SPOKEN
from trial.answers import compare_answers, read_answers
from trial.teller import Administrator, Story
from trial.visitor import Visitor

ADMINISTRATORS = ("Lê Thị Thu Hoa", "Trần Văn Nam")
NEW_PASSWORD = "Mật khẩu của tôi 2026"  # noqa: S105 — shown to whoever watches the story
DOCUMENT_SYSTEM = "document-system"
PRINTING_PATIENCE = 300.0
ROSTER_DAY = "2025-01-02"
"""The day the rosters speak of: posts hold from here, half a year before the merger."""


def found_the_service(story: Story) -> None:
    """`init`, the processes (the administration is generated while they start), two activations and two log-ins at the terminal."""
    arguments = [part for name in ADMINISTRATORS for part in ("--administrator", name)]
    made = json.loads(story.hopnhat("init", *arguments, "--root", "Bộ Nội vụ (ví dụ)", "--output", "json", show=False))
    story.stage.start_service()
    story.write_administration()
    story.stage.wait_for(f"{story.stage.issuer}/health/ready")
    for number, entry in enumerate(made, start=1):
        password = f"{NEW_PASSWORD} số {number}"
        with Visitor() as visitor:
            visitor.activate(
                f"{story.stage.issuer}/activate?login={entry['login']}", entry["login"], entry["code"], password
            )
            visitor.open(f"{story.stage.issuer}/me")
            story.check(f"{entry['name']} activated with a one-time code and is in", entry["name"] in visitor.page.text)
        token = story.stage.folder / f"token-{entry['login']}.json"
        story.admins.append(Administrator(entry["name"], entry["login"], password, token))
    for administrator in story.admins:
        story.log_in_at_the_terminal(administrator)
    story.act_as(story.admins[0])


def bring_units(story: Story) -> None:
    """The old units, read back through the public API."""
    story.hopnhat("unit", "import", story.trial.folder / "units-before.csv")
    former = story.setting.former
    answer = get(story, f"/api/units/{former.code}/successors")
    heirs = answer["origins"][0]["successors"]
    claim = f"the unit API: today {former.name} ({former.code}) is its own successor"
    story.check(claim, [heir["name"] for heir in heirs], [former.name])


def check_rosters(story: Story) -> None:
    """The rosters as they first arrive: every fault told, nothing changed; what was sown is what was found."""
    folder = story.trial.folder
    printed = story.hopnhat_into(
        folder / "checked.jsonl",
        "roster", "check", *story.trial.rosters_first, "--at", ROSTER_DAY, "--output", "json", expect=1,
    )  # fmt: skip
    tally: Counter[str] = Counter()
    with printed.open(encoding="utf-8") as lines:
        reported = count_outcomes(map(json.loads, lines), tally)
        compared = compare_answers(read_answers(folder / "answers-first.jsonl"), reported, story.trial.rows)
    story.say("   ".join(f"{outcome} {count:,}" for outcome, count in sorted(tally.items())))
    story.say(
        f"sown and found {sum(compared.found.values())} · missed {len(compared.missed)} · "
        f"falsely reported {len(compared.falsely_reported)}"
    )
    story.check("the answer file the importer never saw: nothing missed", [m.kind for m in compared.missed], [])
    story.check("and nothing reported without reason", len(compared.falsely_reported), 0)
    story.check("and no row passed over", compared.unread, 0)
    story.hopnhat(
        "roster",
        "import",
        *story.trial.rosters_first,
        "--at",
        ROSTER_DAY,
        "--out",
        folder / "first.plan",
        expect=1,
        show=False,
    )
    story.check("a roster with faults leaves no plan and changes nothing", (folder / "first.plan").exists(), False)


def count_outcomes(lines: Iterable[dict[str, Any]], tally: Counter[str]) -> Iterator[dict[str, Any]]:
    """The lines as they come, the outcomes of their rows counted."""
    for line in lines:
        if line.get("row") is not None:
            tally[line["outcome"]] += 1
        yield line


def load_rosters(story: Story) -> None:
    """The mended rosters as a plan, approved by the other administrator, applied; LDAP printed."""
    plan = story.trial.folder / "rosters.plan"
    story.hopnhat("roster", "import", *story.trial.rosters, "--at", ROSTER_DAY, "--out", plan)
    approve_and_apply(story, plan)
    wait_for_the_printing(story)
    count = count_people(story)
    story.check("people in LDAP, counted by ldapsearch as cn=reader", count, story.trial.people + len(story.admins))


def wait_for_the_printing(story: Story) -> None:
    """The worker prints what the plan asked for; nobody has to."""
    began = time.monotonic()
    while time.monotonic() - began < PRINTING_PATIENCE * story.setting.patience:
        state = json.loads(story.hopnhat("directory", "status", "--output", "json", quiet=True))
        if state["waiting"] == 0:
            break
        time.sleep(story.setting.pause)
    story.hopnhat("directory", "status")


def approve_and_apply(story: Story, plan: Path) -> None:
    """The other administrator agrees to exactly this file, saying aloud what is open; its author applies it."""
    read = read_plan(plan)
    aloud = [
        word
        for what, flag in SPOKEN.items()
        if read.header.open.get(what)
        for word in (flag, str(read.header.open[what]))
    ]
    story.log_in_at_the_terminal(story.admins[1])  # whoever approves has just logged in
    story.act_as(story.admins[1])
    story.hopnhat("merger", "approve", plan, *(aloud or ["--digest", read.digest[:8]]))
    story.act_as(story.admins[0])
    story.hopnhat("merger", "apply", plan, "--digest", read.digest[:8])


def connect_document_system(story: Story) -> None:
    """Register the document system, start it in its own process, and be let in as a clerk under the old unit."""
    home = story.stage.documents
    printed = story.hopnhat(
        "client", "add", "Hệ thống văn bản", "--id", DOCUMENT_SYSTEM, "--redirect", f"{home}/login/done",
        "--after-logout", f"{home}/logged-out", "--scope", "openid", "--scope", "profile", "--scope", "email",
        "--scope", "unit", "--scope", "verify", "--scope", "units.heirs", "--home", home, "--output", "json", show=False,
    )  # fmt: skip
    answer = json.loads(printed)
    first = answer[0] if isinstance(answer, list) else answer
    story.stage.start_documents(
        {
            "DOCUMENTS_ISSUER": story.stage.issuer,
            "DOCUMENTS_CLIENT_ID": DOCUMENT_SYSTEM,
            "DOCUMENTS_CLIENT_SECRET": first["client_secret"] if "client_secret" in first else first["secret"],
            "DOCUMENTS_ADDRESS": home,
            "DOCUMENTS_DATA": str(story.stage.folder / "documents"),
            "DOCUMENTS_IMPORT": str(story.trial.folder / "old-documents.csv"),
        }
    )
    story.stage.wait_for(f"{home}/health/live")


def activate_an_official(story: Story) -> None:
    """A letter is printed; its reader types what stands in it, and is in the document system three pages later."""
    newcomer = story.trial.known["newcomer"]
    letter = story.stage.folder / "letters" / "before.pdf"
    letter.parent.mkdir(exist_ok=True)
    story.hopnhat("account", "letters", "--unit", newcomer.unit_admin, "--person", newcomer.login, "--out", letter)
    code = read_code(letter)
    with Visitor() as visitor:
        visitor.open(f"{story.stage.documents}/login")
        visitor.open(next(link for words, link in visitor.page.links.items() if "Kích hoạt" in words))
        visitor.submit(
            {"login": newcomer.login, "code": code, "new_password": NEW_PASSWORD, "new_password_again": NEW_PASSWORD},
            having="new_password",
        )
        story.check(
            "from the letter to the document system, under the old unit",
            visitor.page.data.get("unit-name"),
            newcomer.unit_name,
        )
        story.remembered["sub"] = visitor.page.data["sub"]
        story.remembered["unit-before"] = visitor.page.data["unit-code"]
    story.say(f"{newcomer.name} · {newcomer.unit_name} · sub {story.remembered['sub']}")
    wait_for_bind(story, story.remembered["sub"], NEW_PASSWORD)


def wait_for_bind(story: Story, person: str, password: str) -> None:
    """The same password opens LDAP as soon as the worker has printed it."""
    dn = f"hopnhatPersonId={person},ou=people,{base(story)}"
    for _ in range(100):
        try:
            connection = ldap.initialize(slapd(story).url)
            connection.simple_bind_s(dn, password)
            connection.unbind_s()
            break
        except (ldap.INVALID_CREDENTIALS, ldap.INAPPROPRIATE_AUTH, ldap.NO_SUCH_OBJECT):
            time.sleep(0.1)
    else:
        story.check("the same password binds to LDAP", False)
        return
    story.check("the same password binds to LDAP", True)


def read_code(letter: Path) -> str:
    """The code in a letter, as its reader sees it: four groups of four."""
    for page in PdfReader(letter).pages:
        for line in page.extract_text().splitlines():
            code = line.replace(" ", "")
            if re.fullmatch(r"[2-9A-HJ-NP-Z]{16}", code):
                return code
    raise ValueError(f"no code in {letter}")


def get(story: Story, path: str, **query: str) -> dict[str, list[dict[str, list[dict[str, object]]]]]:
    """A public answer of the service."""
    answer = httpx.get(f"{story.stage.issuer}{path}", params=query, timeout=30, trust_env=False)
    answer.raise_for_status()
    found: dict[str, list[dict[str, list[dict[str, object]]]]] = answer.json()
    return found


def slapd(story: Story) -> PrivateSlapd:
    """The private directory of this stage."""
    runtime = story.stage.open_runtime()
    try:
        return build_slapd(runtime.settings)
    finally:
        runtime.close()


def base(story: Story) -> str:
    """The suffix."""
    return str(slapd(story).reader.base)


def search(
    story: Story, pattern: str, *values: str, attributes: list[str] | None = None
) -> list[tuple[str, dict[str, list[bytes]]]]:
    """What a mail system sees: a search as cn=reader."""
    access = slapd(story).reader
    connection = ldap.initialize(access.url)
    connection.simple_bind_s(access.bind_dn, access.password)
    try:
        found = connection.search_s(
            f"ou=people,{access.base}", ldap.SCOPE_ONELEVEL, filter_format(pattern, list(values)), attributes
        )
    finally:
        connection.unbind_s()
    return list(found)


def count_people(story: Story) -> int:
    """How many people stand in LDAP."""
    return len(search(story, "(objectClass=hopnhatPerson)", attributes=["1.1"]))
