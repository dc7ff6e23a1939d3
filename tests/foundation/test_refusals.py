"""Every refusal is written down once, in its own transaction, by the name of whoever was refused."""

import pytest
import sqlalchemy as sa

from foundation import audit
from foundation.audit import AuditRow
from foundation.errors import HopnhatError, NotFound, NotPermitted
from foundation.refusals import recorded_refusals
from foundation.runtime import Runtime


def rows(runtime: Runtime) -> list[tuple[str, str, str | None, str, str]]:
    with runtime.database.read() as reads:
        found = reads.execute(sa.select(AuditRow).order_by(AuditRow.id)).scalars()
        return [(row.event, row.actor, row.subject, row.outcome, row.detail["code"]) for row in found]


def refuse_within(runtime: Runtime) -> None:
    with recorded_refusals(runtime, "room.thing.do", "somebody", "thing") as deed, runtime.database.write() as writes:
        audit.record(writes, runtime.clocks.wall(), "room.thing.done", "somebody")
        deed.subject = "thing:7"
        raise NotPermitted


def test_a_refusal_is_written_after_the_deed_was_rolled_back(runtime: Runtime) -> None:
    with pytest.raises(NotPermitted):
        refuse_within(runtime)
    assert rows(runtime) == [("room.thing.do", "somebody", "thing:7", "refused", "not_permitted")]


def test_a_refusal_that_passes_two_blocks_is_written_once_by_the_inner_one(runtime: Runtime) -> None:
    with (
        pytest.raises(NotPermitted),
        recorded_refusals(runtime, "room.verb.refuse", "outer"),
        recorded_refusals(runtime, "room.thing.do", lambda: "inner"),
    ):
        raise NotPermitted
    assert [(event, actor) for event, actor, *_rest in rows(runtime)] == [("room.thing.do", "inner")]


@pytest.mark.parametrize(("kinds", "written"), [(NotPermitted, 0), (HopnhatError, 1)], ids=["a-right-only", "whatever"])
def test_other_refusals_are_written_where_the_act_wants_them(
    runtime: Runtime, kinds: type[HopnhatError], written: int
) -> None:
    with pytest.raises(NotFound), recorded_refusals(runtime, "room.thing.do", "somebody", kinds=kinds):
        raise NotFound
    assert len(rows(runtime)) == written
