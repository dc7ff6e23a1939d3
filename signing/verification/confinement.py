"""What the isolated process may not do: use more time or memory than allowed, write files, reach the network, start programs.

Limits of resources always hold. The system call filter (seccomp) and the file fence (Landlock) hold where the kernel offers them; a
process that could not be fenced says so, and `hopnhat doctor` can repeat it. Linux on x86-64 and AArch64.
"""

import contextlib
import ctypes
import os
import platform
import resource
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SET_NO_NEW_PRIVILEGES: Final = 38
SET_SECCOMP: Final = 22
SECCOMP_FILTER: Final = 2
ALLOW: Final = 0x7FFF0000
DENY: Final = 0x00050000 | 1
"""SECCOMP_RET_ERRNO with EPERM: the call fails, the process lives and its verdict stands."""
FORBIDDEN: Final = {
    "x86_64": (0xC000003E, {"socket": 41, "connect": 42, "bind": 49, "listen": 50, "execve": 59, "execveat": 322,
                            "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "io_uring_setup": 425, "bpf": 321}),
    "aarch64": (0xC00000B7, {"socket": 198, "connect": 203, "bind": 200, "listen": 201, "execve": 221, "execveat": 281,
                             "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "io_uring_setup": 425, "bpf": 280}),
}  # fmt: skip
LANDLOCK_CREATE: Final = 444
LANDLOCK_ADD: Final = 445
LANDLOCK_RESTRICT: Final = 446
READING: Final = 0b1101
"""Landlock: execute, read a file, read a folder."""
ALL_FILE_RIGHTS: Final = ((1 << 13) - 1, (1 << 14) - 1, (1 << 15) - 1)
"""Landlock's rights by version of its interface (1, 2, 3 and later)."""


@dataclass(frozen=True)
class Limits:
    """The bounds of one document's judgement."""

    seconds: float = 10.0
    """Wall time; the process is killed after it."""
    cpu_seconds: int = 10
    memory_bytes: int = 1 << 30
    document_bytes: int = 64 << 20
    documents_per_worker: int = 200


def confine(limits: Limits, readable: Iterable[Path]) -> dict[str, bool]:
    """Bind this process for its life; files below `readable` may be read. Gives which fences hold."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    system = ctypes.CDLL(None, use_errno=True)
    system.prctl(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return {"files": fence_files(system, readable), "calls": filter_calls(system)}


def allow_time(limits: Limits) -> None:
    """Grant CPU time for one more document; the kernel ends the process when it is used up."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(spent.ru_utime + spent.ru_stime) + limits.cpu_seconds + 1, hard))


def filter_calls(system: ctypes.CDLL) -> bool:
    """Forbid the system calls that reach the network, start programs or look into other processes."""
    machine = platform.machine()
    if machine not in FORBIDDEN:
        return False
    architecture, calls = FORBIDDEN[machine]
    numbers = sorted(calls.values())
    # Classic BPF: refuse a foreign architecture, the x32 numbers and the listed ones (by a jump past ALLOW), allow the rest.
    program = [
        (0x20, 0, 0, 4),
        (0x15, 1, 0, architecture),
        (0x06, 0, 0, DENY),
        (0x20, 0, 0, 0),
        (0x35, len(numbers) + 1, 0, 0x40000000),
        *((0x15, len(numbers) - index, 0, number) for index, number in enumerate(numbers)),
        (0x06, 0, 0, ALLOW),
        (0x06, 0, 0, DENY),
    ]
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxP", len(program), ctypes.addressof(buffer))
    return bool(system.prctl(SET_SECCOMP, SECCOMP_FILTER, ctypes.create_string_buffer(header, len(header)), 0, 0) == 0)


def fence_files(system: ctypes.CDLL, readable: Iterable[Path]) -> bool:
    """Allow reading below `readable` and no other use of files at all (Landlock)."""
    version = system.syscall(LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if version < 1:
        return False
    rules = ctypes.c_uint64(ALL_FILE_RIGHTS[min(version, 3) - 1])
    fence = system.syscall(LANDLOCK_CREATE, ctypes.byref(rules), ctypes.c_size_t(8), ctypes.c_uint32(0))
    if fence < 0:
        return False
    try:
        for folder in readable:
            with contextlib.suppress(FileNotFoundError):
                add_folder(system, fence, folder)
        return bool(system.syscall(LANDLOCK_RESTRICT, fence, ctypes.c_uint32(0)) == 0)
    finally:
        os.close(fence)


def add_folder(system: ctypes.CDLL, fence: int, folder: Path) -> None:
    """Let files below a folder be read."""
    handle = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = ctypes.create_string_buffer(struct.pack("=Qi", READING, handle))
        system.syscall(LANDLOCK_ADD, fence, ctypes.c_int(1), rule, ctypes.c_uint32(0))
    finally:
        os.close(handle)
