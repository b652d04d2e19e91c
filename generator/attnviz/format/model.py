"""One model in the manifest: its axes, score rules, stacks, statistics and heads."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from attnviz.format.head import Head
from attnviz.format.pair_tests import PairTest
from attnviz.format.part import ADDED, GrownPart, Part, SparsePart

AxisKind = Literal["text", "image", "video", "audio"]
RestingKind = Literal["special", "separator", "first"]


def _usually_resting() -> list[RestingKind]:
    """What reports from before they named it leave out."""
    return ["special"]


class Sample(Part):
    """The tokens that maps show."""

    shard: str
    """id of the `sample` shard"""
    count: int
    """number of its tokens"""


class AxisEntry(Part):
    """A sequence that queries or keys stand on, of every document.

    Texts have an axis `text`, translations `source` and `target`, images `image`, videos `video`,
    recordings `audio`; where a model attends within windows, each way of cutting the grid is an
    axis of its own (`stage1`, `stage1-shifted`, …; `time` and `space`). A video's patches lie on a
    sheet of its frames, a recording's frames on its waveform.
    """

    name: str
    """its name in links"""
    kind: AxisKind
    """what its tokens are pieces of"""
    tokens: int
    """tokens of all documents"""
    labels: list[str] = Field(default_factory=list)
    """names of what the corpus says of tokens"""
    lengths: str
    """id of the `lengths` shard"""
    shards: list[str]
    """ids of the `tokens` shards"""
    sample: Sample
    """the tokens that maps show"""
    crops: str | None = None
    """id of the `crop` shard"""
    places: str | None = None
    """id of the `places` shard, where tokens attend within windows"""


class MaskEntry(SparsePart):
    """Which keys a query may attend to."""

    kind: Literal["full", "causal", "band", "intervals"]
    """how it is told"""
    before: int | None = None
    """of a band: how many keys before the query's place"""
    after: int | None = None
    """of a band: how many keys after the query's place"""
    shards: list[str] | None = None
    """of intervals: ids of the `mask` shards"""


class Rule(Part):
    """A score rule."""

    scaling: float
    """factor of q·k"""
    mask: MaskEntry
    """which keys may be attended to"""
    softcap: float | None
    """the c of c · tanh(s/c)"""


class BiasTable(Part):
    """What layers add to their scores."""

    kind: Literal["relative", "table"]
    """by the distance of query and key, or by their places"""
    size: int
    """number of distances, or of places"""
    shard: str
    """id of the `bias` shard"""


class Stack(GrownPart):
    """Layers that attend on the same axes."""

    name: str
    """`encoder`, `decoder`, `cross`, `vision`, `text` (of two towers), or the name of an axis of
    windows"""
    kind: Literal["self", "cross"]
    """whether queries and keys stand on one axis or two"""
    layers: int
    """number of the model's layers in it, those without attention and those left out counted: a
    layer's index is less"""
    heads: int
    """the largest number in any layer"""
    kv_heads: int
    """the largest number of key heads in any layer"""
    head_size: int
    """channels of a vector"""
    query_axis: str
    """name of the queries' axis"""
    key_axis: str
    """name of the keys' axis"""
    resting: Annotated[list[RestingKind], ADDED] = Field(default_factory=_usually_resting)
    """the keys that attention rests on whatever the query, which `rest` of a head is the share of,
    `awake_` statistics and `awake_labels` leave out, and a viewer hides: tokens that are `special`,
    those whose id is the model's `separator`, and the `first` of each document, where no row sees a
    key after its own. A head's learned `sink` is one more, which is no key"""


class ValueLengths(Part):
    """Lengths of a layer's value vectors, as its heads have them, before their output
    projection."""

    shards: list[str]
    """ids of the `values` shards"""
    error: float
    """the largest error of any stored length, as a share of it"""


