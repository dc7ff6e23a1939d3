"""Steps of the schema as frozen SQL, one file a database: what a step did once, it does for ever.

`python deploy/migrations/frozen.py NUMBER` writes `sql/NUMBER.sqlite.sql` and `sql/NUMBER.postgresql.sql` for a whole schema from
today's tables; a later step is written by hand beside them. Statements end with a line of two dashes and an arrow.
"""

import sys
from pathlib import Path

import sqlalchemy as sa

SQL = Path(__file__).parent / "sql"
END = "\n-->\n"


def read_step(number: str, dialect: str) -> list[str]:
    """The statements of a step for one database."""
    text = (SQL / f"{number}.{dialect}.sql").read_text(encoding="utf-8")
    return [statement.strip() for statement in text.split(END) if statement.strip()]


def run_step(connection: sa.Connection, number: str) -> None:
    """Run a step on this database."""
    for statement in read_step(number, connection.dialect.name):
        connection.exec_driver_sql(
            statement.replace("%", "%%") if connection.dialect.name == "postgresql" else statement
        )


def write_schema(number: str, metadata: sa.MetaData) -> None:
    """Freeze a whole schema for both databases."""
    SQL.mkdir(exist_ok=True)
    for address, dialect in (("sqlite://", "sqlite"), ("postgresql+psycopg://", "postgresql")):
        statements = tell_statements(address, metadata)
        (SQL / f"{number}.{dialect}.sql").write_text(END.join(statements) + END, encoding="utf-8")


def tell_statements(address: str, metadata: sa.MetaData) -> list[str]:
    """What `create_all` would say to this database."""
    statements: list[str] = []
    dialect = sa.make_url(address).get_dialect()()

    def keep(statement: object, *_: object, **__: object) -> None:
        text = str(statement.compile(dialect=dialect)) if hasattr(statement, "compile") else str(statement)
        statements.append(text.replace("%%", "%").strip())

    metadata.create_all(sa.create_mock_engine(address, keep), checkfirst=False)
    return statements


if __name__ == "__main__":
    from provisioning.tables import all_tables

    write_schema(sys.argv[1], all_tables())
