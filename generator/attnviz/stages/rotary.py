"""Queries and keys before rotary embedding, where the corpus asks for maps of them."""

from __future__ import annotations

from pathlib import Path

from attnviz.capture import Capture, rotary
from attnviz.engine.cache import key_of
from attnviz.errors import InputError
from attnviz.stages.work import Work


def pre_rotary_folders(work: Work, captured: Capture) -> tuple[Path, ...]:
    """For each batch the folder of its vectors before they were turned; () where maps are of those
    after.

    InputError where the model turns none that attnviz sees.
    """
    if work.config.maps.rotary == "after":
        return ()
    found = []
    sizes = [float(own.batch.tokens) for own in captured.batches]
    for own in work.progress.steps(f"before rotary {work.name}", captured.batches, sizes):

        def write(into: Path, own: object = own) -> None:
            rotary.write_pre_rotary(work.loaded, work.family, own, list(work.prepared), into)  # type: ignore[arg-type]

        found.append(work.cache.folder("rotary", key_of(own.folder.name, rotary), write))
    if not any(is_pre_rotary(found, layer.call) for layer in captured.layers):
        raise InputError(
            f"maps.rotary: model {work.name}: {work.loaded.architecture} turns no queries and keys"
            " by rotary embedding in a way that attnviz can look behind; leave rotary out, or say"
            " after"
        )
    return tuple(found)


def is_pre_rotary(folders: list[Path] | tuple[Path, ...], call: int) -> bool:
    """Whether every batch has a call's vectors from before."""
    return bool(folders) and all(
        (own / f"{side}{call}.npy").exists() for own in folders for side in "qk"
    )
