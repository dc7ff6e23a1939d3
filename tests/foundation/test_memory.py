"""What many threads keep after each of them computed a hash."""

import subprocess
import sys

HASHES = """
import sys, threading
from foundation.memory import share_memory
if sys.argv[1] == "shared" and not share_memory():
    sys.exit(3)
from argon2.low_level import Type, hash_secret
place = threading.BoundedSemaphore(2)
def compute():
    for _ in range(2):
        with place:
            hash_secret(b"password", b"0123456789abcdef", 1, 19 * 1024, 1, 32, Type.ID)
threads = [threading.Thread(target=compute) for _ in range(12)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(int(open("/proc/self/statm").read().split()[1]) * 4096)
"""


def test_threads_share_the_memory_of_their_hashes() -> None:
    done = subprocess.run([sys.executable, "-c", HASHES, "shared"], capture_output=True, text=True, check=False)
    if done.returncode == 3:
        return  # Another C library: it has no such places.
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 100e6
