"""What goes wrong around a command: a full disk, a file that may not be written, a folder that is not there; each as a refusal.

The system's error may lie under a library's own, so it is looked for along the chain. What is none of these is our fault.
"""

import errno
from collections.abc import Iterator
from typing import Final

from foundation.errors import BadInput, HopnhatError, OurFault, TryAgain

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
CLOSED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
ABSENT: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR})


class DiskFull(TryAgain):
    """No room is left where something had to be written."""

    code = "disk_full"
    sentence = (
        "No room is left on the disk. What was not finished is not there. Make room and give the command once more."
    )


class FileClosed(BadInput):
    """The system does not let this user read or write there."""

    code = "file_closed"
    sentence = "{file} may not be read or written by this user."


class FileAbsent(BadInput):
    """There is no such file or folder, or it is of the other kind."""

    code = "file_absent"
    sentence = "{file} is not there, or is a folder where a file is needed."


def build_refusal(error: BaseException) -> HopnhatError:
    """The refusal that says what happened, or OurFault."""
    for fault in find_faults(error):
        if fault.errno in FULL:
            return DiskFull()
        file = fault.filename if fault.filename2 is None else fault.filename2
        if fault.errno in CLOSED and file is not None:
            return FileClosed(file=str(file))
        if fault.errno in ABSENT and file is not None:
            return FileAbsent(file=str(file))
    return OurFault()


def find_faults(error: BaseException) -> Iterator[OSError]:
    """The system's errors under this one: itself, what it carries, what it came from."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, OSError):
            yield one
        waiting += [*one.args, one.__cause__, one.__context__]
