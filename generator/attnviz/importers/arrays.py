"""Arrays and tensors in the forms that people have them: one array, a tuple of layers as
transformers returns it, one document or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attnviz.errors import InputError
from attnviz.importers.checking import as_array
from attnviz.importers.given import GivenRule
from attnviz.score import Array, Mask

CROSS: Final = "cross"
SOURCE: Final = "source"
TARGET: Final = "target"
TEXT: Final = "text"
STACKS: Final[Mapping[str, tuple[str, str]]] = {
    "encoder": (SOURCE, SOURCE),
    "decoder": (TARGET, TARGET),
    CROSS: (TARGET, SOURCE),
}
"""The axes of queries and keys of each stack of an encoder–decoder."""

Pieces = Mapping[str, list[str]]
"""A document's tokens by axis."""


def stacks_of(attention: Any) -> dict[str, Any]:
    """Attention by stack; "" for one that has no name. Raises InputError for names of none."""
    if attention is None:
        return {}
    if not isinstance(attention, Mapping):
        return {"": attention}
    foreign = [key for key in attention if key not in STACKS]
    if foreign or not attention:
        raise InputError(
            f"attention: has the key {foreign[0] if foreign else 'none'}; expected encoder, decoder"
            " and cross"
        )
    return dict(attention)


def documents_of_tokens(tokens: Any) -> tuple[list[Pieces], bool]:
    """The tokens of each document, and whether several were given.

    `tokens` is a list of texts, a list of such lists, or a mapping of `source` and `target` to
    either. Raises InputError if it is none of these.
    """
    if isinstance(tokens, Mapping):
        if set(tokens) != {SOURCE, TARGET}:
            raise InputError(
                f"tokens: has the keys {', '.join(map(str, tokens)) or 'none'}; expected source and"
                " target"
            )
        sides = {axis: _lists(of_axis, f"tokens: {axis}") for axis, of_axis in tokens.items()}
        (source, several), (target, _) = sides[SOURCE], sides[TARGET]
        if len(source) != len(target):
            raise InputError(
                f"tokens: source has {len(source)} documents and target {len(target)}; expected as"
                " many of each"
            )
        pairs = zip(source, target, strict=True)
        return [{SOURCE: first, TARGET: second} for first, second in pairs], several
    lists, several = _lists(tokens, "tokens")
    return [{TEXT: pieces} for pieces in lists], several


def _lists(tokens: Any, where: str) -> tuple[list[list[str]], bool]:
    if isinstance(tokens, str) or not isinstance(tokens, Sequence) or not len(tokens):
        raise InputError(f"{where}: expected a list of texts, or a list of them for each document")
    if all(isinstance(token, str) for token in tokens):
        return [[str(token) for token in tokens]], False
    for number, document in enumerate(tokens):
        texts = isinstance(document, Sequence) and not isinstance(document, str) and len(document)
        if not texts or not all(isinstance(token, str) for token in document):
            raise InputError(
                f"{where}: document {number} is not a list of texts; expected the tokens of each"
                " document as texts, such as tokenizer.convert_ids_to_tokens gives them"
            )
    return [list(document) for document in tokens], True


def layers_by_document(
    value: Any, rows: Sequence[int], several: bool, where: str, square: bool = True
) -> list[list[Array]]:
    """By document and layer an array (heads, rows, columns).

    `value` is (layers, heads, rows, columns), a sequence of layers (heads, …) or (batch, heads, …),
    or, of `several` documents, a sequence of these by document. `rows` are the numbers of tokens.
    A tuple of layers is taken for a batch where it may be either.
    What is longer than its document's tokens in a batch is padding; `square` says whether columns
    are tokens too. Raises InputError if it is none of these.
    """
    count = len(rows)
    is_batch = isinstance(value, tuple) and _is_batched(value, count, max(rows))
    if several and not is_batch and isinstance(value, list | tuple) and len(value) == count:
        by_document = [
            _layers_of_one(each, f"{where}: document {n}") for n, each in enumerate(value)
        ]
        fits = [
            layers is not None and all(a.shape[1] == rows[n] for a in layers)
            for n, layers in enumerate(by_document)
        ]
        if all(fits) or not _is_batched(value, count, max(rows)):
            return [
                layers or _refuse(value[n], f"{where}: document {n}")
                for n, layers in enumerate(by_document)
            ]
    batched = _layers_of_batch(value, count, where)
    if not several:
        return [[layer[0] for layer in batched]]
    return [
        [_cut(layer[document], rows[document], square) for layer in batched]
        for document in range(count)
    ]


