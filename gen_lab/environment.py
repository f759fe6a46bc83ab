"""What the environment says: `GEN_LAB_CHECKPOINTS`, `GEN_LAB_DATA`, `GEN_LAB_CACHE` and `GEN_LAB_DEVICE`.

An empty variable is as good as none.
"""

import os
from pathlib import Path

from gen_lab import files


def value(name: str, default: str = "") -> str:
    """What `$GEN_LAB_<name>` says, or the default."""
    return os.environ.get(f"GEN_LAB_{name}") or default


def folder(name: str, default: Path) -> Path:
    """The folder that `$GEN_LAB_<name>` names, or the default; it need not be there yet.

    Raises NotADirectoryError, with the remedy, if a file is in its place.
    """
    path = Path(value(name, str(default)))
    files.check_folder(path, f"set GEN_LAB_{name} to a folder")
    return path
