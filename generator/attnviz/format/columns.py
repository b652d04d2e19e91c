"""The columns of every kind of shard, with what they mean: the one declaration that writer, reader,
viewer and docs/reference/report-format.md follow."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from attnviz.format.manifest import FORMAT, SHARD_VERSION
from attnviz.logit_codes import UNKNOWN


@dataclass(frozen=True)
class Column:
    """A column of a shard: its Arrow type, and what a value means."""

    name: str
    type: pa.DataType
    meaning: str
    nullable: bool = False
    optional: bool = False
    """Whether a shard may be without it."""


@dataclass(frozen=True)
class Table:
    """A kind of shard: what a row is, the further keys of its manifest entry, and its columns."""

    row: str
    keys: tuple[str, ...]
    columns: tuple[Column, ...]
    part: str = ""
    """Of records: the part of the manifest that a row is, whose keys the columns follow."""

    @property
    def schema(self) -> pa.Schema:
        """The columns that every such shard has, as Arrow has them."""
        return self.schema_with(())

    def schema_with(self, optional: Container[str]) -> pa.Schema:
        """The columns with those of the optional ones that are named."""
        columns = [c for c in self.columns if not c.optional or c.name in optional]
        return pa.schema([pa.field(c.name, c.type, nullable=c.nullable) for c in columns])


NAME: Final = "name"
"""The column of tokens' names."""
LABEL: Final = "label:"
"""What the name of a label's column begins with, in shards of documents and of tokens."""

QUERIES: Final = 0
KEYS: Final = 1
"""The sides of query–key shards."""

LOGIT_MEANINGS: Final = {
    "attention_bias": "of the bias of the projection of what heads bring",
    "feed_forward": "of the feed-forward layer of its block",
    "rest": "of what its block does beside",
}
"""The columns of what a layer adds to logits beside its heads."""

_LIST = pa.list_
_DOCUMENT: Final = Column("document", pa.uint32(), "index of the document")
_START: Final = Column("start", pa.uint32(), "first row of the document that is here")
_ROWS: Final = Column("rows", pa.uint32(), "how many rows are here")
_ATTENTION_KEYS: Final = ("model", "stack", "layer", "encoding", "kv_heads", "documents")


def _dense(code: pa.DataType) -> Table:
    return Table(
        "one per head, document and range of query rows",
        _ATTENTION_KEYS,
        (
            Column("head", pa.uint16(), "number of the head"),
            _DOCUMENT,
            _START,
            _ROWS,
            Column(
                "codes",
                _LIST(code),
                "for each row the codes of keys lo … hi − 1, rows one after another",
            ),
            Column(
                "mass",
                _LIST(pa.float32()),
                "the rows' sum of probability where the head has a sink; null: all 1",
                nullable=True,
            ),
        ),
    )


_VECTORS: Final = (
    Column("side", pa.uint8(), f"{QUERIES}: queries, {KEYS}: keys"),
    Column("head", pa.uint16(), "query head for queries, kv head for keys"),
    _DOCUMENT,
    _START,
    _ROWS,
)
_MEAN: Final = Column(
    "mean",
    _LIST(pa.float32()),
    "keys: m, one per channel, the same in every part of a split document; queries: null",
    nullable=True,
)


_LSE: Final = Column(
    "lse",
    _LIST(pa.float64()),
    "queries: lse<sub>i</sub> of the decoded scores, of no meaning where the interval is empty;"
    " keys: null",
    nullable=True,
)


def _query_key(code: pa.DataType) -> Table:
    return Table(
        "one per side, head, document and range of tokens",
        _ATTENTION_KEYS,
        (
            *_VECTORS,
            Column("codes", _LIST(code), "`rows` × head size, token after token"),
            Column("scale", _LIST(pa.float32()), "one per token; null: all 1", nullable=True),
            _LSE,
            _MEAN,
            Column("balance", _LIST(pa.float32()), "b, one per channel"),
        ),
    )


