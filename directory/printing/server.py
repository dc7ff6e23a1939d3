"""The wire to an LDAP server: connect, read whole, write in a pipeline. The only module of the printing that speaks LDAP.

Writes are idempotent and guarded: a modification replaces whole attributes and asserts the entryCSN it was computed from
(RFC 4528), so that what somebody else wrote in between is never overwritten. There are no LDAP transactions: Debian's 2.5.13
does not survive them (docs/ldap.md).
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import ldap
from ldap.controls.libldap import AssertionControl, SimplePagedResultsControl

from directory.printing.difference import Add, Change, Delete, Found, Modify
from directory.printing.entries import Entry, Values
from directory.printing.errors import DirectoryRefused, DirectoryUnreachable, PrintingUnreadable

CONNECT_SECONDS = 5
ANSWER_SECONDS = 60
PAGE = 1000
WINDOW = 64
WHOLE = ("*", "entryCSN")
"""What is fetched of an entry: every attribute a user may have, and the number of its last change."""

AWAY = (
    ldap.SERVER_DOWN,
    ldap.CONNECT_ERROR,
    ldap.TIMEOUT,
    ldap.UNAVAILABLE,
    ldap.BUSY,
)
REFUSED = (
    ldap.INVALID_CREDENTIALS,
    ldap.INSUFFICIENT_ACCESS,
    ldap.STRONG_AUTH_REQUIRED,
    ldap.CONFIDENTIALITY_REQUIRED,
    ldap.UNWILLING_TO_PERFORM,
)
CUT_SHORT = (
    ldap.SIZELIMIT_EXCEEDED,
    ldap.TIMELIMIT_EXCEEDED,
    ldap.ADMINLIMIT_EXCEEDED,
    ldap.PARTIAL_RESULTS,
    ldap.NO_SUCH_OBJECT,
    ldap.REFERRAL,
)
# Another writer was faster: the entry is there already, is gone, or is not the one we compared.
OVERTAKEN = (ldap.ALREADY_EXISTS, ldap.NO_SUCH_OBJECT, ldap.ASSERTION_FAILED)


@dataclass(frozen=True)
class Access:
    """Where the server is and as whom to bind; the password hides itself."""

    url: str
    base: str
    bind_dn: str
    password: str = field(repr=False)
    start_tls: bool = False
    authority: Path | None = None
    """PEM file of the authority that signed the server's certificate; the system's authorities where none is named."""


@dataclass
class Written:
    """What became of a pipeline of writes."""

    done: int = 0
    overtaken: list[Change] = field(default_factory=list)
    refused: list[tuple[Change, str]] = field(default_factory=list)


class Server:
    """One connection, bound. Use as a context manager; one thread at a time."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self._connection: Any = None

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def connect(self) -> None:
        """Open and bind. Raises DirectoryUnreachable, DirectoryRefused."""
        with self._told():
            self._connection = ldap.initialize(self.access.url, bytes_strictness="error")
            self._connection.set_option(ldap.OPT_NETWORK_TIMEOUT, CONNECT_SECONDS)
            self._connection.set_option(ldap.OPT_TIMEOUT, ANSWER_SECONDS)
            self._connection.set_option(ldap.OPT_RESTART, ldap.OPT_ON)
            self._connection.set_option(ldap.OPT_REFERRALS, ldap.OPT_OFF)
            self._prepare_tls()
            self._connection.simple_bind_s(self.access.bind_dn, self.access.password)

    def close(self) -> None:
        """Say goodbye; a server that is gone is not asked."""
        if self._connection is not None:
            with suppress(ldap.LDAPError):
                self._connection.unbind_s()
            self._connection = None

    def read_branch(self, branch: str, attributes: Sequence[str] = WHOLE) -> Iterator[Found]:
        """Every entry directly below `branch`, in pages, whole. Raises PrintingUnreadable when anything is cut short.

        A success without entries is believed only if the branch itself says that it has none: a lost right looks the same
        as an empty directory, and has disabled whole administrations elsewhere.
        """
        has_children = self._check_canary(branch)
        cookie, count = b"", 0
        while True:
            control = SimplePagedResultsControl(True, size=PAGE, cookie=cookie)
            rows, cookie = self._read_page(branch, control, attributes)
            count += len(rows)
            yield from rows
            if not cookie:
                break
        if count == 0 and has_children:
            raise PrintingUnreadable(
                "{branch} says that it has entries, but none is shown to {who}. Nothing was changed.",
                branch=branch,
                who=self.access.bind_dn,
            )

    def count_branch(self, branch: str) -> int:
        """How many entries stand directly below `branch`: no attribute is fetched (RFC 4511 §4.5.1.8, "1.1"). Raises PrintingUnreadable."""
        return sum(1 for _entry in self.read_branch(branch, ("1.1",)))

    def find_entry(self, dn: str) -> Found | None:
        """One entry, or None where there is none. Raises DirectoryUnreachable."""
        return self.find_entries([dn]).get(dn)

    def find_entries(self, names: Sequence[str], window: int = WINDOW) -> dict[str, Found]:
        """The entries of these names that are there, by name; asked in a pipeline. Raises DirectoryUnreachable."""
        found: dict[str, Found] = {}
        asked: deque[tuple[str, int]] = deque()
        with self._told():
            for dn in names:
                asked.append((dn, self._connection.search_ext(dn, ldap.SCOPE_BASE, attrlist=list(WHOLE))))
                if len(asked) >= window:
                    self._collect(*asked.popleft(), found)
            while asked:
                self._collect(*asked.popleft(), found)
        return found

    def _collect(self, dn: str, message_id: int, found: dict[str, Found]) -> None:
        """Take the answer to one look-up."""
        with suppress(ldap.NO_SUCH_OBJECT):
            _, rows, _, _ = self._connection.result3(message_id, 1, ANSWER_SECONDS)
            if rows:
                found[dn] = read_found(*rows[0])

    def search_operational(
        self, branch: str, wanted: str, names: Sequence[str]
    ) -> list[tuple[str, dict[str, list[str]]]]:
        """The entries directly below `branch` that fit a filter, with these operational attributes. Raises DirectoryUnreachable."""
        with self._told():
            rows = self._connection.search_ext_s(branch, ldap.SCOPE_ONELEVEL, wanted, attrlist=list(names))
        return [(dn, read_texts(values)) for dn, values in rows if dn is not None]

    def read_operational(self, dn: str, names: Sequence[str]) -> dict[str, list[str]] | None:
        """These attributes of one entry, or None where there is none or none is shown. Raises DirectoryUnreachable."""
        with self._told():
            try:
                rows = self._connection.search_ext_s(dn, ldap.SCOPE_BASE, attrlist=list(names))
            except ldap.NO_SUCH_OBJECT:
                return None
        return read_texts(rows[0][1]) if rows else None

    def replace_value(self, dn: str, name: str, value: str | None) -> None:
        """One attribute of one entry, whole; None takes it away. Nothing where there is no entry. Raises DirectoryUnreachable."""
        # ppolicy takes its count of failures away with a lock that is deleted, and keeps it when the lock is replaced by nothing.
        change = (ldap.MOD_REPLACE, name, [value.encode()]) if value else (ldap.MOD_DELETE, name, None)
        with self._told(), suppress(ldap.NO_SUCH_OBJECT, ldap.NO_SUCH_ATTRIBUTE):
            self._connection.modify_s(dn, [change])

    def write(
        self, changes: Iterable[Change], window: int = WINDOW, progress: Callable[[int], None] = lambda _: None
    ) -> Written:
        """Write with up to `window` requests under way. Raises DirectoryUnreachable with what was done before.

        Changes that somebody overtook, and those the server refuses for their content, are given back, not raised.
        """
        written = Written()
        under_way: dict[int, Change] = {}
        try:
            with self._told():
                for change in changes:
                    under_way[self._send(change)] = change
                    if len(under_way) >= window:
                        self._receive(under_way, written)
                        progress(written.done)
                while under_way:
                    self._receive(under_way, written)
                    progress(written.done)
        except DirectoryUnreachable as error:
            raise DirectoryUnreachable(
                "The directory server at {url} stopped answering after {done} writes. Nothing is lost: the next sync "
                "completes what is missing.",
                url=self.access.url,
                done=written.done,
            ) from error
        return written

    def _send(self, change: Change) -> int:
        """Hand one request to the connection without waiting. Gives its message id."""
        match change:
            case Add(entry=entry):
                attributes = [(name, list(values)) for name, values in entry.attributes.items()]
                return int(self._connection.add_ext(entry.dn, attributes))
            case Modify(dn=dn, csn=csn, replaced=replaced):
                replacing = [(ldap.MOD_REPLACE, name, list(values) or None) for name, values in replaced.items()]
                return int(self._connection.modify_ext(dn, replacing, serverctrls=unchanged_since(csn)))
            case Delete(dn=dn, csn=csn):
                return int(self._connection.delete_ext(dn, serverctrls=unchanged_since(csn)))

    def _receive(self, under_way: dict[int, Change], written: Written) -> None:
        """Take one answer, whichever comes, and account for it."""
        try:
            _, _, message_id, _ = self._connection.result3(ldap.RES_ANY, 1, ANSWER_SECONDS)
        except ldap.LDAPError as error:
            told = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
            change = under_way.pop(told.get("msgid", -1), None)
            if change is None or isinstance(error, AWAY + REFUSED):
                raise
            if isinstance(error, ldap.NO_SUCH_OBJECT) and isinstance(change, Delete):
                written.done += 1
            elif isinstance(error, OVERTAKEN):
                written.overtaken.append(change)
            else:
                written.refused.append((change, describe_error(error)))
        else:
            del under_way[message_id]
            written.done += 1

    def _read_page(self, branch: str, control: Any, attributes: Sequence[str]) -> tuple[list[Found], bytes]:
        with self._told():
            try:
                message_id = self._connection.search_ext(
                    branch, ldap.SCOPE_ONELEVEL, attrlist=list(attributes), serverctrls=[control]
                )
                _, rows, _, controls = self._connection.result3(message_id, 1, ANSWER_SECONDS)
            except CUT_SHORT as error:
                raise PrintingUnreadable(answer=describe_error(error)) from error
        cookies = [found.cookie for found in controls if found.controlType == control.controlType]
        if not cookies:
            raise PrintingUnreadable("The directory server does not answer page by page. Nothing was changed.")
        return [read_found(dn, attributes) for dn, attributes in rows if dn is not None], bytes(cookies[0])

    def _check_canary(self, branch: str) -> bool:
        """Whether the branch, which must be there and readable, has entries by its own word. Raises PrintingUnreadable."""
        with self._told():
            try:
                rows = self._connection.search_ext_s(branch, ldap.SCOPE_BASE, attrlist=["hasSubordinates"])
            except ldap.NO_SUCH_OBJECT:
                rows = []
        if not rows:
            raise PrintingUnreadable(
                "{branch} is not there, or not shown to {who}. Nothing was changed.",
                branch=branch,
                who=self.access.bind_dn,
            )
        return any(values == [b"TRUE"] for name, values in rows[0][1].items() if name.lower() == "hassubordinates")

    def _prepare_tls(self) -> None:
        """Certificates are always demanded and checked where TLS is spoken."""
        if self.access.authority is not None:
            self._connection.set_option(ldap.OPT_X_TLS_CACERTFILE, str(self.access.authority))
        self._connection.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND)
        self._connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
        if self.access.start_tls:
            self._connection.start_tls_s()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn the library's errors into ours."""
        try:
            yield
        except AWAY as error:
            raise DirectoryUnreachable(url=self.access.url) from error
        except REFUSED as error:
            answer = describe_error(error)
            raise DirectoryRefused(url=self.access.url, what=self.access.bind_dn, answer=answer) from error


def unchanged_since(csn: str) -> list[Any]:
    """The assertion that nobody wrote the entry since we read it (RFC 4528, on entryCSN)."""
    return [AssertionControl(True, f"(entryCSN={csn})")]


def read_found(dn: str, attributes: Mapping[str, list[bytes]]) -> Found:
    """An entry as it came: values sorted, the operational sequence number apart."""
    csn = attributes.get("entryCSN", [b""])[0].decode()
    kept: dict[str, Values] = {
        name: (values[0],) if len(values) == 1 else tuple(sorted(values))
        for name, values in attributes.items()
        if name != "entryCSN"
    }
    return Found(Entry(dn, kept), csn)


def read_texts(attributes: Mapping[str, list[bytes]]) -> dict[str, list[str]]:
    """Attributes whose values are text."""
    return {name: [value.decode() for value in values] for name, values in attributes.items()}


def describe_error(error: ldap.LDAPError) -> str:
    """The server's word and its remark, for people."""
    told = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    return ": ".join(str(told[key]) for key in ("desc", "info") if told.get(key)) or type(error).__name__
