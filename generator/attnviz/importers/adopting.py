"""Batches of a capture, copied into the cache: a step of the build."""

from __future__ import annotations

import shutil
from pathlib import Path

from attnviz.engine.step import folder_step


@folder_step("adopted batch")
def adopt_batch(into: Path, folder: Path) -> int:
    """Copy a batch into the cache; returns the number of its files."""
    files = [file for file in sorted(folder.iterdir()) if file.is_file()]
    for file in files:
        shutil.copyfile(file, into / file.name)
    return len(files)