def _packed() -> Table:
    return Table(
        "one per side, head, document and range of tokens",
        _ATTENTION_KEYS,
        (
            *_VECTORS,
            Column("step", _LIST(pa.float32()), "s, one per channel"),
            Column("offset", _LIST(pa.int32()), "o, one per channel"),
            Column("width", _LIST(pa.uint8()), "w, one per channel"),
            Column(
                "high",
                _LIST(pa.uint8()),
                "for each channel and token, u >> w zeros and a one; the first bit of a byte is its"
                " lowest",
            ),
            Column("low", _LIST(pa.uint8()), "for each channel and token, the low w bits of u"),
            Column("lse", _LIST(pa.int32()), f"{_LSE.meaning}; in whole units", nullable=True),
            Column("unit", pa.float64(), "the unit of lse, a power of two"),
            _MEAN,
        ),
    )


ENCODINGS: Final[dict[str, Table]] = {
    "dense-uint8": _dense(pa.uint8()),
    "dense-uint16": _dense(pa.uint16()),
    "query-key-packed": _packed(),
    "query-key-int8": _query_key(pa.int8()),
    "query-key-int16": _query_key(pa.int16()),
    "query-key-float32": _query_key(pa.float32()),
}
"""Shards of kind `attention`, by their encoding."""

_PLACE: Final = "an image patch's place in its grid, from the top left; −1 for what is no patch"
_OFFSET: Final = "offset in the document's text; −1 where the token stands for no text"
_FIRST_CHARACTER: Final = "offset of its first character in the document's text"
_SHARE: Final = "edge of the grid as a share of the image's"
TEXT_KEYS: Final = ("kind", "model", "axis", "stack", "map", "encoding", "content")
INDEX_KEYS: Final = ("layer", "rule")
RANGE_KEYS: Final = ("heads", "kv_heads", "documents")
"""The keys of an entry of a shard, as the list of shards has them in columns: texts, indices and
ranges [first, end)."""

_FIRST_VIEW: Final = (
    "of a square (cube) that holds the middle 94 % of the points, with a margin: what a picture"
    " should show first"
)

EFFECT_MEANINGS: Final = {
    "loss": "by how much the loss rises without the head, in nats, mean over tokens",
    "kl": "Kullback–Leibler divergence from the model's distribution, in nats, mean over tokens",
    "hidden": "1 − cosine of the last hidden states, mean over tokens",
}
"""What an effect is, by name."""

