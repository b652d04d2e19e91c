"""Arrays that are mapped from files are what NumPy reads there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from attnviz.capture.mapped_arrays import mapped

ARRAYS = {
    "numbers": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    "whole numbers": np.arange(5),
    "columns first": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "nothing": np.zeros((0, 3), np.float32),
    "one": np.array(7.0),
    "truths": np.array([True, False]),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_a_mapped_array_is_what_was_saved(tmp_path: Path, name: str) -> None:
    file = tmp_path / "a.npy"
    np.save(file, ARRAYS[name])
    array, read = mapped(file), np.load(file, mmap_mode="r")
    assert (array.dtype, array.shape, array.strides) == (read.dtype, read.shape, read.strides)
    assert np.array_equal(array, read)
    assert not array.flags.writeable


@pytest.mark.parametrize("kept", [0, 5, 20, 140])
def test_a_file_cut_short_is_refused(tmp_path: Path, kept: int) -> None:
    file = tmp_path / "a.npy"
    np.save(file, ARRAYS["numbers"])
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(ValueError, match=r"."):
        mapped(file)
