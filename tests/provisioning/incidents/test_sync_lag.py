"""Lag that grows with the number of people: one query for each listed user, or one transaction that becomes longer and longer.

keycloak #16244: a list of 100 users took 24 s, one LDAP query each; #34364: an import of 50 users took 1 s at first and 20 s within
10,000, all in one growing transaction. Here the questions of a plan are asked for hundreds of people at once, and what is written
stands in transactions of a bounded size.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import sqlalchemy as sa

from foundation.database import Database
from provisioning.merger.apply import PEOPLE_AT_ONCE, apply_plan
from tests.provisioning.merger.conftest import DECREE, Administration

FEW, MANY = 40, 640
"""People of one ward; many are more than one transaction takes."""
SLACK = 4
"""Statements that a few hundred more people may cost: one more piece of some list."""


@contextmanager
def told(database: Database) -> Iterator[list[int]]:
    """How many statements each transaction had, while the block runs."""
    transactions: list[int] = []

    def begin(_connection: object) -> None:
        transactions.append(0)

    def execute(*_told: object) -> None:
        if transactions:
            transactions[-1] += 1

    sa.event.listen(database.engine, "begin", begin)
    sa.event.listen(database.engine, "before_cursor_execute", execute)
    try:
        yield transactions
    finally:
        sa.event.remove(database.engine, "begin", begin)
        sa.event.remove(database.engine, "before_cursor_execute", execute)


def test_a_plan_asks_as_often_for_many_people_as_for_few(administration: Administration) -> None:
    asked = []
    for ward, count in (("28756", FEW), ("28789", MANY)):
        administration.add_crowd(ward, count)
        with told(administration.runtime.database) as transactions:
            plan = administration.plan(DECREE)
        asked.append((plan.header.counts["person.move"], sum(transactions)))
    (few, first), (many, second) = asked
    assert many - few == MANY
    assert first > 0
    assert second <= first + SLACK


def test_no_transaction_grows_with_the_people(administration: Administration) -> None:
    administration.add_crowd("28756", MANY)
    plan = administration.plan(DECREE)
    administration.approve(plan)
    positions = [0]
    with told(administration.runtime.database) as transactions:
        apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"), positions.append)
    written = [later - earlier for earlier, later in pairwise(positions)]
    assert sum(written) == plan.header.lines
    assert len([lines for lines in written if lines]) > 1, "more than one transaction"
    assert max(written) <= PEOPLE_AT_ONCE
    assert 0 < max(transactions) < PEOPLE_AT_ONCE / 10, "hundreds of people are written by a few statements"
