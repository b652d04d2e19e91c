"""The manifest, the contract with the viewer and with every other reader:
docs/reference/report-format.md, as types.

A tree of frozen pydantic models, so that writing it and checking it are one definition; `columns`
has the shards'. Indices count from zero.
"""

from __future__ import annotations

import json
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT: Final = "attnviz-report"
FORMAT_VERSION: Final = 1

AxisKind = Literal["text", "image", "video", "audio"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class Site(_Part):
    url: str | None
    theme: Literal["auto", "light", "dark"]


class Viewer(_Part):
    script: str
    style: str


class Source(_Part):
    entry: int
    name: str
    sha256: str
    documents: int
    source: str | None
    licence: str | None


class CorpusFile(_Part):
    name: str
    sha256: str


class Provenance(_Part):
    generator: str
    versions: dict[str, str]
    device: str
    threads: int
    seed: int
    corpus: CorpusFile
    sources: list[Source]


class Fidelity(_Part):
    total_variation: float
    max_error: float


class Notice(_Part):
    kind: str
    message: str
    document: int | None = None
    model: str | None = None


class Group(_Part):
    """Documents of one corpus entry in one length class; lengths in characters."""

    entry: int
    shortest: int
    longest: int
    documents: int


class Documents(_Part):
    count: int
    groups: list[Group]
    labels: list[str] = Field(default_factory=list)
    shards: list[str]
    images: list[str] = Field(default_factory=list)


class Sample(_Part):
    shard: str
    count: int


class Axis(_Part):
    name: str
    kind: AxisKind
    tokens: int
    labels: list[str] = Field(default_factory=list)
    lengths: str
    shards: list[str]
    sample: Sample
    crops: str | None = None
    places: str | None = None


class Mask(_Part):
    kind: Literal["full", "causal", "band", "intervals"]
    before: int | None = None
    after: int | None = None
    shards: list[str] | None = None


class Rule(_Part):
    scaling: float
    mask: Mask
    softcap: float | None


class BiasTable(_Part):
    """What layers add to their scores: one row of values a head in its shard."""

    kind: Literal["relative", "table"]
    size: int
    shard: str


class Stack(_Part):
    name: str
    kind: Literal["self", "cross"]
    layers: int
    heads: int
    kv_heads: int
    head_size: int
    query_axis: str
    key_axis: str


class CapturedModule(_Part):
    stack: str
    layer: int
    module: str
    line: str
    rule: int
    vectors: bool = True
    reason: str | None = None


class SelfCheck(_Part):
    max_error: float
    rows: int


class Statistic(_Part):
    name: str
    title: str
    unit: str
    description: str


class MapKind(_Part):
    id: str
    method: str
    dimensions: int
    title: str


class Overview(_Part):
    shard: str
    map: str
    count: int


class Certificate(_Part):
    """The measured error of a head's stored attention against the model's own; see the format's
    page."""

    total_variation: float
    worst_total_variation: float
    max_error: float
    top1: float
    rows: int
    sampled: bool
    reference: str


class HeadMap(_Part):
    """How far a map may be believed, measured at its stored coordinates; see the format's page."""

    quantisation_error: float
    top3_mass: float | None = None
    rank: float | None = None
    rows: int | None = None
    trustworthiness: float | None = None
    explained: float | None = None


class HeadSpace(_Part):
    """The same of a full space of queries and keys."""

    top3_mass: float | None
    rank: float | None
    scale: float | None = None


class LabelKind(_Part):
    name: str
    title: str
    description: str


class Label(_Part):
    """A label that a head has, and its score; docs/reference/head-labels.md."""

    name: str
    score: float


class TokenPair(_Part):
    """A pair of token types between which a head attends more than by chance; see the format's
    page."""

    query: str
    key: str
    share: float
    lift: float


class Likeness(_Part):
    """Another head, by its id, and how far its attention is from this head's: the root of the mean
    divergence."""

    head: str
    distance: float


class Layout(_Part):
    """Heads as points, of stacks on the same axes: what was compared, and how true the picture
    is."""

    stacks: list[str]
    documents: int
    rows: int
    stress: float | None
    rank: float | None


class Head(_Part):
    stack: str
    layer: int
    head: int
    kv_head: int
    rule: int
    bias: int | None = None
    sink: float | None
    statistics: dict[str, float | None]
    labels: list[Label] = Field(default_factory=list)
    offsets: list[float | None] | None = None
    typical: list[int] = Field(default_factory=list)
    focus: list[float | None] = Field(default_factory=list)
    entropy_deciles: list[float] = Field(default_factory=list)
    pairs: list[TokenPair] = Field(default_factory=list)
    position: tuple[float, float] | None = None
    alike: list[Likeness] = Field(default_factory=list)
    encodings: list[str]
    certificate: Certificate
    maps: dict[str, HeadMap]
    spaces: dict[str, HeadSpace] = Field(default_factory=dict)
    limits: list[str] = Field(default_factory=list)


class Model(_Part):
    name: str
    title: str
    source: str
    revision: str | None
    weights_sha256: str
    architecture: str
    dtype: str
    parameters: int
    axes: list[Axis]
    rules: list[Rule]
    biases: list[BiasTable] = Field(default_factory=list)
    stacks: list[Stack]
    captures: list[CapturedModule]
    self_check: SelfCheck
    statistics: list[Statistic]
    labels: list[LabelKind] = Field(default_factory=list)
    layouts: list[Layout] = Field(default_factory=list)
    maps: list[MapKind]
    overview: Overview
    heads: list[Head]

    def head_id(self, head: Head) -> str:
        """`L5H3`, or `cross.L5H3` where the model has several stacks."""
        own = f"L{head.layer}H{head.head}"
        return own if len(self.stacks) == 1 else f"{head.stack}.{own}"


class Shard(_Part):
    """One file of data/. Which of the further keys it has depends on its kind."""

    path: str
    bytes: int
    sha256: str
    rows: int
    kind: str
    model: str | None = None
    axis: str | None = None
    stack: str | None = None
    layer: int | None = None
    map: str | None = None
    encoding: str | None = None
    rule: int | None = None
    heads: tuple[int, int] | None = None
    kv_heads: tuple[int, int] | None = None
    documents: tuple[int, int] | None = None


class Manifest(_Part):
    format: Literal["attnviz-report"] = FORMAT
    format_version: Literal[1] = FORMAT_VERSION
    title: str
    site: Site
    viewer: Viewer
    provenance: Provenance
    fidelity: Fidelity
    notices: list[Notice]
    documents: Documents
    models: list[Model]
    shards: dict[str, Shard] = Field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it; absent keys of shards, notices and masks are left out."""
        document = self.model_dump(mode="json")
        document["shards"] = {
            name: shard.model_dump(mode="json", exclude_none=True)
            for name, shard in self.shards.items()
        }
        document["notices"] = [
            notice.model_dump(mode="json", exclude_none=True) for notice in self.notices
        ]
        for model, dumped in zip(self.models, document["models"], strict=True):
            for rule, out in zip(model.rules, dumped["rules"], strict=True):
                out["mask"] = rule.mask.model_dump(mode="json", exclude_none=True)
        return document

    def to_bytes(self) -> bytes:
        """JSON, UTF-8, always the same bytes for the same manifest."""
        return json.dumps(
            self.to_dict(), ensure_ascii=False, separators=(",", ":"), allow_nan=False
        ).encode()
