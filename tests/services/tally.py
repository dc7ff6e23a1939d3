"""Counts the storage tests by database, prints both counts, and fails a run in which they differ."""

from collections import Counter

import pytest

from tests.services.databases import ENGINES


class StorageTally:
    """A pytest plugin; a storage test is one that takes the parametrised fixture `database_engine`."""

    def __init__(self) -> None:
        self.passed: Counter[str] = Counter()
        self.engines: dict[str, str] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Remember which database each test runs on."""
        for item in items:
            call = getattr(item, "callspec", None)
            if call is not None and "database_engine" in call.params:
                self.engines[item.nodeid] = str(call.params["database_engine"])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a storage test that ran and passed."""
        if report.when == "call" and report.passed and report.nodeid in self.engines:
            self.passed[self.engines[report.nodeid]] += 1

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
        if self.unequal and not narrowed and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say both counts."""
        counts = ", ".join(f"{engine} {self.passed[engine]}" for engine in ENGINES)
        terminalreporter.section("storage tests passed, by database")
        terminalreporter.line(
            f"{counts} - {'NOT EQUAL' if self.unequal else 'equal'}", red=self.unequal, green=not self.unequal
        )
