"""Dossiers: proposals of one unit put together for its head, what is asked in them, and their frozen digest.

Whoever could approve for the unit gets a dossier of their own, so that the rest never waits for it and nobody meets their own
request in what they approve.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from directory.models import Unit
from directory.units import chunked
from foundation import audit
from foundation.changes import content_text
from foundation.database import Reads, Writes
from foundation.i18n import _
from signing.errors import DossierNotFound, RequestNotFound, WrongState
from signing.models import CertificateRequest, Dossier
from signing.requests.proposals import Proposal
from signing.requests.situations import Situation
from signing.vocabulary import Subject, as_content

STAFF = "staff"
OPEN_STATES = ("draft", "approved", "sent")
OpenKey = tuple[uuid.UUID | None, uuid.UUID | None, str | None]
GIVEN_WAY = _("Given up for a newer request: the register says something else now.")


@dataclass(frozen=True)
class Composition:
    """Where a dossier comes from: what triggered it, the instant it is about, who composed it."""

    trigger: str
    instant: datetime
    composed_by: str


@dataclass(frozen=True)
class Drawn:
    """The dossier that is to be opened for a unit: about whom, with what in it."""

    situation: Situation
    about: str
    proposals: tuple[Proposal, ...]


def compose(
    writes: Writes,
    proposed: Sequence[tuple[Situation, Sequence[Proposal]]],
    composition: Composition,
    now: datetime,
) -> list[int]:
    """The dossiers of these units, as drafts; those of this trigger that stand already are left alone. Gives the new ids.

    What is asked for already is not asked again, except where a request with the authority says what is no longer so: it is closed
    and gives way to the new one.
    """
    units = [situation.unit_id for situation, _ in proposed]
    lock_units(writes, units)
    open_ones = find_open_requests(writes, [one for _, proposals in proposed for one in proposals])
    known = find_composed(writes, units, composition.trigger)
    asked: set[OpenKey] = set()
    drawn: list[Drawn] = []
    for situation, proposals in proposed:
        groups: dict[str, list[Proposal]] = {}
        for proposal in proposals:
            key = (proposal.person_id, proposal.unit_id, proposal.replaces)
            about = str(proposal.person_id) if proposal.person_id in situation.approvers else STAFF
            before = open_ones.get(key)
            if (situation.unit_id, about) in known or key in asked:
                continue
            if before is not None:
                if not is_outdated(before, proposal, situation):
                    continue
                give_up(writes, before, GIVEN_WAY, now)
            asked.add(key)
            groups.setdefault(about, []).append(proposal)
        drawn += [Drawn(situation, about, tuple(group)) for about, group in sorted(groups.items())]
    return open_dossiers(writes, drawn, composition, now)


def lock_units(writes: Writes, units: Iterable[uuid.UUID]) -> None:
    """One composer at a time for a unit: what the second one finds open, the first one has written."""
    for some in chunked(sorted(units, key=str)):
        writes.execute(sa.select(Unit.id).where(Unit.id.in_(some)).order_by(Unit.id).with_for_update())


def find_composed(reads: Reads, units: Iterable[uuid.UUID], trigger: str) -> set[tuple[uuid.UUID, str]]:
    """The dossiers of this trigger that stand already: of which of these units, and about whom."""
    found: set[tuple[uuid.UUID, str]] = set()
    for some in chunked(units):
        wanted = sa.select(Dossier.unit_id, Dossier.about).where(Dossier.unit_id.in_(some), Dossier.trigger == trigger)
        found.update((unit_id, about) for unit_id, about in reads.execute(wanted))
    return found


def find_open_requests(reads: Reads, proposals: Iterable[Proposal]) -> dict[OpenKey, CertificateRequest]:
    """The requests that have not ended about the subjects of these proposals, by subject and certificate."""
    proposed = list(proposals)
    found: dict[OpenKey, CertificateRequest] = {}
    for column, ids in (
        (CertificateRequest.person_id, {one.person_id for one in proposed if one.person_id}),
        (CertificateRequest.unit_id, {one.unit_id for one in proposed if one.unit_id}),
    ):
        for some in chunked(ids):
            wanted = sa.select(CertificateRequest).where(CertificateRequest.state.in_(OPEN_STATES), column.in_(some))
            for row in reads.execute(wanted.order_by(CertificateRequest.id)).scalars():
                found[(row.person_id, row.unit_id, row.replaces)] = row
    return found


def is_outdated(row: CertificateRequest, proposal: Proposal, situation: Situation) -> bool:
    """Whether a request with the authority, in which nobody made a choice, says something else than would be proposed now."""
    if row.state != "sent" or row.chosen_by is not None:
        return False
    return row.kind != proposal.kind or row.content != as_content(subject_of(situation, proposal))


def give_up(writes: Writes, request: CertificateRequest, why: str, now: datetime) -> None:
    """End a request with the authority that can no longer be carried out, and its dossier if it was the last. Raises WrongState."""
    move_request(writes, request, "refused", since="sent")
    request.finished_at, request.refusal = now, why
    audit.record(writes, now, "signing.request.give_up", "system", f"request:{request.id}", {"why": why})
    writes.flush()
    close_when_finished(writes, get_dossier(writes, request.dossier_id), now)


def close_when_finished(writes: Writes, dossier: Dossier, now: datetime) -> None:
    """Close a dossier whose last request has ended."""
    open_ones = sa.select(sa.func.count()).where(
        CertificateRequest.dossier_id == dossier.id, CertificateRequest.state.in_(OPEN_STATES)
    )
    if dossier.state == "sent" and writes.execute(open_ones).scalar_one() == 0:
        move_dossier(writes, dossier, "done", since="sent")
        dossier.closed_at = now
        writes.flush()


def open_dossiers(writes: Writes, drawn: Sequence[Drawn], composition: Composition, now: datetime) -> list[int]:
    """Drafts with their requests, all rows of a table at once. Gives their ids."""
    dossiers = [
        Dossier(
            unit_id=one.situation.unit_id,
            trigger=composition.trigger,
            about=one.about,
            composed_by=composition.composed_by,
            composed_at=now,
            instant=composition.instant,
        )
        for one in drawn
    ]
    writes.add_all(dossiers)
    writes.flush()
    ids = [dossier.id for dossier in dossiers]
    rows = [
        build_request(one.situation, proposal, number, composition.composed_by)
        for number, one in zip(ids, drawn, strict=True)
        for proposal in one.proposals
    ]
    if rows:
        # Whoever asks for the numbers is given many rows by one statement (SQLAlchemy, "Insert Many Values").
        writes.connection().execute(sa.insert(CertificateRequest).returning(CertificateRequest.id), rows)
    for number, one in zip(ids, drawn, strict=True):
        detail = {
            "unit": str(one.situation.unit_id),
            "requests": len(one.proposals),
            "about": one.about,
            "trigger": composition.trigger,
        }
        audit.record(writes, now, "signing.dossier.compose", composition.composed_by, f"dossier:{number}", detail)
    return ids


def build_request(situation: Situation, proposal: Proposal, dossier_id: int, requested_by: str) -> dict[str, Any]:
    """A proposal as the columns of a row, with what the certificate will say."""
    return {
        "dossier_id": dossier_id,
        "kind": proposal.kind,
        "ground": proposal.ground,
        "alternative": proposal.alternative,
        "person_id": proposal.person_id,
        "unit_id": proposal.unit_id,
        "content": as_content(subject_of(situation, proposal)),
        "replaces": proposal.replaces,
        "legal_basis": situation.legal_basis,
        "event_id": situation.event_id,
        "requested_by": requested_by,
    }


def subject_of(situation: Situation, proposal: Proposal) -> Subject:
    """Whom a proposal is about, as they are, or for who left or ended, as they were."""
    if proposal.person_id is not None:
        return situation.subjects_after.get(proposal.person_id) or situation.subjects_before[proposal.person_id]
    assert proposal.unit_id is not None
    return situation.agencies[proposal.unit_id]


def get_dossier(reads: Reads, dossier_id: int) -> Dossier:
    """The dossier. Raises DossierNotFound."""
    dossier = reads.get(Dossier, dossier_id)
    if dossier is None:
        raise DossierNotFound
    return dossier


def get_request(reads: Reads, request_id: int) -> CertificateRequest:
    """The request. Raises RequestNotFound."""
    request = reads.get(CertificateRequest, request_id)
    if request is None:
        raise RequestNotFound
    return request


def find_requests(reads: Reads, dossier_id: int) -> list[CertificateRequest]:
    """The requests of a dossier, agencies first, then people by name as composed."""
    rows = reads.execute(
        sa.select(CertificateRequest).where(CertificateRequest.dossier_id == dossier_id).order_by(CertificateRequest.id)
    )
    return sorted(rows.scalars(), key=lambda row: (row.unit_id is None, row.id))


def list_dossiers(reads: Reads, unit_ids: Iterable[uuid.UUID] | None = None, most: int | None = None) -> list[Dossier]:
    """Dossiers of these units (None: of all): drafts first, then the newest; at most so many."""
    drafts_first = sa.case((Dossier.state == "draft", 0), else_=1)
    wanted = sa.select(Dossier).order_by(drafts_first, Dossier.id.desc()).limit(most)
    if unit_ids is not None:
        wanted = wanted.where(Dossier.unit_id.in_(list(unit_ids)))
    return list(reads.execute(wanted).scalars())


def count_requests(reads: Reads, dossier_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """How many requests of each kind these dossiers hold."""
    counts: dict[int, dict[str, int]] = {}
    rows = reads.execute(
        sa.select(CertificateRequest.dossier_id, CertificateRequest.kind, sa.func.count())
        .where(CertificateRequest.dossier_id.in_(list(dossier_ids)))
        .group_by(CertificateRequest.dossier_id, CertificateRequest.kind)
    )
    for dossier_id, kind, count in rows:
        counts.setdefault(dossier_id, {})[kind] = count
    return counts


def digest_dossier(dossier: Dossier, requests: Sequence[CertificateRequest]) -> str:
    """SHA-256 over everything an approver reads, 64 hexadecimal digits; states and outcomes play no part."""
    content = {
        "dossier": [
            dossier.id,
            str(dossier.unit_id),
            dossier.trigger,
            dossier.about,
            dossier.composed_by,
            content_text(dossier.instant),
        ],
        "requests": [
            [
                request.id,
                request.kind,
                request.ground,
                str(request.person_id or request.unit_id),
                request.content,
                request.replaces,
                request.legal_basis,
                request.requested_by,
                request.chosen_by,
                request.choice_reason,
            ]
            for request in sorted(requests, key=lambda request: request.id)
        ],
    }
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def move_dossier(writes: Writes, dossier: Dossier, to: str, *, since: str) -> None:
    """From one state to the next, by whoever is first. Raises WrongState."""
    done = writes.connection().execute(
        sa.update(Dossier).where(Dossier.id == dossier.id, Dossier.state == since).values(state=to)
    )
    if done.rowcount != 1:
        raise WrongState(state=dossier.state)
    writes.refresh(dossier)


def move_request(writes: Writes, request: CertificateRequest, to: str, *, since: str) -> None:
    """From one state to the next, by whoever is first. Raises WrongState."""
    done = writes.connection().execute(
        sa.update(CertificateRequest)
        .where(CertificateRequest.id == request.id, CertificateRequest.state == since)
        .values(state=to)
    )
    if done.rowcount != 1:
        raise WrongState(state=request.state)
    writes.refresh(request)
