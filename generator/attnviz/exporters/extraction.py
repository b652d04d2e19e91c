"""From what was captured of a model to records of attention, document by document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from attnviz.capture.corpus import CapturedModel
from attnviz.capture.result import Capture, Layer
from attnviz.config.made_columns import PREDICTION
from attnviz.documents.document import Document
from attnviz.errors import InputError
from attnviz.importers.records import AttentionRecord
from attnviz.resolution.predictions import PROBABILITY
from attnviz.score import Array


def records_of(
    captured: CapturedModel,
    documents: Sequence[Document],
    layers: Sequence[int] = (),
    stack: str | None = None,
) -> list[AttentionRecord]:
    """The attention of every document that the model reads, float32; of these `layers`, by default
    all, of one stack of self-attention. Rows that see no token are 0 throughout.

    Raises InputError if the model has several such stacks and none is named, or no such layer.
    """
    of_stack = _layers(captured.captured, layers, stack, captured.model.name)
    arrays: list[dict[int, Array]] = [{} for _ in documents]
    for layer in of_stack:
        for document in captured.captured.documents(layer):
            arrays[document.document][layer.layer] = np.nan_to_num(document.attention())
    axis = captured.model.axes[of_stack[0].query_axis]
    records = []
    for number, by_layer in enumerate(arrays):
        tokens = axis.documents[number]
        if tokens is not None and by_layer:
            records.append(
                AttentionRecord(
                    tokens=tokens.texts,
                    text=documents[number].text,
                    layers=tuple(by_layer),
                    attention=list(by_layer.values()),
                    missing=any(layer.sinks is not None for layer in of_stack),
                    prediction=prediction_of(documents[number].labels),
                )
            )
    return records


def prediction_of(labels: Mapping[str, str]) -> dict[str, Any]:
    """What a classifier says of a document, from the document's labels; {} where none does."""
    if PREDICTION not in labels:
        return {}
    share = labels.get(PROBABILITY)
    return {"label": labels[PREDICTION]} | ({} if share is None else {"probability": float(share)})


def _layers(
    captured: Capture, numbers: Sequence[int], stack: str | None, model: str
) -> list[Layer]:
    """The layers to extract, in order."""
    square = [layer for layer in captured.layers if not layer.cross]
    stacks = list(dict.fromkeys(layer.stack for layer in square))
    if stack is None and len(stacks) > 1:
        raise InputError(
            f"--stack: model {model} has {', '.join(stacks)}; name one: a file holds one stack"
        )
    if stack is not None and stack not in stacks:
        raise InputError(
            f"--stack {stack}: model {model} has {', '.join(stacks)}; name one of them"
        )
    of_stack = [layer for layer in square if layer.stack == (stack or stacks[0])]
    present = [layer.layer for layer in of_stack]
    if missing := [number for number in numbers if number not in present]:
        raise InputError(
            f"--layer {missing[0]}: model {model} has layers {present[0]} to {present[-1]},"
            " counted from zero"
        )
    return [layer for layer in of_stack if not numbers or layer.layer in numbers]
