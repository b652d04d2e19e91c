"""From what a user gives in Python to documents with layers, all of it checked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from attnviz.documents.document import Document, DocumentKind, Notice, opening
from attnviz.errors import InputError
from attnviz.importers.arrays import (
    STACKS,
    TEXT,
    Pieces,
    documents_of_tokens,
    layers_by_document,
)
from attnviz.importers.checking import (
    check_characters,
    check_rows,
    check_shape,
    mask_of,
    scaling_notice,
)
from attnviz.importers.given import GivenDocument, GivenLayer, GivenModel, GivenRule
from attnviz.importers.pieces import numbers_of, tokens_of
from attnviz.models.about import ModelAbout
from attnviz.score import Array, ScoreRule, attention, mask_intervals

KIND = DocumentKind("given", gap=1)
_AGREES = 1e-3
"""Attention by the rule may be so far from the attention given beside it: half precision."""


@dataclass(frozen=True, kw_only=True)
class Gift:
    """What was given of one model, as it was given. `by` says by whom in words.

    attention: by stack ("" for the only one), in the forms of `layers_by_document`.
    queries, keys: the same of vectors, of the one stack.
    layers: the numbers of the layers that were given; by default all from zero.
    missing: whether rows may sum to less than 1, as where only the strongest weights were kept.
    lenient: whether queries and keys that do not give the attention beside them are left out with
        a notice, and not refused.
    about: what is known of a model that ran for it.
    """

    by: str
    tokens: Any
    attention: Mapping[str, Any] = field(default_factory=dict)
    queries: Any = None
    keys: Any = None
    rule: GivenRule | None = None
    texts: Sequence[str] | None = None
    titles: Sequence[str] | None = None
    labels: Sequence[Mapping[str, str]] | None = None
    layers: Sequence[int] | None = None
    missing: bool = False
    lenient: bool = False
    where: str = "attention"
    about: ModelAbout | None = None


def give(gift: Gift, name: str, title: str) -> GivenModel:
    """The model of what was given. Raises InputError that says what does not fit, where, and what
    is expected."""
    pieces, several = documents_of_tokens(gift.tokens)
    _check_texts(gift, len(pieces))
    reading = _Reading(gift, pieces, several)
    layers = [*reading.vectors()] if gift.queries is not None else []
    if not layers:
        layers = [layer for stack in gift.attention for layer in reading.attention(stack)]
    if not layers:
        raise InputError(f"{gift.where}: there are no layers; expected one at least")
    numbers = numbers_of([piece for each in pieces for piece in each.values()])
    documents = []
    for number, axes in enumerate(pieces):
        document, tokens = _document(gift, number, axes, numbers)
        of_document = tuple(by_document[number] for by_document in layers)
        documents.append(GivenDocument(document, tokens, of_document))
    return GivenModel(
        name=name,
        title=title,
        by=gift.by,
        sha256=_digest(documents),
        documents=documents,
        about=gift.about,
        max_error=reading.max_error,
        rows=reading.rows,
        notices=tuple(
            Notice("given", f"{name}: {message}", None, name) for message in reading.messages
        ),
    )


class _Reading:
    """The layers of a gift, checked; `messages` are what is to be said of them."""

    def __init__(self, gift: Gift, pieces: Sequence[Pieces], several: bool) -> None:
        self.gift, self.pieces, self.several = gift, pieces, several
        self.messages: list[str] = []
        self.max_error, self.rows = 0.0, 0

    def axes(self, stack: str) -> tuple[str, str]:
        """The axes of queries and keys of a stack. Raises InputError if its tokens were not
        given."""
        axes = STACKS.get(stack, (TEXT, TEXT))
        if TEXT in self.pieces[0]:
            axes = (TEXT, TEXT) if stack != "cross" else axes
        if not set(axes) <= set(self.pieces[0]):
            raise InputError(
                f"tokens: {' and '.join(dict.fromkeys(axes))} were not given, which the"
                f" {stack or 'only'} stack is of; expected tokens={{'source': …, 'target': …}}"
            )
        return axes

    def attention(self, stack: str) -> list[list[GivenLayer]]:
        """The layers of a stack, each by document."""
        where = f"{self.gift.where}: {stack}" if stack else self.gift.where
        query_axis, key_axis = self.axes(stack)
        by_document = self._by_document(self.gift.attention[stack], query_axis, key_axis, where)
        off, shares = 0.0, []
        for number, layers in enumerate(by_document):
            queries, keys = len(self.pieces[number][query_axis]), len(self.pieces[number][key_axis])
            for place, a in enumerate(layers):
                at = self._at(where, number, place)
                check_shape(a, queries, keys, at)
                layers[place], farthest = check_rows(a, at, self.gift.missing)
                off = max(off, farthest)
                shares.append(1 - float(a.sum(-1).mean()))
        if message := scaling_notice(off):
            self.messages.append(message)
        if self.gift.missing:
            self.messages.append(_missing_words(float(np.mean(shares))))
        layers_of = []
        for place in range(len(by_document[0])):
            arrays = [layers[place] for layers in by_document]
            mask = mask_of(arrays)
            layers_of.append(
                [
                    GivenLayer(
                        stack=stack, layer=self._number(place), query_axis=query_axis,
                        key_axis=key_axis, mask=mask, a=a, missing=self.gift.missing,
                    )
                    for a in arrays
                ]
            )  # fmt: skip
        return layers_of

    def vectors(self) -> list[list[GivenLayer]]:
        """The layers as queries and keys with their rule; [] where these do not give the attention
        beside them and may be left out.

        Raises InputError if they do not and may not, or if a rule is lacking.
        """
        gift = self.gift
        query_axis, key_axis = self.axes("")
        q = self._by_document(gift.queries, query_axis, key_axis, "queries", square=False)
        k = self._by_document(gift.keys, key_axis, key_axis, "keys", square=False)
        beside = self.attention("") if "" in gift.attention else None
        if gift.rule is None and beside is None:
            raise InputError(
                "rule: is lacking; expected rule={'mask': 'causal'} or {'mask': 'full'}, as queries"
                " and keys alone do not say which keys a query sees"
            )
        if len({len(layers) for layers in (*q, *k)}) != 1 or (
            beside is not None and len(beside) != len(q[0])
        ):
            raise InputError(
                f"queries: {len(q[0])} layers, keys: {len(k[0])}"
                f"{'' if beside is None else f', attention: {len(beside)}'}; expected as many"
                " of each"
            )
        layers_of = []
        for place in range(len(q[0])):
            of_layer = []
            for number in range(len(self.pieces)):
                a = None if beside is None else beside[place][number]
                layer = self._with_vectors(q[number][place], k[number][place], a, number, place)
                if layer is None:
                    return []
                of_layer.append(layer)
            layers_of.append(of_layer)
        return layers_of

    def _with_vectors(
        self, q: Array, k: Array, beside: GivenLayer | None, number: int, place: int
    ) -> GivenLayer | None:
        """A layer of a document with its vectors; None where they do not give the attention."""
        query_axis, key_axis = self.axes("")
        at = self._at("queries", number, place)
        self._check_vectors(q, k, number, place)
        rule = self.gift.rule or GivenRule(beside.mask if beside else mask_of([]))
        layer = GivenLayer(
            stack="", layer=self._number(place), query_axis=query_axis, key_axis=key_axis,
            mask=rule.mask, q=q, k=k, scaling=rule.factor(q.shape[2]), softcap=rule.softcap,
        )  # fmt: skip
        if beside is None or beside.a is None:
            return layer
        intervals = mask_intervals(rule.mask, q.shape[1], k.shape[1])
        by_rule = attention(q, k, _score_rule(layer), intervals)
        error = float(np.abs(np.nan_to_num(by_rule) - beside.a).max())
        if error <= _AGREES:
            self.max_error = max(self.max_error, error)
            self.rows += by_rule.shape[0] * by_rule.shape[1]
            return layer
        wrong = (
            f"{at}: attention by the rule is off by up to {error:.2g} from the attention given"
            f" (mask {rule.mask.kind}, scaling {layer.scaling:.4g})"
        )
        if not self.gift.lenient:
            raise InputError(
                f"{wrong}; expected queries and keys as they are multiplied, after rotary"
                " embedding, and their rule: mask, scaling, softcap, window"
            )
        self.messages.append(
            f"{wrong}; queries and keys are left out, so there are no maps of them"
        )
        return None

    def _check_vectors(self, q: Array, k: Array, number: int, place: int) -> None:
        pieces = self.pieces[number]
        query_axis, key_axis = self.axes("")
        for name, vectors, axis in (("queries", q, query_axis), ("keys", k, key_axis)):
            if vectors.ndim != 3 or vectors.shape[1] != len(pieces[axis]):
                raise InputError(
                    f"{self._at(name, number, place)}: has shape {vectors.shape}, and there are"
                    f" {len(pieces[axis])} tokens; expected (heads, {len(pieces[axis])}, channels)"
                )
            if not np.isfinite(vectors).all():
                raise InputError(f"{self._at(name, number, place)}: holds NaN or infinity")
        if q.shape[2] != k.shape[2] or q.shape[0] % k.shape[0]:
            raise InputError(
                f"{self._at('keys', number, place)}: has shape {k.shape}, the queries {q.shape};"
                " expected as many channels, and heads that share keys in equal groups"
            )

    def _by_document(
        self, value: Any, query_axis: str, key_axis: str, where: str, square: bool = True
    ) -> list[list[Array]]:
        rows = [len(pieces[query_axis]) for pieces in self.pieces]
        by_document = layers_by_document(
            value, rows, self.several, where, square and query_axis == key_axis
        )
        layers = self.gift.layers
        counts = {len(each) for each in by_document}
        if len(counts) != 1 or (layers is not None and counts != {len(layers)}):
            expected = "as many of every document" if layers is None else f"{len(layers)} layers"
            raise InputError(
                f"{where}: has {' or '.join(map(str, sorted(counts)))} layers; expected {expected}"
            )
        heads = {a.shape[0] for each in by_document for a in each if square}
        shapes = [{each[place].shape[0] for each in by_document} for place in range(min(counts))]
        if any(len(of_layer) > 1 for of_layer in shapes):
            raise InputError(
                f"{where}: documents differ in their number of heads"
                f" ({', '.join(map(str, sorted(heads)))}); expected the same of each"
            )
        return by_document

    def _number(self, place: int) -> int:
        return place if self.gift.layers is None else int(self.gift.layers[place])

    def _at(self, where: str, number: int, place: int) -> str:
        document = f"document {number}, " if self.several else ""
        return f"{where}: {document}layer {self._number(place)}"


def _score_rule(layer: GivenLayer) -> ScoreRule:
    return ScoreRule(layer.scaling, layer.mask, layer.softcap)


def _missing_words(share: float) -> str:
    return (
        "only the strongest weights of each row were kept: what is missing of it"
        f" ({100 * share:.2g} % on average) is shown as missing, on no token; the statistic"
        " “Missing” has its share of each head"
    )


def _check_texts(gift: Gift, count: int) -> None:
    """Raises InputError if texts, titles or labels are not one a document, or if any text is none
    that a file can hold."""
    for name in ("tokens", "texts", "titles", "labels"):
        check_characters(getattr(gift, name), name)
    for name in ("texts", "titles", "labels"):
        values = getattr(gift, name)
        if values is not None and len(values) != count:
            raise InputError(
                f"{name}: there are {len(values)}, and {count} documents; expected one of each"
            )


def _document(
    gift: Gift, number: int, axes: Pieces, numbers: dict[str, int]
) -> tuple[Document, dict[str, Any]]:
    """A document and its tokens by axis; of two axes the text is both, one under the other."""
    whole_text = None if gift.texts is None else gift.texts[number]
    text, tokens, second = "", {}, None
    for axis, pieces in axes.items():
        part, of_axis = tokens_of(pieces, numbers, whole_text if len(axes) == 1 else None)
        if text:
            text += "\n"
            second = len(text)
            places = of_axis.start >= 0
            of_axis = replace(
                of_axis,
                start=np.where(places, of_axis.start + second, -1).astype(np.int32),
                end=np.where(places, of_axis.end + second, -1).astype(np.int32),
            )
        text, tokens[axis] = text + part, of_axis
    title = opening(text) if gift.titles is None else gift.titles[number]
    labels = {} if gift.labels is None else dict(gift.labels[number])
    title = title or f"Document {number}"
    return Document(0, title, text, KIND, second=second, labels=labels), tokens


def _digest(documents: Sequence[GivenDocument]) -> str:
    """SHA-256 of the texts, tokens and arrays, in hexadecimal digits."""
    digest = hashlib.sha256()
    for each in documents:
        digest.update(repr((each.document.text, [t.texts for t in each.axes.values()])).encode())
        for layer in each.layers:
            for array in (layer.a, layer.q, layer.k):
                digest.update(b"" if array is None else np.ascontiguousarray(array).data)
    return digest.hexdigest()
