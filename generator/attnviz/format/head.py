"""One head in the manifest: its figures, labels, certificate and maps."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from attnviz.format.part import ADDED, DETAIL, GrownPart, Part


class Certificate(GrownPart):
    """The measured error of a head's stored attention against the model's own.

    The error is that of the *decoded* attention. Total variation of two rows is half the sum of
    absolute differences.
    """

    total_variation: float
    """mean over rows"""
    worst_total_variation: float
    """the largest mean over one document"""
    max_error: float
    """largest absolute error of any entry"""
    top1: float
    """share of rows whose largest entry is the same key"""
    rows: int
    """rows measured"""
    sampled: bool
    """false: every row was measured; true: of documents of more than 2,048 tokens a sample, drawn
    so that each block of 16 rows of a document has the same chance, and the figures are no bound.
    A document counts as its rows do, however many were measured"""
    total_variation_standard_error: Annotated[float | None, ADDED] = None
    """of a sample; null where it is exact"""
    worst_total_variation_standard_error: Annotated[float | None, ADDED] = None
    """of a sample: of that document's mean"""
    top1_standard_error: Annotated[float | None, ADDED] = None
    """of a sample"""
    reference: str
    """`eager-float32`, the model's own eager attention, or `captured-float32`, attention by the
    score rule from the captured queries and keys, for documents of more than 512 tokens and for
    models that run in half precision, or both; where no model ran, `captured-float32` of what was
    captured of it elsewhere, or `given`, attention as it was given"""
    quantization: Annotated[str | None, ADDED] = None
    """the method by which the model's own weights are quantised, which the figures say nothing
    of"""


class MapFigures(Part):
    """How far a map may be believed. All figures but `explained` are measured at the stored
    coordinates; a figure is null where it is not defined."""

    quantisation_error: float
    """largest error of a coordinate by its storage"""
    top3_mass: float | None = None
    """for each query the model's attention on the three keys of its document that are nearest on
    the map, over that on the three most attended; the mean over queries. 1 is perfect. Queries that
    may see three keys or fewer are left out"""
    rank: float | None = None
    """Spearman's correlation of distance and score over the keys of a query's document; the mean
    over queries. −1 is perfect"""
    rows: int | None = None
    """how many queries top-3 mass is the mean of"""
    sampled: bool | None = None
    """false: top-3 mass and rank are of every query on the map, so exact; true: of a seeded sample
    in which every query has the same chance"""
    top3_mass_standard_error: float | None = None
    """of a sample: √((1 − f) · s² / n), where s² is the variance over its n queries and f is their
    share of all; null where the figure is exact"""
    rank_standard_error: float | None = None
    """of a sample: as of top-3 mass"""
    trustworthiness: float | None = None
    """PCA, UMAP and t-SNE: whether points that are near on the map (15 neighbours) are near in the
    space it was made from (Venna & Kaski 2001). 1 is perfect. An attention map is made from no
    space"""
    trustworthiness_standard_error: float | None = None
    """where it is the mean over a seeded sample of 512 points; null where it is over all"""
    explained: float | None = None
    """PCA: the share of variance that is kept"""


class SpaceFigures(Part):
    """How far a full space of queries and keys tells attention: `translated-cosine` and
    `translated-euclidean`, AttentionViz's, and `lifted`, with keys on one sphere."""

    top3_mass: float | None
    """as of a map"""
    rank: float | None
    """as of a map"""
    scale: float | None = None
    """of `translated-euclidean`: the c of seven that tells attention best, on a seeded sample of at
    most 512 queries and as many keys"""
    rows: int | None = None
    """as of a map"""
    sampled: bool | None = None
    """as of a map"""
    top3_mass_standard_error: float | None = None
    """as of a map"""
    rank_standard_error: float | None = None
    """as of a map"""


class Label(GrownPart):
    """A [label](head-labels.md) that a head has."""

    name: str
    """one of the model's `labels`"""
    score: float
    """the score that earned it, from 0 to 1"""
    standard_error: Annotated[float | None, ADDED] = None
    """of a score on texts drawn at random"""


class TokenPair(Part):
    """A pair of token types between which a head attends more than by chance."""

    query: str
    """the type that attends, by its characters: `␣` for a blank before them, `byte D8` for a byte
    of several"""
    key: str
    """the type that it attends to, as `query`"""
    share: float
    """the part of the head's attention, over the whole corpus, that goes from `query` to `key`"""
    lift: float
    """how many times what it would be if every row attended to all it may see alike"""


class WakingToken(Part):
    """A token type whose rows rest less often than the head's others."""

    token: str
    """the type that attends, by its characters, as `query` of a [TokenPair](#tokenpair)"""
    rate: float
    """how many of its rows are awake, from 0 to 1: half of their attention, or more, is on keys
    that the stack's attention is not `resting` on"""
    rows: int
    """how many rows it has"""


