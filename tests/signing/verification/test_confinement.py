"""What a process that was taken over by a document tries, behind the fences it set up before it read it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from signing.verification.worker import readable_folders

HOUSE = Path(__file__).resolve().parents[3]
SCRIPT = """
import ctypes, json, os, signal, socket, sys
from pathlib import Path
sys.path.insert(0, {house!r})
from signing.verification.confinement import Limits, confine
from signing.verification.worker import readable_folders
mine, other = Path({mine!r}), {other}
attack = {attack!r}
line, far = socket.socketpair()
system = ctypes.CDLL(None, use_errno=True)
fences = confine(Limits(memory_bytes=4 << 30), readable_folders())
try:
    exec(attack)
    told = "done"
except BaseException as error:
    told = type(error).__name__
os.write(1, json.dumps([fences, told]).encode())
os._exit(0)
"""
ATTACKS = {
    "reads a file of the machine": "open('/etc/passwd').read()",
    "reads the register": "open(mine / 'register.sqlite').read()",
    "reads the environment of another process": "open(f'/proc/{other}/environ').read()",
    "lists a folder": "os.listdir(mine)",
    "writes a file": "open(mine / 'new', 'w')",
    "adds to a file": "open(mine / 'register.sqlite', 'a')",
    "cuts a file": "os.truncate(mine / 'register.sqlite', 0)",
    "removes a file": "os.unlink(mine / 'register.sqlite')",
    "renames a file": "os.rename(mine / 'register.sqlite', mine / 'x')",
    "makes a folder": "os.mkdir(mine / 'folder')",
    "makes a link": "os.symlink('/etc/passwd', mine / 'link')",
    "climbs out of a readable folder": "open('/usr/lib/../../etc/passwd').read()",
    "opens a connection": "socket.create_connection(('127.0.0.1', 9), 1)",
    "opens a socket for datagrams": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "opens a Unix socket": "socket.socket(socket.AF_UNIX)",
    "listens": "socket.socket().bind(('127.0.0.1', 0))",
    "asks the kernel by netlink": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "starts a program": "os.execv('/bin/true', ['true'])",
    "starts a program in a child": "__import__('subprocess').run(['/bin/true'])",
    "forks": "os.fork() or os._exit(0)",
    "starts a thread": "__import__('_thread').start_new_thread(print, ())",
    "signals another process": "os.kill(other, 0)",
    "ends its whole group": "os.killpg(0, signal.SIGTERM)",
    "takes a handle of another process": "os.pidfd_open(other)",
    "makes a namespace": "system.unshare(0x10000000) == 0 or 1 / 0",
    "traces another process": "system.ptrace(16, other, 0, 0) == 0 or 1 / 0",
    "shares memory": "system.shmget(0, 4096, 0o1777) >= 0 or 1 / 0",
    "takes more memory than it may": "bytes(5 << 30)",
}
HARMLESS = {
    "reads its own code": "open({house!r} + '/signing/errors.py').read()",
    "loads a library it knows": "__import__('wave')",
    "writes to its line": "line.send(b'x')",
}


def attempt(tmp_path: Path, attack: str) -> tuple[dict[str, bool], str]:
    """What became of it, and whether the fences hold; the other process is the test's own."""
    (tmp_path / "register.sqlite").write_text("kept")
    script = SCRIPT.format(house=str(HOUSE), mine=str(tmp_path), other="os.getppid()", attack=attack)
    done = subprocess.run([sys.executable, "-P", "-B", "-c", script], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    fences, told = json.loads(done.stdout)
    return fences, told


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_process_that_was_taken_over_gets_nowhere(tmp_path: Path, attack: str) -> None:
    fences, told = attempt(tmp_path, attack)
    assert fences == {"files": True, "calls": True, "network": True}
    assert told in {"PermissionError", "ZeroDivisionError", "MemoryError", "ValueError", "RuntimeError", "OSError"}, (
        told
    )
    assert (tmp_path / "register.sqlite").read_text() == "kept"
    assert [file.name for file in tmp_path.iterdir()] == ["register.sqlite"]


@pytest.mark.parametrize("act", HARMLESS.values(), ids=HARMLESS)
def test_what_the_work_needs_goes_on(tmp_path: Path, act: str) -> None:
    assert attempt(tmp_path, act.format(house=str(HOUSE)))[1] == "done"


def test_no_folder_that_may_be_read_holds_the_register_or_its_keys() -> None:
    readable = {folder.resolve() for folder in readable_folders()}
    for secret in ("/etc", "/var", "/home", "/root", "/run", "/proc", HOUSE / "var"):
        assert not any(Path(secret) == folder or folder in Path(secret).parents for folder in readable), secret
