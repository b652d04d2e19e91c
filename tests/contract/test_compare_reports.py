"""The comparison of two reports finds what differs, and nothing else."""

import numpy as np
import pytest

from tests.compare_reports import arrays_of, differences


@pytest.fixture(scope="module")
def arrays(tiny_report):
    return arrays_of(tiny_report("llama"))


def test_a_report_is_like_itself(arrays, tiny_report):
    assert differences(arrays, arrays_of(tiny_report("llama"))) == []


@pytest.mark.parametrize("part", ["attention/0", "map/pca-2d", "certificate", "heads/entropy"])
def test_a_number_that_changes_is_found(arrays, part):
    name = next(name for name in arrays if name.endswith(part))
    changed = arrays[name].copy()
    changed.flat[np.flatnonzero(np.isfinite(changed))[-1]] += 1e-5
    assert [problem.split(":")[0] for problem in differences(arrays, arrays | {name: changed})] == [
        name
    ]


def test_a_label_a_token_and_a_head_that_is_missing_are_found(arrays):
    token = next(name for name in arrays if "/tokens/" in name)
    for name in ("heads/labels", token):
        texts = arrays[name].copy()
        texts[0] = "x"
        assert differences(arrays, arrays | {name: texts}) == [
            f"{name}: 1 of {len(texts)} texts differ"
        ]
    less = {name: array for name, array in arrays.items() if name != token}
    assert differences(arrays, less) == [f"{token}: is only in one of the two"]
