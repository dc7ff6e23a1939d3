"""The hunt that looks where its bytes lead: `python -m tests.sso.fuzzing.guided READER SECONDS`, with atheris where it is installed.

atheris is no dependency of the house (`pip install atheris`); without it `__main__.py` hunts with broken examples alone.
"""

import importlib
import sys
import tempfile
from pathlib import Path


def hunt(name: str, seconds: int) -> None:
    """Bring bytes to one reader for so long; ends the process, not with 0 where something was found."""
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["sso", "joserfc", "foundation.forms"]):
        readers = importlib.import_module("tests.sso.fuzzing.readers")
    reader = next(one for one in readers.READERS if one.name == name)
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(reader.seeds()):
            (Path(folder) / str(number)).write_bytes(seed)
        words = [sys.argv[0], folder, f"-max_total_time={seconds}", "-max_len=20000", "-print_final_stats=1"]
        atheris.Setup(words, reader.try_on)
        atheris.Fuzz()


if __name__ == "__main__":
    hunt(sys.argv[1], int(sys.argv[2]))
