"""Counts the storage tests by database, prints both counts, and fails a run in which they differ.

A run may be spread over processes: each test carries the name of its database with its report, and one process counts.
"""

from collections import Counter
from typing import Final

import pytest

from tests.services.databases import ENGINES

PROPERTY: Final = "storage test on"


class StorageTally:
    """A pytest plugin; a storage test is one that takes the parametrised fixture `database_engine`."""

    def __init__(self, *, counts: bool) -> None:
        self.counts = counts
        self.passed: Counter[str] = Counter()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Write on each test which database it runs on."""
        for item in items:
            call = getattr(item, "callspec", None)
            if call is not None and "database_engine" in call.params:
                item.user_properties.append((PROPERTY, str(call.params["database_engine"])))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a storage test that ran and passed."""
        if report.when == "call" and report.passed:
            self.passed.update(str(value) for name, value in report.user_properties if name == PROPERTY)

    @property
    def unequal(self) -> bool:
        """Whether one database proved more than the other."""
        return len({self.passed[engine] for engine in ENGINES}) > 1

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Refuse unequal counts, unless the run was narrowed to some tests on purpose."""
        narrowed = (
            session.config.option.keyword
            or session.config.option.markexpr
            or any("::" in word for word in session.config.args)
        )
        if self.counts and self.unequal and not narrowed and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say both counts."""
        counts = ", ".join(f"{engine} {self.passed[engine]}" for engine in ENGINES)
        terminalreporter.section("storage tests passed, by database")
        terminalreporter.line(
            f"{counts} - {'NOT EQUAL' if self.unequal else 'equal'}", red=self.unequal, green=not self.unequal
        )
