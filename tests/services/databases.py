"""An empty register for each test, on either database, copied from one template made once a session."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

from foundation.database import Database
from tests.services.postgresql import PrivateCluster
from tests.services.schema import create_schema

ENGINES = ("sqlite", "postgresql")
TEMPLATE = "register_template"


class Databases:
    """Makes registers by copying. PostgreSQL is started when the first test asks for it, and once only."""

    def __init__(self, directory: Path, stack: ExitStack) -> None:
        self.directory = directory
        self.stack = stack
        self.numbers = count(1)
        self.sqlite_template: Path | None = None
        self.cluster: PrivateCluster | None = None

    @contextmanager
    def make(self, engine: str, directory: Path) -> Iterator[str]:
        """The address of a new empty register with today's schema; gone afterwards."""
        if engine == "sqlite":
            yield self.copy_sqlite(directory / "register.sqlite")
            return
        cluster = self.start_cluster()
        name = f"register_{next(self.numbers)}"
        yield cluster.create(name, TEMPLATE)
        cluster.drop(name)

    @contextmanager
    def make_bare(self, engine: str, directory: Path) -> Iterator[str]:
        """The address of a database without any table, for tests of migrations."""
        if engine == "sqlite":
            yield f"sqlite:///{directory / 'bare.sqlite'}"
            return
        cluster = self.start_cluster()
        name = f"bare_{next(self.numbers)}"
        yield cluster.create(name)
        cluster.drop(name)

    def copy_sqlite(self, target: Path) -> str:
        """A copy of the template file."""
        if self.sqlite_template is None:
            self.sqlite_template = self.directory / "template.sqlite"
            fill(f"sqlite:///{self.sqlite_template}")
        shutil.copyfile(self.sqlite_template, target)
        return f"sqlite:///{target}"

    def start_cluster(self) -> PrivateCluster:
        """The one cluster of the session, with its template."""
        if self.cluster is None:
            self.cluster = self.stack.enter_context(PrivateCluster())
            fill(self.cluster.create(TEMPLATE))
        return self.cluster


def fill(url: str) -> None:
    """Give a bare database today's schema."""
    database = Database(url)
    create_schema(database)
    database.close()