def _layers_of_one(value: Any, where: str) -> list[Array] | None:
    """The layers of one document; None if it is no layers."""
    if isinstance(value, list | tuple) and value and _ndim(value[0]) is not None:
        layers = [as_array(layer, f"{where}: layer {n}") for n, layer in enumerate(value)]
        layers = [a[0] if a.ndim == 4 and a.shape[0] == 1 else a for a in layers]
        return layers if all(a.ndim == 3 for a in layers) else None
    a = as_array(value, where)
    return list(a) if a.ndim == 4 else None


def _is_batched(value: Any, count: int, rows: int) -> bool:
    """Whether these are layers (batch, heads, rows, columns) of so many documents."""
    shapes = [tuple(getattr(each, "shape", ())) for each in value]
    return all(len(shape) == 4 and (shape[0], shape[2]) == (count, rows) for shape in shapes)


def _layers_of_batch(value: Any, count: int, where: str) -> list[Array]:
    """Layers (batch, heads, rows, columns). Raises InputError if they are none."""
    if isinstance(value, list | tuple) and value and _ndim(value[0]) is not None:
        layers = [as_array(layer, f"{where}: layer {n}") for n, layer in enumerate(value)]
    else:
        layers = list(as_array(value, where))
    layers = [a[None] if a.ndim == 3 and count == 1 else a for a in layers]
    for number, a in enumerate(layers):
        if a.ndim != 4 or a.shape[0] != count:
            _refuse(a, f"{where}: layer {number}", count)
    if not layers:
        _refuse(value, where)
    return layers


def _cut(a: Array, rows: int, square: bool) -> Array:
    """Without what is beyond a document's tokens, which is padding in a batch."""
    if a.shape[1] <= rows:
        return a
    return a[:, :rows, :rows] if square else a[:, :rows]


def _refuse(value: Any, where: str, count: int = 1) -> list[Array]:
    batch = f"({count}, heads, queries, keys)" if count > 1 else "(heads, queries, keys)"
    shape = getattr(value, "shape", None)
    raise InputError(
        f"{where}: has {'no shape' if shape is None else f'shape {tuple(shape)}'}; expected"
        f" {batch}; all of it is (layers, heads, queries, keys), or a tuple of layers as"
        " output_attentions=True gives it"
    )


def _ndim(value: Any) -> int | None:
    return getattr(value, "ndim", None)


def rule_of(rule: Mapping[str, Any] | None) -> GivenRule | None:
    """The rule by which queries and keys become attention: a mapping of `mask` (`causal` or
    `full`), `window` (keys before a query, itself not counted), `scaling` and `softcap`.

    Raises InputError for what it does not know.
    """
    if rule is None:
        return None
    known = ("mask", "window", "scaling", "softcap")
    foreign = [key for key in rule if key not in known]
    kind = rule.get("mask")
    if foreign or kind not in ("causal", "full"):
        wrong = f"has {foreign[0]}" if foreign else f"has the mask {kind}"
        raise InputError(
            f"rule: {wrong}; expected mask: causal or full, and where they apply window, scaling"
            " and softcap"
        )
    window = rule.get("window")
    mask = (
        Mask(kind)
        if window is None
        else Mask("band", int(window), 0 if kind == "causal" else int(window))
    )
    scaling, softcap = rule.get("scaling"), rule.get("softcap")
    return GivenRule(
        mask,
        None if scaling is None else float(scaling),
        None if softcap is None else float(softcap),
    )