class CapturedModule(GrownPart):
    """How a layer was captured. Where `vectors` is false its heads have dense encodings and
    attention maps alone."""

    stack: str
    """name of its stack"""
    layer: int
    """index of the layer, by the model's own count"""
    module: str
    """path of the module in the model"""
    line: str
    """`attention interface`, `tracer`, `output_attentions` or, where no model ran, `given`"""
    rule: int
    """index into `rules`"""
    vectors: bool = True
    """false: only the attention itself is known, for the `reason` given"""
    reason: str | None = None
    """why, in words"""
    values: Annotated[ValueLengths | None, ADDED] = None
    """how long its values are; absent where they are not known, and in reports from before they
    were kept"""


class SelfCheck(Part):
    """Attention recomputed by the rule against eager attention on a short input, or, where no model
    ran, against the attention that was given."""

    max_error: float
    """largest absolute error of any entry"""
    rows: int
    """rows compared; 0 where attention was given without queries and keys"""


class Statistic(Part):
    """A column of every head's `statistics`."""

    name: str
    """its name in links"""
    title: str
    """its name for people"""
    unit: str
    """such as `nats`, `tokens`, `share`; empty where it has none"""
    description: str
    """one sentence"""


class LabelKind(GrownPart):
    """A [label](head-labels.md) that a head may have."""

    name: str
    """its name in links"""
    title: str
    """its name for people"""
    description: str
    """one sentence"""
    test: Annotated[PairTest | None, ADDED] = None
    """of which pairs of a query and a key it holds; null where it says nothing of single pairs"""
    declared: Annotated[bool, ADDED] = False
    """whether the corpus declares it: a head has it whose precision is at least 0.5"""


class MapStart(Part):
    """What maps started from: positions of an earlier build's maps."""

    documents: int
    """documents on these maps that it had on its maps too: their points stand where they stood"""
    of: int
    """documents on these maps"""


class MapKind(GrownPart):
    """A way of making maps."""

    id: str
    """such as `attention-2d`"""
    method: str
    """`attention`, `pca`, `umap` or `tsne`"""
    dimensions: int
    """2 or 3"""
    title: str
    """its name for people"""
    space: str | None = None
    """of PCA, UMAP and t-SNE: the space that they are made from, `translated` or `lifted`, with
    `-before-rotary` where it is of queries and keys from before rotary embedding"""
    start: Annotated[MapStart | None, ADDED] = None
    """what the maps started from; null for maps that follow from the corpus alone"""


class Overview(Part):
    """A picture of the whole model from one small file."""

    shard: str
    """id of the `overview` shard"""
    map: str
    """id of the map that it shows; empty where there are none"""
    count: int
    """points of each head"""


class Layout(GrownPart):
    """Heads as points, of stacks on the same axes. Distances were measured on so many rows of so
    many documents."""

    stacks: list[str]
    """names of the stacks"""
    documents: int
    """documents compared"""
    rows: int
    """rows compared"""
    sampled: bool | None = None
    """false: every row; true: of a seeded sample in which every row has the same chance"""
    stress: float | None
    """Kruskal's stress-1 of the picture: 0 is perfect; null where there are fewer than three heads,
    or all are alike"""
    stress_standard_error: Annotated[float | None, ADDED] = None
    """by the jackknife over ten groups of rows; absent where all rows were compared"""
    rank: float | None
    """Spearman's correlation of distances in the picture and measured ones: 1 is perfect; null as
    `stress`"""
    rank_standard_error: Annotated[float | None, ADDED] = None
    """as that of `stress`"""


class Kept(Part):
    """The documents whose attention is stored, where it is not that of all that the model reads."""

    shard: str
    """id of the `kept` shard, which lists them"""
    documents: int
    """how many"""


class Examples(Part):
    """Pairs of a query and a key by how much attention there is between them, in bands: how many
    there are of each head, and some of each band, drawn from all documents that the model reads, so
    that each pair has the same chance. Documents that the model reads alike count once for what is
    drawn."""

    lows: list[float]
    """the least attention of each band, the strongest first: a band reaches to the one before it,
    the first to 1"""
    drawn: int
    """how many pairs are drawn of a band, at most"""
    shards: list[str]
    """ids of the `examples` shards, one for each layer"""


