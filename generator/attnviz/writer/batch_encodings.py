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


@dataclass(frozen=True)
class Sizes:
    """The bytes of each encoding, and how many values of queries and keys a kv head has."""

    bytes: dict[str, int]
    values: int


@dataclass(frozen=True)
class Trial:
    """An encoding to try on a group, packed codes at the noise of each kv head."""

    encoding: str
    noise: tuple[float, ...] = ()


@dataclass(frozen=True)
class Tried:
    """What came of it: the errors, and the bits that a kv head's values take in packed codes."""

    errors: ErrorSums
    bits: list[float]


@step("sizes of a batch")
def measure_sizes(captured: Capture, groups: Sequence[int | None]) -> list[list[Sizes]]:
    """What each encoding takes, by layer and group, of the one batch that was `captured`; `groups`
    (documents,) are the documents' groups, None for those that are not stored."""
    sizes = []
    for layer in captured_layers(captured):
        about = layer.layer
        of_layer = [dict.fromkeys(encodings_of(about), 0) for _ in range(count_of(groups))]
        values = [0] * len(of_layer)
        for document in layer.documents():
            group = groups[document.document]
            if group is None:
                continue
            tokens = len(document.intervals.lo) * about.group + document.intervals.keys
            values[group] += tokens * about.head_size
            costs = of_layer[group]
            for encoding in costs:
                costs[encoding] += stored_bytes(
                    encoding, document.intervals, about.group, about.head_size
                )
        sizes.append([Sizes(*each) for each in zip(of_layer, values, strict=True)])
    return sizes


@step("errors of a batch")
def measure_errors(
    captured: Capture,
    groups: Sequence[int | None],
    trials: Sequence[Sequence[Trial | None]],
) -> list[list[Tried | None]]:
    """What comes of these trials, by layer and group, None for none; of the one batch that was
    `captured`."""
    measured: list[list[Tried | None]] = []
    for layer, of_layer in zip(captured_layers(captured), trials, strict=True):
        about = layer.layer
        errors = [Errors.none(about.heads) for _ in of_layer]
        bits = [np.zeros(about.kv_heads) for _ in of_layer]
        trying = {number for number, trial in enumerate(of_layer) if trial is not None}
        among = frozenset(number for number, group in enumerate(groups) if group in trying)
        for document in layer.documents(among):
            group = groups[document.document] or 0
            if (trial := of_layer[group]) is not None:
                noise = np.array(trial.noise) if trial.noise else None
                of_document, packed = measure_encoding(document, about, trial.encoding, noise)
                errors[group].merge(of_document)
                bits[group] += packed
        measured.append(
            [
                None if trial is None else Tried(ErrorSums.of(sums), of_group.tolist())
                for trial, sums, of_group in zip(of_layer, errors, bits, strict=True)
            ]
        )
    return measured


def count_of(groups: Sequence[int | None]) -> int:
    """How many groups there are among those of a batch's documents."""
    return len({group for group in groups if group is not None})
