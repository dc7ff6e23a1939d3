"""What the isolated process may not do: use more time or memory than allowed, use files, reach the network or others, start programs.

Limits of resources always hold. The system call filter (seccomp) and the file fence (Landlock) hold where the kernel offers them. A
kernel without the filter may still offer a network namespace with nothing in it. Every worker says which fences hold; where one does
not, that is logged once and `hopnhat doctor` says it. Linux on x86-64 and AArch64.
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
    "x86_64": (0xC000003E, {
        # network
        "socket": 41, "connect": 42, "bind": 49, "listen": 50, "io_uring_setup": 425,
        # programs and processes
        "fork": 57, "vfork": 58, "clone": 56, "clone3": 435, "execve": 59, "execveat": 322,
        # other processes
        "kill": 62, "tkill": 200, "tgkill": 234, "pidfd_send_signal": 424, "pidfd_open": 434, "pidfd_getfd": 438, "ptrace": 101,
        "process_vm_readv": 310, "process_vm_writev": 311, "process_madvise": 440, "shmget": 29, "shmat": 30, "msgget": 68,
        "semget": 64, "mq_open": 240,
        # the kernel
        "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "add_key": 248, "request_key": 249, "keyctl": 250, "kexec_load": 246,
        "init_module": 175, "finit_module": 313,
        # other views of the machine
        "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "unshare": 272, "setns": 308, "open_by_handle_at": 304,
    }),
    "aarch64": (0xC00000B7, {
        "socket": 198, "connect": 203, "bind": 200, "listen": 201, "io_uring_setup": 425,
        "clone": 220, "clone3": 435, "execve": 221, "execveat": 281,
        "kill": 129, "tkill": 130, "tgkill": 131, "pidfd_send_signal": 424, "pidfd_open": 434, "pidfd_getfd": 438, "ptrace": 117,
        "process_vm_readv": 270, "process_vm_writev": 271, "process_madvise": 440, "shmget": 194, "shmat": 196, "msgget": 186,
        "semget": 190, "mq_open": 180,
        "bpf": 280, "perf_event_open": 241, "userfaultfd": 282, "add_key": 217, "request_key": 218, "keyctl": 219, "kexec_load": 104,
        "init_module": 105, "finit_module": 273,
        "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "unshare": 97, "setns": 268, "open_by_handle_at": 265,
    }),
}  # fmt: skip
LANDLOCK_CREATE: Final = 444
LANDLOCK_ADD: Final = 445
LANDLOCK_RESTRICT: Final = 446
READING: Final = 0b1101
"""Landlock: execute, read a file, read a folder."""
ALL_FILE_RIGHTS: Final = ((1 << 13) - 1, (1 << 14) - 1, (1 << 15) - 1, (1 << 15) - 1, (1 << 16) - 1)
"""Landlock's rights over files by version of its interface (1 to 5 and later)."""
NETWORK_SINCE, ALL_NETWORK_RIGHTS = 4, 0b11
"""TCP: bind and connect."""
SCOPES_SINCE, ALL_SCOPES = 6, 0b11
"""Abstract Unix sockets of, and signals to, processes outside."""
NEW_USER: Final = 0x10000000
NEW_NETWORK: Final = 0x40000000
FENCES: Final = ("files", "calls", "network")
"""What `confine` tells about."""


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
    files, calls = fence_files(system, readable), filter_calls(system)
    return {"files": files, "calls": calls, "network": calls or leave_network(system)}


def allow_time(limits: Limits) -> None:
    """Grant CPU time for one more document; the kernel ends the process when it is used up."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(spent.ru_utime + spent.ru_stime) + limits.cpu_seconds + 1, hard))


def leave_network(system: ctypes.CDLL) -> bool:
    """Move into a network with nothing in it, for a kernel that filters no calls but gives everybody namespaces of their own."""
    return bool(system.unshare(NEW_USER | NEW_NETWORK) == 0)


def filter_calls(system: ctypes.CDLL) -> bool:
    """Forbid the system calls that reach the network, start processes, touch other ones or change what the kernel shows."""
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
    """Allow reading below `readable` and no other use of files, TCP or processes outside at all (Landlock, as far as its version goes)."""
    version = system.syscall(LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if version < 1:
        return False
    rights = [ALL_FILE_RIGHTS[min(version, len(ALL_FILE_RIGHTS)) - 1]]
    rights += [ALL_NETWORK_RIGHTS] if version >= NETWORK_SINCE else []
    rights += [ALL_SCOPES] if version >= SCOPES_SINCE else []
    rules = ctypes.create_string_buffer(struct.pack(f"={len(rights)}Q", *rights))
    size = ctypes.c_size_t(8 * len(rights))
    fence = system.syscall(LANDLOCK_CREATE, rules, size, ctypes.c_uint32(0))
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
