"""A roster file opened by what it is."""

from pathlib import Path

from provisioning.rosters.containers import find_kind
from provisioning.rosters.errors import BrokenFile, UnreadableFile
from provisioning.rosters.older_workbooks import open_older_workbook
from provisioning.rosters.opendocument import open_opendocument
from provisioning.rosters.tables import Book
from provisioning.rosters.texts import open_text
from provisioning.rosters.workbooks import open_workbook


def open_book(path: Path) -> Book:
    """The file as sheets of rows. Raises UnreadableFile and its kin."""
    try:
        kind = find_kind(path)
        if kind == "xlsx":
            return open_workbook(path)
        if kind == "csv":
            return open_text(path)
        return open_opendocument(path) if kind == "ods" else open_older_workbook(path)
    except FileNotFoundError as error:
        raise UnreadableFile("There is no file {file}.", file=str(path)) from error
    except IsADirectoryError as error:
        raise UnreadableFile("{file} is a folder.", file=str(path)) from error
    except PermissionError as error:
        raise UnreadableFile("{file} may not be read.", file=str(path)) from error
    except OSError as error:
        raise BrokenFile from error
