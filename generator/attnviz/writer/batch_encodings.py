"""What the attention of one batch takes in each encoding, and how far it is then from the model's
own: steps of the build. Groups of documents are numbered within the batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from attnviz.capture.captured_layer import captured_layers
from attnviz.capture.result import Capture
from attnviz.encoding import Errors, stored_bytes
from attnviz.engine.step import step
from attnviz.writer.encoding_choice import encodings_of, measure_encoding


@dataclass(frozen=True)
class ErrorSums:
    """The running errors of one layer's heads, (heads,) each; see `encoding.Errors`."""

    total_variation: list[float]
    max_error: list[float]
    top1: list[float]
    rows: list[float]
    worst: list[float]
    all_rows: list[float]
    variation_variance: list[float]
    top1_variance: list[float]
    worst_variance: list[float]

    @classmethod
    def of(cls, errors: Errors) -> ErrorSums:
        """The same as lists."""
        return cls(**{name: column.tolist() for name, column in asdict(errors).items()})

    def errors(self) -> Errors:
        """The same as arrays."""
        return Errors(**{name: np.array(column) for name, column in vars(self).items()})


@step("sizes of a batch")
def measure_sizes(captured: Capture, groups: Sequence[int | None]) -> list[list[dict[str, int]]]:
    """The bytes of each encoding, by layer and group, of the one batch that was `captured`;
    `groups` (documents,) are the documents' groups, None for those that are not stored."""
    sizes = []
    for layer in captured_layers(captured):
        about = layer.layer
        of_layer = [dict.fromkeys(encodings_of(about), 0) for _ in range(count_of(groups))]
        for document in layer.documents():
            group = groups[document.document]
            if group is None:
                continue
            costs = of_layer[group]
            for encoding in costs:
                costs[encoding] += stored_bytes(
                    encoding, document.intervals, about.group, about.head_size
                )
        sizes.append(of_layer)
    return sizes


@step("errors of a batch")
def measure_errors(
    captured: Capture,
    groups: Sequence[int | None],
    encodings: Sequence[Sequence[str | None]],
) -> list[list[ErrorSums | None]]:
    """The errors of every head in these encodings, by layer and group, None for none; of the one
    batch that was `captured`."""
    measured: list[list[ErrorSums | None]] = []
    for layer, of_layer in zip(captured_layers(captured), encodings, strict=True):
        heads = layer.layer.heads
        errors = [None if encoding is None else Errors.none(heads) for encoding in of_layer]
        trying = {number for number, encoding in enumerate(of_layer) if encoding is not None}
        among = frozenset(number for number, group in enumerate(groups) if group in trying)
        for document in layer.documents(among):
            group = groups[document.document] or 0
            encoding, sums = of_layer[group], errors[group]
            if encoding is not None and sums is not None:
                sums.merge(measure_encoding(document, heads, encoding))
        measured.append([None if sums is None else ErrorSums.of(sums) for sums in errors])
    return measured


def count_of(groups: Sequence[int | None]) -> int:
    """How many groups there are among those of a batch's documents."""
    return len({group for group in groups if group is not None})