class EffectEstimate(Part):
    """How far effects that are estimates from one backward pass (attribution patching) are from
    those of heads that are replaced, on some of the documents."""

    documents: int
    """how many documents both were measured on"""
    error: float
    """the mean absolute difference of the rise of the loss, over heads and documents, in nats"""
    largest_error: float
    """the largest of any head in any of them"""
    rank: float | None
    """Spearman's correlation of both over heads: 1 is the same order; null where one is constant"""


class Effects(GrownPart):
    """What losing each head costs the model: its output replaced, and the change measured, against
    the control: a random change of the same length, token by token."""

    method: Literal["zero", "mean", "resample"]
    """what a head's output is replaced by: nothing, its mean over the corpus, or another
    document's"""
    measure: str
    """what is read of the model: `next token`, `masked tokens`, `target token` or `class`, with
    loss and divergence; `hidden state` of a model without a head for these"""
    documents: int
    """documents that it was measured on"""
    sampled: bool
    """false: on all that the model reads; true: on so many, drawn evenly"""
    estimate: Annotated[EffectEstimate | None, ADDED] = None
    """of estimates, how good they are; absent where heads were replaced one by one"""
    shards: list[str]
    """ids of the `effects` shards"""


class Attribution(Part):
    """What each part of the model adds to the logit of the token that follows, at each token of the
    documents whose attention is stored that one follows (direct logit attribution)."""

    error: float | None
    """how far any head's part is off at most, in logits; null where nothing is known"""
    pairs_error: float | None
    """the same of what a pair of tokens adds; null where no pairs are stored"""
    missing: list[str]
    """what is not known, each with its reason"""
    shards: list[str]
    """ids of the `attribution` shards"""
    pairs: list[str]
    """ids of the `attribution-pairs` shards"""


class Writes(GrownPart):
    """What heads write to the residual stream, and how later ones read it, by their matrices."""

    inverse_scale: float | None
    """what the last norm multiplies by before logits, its mean over the corpus's tokens: what next
    tokens are raised by is with this; null where next tokens are not known"""
    chance: float | None
    """the root mean square of a composition of which one matrix is turned at random; null where no
    composition is known"""
    missing: list[str]
    """what is not known, each with its reason"""
    shards: list[str]
    """ids of the `writes` shards"""
    composition: list[str]
    """ids of the `composition` shards"""
    attribution: Annotated[Attribution | None, ADDED] = None
    """what parts add to logits; absent in reports from before it was measured"""


class LabelContrast(Part):
    """By which labels of tokens pairs of a query and a key are told apart."""

    column: str
    """the name of the labels"""
    values: list[str]
    """the labels, in order"""


class Components(GrownPart):
    """What scores are made of: components of the centred interaction of each head's queries and
    keys over the corpus, and the vectors that any pair's score is split by."""

    rank: int
    """the most components of a head, and the most contrastive ones"""
    contrast: Annotated[LabelContrast | None, ADDED] = None
    """what contrastive components tell apart; absent where there are none"""
    missing: list[str]
    """what is not known, each with its reason"""
    shards: list[str]
    """ids of the `components` shards"""
    interactions: list[str]
    """ids of the `interactions` shards"""
    vectors: list[str]
    """ids of the `vectors` shards"""


class NoiseFloor(Part):
    """How the noise floor of a model's divergence was measured: the model ran once more in another
    number type."""

    dtype: str
    """that other number type"""
    documents: int
    """documents that both passes were compared on, at even distances in the corpus"""
    rows: int
    """rows of attention that were compared, in the layer with most"""


