"""Which plans were started, how far they got, and finding one by its file or the first digits of its digest."""

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from foundation.database import Reads
from foundation.errors import BadInput, NotFound, Undetermined
from foundation.plans import Plan, PlanRun, find_approval, find_run, read_plan
from provisioning.merger.screen import Standing

SHORTEST = 4


class RunNotFound(NotFound):
    """No plan with this digest was ever started here."""

    code = "run_not_found"
    sentence = "No plan {key} was started here. See: hopnhat merger status"


class NothingInterrupted(NotFound):
    """No plan waits to be gone on with."""

    code = "nothing_interrupted"
    sentence = "No plan was interrupted. See: hopnhat merger status"


class RunAmbiguous(Undetermined):
    """Several plans fit."""

    code = "run_ambiguous"
    sentence = "Several plans fit; name one of: {digests}"


def get_run(reads: Reads, key: str | None, states: tuple[str, ...]) -> PlanRun:
    """The run of a plan file, of a digest's first digits, or the only one in these states. Raises RunNotFound,
    NothingInterrupted, RunAmbiguous.
    """
    wanted = sa.select(PlanRun).where(PlanRun.state.in_(states)).order_by(PlanRun.started_at.desc())
    if key is not None:
        wanted = wanted.where(PlanRun.digest.startswith(find_digest(key), autoescape=True))
    runs = reads.execute(wanted).scalars().all()
    if not runs and key is None:
        raise NothingInterrupted
    if not runs:
        raise RunNotFound(key=key)
    if len(runs) > 1:
        raise RunAmbiguous(digests=", ".join(run.digest[:8] for run in runs))
    return runs[0]


def find_digest(key: str) -> str:
    """The digest a key means: of the plan file of this name, or the digits themselves. Raises BadInput when too short."""
    path = Path(key)
    if path.is_file():
        return read_plan(path).digest
    digits = key.replace(" ", "").lower()
    if len(digits) < SHORTEST:
        raise BadInput("Give the plan's file or at least {count} digits of its digest.", count=SHORTEST)
    return digits


def find_standing(reads: Reads, plan: Plan, name_actor: Callable[[str], str]) -> Standing:
    """Who approved the plan and how its run goes."""
    approval = find_approval(reads, plan.digest)
    run = find_run(reads, plan.digest)
    return Standing(
        approved_by=name_actor(approval.approver) if approval else None,
        own_reason=approval.reason if approval and approval.approver == approval.author else None,
        run_state=run.state if run else None,
        position=run.position if run else 0,
    )


def list_runs(reads: Reads) -> list[PlanRun]:
    """Every run, the newest first."""
    return list(reads.execute(sa.select(PlanRun).order_by(PlanRun.started_at.desc())).scalars())
