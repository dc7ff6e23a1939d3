"""The whole way of a document: the installation's own authority, the register's word, lists fetched from named hosts."""

from datetime import timedelta

import httpx

from directory.certificates import publish_certificate
from foundation.changes import small_change
from foundation.runtime import Runtime
from signing.authority.embedded import EmbeddedAuthority
from signing.verification.fetching import Fetcher
from signing.verification.findings import Reason, Verdict
from signing.verification.installations import build_verifier
from signing.verification.report import as_json
from signing.verification.sandbox import Sandbox
from signing.verification.trust import Trust
from signing.verification.verifier import Question, Verifier
from tests.signing.verification.conftest import paper
from tests.signing.world import BEGINNING, MERGER, World
from tests.vectors.authorities import Holder, House, issue
from tests.vectors.build import SIGNED
from tests.vectors.papers import blank_paper, sign


def test_a_paper_signed_with_a_certificate_of_this_house_is_valid_without_further_ado(
    runtime: Runtime, world: World, authority: EmbeddedAuthority, house: House, shared_sandbox: Sandbox
) -> None:
    now = runtime.clocks.wall()
    issuing = Holder(authority.keys.issuing, authority.keys.issuing_key)
    holder = issue("Nguyễn Văn An", issuing, start=now - timedelta(days=1), end=now + timedelta(days=30))
    unit = world.unit("Xã An Bình", code="H61.101")
    person = world.official("Nguyễn Văn An", (unit, BEGINNING, None), duties="leader", title="Chủ tịch")
    with runtime.database.write() as writes:
        publish_certificate(writes, small_change(writes, "test", "test", now), holder.der, person_id=person)
    report = build_verifier(runtime, shared_sandbox).verify(Question(sign(blank_paper(), house, holder, now), "a.pdf"))
    assert report.verdict is Verdict.VALID
    assert report.summary.show("en") == "The document is valid: signed by Nguyễn Văn An, Chủ tịch of UBND xã An Bình."
    signature = as_json(report, "en")["signatures"][0]
    assert signature["signer"]["person"] == str(person)
    assert signature["signer"]["unit"] == "H61.101"
    assert signature["authority"] == {
        "verdict": "held",
        "post": "Chủ tịch",
        "unit_at_signing": "H61.101",
        "unit_today": ["H61.101"],
    }


def test_a_paper_of_an_old_unit_names_the_unit_of_today(
    runtime: Runtime, world: World, house: House, shared_sandbox: Sandbox
) -> None:
    old = world.unit("Xã Mỹ Long", until=MERGER, code="H61.7")
    new = world.unit("Xã An Bình", since=MERGER, code="H61.101")
    world.merge(new, old)
    person = world.official("Nguyễn Văn An", (old, BEGINNING, MERGER), duties="deputy", title="Phó Chủ tịch")
    with runtime.database.write() as writes:
        publish_certificate(writes, small_change(writes, "t", "t", BEGINNING), house.leader.der, person_id=person)
    verifier = build_verifier(runtime, shared_sandbox)
    report = verifier.verify(Question(paper("lt"), "a.pdf", at=SIGNED, trust=Trust((house.root.der,))))
    signature = as_json(report, "en")["signatures"][0]
    assert signature["authority"]["verdict"] == "held"
    assert signature["authority"]["unit_at_signing"] == "H61.7"
    assert signature["authority"]["unit_today"] == ["H61.101"]
    assert signature["steps"][11]["detail"] == (
        "The signer was Phó Chủ tịch of UBND xã Mỹ Long. "
        "UBND xã Mỹ Long was merged into UBND xã An Bình (H61.101) on 1 July 2025."
    )


def test_a_missing_list_is_fetched_from_a_named_host_and_the_paper_judged_again(
    house: House, shared_sandbox: Sandbox
) -> None:
    root_list, issuing_list = house.lists(SIGNED)
    web = httpx.MockTransport(lambda _request: httpx.Response(200, content=issuing_list))
    verifier = Verifier(
        shared_sandbox,
        now=lambda: SIGNED + timedelta(days=1),
        trust=lambda: Trust((house.root.der,), (), (root_list,)),
        fetcher=Fetcher(frozenset({"lists.example.vn"}), transport=web),
    )
    assert verifier.verify(Question(paper("b"), "b.pdf")).verdict is Verdict.VALID
    offline = verifier.verify(Question(paper("b"), "b.pdf", may_fetch=False))
    assert (offline.verdict, offline.findings.reason) == (Verdict.UNDETERMINED, Reason.TRY_LATER)
