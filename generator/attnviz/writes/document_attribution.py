"""What heads and other parts of a model add to the logits of the tokens of documents, as a step of
the build."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import torch

from attnviz.capture.result import Layer
from attnviz.effects.batch_effects import EffectInputs
from attnviz.effects.measured_model import MeasuredModel
from attnviz.effects.reading import reading_of
from attnviz.engine.step import folder_step
from attnviz.logit_codes import encode_logits, largest_error
from attnviz.modalities.family import Family
from attnviz.modalities.model_input import ModelInput
from attnviz.models.foreign import foreign_work
from attnviz.models.state import restored
from attnviz.score import Array
from attnviz.writes.anatomy import TracedBlock, TracedCall, trace
from attnviz.writes.logit_parts import LogitParts, NoSumOfPartsError, Projections

NO_HEAD: Final = "the model has no head for next tokens"
BY_TOKEN: Final = ("logits", "embedding", "last_bias", "between")
"""Parts that a token has one of, beside the logit itself."""
BY_LAYER: Final = ("attention_bias", "feed_forward", "rest")
"""Parts that it has one of for each layer."""
MOST_TOKENS: Final = 256
"""Of documents of at most so many tokens pairs are stored: of longer ones they would take more
than all else."""

Arrays = dict[str, Any]
"""By name, as a file has them."""


@dataclass(frozen=True)
class AttributedDocument:
    """One document: its tokens that one follows; how far its heads' codes are off, in logits; the
    numbers of the layers whose heads are not told apart from their blocks; and what else parts are
    not of. `pairs` are the numbers of the layers whose pairs are there, and `pairs_error` is how
    far these are off."""

    tokens: int = 0
    error: float = 0.0
    untold: tuple[int, ...] = ()
    left_out: tuple[str, ...] = ()
    pairs: tuple[int, ...] = ()
    pairs_error: float = 0.0


@dataclass(frozen=True)
class AttributedBatch:
    """The documents of a step, in order; or, of none, why nothing is known of the model."""

    documents: list[AttributedDocument] = field(default_factory=list)
    reason: str = ""


@folder_step("logit attribution")
def attribute_batch(
    into: Path,
    model: MeasuredModel,
    family: Family,
    layers: Sequence[Layer],
    inputs: EffectInputs,
    with_pairs: bool,
    seed: int,
) -> AttributedBatch:
    """Writes `‹n›.npz` of each document, by its place among `inputs`, unless it has one token:
    `codes` (tokens, heads) int16 and `scales` (tokens,) float32 of all `layers`' heads, one layer
    after another; `BY_TOKEN`, (tokens,), and `BY_LAYER`, (tokens, layers), float32. With pairs,
    and unless the document is longer than `MOST_TOKENS`, `‹n›-‹layer›.npz` of each layer of which
    pairs are known: `codes` (heads, tokens, keys) int8 and `scales` (heads, tokens) float32."""
    failure = f"model {model.loaded.name}: what its heads add to logits cannot be found out"
    with foreign_work(failure, "leave writes out"), torch.inference_mode():
        if not model.predicts_next:
            return AttributedBatch(reason=NO_HEAD)
        work = _Work(model, family, layers, seed)
        most = MOST_TOKENS if with_pairs else 0
        documents = []
        for place, member in enumerate(inputs.members):
            try:
                attributed, files = work.of(member, most)
            except NoSumOfPartsError as error:
                return AttributedBatch(reason=str(error))
            documents.append(attributed)
            for name, arrays in files.items():
                np.savez(into / f"{place}{name}.npz", **arrays)
        return AttributedBatch(documents)


class _Work:
    """Passes of one model, each of one document alone."""

    def __init__(
        self, model: MeasuredModel, family: Family, layers: Sequence[Layer], seed: int
    ) -> None:
        self._model, self._family, self._layers, self._seed = model, family, layers, seed
        self._projections: Projections = {}
        self._telling: frozenset[int] | None = None

    def of(self, member: ModelInput, most: int) -> tuple[AttributedDocument, dict[str, Arrays]]:
        """One document and its arrays, by the endings of their files' names: with those of pairs if
        it has at `most` so many tokens."""
        count = len(next(iter(member.axes.values())))
        if count < 2:
            return AttributedDocument(), {}
        parts, calls = self._pass(member, count)
        heads, by_layer, untold = self._by_layer(parts, calls)
        attending = {id(place.block): place.block for place in calls.values()}
        by_token = {
            "logits": parts.logits,
            "embedding": parts.embedding,
            "last_bias": parts.last_bias,
            "between": parts.between(list(attending.values())),
        }
        codes = encode_logits(heads.T, np.int16)
        arrays: Arrays = {"codes": codes.codes, "scales": codes.scales}
        arrays |= {name: values.T.astype(np.float32) for name, values in by_layer.items()}
        arrays |= {name: values.astype(np.float32) for name, values in by_token.items()}
        error = largest_error(codes, heads.T)
        files, paired, pairs_error = {"": arrays}, [], 0.0
        for number, place in calls.items() if count <= most else ():
            of_layer = self._pairs(parts, number, place)
            if of_layer is not None:
                paired.append(number)
                files[f"-{number}"], off = of_layer
                pairs_error = max(pairs_error, off)
        document = AttributedDocument(
            count - 1, error, untold, tuple(parts.left_out), tuple(paired), pairs_error
        )
        return document, files

    def _pairs(self, parts: LogitParts, number: int, place: _Place) -> tuple[Arrays, float] | None:
        """What each key brings of a layer's heads, and how far the codes of that are off; None
        where it is not known."""
        known = parts.pairs(place.call) if place.block.adds else None
        if known is None:
            return None
        selected = self._layers[number].selected
        added = known.added[selected] * known.attention[selected]  # (head, query, key)
        rows = added.reshape(-1, added.shape[-1])
        codes = encode_logits(rows, np.int8)
        arrays = {
            "codes": codes.codes.reshape(added.shape),
            "scales": codes.scales.reshape(added.shape[:2]),
        }
        return arrays, largest_error(codes, rows)

    def _pass(self, member: ModelInput, count: int) -> tuple[LogitParts, dict[int, _Place]]:
        """The parts of a document of `count` tokens, and by number the layers' calls in blocks."""
        network, family = self._model.network, self._family
        inputs = reading_of(self._model, family, "next token", [member], self._seed).inputs
        options = {"use_cache": False} if hasattr(network.body.config, "use_cache") else {}

        def run() -> Any:
            return network.whole(**inputs, output_hidden_states=True, **options)

        modules = [layer.module for layer in self._layers]
        with restored(network.whole):
            anatomy = trace(network.body, modules, run, self._telling)
        self._telling = anatomy.telling()
        ids = inputs["input_ids"][0, :count]
        parts = LogitParts(network.whole, anatomy, ids, self._projections)
        numbers = {(layer.module, layer.module_call): n for n, layer in enumerate(self._layers)}
        places = {
            numbers[call.call]: _Place(block, call)
            for block in parts.blocks
            for call in block.calls
            if call.call in numbers
        }
        return parts, dict(sorted(places.items()))

    def _by_layer(
        self, parts: LogitParts, calls: dict[int, _Place]
    ) -> tuple[Array, dict[str, Array], tuple[int, ...]]:
        """What heads add, (heads, T − 1), NaN where that is not told apart; parts of layers,
        (layers, T − 1), by name; and the numbers of the layers where heads are not told apart."""
        count = len(parts.logits)
        heads = [np.full((layer.heads, count), np.nan) for layer in self._layers]
        by_layer = {name: np.zeros((len(heads), count)) for name in BY_LAYER}
        counted: set[int] = set()
        for number, (block, call) in calls.items():
            first = id(block) not in counted
            counted.add(id(block))
            if not block.adds:
                if first:
                    by_layer["rest"][number] = parts.of(block.change)
                continue
            of_call, selected = parts.heads(call), self._layers[number].selected
            heads[number] = of_call.heads[selected]
            by_layer["attention_bias"][number] = of_call.bias
            by_layer["rest"][number] += np.delete(of_call.heads, selected, 0).sum(0)
            if not first:
                continue
            if block.feed_forward is not None:
                added = block.factor * block.feed_forward.double()
                by_layer["feed_forward"][number] = parts.of(added)
            captured = {id(place.call) for place in calls.values()}
            for other in block.calls:
                if id(other) not in captured:
                    left = parts.heads(other)
                    by_layer["rest"][number] += left.heads.sum(0) + left.bias
        untold = tuple(n for n, of_layer in enumerate(heads) if np.isnan(of_layer).any())
        return np.concatenate(heads), by_layer, untold


class _Place(NamedTuple):
    """An attention call and the block that it is in."""

    block: TracedBlock
    call: TracedCall
