"""The system's own documents and sessions, in one SQLite file. Documents keep the unit code under which they were written.

The import file is a CSV with the columns `number`, `date` (ISO), `subject`, `unit_code`, `unit_name`.
"""

from __future__ import annotations

import csv
import hashlib
import json
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from .oidc import Claims, PendingLogin

LOGIN_PATIENCE = 15 * 60
"""Seconds within which a begun log-in must come back."""
SESSION_LIFE = 8 * 3600
"""Seconds a session lives: a working day."""

_TABLES = """
CREATE TABLE IF NOT EXISTS document (
    id INTEGER PRIMARY KEY, number TEXT NOT NULL, date TEXT NOT NULL, subject TEXT NOT NULL,
    unit_code TEXT NOT NULL, unit_name TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS document_by_code ON document (unit_code, date);
CREATE TABLE IF NOT EXISTS pending (state TEXT PRIMARY KEY, browser TEXT NOT NULL, content TEXT NOT NULL, until REAL NOT NULL);
CREATE TABLE IF NOT EXISTS session (key TEXT PRIMARY KEY, content TEXT NOT NULL, until REAL NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Document:
    """An old document as it stands in the books; `unit_name` is what its head says."""

    number: str
    date: str
    subject: str
    unit_code: str
    unit_name: str


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is logged in: the subject, the claims as last heard, the tokens, and the token of this session's forms."""

    subject: str
    claims: Claims
    access_token: str
    id_token: str
    form_token: str


class Store:
    """Documents, begun log-ins and sessions. Keys of sessions are kept as digests: the file alone logs nobody in."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "documents.sqlite"
        with self._open() as database:
            database.executescript(_TABLES)
        self._path.chmod(0o600)

    def import_documents(self, path: Path) -> int:
        """Read a CSV into the books if they are empty; how many were read."""
        with self._open() as database, path.open(encoding="utf-8", newline="") as file:
            if database.execute("SELECT 1 FROM document LIMIT 1").fetchone():
                return 0
            rows = [tuple(row[column] for column in Document.__slots__) for row in csv.DictReader(file)]
            database.executemany(
                "INSERT INTO document (number, date, subject, unit_code, unit_name) VALUES (?, ?, ?, ?, ?)", rows
            )
            return len(rows)

    def list_unit_codes(self) -> list[str]:
        """Every unit code under which documents were written."""
        with self._open() as database:
            return [code for (code,) in database.execute("SELECT DISTINCT unit_code FROM document ORDER BY unit_code")]

    def list_documents(self, unit_code: str) -> list[Document]:
        """The documents written under a code, newest first."""
        query = (
            "SELECT number, date, subject, unit_code, unit_name FROM document WHERE unit_code = ? ORDER BY date DESC"
        )
        with self._open() as database:
            return [Document(*row) for row in database.execute(query, (unit_code,))]

    def keep_pending(self, pending: PendingLogin, browser: str) -> None:
        """Remember a begun log-in for the browser that began it."""
        with self._open() as database:
            database.execute("DELETE FROM pending WHERE until < ?", (time.time(),))
            content = json.dumps(asdict(pending))
            row = (pending.state, _digest(browser), content, time.time() + LOGIN_PATIENCE)
            database.execute("INSERT INTO pending VALUES (?, ?, ?, ?)", row)

    def take_pending(self, state: str, browser: str) -> PendingLogin | None:
        """The begun log-in of this state and browser, once."""
        taken = "DELETE FROM pending WHERE state = ? AND browser = ? AND until >= ? RETURNING content"
        with self._open() as database:
            row = database.execute(taken, (state, _digest(browser), time.time())).fetchone()
        return PendingLogin(**json.loads(row[0])) if row else None

    def open_session(self, subject: str, claims: Claims, access_token: str, id_token: str) -> str:
        """Open a session; its key is for the cookie and is not kept here."""
        key = secrets.token_urlsafe(32)
        session = Session(subject, claims, access_token, id_token, secrets.token_urlsafe(24))
        with self._open() as database:
            database.execute("DELETE FROM session WHERE until < ?", (time.time(),))
            row = (_digest(key), json.dumps(asdict(session)), time.time() + SESSION_LIFE)
            database.execute("INSERT INTO session VALUES (?, ?, ?)", row)
        return key

    def find_session(self, key: str) -> Session | None:
        """The session of a cookie, while it lives."""
        with self._open() as database:
            query = "SELECT content FROM session WHERE key = ? AND until >= ?"
            row = database.execute(query, (_digest(key), time.time())).fetchone()
        return Session(**json.loads(row[0])) if row else None

    def close_session(self, key: str) -> None:
        """End a session."""
        with self._open() as database:
            database.execute("DELETE FROM session WHERE key = ?", (_digest(key),))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._path, timeout=10)
        try:
            with database:
                yield database
        finally:
            database.close()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