class LabelFigures(Part):
    """How well a label says where a head looks, whether the head has it or not. Of labels without
    `sinks`, keys that the stack's attention is `resting` on and rows of special tokens are left
    out."""

    label: str
    """one of the model's `labels`, which has a `test`"""
    precision: float | None = None
    """of the head's attention, the share on pairs that the label holds for; null where less than
    1 % of the attention of its rows is on any key that counts"""
    recall: float | None = None
    """of the rows that see a key that the label holds for, the share whose largest attention is on
    such a key; null where there is no such row"""
    others_precision: float | None = None
    """the mean precision of all other heads of the model; null where there are none"""
    others_recall: float | None = None
    """their mean recall"""
    held_out_precision: float | None = None
    """the precision over the held-out half of the documents alone: those for which the number that
    follows from what a model reads of them is 2⁶³ or more"""
    held_out_recall: float | None = None
    """the recall over these"""


class CounterExample(Part):
    """A pair of a query and a key that a label does not hold for, and that the head's attention is
    strong on."""

    label: str
    """one of the model's `labels`"""
    document: int
    """its document"""
    query: int
    """the place of the query, from zero"""
    key: int
    """the place of the key"""
    attention: float
    """from the one to the other, as it was captured"""


class NeedleDepth(Part):
    """What a head copies from a needle at one depth of [long texts](../explanation/retrieval.md),
    mean over texts and over the tokens of the needle's value."""

    depth: float
    """how far into the text the needle stands, from 0 to 1"""
    retrieval: float
    """attention, from the token before each of the value at the end, on the needle's token that
    comes next"""
    strongest: float
    """the share of these tokens whose largest attention that has"""
    control: float
    """attention on the same places in texts whose end says what stands nowhere before"""


class Likeness(Part):
    """Another head of the layout, and how far its attention is from this head's."""

    head: str
    """its id"""
    distance: float
    """the root of the mean divergence: 0 is the same attention, 1 nothing in common"""
    standard_error: float | None = None
    """where heads are compared in a sample of rows; null where it is exact"""


class Head(GrownPart):
    """One attention head. It is written `L5H3`, and `cross.L5H3` where the model has several
    stacks."""

    stack: str
    """name of its stack"""
    layer: int
    """index of its layer, by the model's own count: layers without attention have no heads"""
    head: int
    """its number in the layer"""
    kv_head: int
    """the number of the key head that it shares"""
    rule: int
    """index into the model's `rules`"""
    bias: int | None = None
    """index into the model's `biases`"""
    sink: float | None
    """the logit of its sink"""
    statistics: dict[str, float | None]
    """by name; null where one is not defined"""
    standard_errors: Annotated[dict[str, float], ADDED] = Field(default_factory=dict)
    """by name, of statistics that are measured on texts drawn at random"""
    labels: list[Label] = Field(default_factory=list)
    """the strongest first"""
    awake_labels: Annotated[list[Label], ADDED] = Field(default_factory=list)
    """the same of what the head does besides resting: by the statistics that leave out the keys
    that its stack's attention is `resting` on, rows made to sum to 1 again"""
    offsets: Annotated[list[float | None] | None, DETAIL] = None
    """mean attention at each offset j − i from −16 to 16; null under cross-attention"""
    typical: Annotated[list[int], DETAIL] = Field(default_factory=list)
    """eleven documents, from the one in which the head is most focused (1 − evenness, averaged over
    rows) down by tenths to the least"""
    focus: Annotated[list[float | None], DETAIL] = Field(default_factory=list)
    """how focused it is in each document of `typical`"""
    entropy_deciles: list[float] = Field(default_factory=list)
    """eleven numbers in nats, from the least entropy of a row by tenths of all rows to the largest;
    each is good to 0.004 nats. Empty where it is not defined"""
    pairs: Annotated[list[TokenPair], DETAIL] = Field(default_factory=list)
    """at most ten, by `share` · log `lift`, the largest first; all have a lift above 1"""
    waking: Annotated[list[WakingToken], DETAIL, ADDED] = Field(default_factory=list)
    """at most ten query types that wake the head, the surest first: by the log-likelihood ratio of
    their rate and that of all rows (Dunning 1993), which is at least 10.83"""
    label_figures: Annotated[list[LabelFigures], DETAIL, ADDED] = Field(default_factory=list)
    """of each label with a `test` that is defined in its stack, in the model's order of labels"""
    counter_examples: Annotated[list[CounterExample], DETAIL, ADDED] = Field(default_factory=list)
    """of each of these labels that the head has, awake or not, the three strongest pairs that it
    does not hold for, over the whole corpus, the strongest first, of attention of at least 0.01.
    Documents that the model reads alike count once"""
    needle: Annotated[list[NeedleDepth], DETAIL, ADDED] = Field(default_factory=list)
    """by depth, in the corpus's order; empty where the corpus did not ask for `probe: needle`, or
    the model could not be tried"""
    position: tuple[float, float] | None = None
    """its place in the layout of its stack"""
    alike: list[Likeness] = Field(default_factory=list)
    """up to five heads of the layout whose attention is most like this head's, the nearest first"""
    encodings: list[str]
    """one name per document group"""
    certificate: Certificate
    """how true its stored attention is"""
    maps: dict[str, MapFigures]
    """by map id: a head of which only attention was captured has no other than attention maps"""
    spaces: Annotated[dict[str, SpaceFigures], DETAIL] = Field(default_factory=dict)
    """by name; empty where there are no queries and keys"""
    limits: list[str] = Field(default_factory=list)
    """in words, what no space of this head can show, since its score rule adds to q·k"""
