"""A document's attention as files of other programs hold it: tokens, text, and a matrix for each
head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from attnviz.errors import InputError
from attnviz.importers.assembling import Gift
from attnviz.importers.checking import as_array, check_characters, check_rows, check_shape
from attnviz.score import Array

PADDING: Final = frozenset(
    ("[PAD]", "<pad>", "<|pad|>", "<|padding|>", "<|finetune_right_pad_id|>", "<|PAD_TOKEN|>")
)
"""What vocabularies call the token that fills texts up."""


@dataclass(frozen=True, kw_only=True)
class AttentionRecord:
    """The attention (heads, T, T) of some layers of a model on one document, in order of `layers`,
    which are their numbers.

    `missing` says whether rows may sum to less than 1. `prediction` is what a classifier says of
    the document: its label and the label's probability.
    """

    tokens: tuple[str, ...]
    text: str
    layers: tuple[int, ...]
    attention: Sequence[Array]
    missing: bool = False
    prediction: Mapping[str, Any] = field(default_factory=dict)

    def without_padding(self, mask: Sequence[int] | None = None) -> AttentionRecord:
        """The record without the rows and columns of padding: tokens of `PADDING`, or those where
        `mask` (T,) is 0."""
        kept = [
            number
            for number, token in enumerate(self.tokens)
            if (token not in PADDING if mask is None else mask[number])
        ]
        if len(kept) == len(self.tokens):
            return self
        return replace(
            self,
            tokens=tuple(self.tokens[number] for number in kept),
            attention=[a[:, kept][:, :, kept] for a in self.attention],
        )


def record_of(
    where: str,
    *,
    tokens: Any,
    text: Any,
    matrices: Mapping[int, Any],
    mask: Any = None,
    missing: bool = False,
    prediction: Any = None,
) -> AttentionRecord:
    """A record of what a file holds: the `matrices` of each layer, by its number. Padding is taken
    out. Raises InputError, which begins with `where`, if anything of it is not as it must be."""
    if not isinstance(tokens, list) or not tokens or not all(isinstance(t, str) for t in tokens):
        raise InputError(f"{where}: tokens: expected a list of texts, the tokens in order")
    if text is not None and not isinstance(text, str):
        raise InputError(f"{where}: text: expected a text")
    check_characters([tokens, text, prediction], where)
    if mask is not None and (not isinstance(mask, list) or len(mask) != len(tokens)):
        raise InputError(f"{where}: attention_mask: expected a 0 or 1 for each of the tokens")
    if not matrices:
        raise InputError(f"{where}: holds no layers; expected one at least")
    layers = []
    for number, value in matrices.items():
        a = as_array(value, f"{where}: layer {number}")
        check_shape(a, len(tokens), len(tokens), f"{where}: layer {number}")
        layers.append(a)
    record = AttentionRecord(
        tokens=tuple(tokens),
        text=text or "",
        layers=tuple(matrices),
        attention=layers,
        missing=missing,
        prediction=prediction if isinstance(prediction, dict) else {},
    ).without_padding(mask)
    for number, a in zip(record.layers, record.attention, strict=True):
        check_rows(a, f"{where}: layer {number}", missing)
    return record


def gift_of_records(records: Sequence[AttentionRecord], by: str) -> Gift:
    """The records as what is given to a build; `by` is the file's name. Raises InputError if they
    are not of the same layers."""
    first = records[0]
    for number, record in enumerate(records):
        if record.layers != first.layers or record.missing != first.missing:
            raise InputError(
                f"{by}: document {number} has other layers than document 0; expected the same of"
                " each"
            )
    texts = [record.text for record in records]
    labels = [_labels(record) for record in records]
    return Gift(
        by=by,
        where=by,
        tokens=[list(record.tokens) for record in records],
        attention={"": [[np.asarray(a) for a in record.attention] for record in records]},
        texts=texts if all(texts) else None,
        labels=labels if any(labels) else None,
        layers=first.layers,
        missing=first.missing,
    )


def _labels(record: AttentionRecord) -> dict[str, str]:
    """What a classifier says, as labels of the document."""
    return {"prediction": str(record.prediction["label"])} if "label" in record.prediction else {}
