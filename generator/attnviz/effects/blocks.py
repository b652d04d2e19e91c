"""The blocks of a model: modules of its lists of layers, whose output is all that the later ones
read of what came before."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from attnviz.capture.numbering import layer_path


def blocks_of(body: torch.nn.Module, modules: Sequence[str]) -> dict[str, torch.nn.Module]:
    """The layers that the modules of attention are in, by path, with all others of their lists; the
    outermost where some are in others."""
    known = dict(body.named_modules())
    paths: set[str] = set()
    for layer in {layer_path(module, modules) for module in modules} - {""}:
        parent = layer.rpartition(".")[0]
        in_list = isinstance(known[parent], (torch.nn.ModuleList, torch.nn.Sequential))
        siblings = [f"{parent}.{name}".lstrip(".") for name in known[parent]._modules]
        paths |= set(siblings) if in_list else {layer}
    inner = {path for path in paths if any(path.startswith(f"{other}.") for other in paths)}
    return {path: known[path] for path in sorted(paths - inner)}