KINDS: Final[dict[str, Table]] = {
    "documents": Table(
        "one per document, in order",
        ("documents",),
        (
            Column("entry", pa.uint32(), "which entry of the corpus"),
            Column("group", pa.uint16(), "index into `documents.groups`"),
            Column("title", pa.utf8(), "its name for people"),
            Column("text", pa.utf8(), "the whole text, also what a model did not take"),
        ),
    ),
    "lengths": Table(
        "one per document",
        ("model", "axis"),
        (Column("length", pa.uint32(), "its tokens on this axis; 0: the model does not take it"),),
    ),
    "tokens": Table(
        "one per token, in corpus order",
        ("model", "axis", "documents"),
        (
            Column("id", pa.int32(), "the model's token id"),
            Column("text", pa.utf8(), "the vocabulary's own piece, such as `##ly` or `Ġthe`"),
            Column("start", pa.int32(), _OFFSET),
            Column("end", pa.int32(), _OFFSET),
            Column(
                "special",
                pa.bool_(),
                "a special token, such as [CLS], [SEP] or `<s>`: added by the tokenizer, or"
                " written in the text, where it has a start",
            ),
            Column(
                "segment",
                pa.uint8(),
                "1 for the second text of a pair and for a completion, else 0",
            ),
            Column("row", pa.int16(), _PLACE),
            Column("column", pa.int16(), _PLACE),
            Column(
                NAME,
                pa.utf8(),
                "what to call a token that its slice of the text does not name, such as `🙂 2/4`"
                " for one byte of four; null for all others",
                nullable=True,
                optional=True,
            ),
        ),
    ),
    "bias": Table(
        "one per head",
        ("model",),
        (
            Column("head", pa.uint16(), "number of the head"),
            Column("values", _LIST(pa.float32()), "`size` values, or `size` × `size`"),
        ),
    ),
    "image": Table(
        "one per document that has an image",
        ("documents",),
        (
            _DOCUMENT,
            Column("width", pa.uint32(), "in pixels"),
            Column("height", pa.uint32(), "in pixels"),
            Column("content", pa.binary(), "a PNG or a JPEG; the first byte says which"),
            Column(
                "frames_down",
                pa.uint16(),
                "frames of a video one below another, in order from the top left, the last line"
                " perhaps not full; 1 for what is no video",
                optional=True,
            ),
            Column("frames_across", pa.uint16(), "frames side by side", optional=True),
        ),
    ),
    "sound": Table(
        "one per recording that can be played",
        ("documents",),
        (
            _DOCUMENT,
            Column("rate", pa.uint32(), "samples per second"),
            Column(
                "content",
                pa.binary(),
                "a byte b for each sample x of −1 … 1, by µ-law: with y = (b − 128) / 127,"
                " x = sgn(y) (256<sup>|y|</sup> − 1) / 255",
            ),
        ),
    ),
    "score": Table(
        "one per row of scores of a document",
        ("documents",),
        (
            _DOCUMENT,
            Column("title", pa.utf8(), "its name for people"),
            Column("start", _LIST(pa.uint32()), f"one per part of the text: {_FIRST_CHARACTER}"),
            Column("end", _LIST(pa.uint32()), "the offset after its last character"),
            Column("score", _LIST(pa.float64()), "its score"),
            Column("cmap", pa.utf8(), "name of the colour map, as matplotlib calls it"),
            Column("colors", _LIST(pa.uint8()), "of the map, from its lower end: r, g, b of each"),
            Column("alpha", pa.float64(), "room below and above the scores, in means"),
            Column("low", pa.float64(), "the lower end of the scale: least − alpha · mean"),
            Column("high", pa.float64(), "its upper end: most + alpha · mean"),
            Column("least_score", pa.float64(), "the smallest of the scores that were given"),
            Column("mean_score", pa.float64(), "their mean"),
            Column("most_score", pa.float64(), "the largest"),
        ),
    ),
    "crop": Table(
        "one per document whose patch grid does not cover its whole image",
        ("model", "axis"),
        (
            _DOCUMENT,
            Column("left", pa.float32(), f"{_SHARE} width"),
            Column("top", pa.float32(), f"{_SHARE} height"),
            Column("right", pa.float32(), f"{_SHARE} width"),
            Column("bottom", pa.float32(), f"{_SHARE} height"),
        ),
    ),
    "places": Table(
        "one per token of a document",
        ("model", "axis"),
        (Column("place", pa.uint16(), "its place in its window, row by row"),),
    ),
    "sample": Table(
        "one per map point",
        ("model", "axis"),
        (Column("token", pa.uint32(), "its token's index in corpus order"),),
    ),
    "map": Table(
        "one per head of one layer",
        ("model", "stack", "layer", "map", "heads"),
        (
            Column("head", pa.uint16(), "number of the head"),
            Column(
                "queries",
                _LIST(pa.uint16()),
                "`dimensions` codes per point, in the order of the axis's sample",
            ),
            Column("keys", _LIST(pa.uint16()), "the same of keys"),
            Column(
                "lo",
                _LIST(pa.float64()),
                "one per dimension: coordinate = lo + code / 65535 · (hi − lo)",
            ),
            Column("hi", _LIST(pa.float64()), "one per dimension"),
            Column("view_lo", _LIST(pa.float64()), f"lowest corner {_FIRST_VIEW}"),
            Column("view_hi", _LIST(pa.float64()), "its highest corner"),
        ),
    ),
    "overview": Table(
        "one per head",
        ("model",),
        (
            Column("stack", pa.utf8(), "name of its stack"),
            Column("layer", pa.uint16(), "index of its layer"),
            Column("head", pa.uint16(), "number of the head"),
            Column(
                "queries",
                _LIST(pa.uint8()),
                "x, y pairs: 0 and 255 are the edges of the first view, x to the right and y up;"
                " points outside stand on the rim",
            ),
            Column("keys", _LIST(pa.uint8()), "the same of keys"),
        ),
    ),
    "values": Table(
        "one per kv head",
        ("model", "stack", "layer", "documents"),
        (
            Column("head", pa.uint16(), "number of the kv head"),
            Column(
                "codes",
                _LIST(pa.uint8()),
                "one per token of its documents on the axis of keys, in corpus order: ‖v‖ ="
                " lo · (hi / lo)<sup>(code − 1) / 254</sup>; 0: a length of 0, or of a document"
                " that the layer does not read",
            ),
            Column("lo", pa.float32(), "the smallest length above 0"),
            Column("hi", pa.float32(), "the largest length"),
        ),
    ),
    "effects": Table(
        "one per document that was measured",
        ("model", "stack", "layer", "documents"),
        (
            _DOCUMENT,
            Column("tokens", pa.uint32(), "how many of its tokens the means are over"),
            *(
                Column(
                    f"{name}{ending}",
                    _LIST(pa.float32()),
                    f"one per head of the layer, in the manifest's order: {meaning}{of}; null"
                    " where the layer does not read the document",
                    nullable=True,
                    optional=True,
                )
                for name, meaning in EFFECT_MEANINGS.items()
                for ending, of in (("", ""), ("_control", ", of the control"))
            ),
        ),
    ),
    "examples": Table(
        "one per head of a layer, in order",
        ("model", "stack", "layer"),
        (
            Column("head", pa.uint16(), "number of the head"),
            Column(
                "pairs",
                _LIST(pa.float64()),
                "one per band: how many pairs of a query and a key that it may see lie in it, over"
                " all documents",
            ),
            Column(
                "attention", _LIST(pa.float64()), "one per band: the attention of these, summed"
            ),
            Column("band", _LIST(pa.uint8()), "one per pair drawn, ascending: index of its band"),
            Column("document", _LIST(pa.uint32()), "its document"),
            Column("query", _LIST(pa.uint32()), "its query's place in the document"),
            Column("key", _LIST(pa.uint32()), "its key's place in the document"),
            Column("weight", _LIST(pa.float32()), "its attention, as it was captured"),
        ),
    ),
    "writes": Table(
        "one per head of a layer and type of token that it attends to: the eight types that get"
        " most of its attention and the eight most frequent ones, by head, most attention first",
        ("model", "stack", "layer", "heads"),
        (
            Column("head", pa.uint16(), "number of the head"),
            Column("id", pa.int32(), "the model's token id"),
            Column("text", pa.utf8(), "what to call tokens of this type"),
            Column("count", pa.uint32(), "how many there are in the corpus"),
            Column("attention", pa.float32(), "the share of the head's attention that they get"),
            Column(
                "length",
                pa.float32(),
                "mean length of what the head adds to the residual stream where it attends to such"
                " a token alone; of a block that norms this or the sum, of what it puts out",
            ),
            Column(
                "copying",
                pa.float32(),
                "how far the token's own logit stands above the others', −1 to 1; null where logits"
                " are not known",
                nullable=True,
            ),
            Column("raised", _LIST(pa.utf8()), "the next tokens that it raises most, at most five"),
            Column("raised_by", _LIST(pa.float32()), "by how much each, in logits"),
            Column("lowered", _LIST(pa.utf8()), "those that it lowers most, at most five"),
            Column("lowered_by", _LIST(pa.float32()), "by how much each, in logits: below 0"),
        ),
    ),
    "attribution": Table(
        "one per document whose attention is stored and range of tokens that one follows",
        ("model", "documents"),
        (
            _DOCUMENT,
            Column("start", pa.uint32(), "first token that is here"),
            Column("rows", pa.uint32(), "how many tokens are here"),
            Column(
                "codes",
                _LIST(pa.int16()),
                "for each token a code of each head of the model, in the manifest's order, token"
                " after token: what the head adds to the logit of the next token is code · scale;"
                f" {UNKNOWN}: not known",
            ),
            Column("scales", _LIST(pa.float32()), "one per token, in logits"),
            Column("logits", _LIST(pa.float32()), "one per token: the logit of the next token"),
            Column(
                "embedding",
                _LIST(pa.float32()),
                "one per token: what the first block reads adds to it",
            ),
            Column(
                "last_bias",
                _LIST(pa.float32()),
                "one per token: of the biases of the last norm and of the unembedding",
            ),
            Column(
                "between",
                _LIST(pa.float32()),
                "one per token: of what happens between blocks that attend; null: 0",
                nullable=True,
            ),
            *(
                Column(
                    name,
                    _LIST(pa.float32()),
                    f"for each token, one per layer that has heads, in order: {meaning}; null: 0",
                    nullable=True,
                )
                for name, meaning in LOGIT_MEANINGS.items()
            ),
        ),
    ),
    "attribution-pairs": Table(
        "one per document, head and range of tokens that one follows, of documents whose attention"
        " is stored and that have at most 256 tokens",
        ("model", "stack", "layer", "heads", "documents"),
        (
            _DOCUMENT,
            Column("head", pa.uint16(), "number of the head"),
            Column("start", pa.uint32(), "first token that is here"),
            Column("rows", pa.uint32(), "how many tokens are here"),
            Column(
                "codes",
                _LIST(pa.int8()),
                "for each token, as a query, the codes of keys lo … hi − 1, token after token: what"
                " attending to the key adds to the logit of the next token is code · scale",
            ),
            Column("scales", _LIST(pa.float32()), "one per token, in logits"),
        ),
    ),
    "composition": Table(
        "one per head of a layer and head of an earlier layer of its stack",
        ("model", "stack", "layer", "heads"),
        (
            Column("head", pa.uint16(), "number of the head"),
            Column("earlier_layer", pa.uint16(), "index of the earlier head's layer"),
            Column("earlier_head", pa.uint16(), "number of the earlier head"),
            *(
                Column(side, pa.float32(), f"{side.upper()}-composition, 0 to 1")
                for side in ("q", "k", "v")
            ),
        ),
    ),
    "interactions": Table(
        "one per head of a layer whose scores are split, in order",
        ("model", "stack", "layer"),
        (
            Column("head", pa.uint16(), "number of the head"),
            Column("dimensions", pa.uint16(), "how many components its interaction has in all"),
            Column(
                "deviation",
                pa.float64(),
                "standard deviation of scaling · q̃·k̃ over independent pairs of a query and a key of"
                " the corpus",
            ),
            Column("key_deviation", pa.float64(), "that of scaling · μ<sub>q</sub>·k̃"),
            Column("query_deviation", pa.float64(), "that of scaling · q̃·μ<sub>k</sub>"),
            Column(
                "total_variation",
                pa.float64(),
                "between attention and attention when the rest is taken from scores: the mean over"
                " rows of documents whose attention is stored; null of no rows",
                nullable=True,
            ),
            Column(
                "total_variation_90",
                pa.float64(),
                "what nine of ten of these rows stay below",
                nullable=True,
            ),
            Column("rows", pa.uint64(), "how many rows these are"),
            Column(
                "contrast",
                pa.float64(),
                "of a contrast: how much larger scaling · q̃·k̃ is, in the mean over independent"
                " pairs, of one label than of two; null where no such pairs are",
                nullable=True,
                optional=True,
            ),
            Column("mean_query", _LIST(pa.float32()), "μ<sub>q</sub>, one per channel"),
            Column("mean_key", _LIST(pa.float32()), "μ<sub>k</sub>, one per channel"),
        ),
    ),
    "components": Table(
        "one per head of a layer and component that is kept, by head, contrastive ones first, and"
        " then the strongest",
        ("model", "stack", "layer", "heads"),
        (
            Column("head", pa.uint16(), "number of the head"),
            Column(
                "share",
                pa.float64(),
                "the share of the variance of q̃·k̃ over independent pairs that it carries",
            ),
            Column("strength", pa.float64(), "S, in units of q·k"),
            Column(
                "contrast",
                pa.float64(),
                "of a contrastive component, which come first: what it brings of the head's"
                " `contrast`; null of others",
                nullable=True,
                optional=True,
            ),
            Column("query_weights", _LIST(pa.float32()), "one per channel: α = these · q̃"),
            Column("key_weights", _LIST(pa.float32()), "one per channel: β = these · k̃"),
            *(
                column
                for side, name in (("query", "α"), ("key", "β"))
                for column in (
                    Column(
                        f"{side}_tokens",
                        _LIST(pa.utf8()),
                        f"types of tokens by {name}: at most five above zero, then five below, each"
                        " by what they bring of its variance",
                    ),
                    Column(f"{side}_loadings", _LIST(pa.float32()), f"mean {name} of each"),
                    Column(f"{side}_counts", _LIST(pa.uint32()), "tokens of each type"),
                )
            ),
        ),
    ),
    "vectors": Table(
        "one per side, head, document whose attention is stored, and range of tokens",
        ("model", "stack", "layer", "kv_heads", "documents"),
        (
            *_VECTORS,
            Column(
                "values",
                _LIST(pa.float32()),
                "queries or keys before rotary embedding, `rows` × head size, token after token",
            ),
            Column(
                "turned",
                _LIST(pa.float32()),
                "the same after it; null where the layer has none",
                nullable=True,
            ),
        ),
    ),
    "kept": Table(
        "one per document whose attention is stored, ascending",
        ("model",),
        (_DOCUMENT,),
    ),
    "mask": Table(
        "one per document",
        ("model", "rule", "documents"),
        (
            Column("lo", _LIST(pa.uint32()), "one per query row: the first key it may see"),
            Column("hi", _LIST(pa.uint32()), "one per query row: the first key after those"),
        ),
    ),
    "heads": Table(
        "one per head, in order of stack, layer, head", ("model",), columns=(), part="Head"
    ),
    "head-details": Table(
        "one per head of a layer, in order", ("model", "stack", "layer"), columns=(), part="Head"
    ),
    "notices": Table("one per notice, in order", (), columns=(), part="NoticeEntry"),
    "shards": Table(
        "one per shard that the manifest does not name",
        (),
        (
            Column("id", pa.utf8(), "its id"),
            Column("bytes", pa.uint32(), "size of the file"),
            Column(
                "sha256", pa.binary(), "of the file, 32 bytes; its path is data/‹id›-‹hash›.arrow"
            ),
            Column("rows", pa.uint32(), "rows of its table"),
            *(Column(key, pa.utf8(), f"its {key}; empty: it has none") for key in TEXT_KEYS),
            *(Column(key, pa.int32(), f"its {key}; −1: it has none") for key in INDEX_KEYS),
            *(
                Column(key, _LIST(pa.uint32()), f"its {key}, [first, end); empty: it has none")
                for key in RANGE_KEYS
            ),
        ),
    ),
    "pages": Table(
        "one per page of a head",
        (),
        (
            Column("path", pa.utf8(), "relative to the report"),
            Column("bytes", pa.uint32(), "size of the file"),
            Column("sha256", pa.binary(), "of the file, 32 bytes"),
        ),
    ),
}
"""Every other kind of shard."""


def table_of(kind: str, encoding: str | None = None) -> Table:
    """The declaration of a kind of shard; KeyError for a kind or encoding that the format has
    not."""
    return ENCODINGS[encoding or ""] if kind == "attention" else KINDS[kind]


def schema_of(kind: str, encoding: str | None = None, columns: Iterable[str] = ()) -> pa.Schema:
    """The Arrow schema of a kind of shard, with the optional columns and a column for each label
    among `columns`.

    KeyError for a kind or encoding that the format has not.
    """
    columns = list(columns)
    schema = table_of(kind, encoding).schema_with(columns)
    if kind not in ("documents", "tokens"):
        return schema
    labels = [name for name in columns if name.startswith(LABEL)]
    return pa.schema([*schema, *(pa.field(name, pa.utf8()) for name in labels)])


def metadata(kind: str, **keys: Any) -> dict[str, str]:
    """The schema metadata by which a shard introduces itself."""
    further = {
        name: str(value)
        for name, value in keys.items()
        if value is not None and not isinstance(value, tuple)
    }
    return {"format": FORMAT, "format_version": str(SHARD_VERSION), "kind": kind} | further
