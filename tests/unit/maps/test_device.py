"""Attention maps are made on whatever device they are given: no step touches a tensor that lies
elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from attnviz.maps.attended_rows import document_blocks
from attnviz.maps.attention_map import Recipe, _Fit
from attnviz.maps.global_rows import global_blocks
from attnviz.maps.row_blocks import Blocks
from tests.unit.maps.planted import from_vectors


class OnlyOn(TorchDispatchMode):
    """Fails where an operation takes or makes a tensor of another kind of device."""

    def __init__(self, device: str) -> None:
        super().__init__()
        self.device, self.tensors = device, 0

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        for value in tree_leaves((args, kwargs, result)):
            if isinstance(value, torch.Tensor):
                assert value.device.type == self.device, f"{func} on {value.device}"
                self.tensors += 1
        return result


@pytest.mark.parametrize("size", [2, 3])
def test_every_step_stays_on_its_device(size: int) -> None:
    """On torch's meta device, which computes nothing and knows all shapes."""
    documents, layer = from_vectors([9, 14, 700], causal=True)
    rows: list[list[Blocks]] = [
        document_blocks(documents, 0),
        global_blocks(layer.q, layer.k, scaling=1.0, softcap=None, seed=0),
    ]
    there = [[blocks.to("meta") for blocks in kind] for kind in rows]
    start = torch.empty(2, 723, size, device="meta")
    with OnlyOn("meta") as watch:
        fit = _Fit(there[0], there[1], start, start.clone(), Recipe())
        fit.step(1.0)
        for blocks in [*there[0], *there[1]]:
            blocks.sharpen(5.0)
        fit.step(0.5)
        queries, keys = fit.positions()
    assert watch.tensors > 100
    assert queries.shape == keys.shape == (2, 723, size)
