"""Attention that was computed elsewhere, in the one form that all importers bring it to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from attnviz.documents.document import Document, Notice
from attnviz.documents.tokens import Tokens
from attnviz.models.about import ModelAbout
from attnviz.score import Array, Mask


@dataclass(frozen=True)
class GivenRule:
    """How queries and keys that were given become attention: scores are scaling · q·k, capped
    softly if `softcap` is set. `scaling` None stands for 1/√d."""

    mask: Mask
    scaling: float | None = None
    softcap: float | None = None

    def factor(self, size: int) -> float:
        """The factor of q·k, for vectors of `size` channels."""
        return size**-0.5 if self.scaling is None else self.scaling


@dataclass(frozen=True, kw_only=True)
class GivenLayer:
    """One layer of one document, float32: its attention `a` (heads, T, K), or its queries
    (heads, T, d) and keys (kv heads, K, d) with a rule.

    `stack` is empty where the mask is to name it. `missing` says whether rows may sum to less than
    1, what is missing of them being unknown.
    """

    stack: str
    layer: int
    query_axis: str
    key_axis: str
    mask: Mask
    a: Array | None = None
    q: Array | None = None
    k: Array | None = None
    scaling: float = 1.0
    softcap: float | None = None
    missing: bool = False
    reason: str = "its queries and keys were not given"


@dataclass(frozen=True)
class GivenDocument:
    """A document, its tokens on each axis, and its layers in order."""

    document: Document
    axes: Mapping[str, Tokens]
    layers: tuple[GivenLayer, ...]


@dataclass(frozen=True, kw_only=True)
class GivenModel:
    """All that was given of one model.

    `by` says where the attention came from, in words that follow “attention as given by”; `sha256`
    is of what was given.`about` is
    what is known of a model that ran, None where none did. `max_error` and `rows` say how far
    attention by the rule is from the attention that was given beside it, and over how many rows.
    """

    name: str
    title: str
    by: str
    sha256: str
    documents: Sequence[GivenDocument]
    about: ModelAbout | None = None
    max_error: float = 0.0
    rows: int = 0
    notices: tuple[Notice, ...] = field(default=())
