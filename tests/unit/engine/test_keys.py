"""Inputs of steps by their content: the same where they are the same, and else not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attnviz.engine.keys import Keys

DIFFERENT: tuple[Any, ...] = (
    (), (1, 2), ("1", "2"), ("1, 2",), (1, 2, None), (1.0, 2.0), (True, 2), ((1, 2),), ((1,), 2),
    (b"1", b"2"), ("1',", "'2"), ("1", ",", "2"), (np.int64(1), np.int64(2)), {1: 2}, {1, 2},
    (1, (2, 3)), ((1, 2), 3),
)  # fmt: skip


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path)


def test_inputs_that_differ_have_digests_of_their_own(keys: Keys) -> None:
    digests = [keys.fingerprint(value) for value in DIFFERENT]
    assert len(set(digests)) == len(DIFFERENT)


@pytest.mark.parametrize("plain", [(1, 2), (), (1, (2, "a"))])
def test_a_list_is_what_a_tuple_is(keys: Keys, plain: tuple[Any, ...]) -> None:
    assert keys.fingerprint(list(plain)) == keys.fingerprint(plain)
    assert keys.fingerprint(range(1, 3)) == keys.fingerprint((1, 2))
