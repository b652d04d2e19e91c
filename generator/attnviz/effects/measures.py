"""What is measured of a model's output, and how far one output is from another.

With a head for tokens or classes: the loss, −log p of what is to be predicted, in nats, and the
Kullback–Leibler divergence Σ p log(p / q) of the distribution q from p, that of the model as it is.
Without one: 1 − cosine of the last hidden states.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch

from attnviz.effects.measured_model import MeasureName
from attnviz.effects.passes import Inputs

LOSS: Final = "loss"
KL: Final = "kl"
HIDDEN: Final = "hidden"
Changes = Mapping[str, torch.Tensor]
"""Of every token that counts, (variants, documents, tokens) float64, by what was measured."""


@dataclass(frozen=True)
class Distributions:
    """log p of every token that may come, (documents, n, vocabulary) float32, and which one does,
    (documents, n)."""

    log_p: torch.Tensor
    targets: torch.Tensor

    @property
    def tokens(self) -> int:
        """Tokens of a document that sums are over."""
        return self.targets.shape[1]

    def loss(self) -> torch.Tensor:
        """Of all tokens of all documents together, in nats."""
        return -_at(self.log_p, self.targets).sum()

    def changes(self, output: Any, reader: Reader) -> Changes:
        """How far another output, of each document once for each variant, is from this."""
        log_p, targets = self.log_p[None], self.targets[None]
        log_q = _by_variant(reader.log_p(output), self.log_p)
        loss = _at(log_p, targets) - _at(log_q, targets.expand(log_q.shape[:-1]))
        kl = (log_p.exp() * (log_p - log_q)).sum(-1)
        return {LOSS: loss.double(), KL: kl.double().clamp_min(0)}


@dataclass(frozen=True)
class States:
    """The last hidden states as unit vectors, each (documents, n, size); of two towers one after
    the other."""

    parts: tuple[torch.Tensor, ...]

    @property
    def tokens(self) -> int:
        """Tokens of a document that sums are over."""
        return sum(part.shape[1] for part in self.parts)

    def changes(self, output: Any, reader: Reader) -> Changes:
        """As of `Distributions`."""
        # 1 − cos = ½ ‖a − b‖² of unit vectors: exact also where hardly anything turns.
        turned = [
            (_by_variant(after, before) - before).square().sum(-1).double() / 2
            for before, after in zip(self.parts, reader.states(output), strict=True)
        ]
        return {HIDDEN: torch.cat(turned, -1)}


@dataclass(frozen=True)
class Reader:
    """Reads outputs of documents of one length: what is measured of them, the lengths of their axes
    by those that the model pads them to, its input before tokens are masked, and the places of
    those that are."""

    measure: MeasureName
    lengths: Mapping[int, int]
    inputs: Inputs
    masked: torch.Tensor | None = None

    def read(self, output: Any) -> Distributions | States:
        """What is kept of the output of the model as it is."""
        if self.measure == "hidden state":
            return States(self.states(output))
        log_p = self.log_p(output)
        return Distributions(log_p, self._targets(log_p))

    def states(self, output: Any) -> tuple[torch.Tensor, ...]:
        """The last hidden states as unit vectors in float32, without padding."""
        parts = output if isinstance(output, list) else [output]
        return tuple(
            torch.nn.functional.normalize(
                part[0][:, : self.lengths.get(part[0].shape[1], part[0].shape[1])].float(), dim=-1
            )
            for part in parts
        )

    def log_p(self, output: Any) -> torch.Tensor:
        """Of every token that is predicted, (documents, n, vocabulary)."""
        logits = output.logits
        if self.measure == "class":
            logits = logits[:, None]
        elif self.masked is not None:
            logits = logits[:, self.masked]
        else:
            length = self.lengths.get(logits.shape[1], logits.shape[1])
            logits = logits[:, : length - 1]
        return torch.log_softmax(logits.float(), -1)

    def tokens(self, length: int) -> slice | list[int]:
        """Which of `length` tokens those are that count, of the axis that is read."""
        if self.masked is not None:
            return [int(place) for place in self.masked]
        return slice(0 if self.measure == "hidden state" else 1, length)

    def _targets(self, log_p: torch.Tensor) -> torch.Tensor:
        if self.measure == "class":
            return log_p.argmax(-1)
        if self.masked is not None:
            return self.inputs["input_ids"][:, self.masked]
        name = "decoder_input_ids" if self.measure == "target token" else "input_ids"
        return self.inputs[name][:, 1 : log_p.shape[1] + 1]


def _at(log_p: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return log_p.gather(-1, targets[..., None])[..., 0]


def _by_variant(x: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
    """(variants, documents, …) of x (variants · documents, …), where there are as many documents
    as in `before`."""
    return x.reshape(-1, *before.shape[:1], *x.shape[1:])
