"""Lists of shards' ids, which follow from what the shards say of themselves: those of one kind with
the same keys, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from attnviz.format.manifest import DocumentsEntry, Manifest, Model, Shard

_OF_DOCUMENTS: Final = {
    "shards": "documents", "images": "image", "sounds": "sound", "scores": "score",
}  # fmt: skip
"""Kinds of shards by the keys of the documents' entry that list them."""
_KEYS: Final = ("kind", "model", "axis", "stack", "layer", "rule")

Change = Callable[[list[str], list[str]], list[str]]
"""What stands for a list: of the list, and of the ids that follow for it."""


def without_lists(manifest: Manifest) -> Manifest:
    """The manifest whose lists are empty where they follow from the shards."""
    return _changed(manifest, lambda ids, following: [] if ids == following else ids)


def with_lists(manifest: Manifest) -> Manifest:
    """The manifest whose empty lists are filled with what follows from the shards."""
    return _changed(manifest, lambda ids, following: ids or following)


def _changed(manifest: Manifest, change: Change) -> Manifest:
    places = _places(manifest.shards)

    def fill(ids: list[str], **keys: Any) -> list[str]:
        return change(ids, places.get(tuple(keys.get(key) for key in _KEYS), []))

    changes = {
        "documents": _documents(manifest.documents, fill),
        "models": [_model(model, fill) for model in manifest.models],
    }
    return manifest.model_copy(update=changes)


def _places(shards: Mapping[str, Shard]) -> dict[tuple[Any, ...], list[str]]:
    places: dict[tuple[Any, ...], list[str]] = {}
    for name, shard in shards.items():
        place = tuple(getattr(shard, key) for key in _KEYS)
        of_model = (shard.kind, shard.model, None, None, None, None)
        for key in {place, of_model}:
            places.setdefault(key, []).append(name)
    return places


def _documents(entry: DocumentsEntry, fill: Callable[..., list[str]]) -> DocumentsEntry:
    lists = {key: fill(getattr(entry, key), kind=kind) for key, kind in _OF_DOCUMENTS.items()}
    return entry.model_copy(update=lists)


def _model(model: Model, fill: Callable[..., list[str]]) -> Model:
    axes = [
        axis.model_copy(
            update={"shards": fill(axis.shards, kind="tokens", model=model.name, axis=axis.name)}
        )
        for axis in model.axes
    ]
    rules, captures = list(model.rules), list(model.captures)
    for number, rule in enumerate(rules):
        if rule.mask.shards is not None:
            ids = fill(rule.mask.shards, kind="mask", model=model.name, rule=number)
            mask = rule.mask.model_copy(update={"shards": ids})
            rules[number] = rule.model_copy(update={"mask": mask})
    for place, module in enumerate(captures):
        if module.values is not None:
            keys = {"model": model.name, "stack": module.stack, "layer": module.layer}
            ids = fill(module.values.shards, kind="values", **keys)
            values = module.values.model_copy(update={"shards": ids})
            captures[place] = module.model_copy(update={"values": values})
    of_layers = {"effects": model.effects, "examples": model.examples}
    for kind, entry in of_layers.items():
        if entry is not None:
            ids = fill(entry.shards, kind=kind, model=model.name)
            of_layers[kind] = entry.model_copy(update={"shards": ids})
    writes = model.writes
    if writes is not None:
        lists = {"shards": "writes", "composition": "composition"}
        filled: dict[str, Any] = {
            key: fill(getattr(writes, key), kind=kind, model=model.name)
            for key, kind in lists.items()
        }
        if writes.attribution is not None:
            lists = {"shards": "attribution", "pairs": "attribution-pairs"}
            of_logits = {
                key: fill(getattr(writes.attribution, key), kind=kind, model=model.name)
                for key, kind in lists.items()
            }
            filled["attribution"] = writes.attribution.model_copy(update=of_logits)
        writes = writes.model_copy(update=filled)
    components = model.components
    if components is not None:
        lists = {"shards": "components", "interactions": "interactions", "vectors": "vectors"}
        filled = {
            key: fill(getattr(components, key), kind=kind, model=model.name)
            for key, kind in lists.items()
        }
        components = components.model_copy(update=filled)
    added = {"axes": axes, "rules": rules, "captures": captures, "writes": writes}
    added |= {"components": components}
    return model.model_copy(update=added | of_layers)
