"""Where the tests keep their files: in memory, if there is room, because nothing of theirs has to outlive a power cut."""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ENOUGH = 2 * 1024**3


def find_place() -> Path:
    """The shared memory of the machine, or the usual folder for temporary files where that is small or missing."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ENOUGH:
        return MEMORY
    return Path(tempfile.gettempdir())
