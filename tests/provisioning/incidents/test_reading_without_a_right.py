"""Anybody who could start the command read everybody: names, posts, numbers of possible doubles, and the whole audit."""

import json
import uuid
from datetime import date
from typing import Any

import pytest

from foundation.shell import Actor
from provisioning.account_command import account_group
from provisioning.audit_command import audit_group
from provisioning.people.command import person_group
from tests.provisioning.commands import build_caller
from tests.provisioning.people.conftest import Call, Office

BORN = date(1980, 3, 4)
NOBODY = Actor("os:somebody")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setenv("HOPNHAT_LANG", "en")
    return build_caller({"person": person_group, "account": account_group, "audit": audit_group}, {}, capsys)


@pytest.fixture
def two(office: Office) -> tuple[uuid.UUID, uuid.UUID]:
    """One human written down in two communes."""
    here = office.record("Trần Thị Đào", "x1", "dao.tt", born=BORN, phone="0912345678", number="086080000001")
    there = office.record("Trần Thị Đào", "x2", "dao.x2", born=BORN, phone="0912345678")
    return here, there


READING = (
    ("person", "find", "Đào"),
    ("person", "show", "dao.tt"),
    ("person", "show", "dao.tt", "--why"),
    ("person", "match"),
    ("person", "match", "--search"),
    ("person", "unused", "--days", "1"),
    ("person", "closing"),
    ("audit", "list"),
    ("audit", "export"),
    ("account", "list", "dao.tt"),
)


def test_by_nobody_reads_nothing(office: Office, two: object, call: Call) -> None:
    for words in READING:
        answer = call(office.runtime, NOBODY, *words)
        assert (answer.code, answer.out) == (77, ""), words


def test_of_another_commune_is_refused_and_left_out(
    office: Office, two: tuple[uuid.UUID, uuid.UUID], commune_hr: Actor, hr: Actor, call: Call
) -> None:
    def told(actor: Actor, *words: str) -> list[dict[str, Any]]:
        return list(json.loads(call(office.runtime, actor, *words, "--output", "json").out))

    clerk = office.actor("dao.tt")
    assert call(office.runtime, hr, "person", "match", "--search").code == 1
    assert [one["person"] for one in told(commune_hr, "person", "find", "Đào")] == [str(two[0])]
    assert len(told(hr, "person", "find", "Đào")) == 2
    assert told(clerk, "person", "find", "Đào") == [*told(commune_hr, "person", "find", "Đào")]  # themselves
    for verb in (("person", "show"), ("account", "list")):
        assert call(office.runtime, commune_hr, *verb, "dao.x2").code == 77
    assert call(office.runtime, commune_hr, "person", "show", "dao.tt").code == 0
    assert call(office.runtime, clerk, "person", "show", "dao.tt").code == 0
    (case,) = told(hr, "person", "match")
    assert told(commune_hr, "person", "match") == []
    refused = call(office.runtime, commune_hr, "person", "match", str(case["case"]))
    assert (refused.code, refused.out) == (77, "")
    words = ("account", "suspend", "--reason", "thử")
    assert call(office.runtime, hr, *words, "dao.tt").code == call(office.runtime, hr, *words, "dao.x2").code == 0
    subjects = {row["subject"] for row in told(commune_hr, "audit", "list", "--event", "provisioning.account")}
    assert subjects == {str(two[0])}
    assert call(office.runtime, commune_hr, "audit", "export").code == 77
    assert call(office.runtime, hr, "audit", "export").code == 77  # of one province, not of everything


def test_a_case_is_answered_for_one_of_its_two_only(
    office: Office, two: tuple[uuid.UUID, uuid.UUID], hr: Actor, call: Call
) -> None:
    """`--survivor` named somebody else altogether: a third record took over the accounts of the first."""
    third = office.record("Võ Văn Ba", "x1", "ba.vv")
    call(office.runtime, hr, "person", "match", "--search")
    (case,) = json.loads(call(office.runtime, hr, "person", "match", "--output", "json").out)
    words = ("person", "match", str(case["case"]), "--same", "--survivor")
    assert call(office.runtime, hr, *words, str(third)).code == 64
    assert office.survivor(two[1]) == two[1]
    assert call(office.runtime, hr, *words, "dao.x2").code == 0
    assert office.survivor(two[0]) == two[1]