class SeriesStep(GrownPart):
    """A model's place in a series of models of one shape. The series is all models of the report
    with a `series`, in their order."""

    step: float
    """what the corpus counts steps by; it rises from model to model"""
    former: str | None
    """name of the model before, which `divergence` of heads is from and whose maps this model's
    started from; null for the first"""
    first: str | None
    """name of the first model, which `divergence_first` is from; null for itself"""
    documents: int
    """documents that heads were compared on; 0 for the first"""
    rows: int
    """rows of attention that were compared, in the layer with most; 0 for the first"""
    floor: NoiseFloor | None
    """how `divergence_floor` was measured; null where it was not"""


class AdapterEntry(Part):
    """Weights that were trained beside a model's own and merged into them."""

    source: str
    """where it was loaded from"""
    method: str
    """by which it was trained, as peft calls it, such as `LORA`"""
    sha256: str
    """of its adapter_config.json and its weights"""


class Model(GrownPart):
    """One model, and what was found of it."""

    name: str
    """its name in links"""
    title: str
    """its name for people"""
    source: str
    """where it was loaded from"""
    revision: str | None
    """its revision there"""
    weights_sha256: str
    """of its weights"""
    architecture: str
    """name of its class"""
    dtype: str
    """of its weights as it ran"""
    parameters: int
    """their number"""
    adapter: Annotated[AdapterEntry | None, ADDED] = None
    """what was merged into its weights; `weights_sha256` is of its base"""
    quantization: Annotated[str | None, ADDED] = None
    """the method by which its weights are stored in fewer bits, such as `fp8`"""
    unneeded: Annotated[list[str], ADDED] = Field(default_factory=list)
    """names of weights that its checkpoint lacks; neither attention nor the last hidden states
    depend on them"""
    attention_by: Annotated[str | None, ADDED] = None
    """where attention came from that was given and no model was run for: then nothing certifies it
    against a model, certificates are of what was given, `weights_sha256` and `architecture` are
    empty and `parameters` 0"""
    kept: Annotated[Kept | None, ADDED] = None
    """of which documents attention is stored; absent where of all. Certificates and statistics of
    stored attention are of these, all other figures of all documents"""
    effects: Annotated[Effects | None, ADDED] = None
    """what losing each head costs; absent where it was not measured"""
    examples: Annotated[Examples | None, ADDED] = None
    """each head's pairs by bands of attention; absent in reports from before they were drawn"""
    writes: Annotated[Writes | None, ADDED] = None
    """what heads write; absent where it was not asked for"""
    components: Annotated[Components | None, ADDED] = None
    """what scores are made of; absent where it was not asked for"""
    series: Annotated[SeriesStep | None, ADDED] = None
    """its place in a series of models; absent where it is of none"""
    axes: list[AxisEntry]
    """the sequences that it reads"""
    rules: list[Rule]
    """its score rules"""
    biases: list[BiasTable] = Field(default_factory=list)
    """what layers add to their scores"""
    stacks: list[Stack]
    """its layers, by what they attend to"""
    captures: list[CapturedModule]
    """how each layer was captured"""
    separator: int | None = None
    """id of the token between texts, if the tokenizer has one"""
    self_check: SelfCheck
    """how well the rule gives the model's own attention"""
    statistics: list[Statistic]
    """the columns of every head's `statistics`"""
    labels: list[LabelKind] = Field(default_factory=list)
    """the labels that a head may have"""
    layouts: list[Layout] = Field(default_factory=list)
    """heads as points, one layout for the stacks on the same axes"""
    maps: list[MapKind]
    """the first is to be shown first"""
    overview: Overview
    """every head's first points"""
    heads: Annotated[list[Head], ADDED] = Field(default_factory=list)
    """in order of stack, layer, head; absent since format 2, where they are rows of the model's
    shards of kind `heads`, and what only one head's panel shows, of `head-details`"""

    def head_id(self, head: Head) -> str:
        """`L5H3`, or `cross.L5H3` where the model has several stacks."""
        name = f"L{head.layer}H{head.head}"
        return name if len(self.stacks) == 1 else f"{head.stack}.{name}"
