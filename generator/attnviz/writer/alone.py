"""Documents of a batch read alone: the truth of what the report stores is what the model, as it was
loaded, does with a document by itself.

The longest and the shortest of each batch, and a few others of a large one, are run once more,
each by itself. Where the batch's attention differs from that by more than the corpus allows as an
error, the build stops.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from attnviz.capture.batches import Batch, make_batch
from attnviz.capture.calls import CapturedBatch
from attnviz.capture.eager import visit_eager_attention
from attnviz.capture.result import Capture, Layer
from attnviz.capture.runner import model_inputs, write_batch
from attnviz.encoding import Errors
from attnviz.errors import InputError
from attnviz.modalities.family import Family
from attnviz.modalities.model_input import ModelInput
from attnviz.models.loaded import LoadedModel
from attnviz.sampling import measured_rows
from attnviz.score import Array
from attnviz.writer.certificates import Stored, by_eager, is_exact, refuse_nan
from attnviz.writer.encoding_choice import errors_of, together

FEW: Final = 2
_MANY: Final = 9
"""Documents of a batch that are compared beside its longest and its shortest, where it has many."""
_ROUNDED: Final = {torch.bfloat16: 0.1, torch.float16: 0.03}
"""Bounds on total variation in half precision, where two passes over a deep model drift apart by
rounding alone, of a single entry by any amount: three and five times what was measured."""


def drawn_rows(batch: Batch, seed: int) -> list[int]:
    """Which of a batch's documents are compared, by their place in it, sorted."""
    lengths = np.max([batch.lengths[axis] for axis in batch.lengths], 0)
    order = np.argsort(lengths, kind="stable")
    count = FEW if len(order) >= _MANY else 0
    few = np.random.default_rng([seed, len(order)]).permutation(order[1:-1])[:count]
    return sorted({int(row) for row in (order[0], order[-1], *few)})


@dataclass(frozen=True)
class AloneReader:
    """Reads a captured batch's documents alone; `captures` and `stored` are its layers' by their
    call, `bounds` the corpus's on total variation and on the largest error, `numbers` the numbers
    of its documents in the corpus."""

    loaded: LoadedModel
    family: Family
    batch: CapturedBatch
    members: Sequence[ModelInput]
    captures: Mapping[int, Capture]
    stored: Mapping[int, Stored]
    bounds: tuple[float, float]
    numbers: Sequence[int]

    def errors(self, row: int) -> dict[int, Errors]:
        """Errors of what is stored of the batch's document `row`, by call, against the document
        alone; of no rows of a document that is not stored, and in half precision, where
        certificates are measured by the batch.

        Raises InputError that names the head and the document if the batch itself differs from it.
        """
        member = self.members[row]
        single = make_batch((0,), [member], self.family.lengths)
        if by_eager(self.loaded, self.batch):
            return self._by_eager(single, member, row)
        with tempfile.TemporaryDirectory() as folder:
            write_batch(self.loaded, self.family, single, [member], folder=Path(folder))
            return self._by_capture(CapturedBatch(single, Path(folder)), row)

    def _by_eager(self, single: Batch, member: ModelInput, row: int) -> dict[int, Errors]:
        calls = self.batch.calls()
        numbers = {(call.module, call.module_call): n for n, call in enumerate(calls)}
        errors: dict[int, Errors] = {}

        def visit(path: str, count: int, weights: Any) -> None:
            number = numbers.get((path, count), -1)
            if number in self.stored:
                selected = weights[0, self.stored[number].layer.selected]
                truth = selected.detach().float().cpu().numpy()  # (head, query, key)
                errors[number] = self._compare(number, row, lambda rows: truth[:, rows])

        inputs = model_inputs(self.loaded, self.family, single, [member])
        visit_eager_attention(self.loaded, self.family, single, inputs, calls=calls, visit=visit)
        for number in self.stored.keys() - errors.keys():
            raise self._differing(self.stored[number].layer, row, "has no attention of its own")
        return errors

    def _by_capture(self, alone: CapturedBatch, row: int) -> dict[int, Errors]:
        errors = {}
        for number, capture in self.captures.items():
            layer = self.stored[number].layer
            document = next(capture.batch_documents(layer, alone))
            errors[number] = self._compare(number, row, document.attention)
        return errors

    def _compare(self, number: int, row: int, truth: Callable[[slice], Array]) -> Errors:
        """Errors of what is stored of one document in one layer, against its rows (head, rows, K)
        alone."""
        stored = self.stored[number]
        layer = stored.layer
        exact = is_exact(self.loaded) and stored.has(self.batch.batch.documents[row])
        document = next(self.captures[number].batch_documents(layer, self.batch, [row]))
        errors, apart = [], Errors.none(layer.heads)
        for rows in measured_rows(document.intervals, layer.heads):
            defined = document.intervals.rows(rows).defined
            alone = truth(rows)[..., : document.intervals.keys]
            refuse_nan(self.loaded.name, layer, self.numbers[row], alone[:, defined])
            apart.add(alone, document.attention(rows), defined)
            if exact:
                decoded = stored.decode(document.document, document.intervals, rows)
                errors.append(errors_of(alone, decoded, defined))
        self.refuse(layer, row, apart)
        return together(errors, document.intervals) if exact else Errors.none(layer.heads)

    def refuse(self, layer: Layer, row: int, apart: Errors) -> None:
        """Raises InputError if the document's attention in the batch is not that alone; `apart` is
        how far the two are from one another."""
        rounded = _ROUNDED.get(self.loaded.model.dtype)
        bounds = self.bounds if rounded is None else (max(rounded, self.bounds[0]), 1.0)
        variation = apart.total_variation / np.maximum(apart.rows, 1)
        over = np.flatnonzero((variation > bounds[0]) | (apart.max_error > bounds[1]))
        if len(over):
            head = int(over[np.argmax(variation[over])])
            figures = (
                f"H{layer.numbers[head]} differs by {variation[head]:.2g} in total variation"
                f" (bound {bounds[0]:g}), {apart.max_error[head]:.2g} at most (bound {bounds[1]:g})"
            )
            raise self._differing(layer, row, figures)

    def _differing(self, layer: Layer, row: int, figures: str) -> InputError:
        document, count = self.numbers[row], len(self.numbers)
        where = f"{layer.stack} L{layer.layer}{'' if figures[0] == 'H' else ' '}{figures}"
        if count == 1:
            return InputError(
                f"model {self.loaded.name}: document {document} is read otherwise from pass to"
                f" pass: {where}; what the model does depends on chance or on what ran before, so"
                " that no report of it is true"
            )
        return InputError(
            f"model {self.loaded.name}: document {document} is read otherwise alone than in its"
            f" batch of {count}: {where}; what the model does depends on what stands beside a"
            " document: set batch_tokens: 1, so that each document runs by itself"
        )
