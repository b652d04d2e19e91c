"""Arrays of files, mapped into memory.

A build maps the same few thousand small arrays again for each layer and stage. `numpy.load` takes
0.13 ms of each, most of it to read the header as Python and to make a `memmap`, whose every slice
costs more than an array's; here it is 0.02 ms.
"""

from __future__ import annotations

import functools
import io
import mmap
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.lib import format as npy

from attnviz.score import Array

_FIRST: Final = (1, 0)
_BEGINNING: Final = npy.MAGIC_LEN + 2
"""Bytes of what a file of format 1.0 begins with and of its header's length."""


def mapped(file: Path) -> Array:
    """The array that `numpy.save` wrote into a file, mapped from disk; it cannot be written to.
    ValueError for a file of another kind, or cut short."""
    with file.open("rb") as stream:
        header = stream.read(_BEGINNING)
        header += stream.read(int.from_bytes(header[npy.MAGIC_LEN :], "little"))
        shape, fortran, dtype = _about(header)
        content = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    try:
        return np.ndarray(shape, dtype, content, len(header), order="F" if fortran else "C")
    except TypeError as error:  # the file has fewer bytes than its header says
        raise ValueError(f"{file} is cut short") from error


@functools.lru_cache(maxsize=1024)
def _about(header: bytes) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, whether columns come first, and type, as a header says them."""
    stream = io.BytesIO(header)
    if npy.read_magic(stream) != _FIRST:
        raise ValueError("an array in another version of NumPy's format than 1.0")
    return npy.read_array_header_1_0(stream)
