"""The manifest, the contract with the viewer and with every other reader, declared once.

A tree of frozen pydantic models: writing it and checking it are one definition. The JSON Schema,
the viewer's types and the tables of docs/reference/report-format.md are generated from it, and
`columns` has the shards' columns. Indices count from zero.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from attnviz.format.head import (
    Certificate,
    CounterExample,
    Head,
    Label,
    LabelFigures,
    Likeness,
    MapFigures,
    NeedleDepth,
    SpaceFigures,
    TokenPair,
    WakingToken,
)
from attnviz.format.model import (
    AdapterEntry,
    Attribution,
    AxisEntry,
    AxisKind,
    BiasTable,
    CapturedModule,
    Components,
    EffectEstimate,
    Effects,
    Examples,
    LabelContrast,
    LabelKind,
    Layout,
    MapKind,
    MapStart,
    MaskEntry,
    Model,
    NoiseFloor,
    Overview,
    Rule,
    Sample,
    SelfCheck,
    SeriesStep,
    Stack,
    Statistic,
    ValueLengths,
    Writes,
)
from attnviz.format.pair_tests import DocumentTest, PairTest, TokenTest
from attnviz.format.part import ADDED, GrownPart, Part, SparsePart

__all__ = [
    "FORMAT",
    "FORMAT_VERSION",
    "AdapterEntry",
    "Attribution",
    "AxisEntry",
    "AxisKind",
    "BiasTable",
    "CapturedModule",
    "Certificate",
    "Components",
    "CorpusFile",
    "CounterExample",
    "DocumentTest",
    "DocumentsEntry",
    "EffectEstimate",
    "Effects",
    "Examples",
    "Fidelity",
    "File",
    "Group",
    "Head",
    "Label",
    "LabelContrast",
    "LabelFigures",
    "LabelKind",
    "Layout",
    "Likeness",
    "Manifest",
    "MapFigures",
    "MapKind",
    "MapStart",
    "MaskEntry",
    "Model",
    "NeedleDepth",
    "NoiseFloor",
    "NoticeEntry",
    "Overview",
    "PairTest",
    "Part",
    "Provenance",
    "Rule",
    "Sample",
    "SelfCheck",
    "SeriesStep",
    "Shard",
    "Site",
    "SourceEntry",
    "SpaceFigures",
    "SparsePart",
    "Stack",
    "Statistic",
    "TokenPair",
    "TokenTest",
    "ValueLengths",
    "Viewer",
    "WakingToken",
    "Writes",
]

FORMAT: Final = "attnviz-report"
FORMAT_VERSION: Final = 2
FORMAT_VERSIONS: Final = (1, FORMAT_VERSION)
"""Those that are read."""
SHARD_VERSION: Final = 1
"""What shards say: their columns are as in format 1, in which manifest.json had what since format 2
lies in tables beside it (`index`)."""


class Site(GrownPart):
    """How the report is shown."""

    url: str | None
    """where it is published"""
    theme: Literal["auto", "light", "dark"]
    """its colours"""
    open: Annotated[Literal["anywhere", "web", "file"], ADDED] = "anywhere"
    """where it opens: from a web server it needs its shards, `data/*.arrow`; from a folder their
    twins, `data/*.arrow.js` and `manifest.js`. `anywhere` has both, `web` has shards alone, `file`
    twins alone, which open from a web server too"""

    @property
    def with_shards(self) -> bool:
        """Whether its shards lie in its folder as they are."""
        return self.open != "file"

    @property
    def with_twins(self) -> bool:
        """Whether it has their twins."""
        return self.open != "web"


class Viewer(Part):
    """The viewer that this report was built with."""

    script: str
    """path"""
    style: str
    """path"""


class SourceEntry(GrownPart):
    """Where documents come from."""

    entry: int
    """index of the corpus entry"""
    name: str
    """its file, or what it is"""
    sha256: str
    """of what was read"""
    documents: int
    """how many documents it gave"""
    source: str | None
    """what the corpus says of its origin"""
    licence: str | None
    """what the corpus says of its licence"""
    revision: Annotated[str | None, ADDED] = None
    """commit of a data set of the hub"""


class CorpusFile(Part):
    """The corpus.yaml."""

    name: str
    """its file name"""
    sha256: str
    """of its bytes"""


class Provenance(Part):
    """Where everything came from."""

    generator: str
    """such as `attnviz 0.1.0`"""
    versions: dict[str, str]
    """by package"""
    device: str
    """what the model ran on"""
    threads: int
    """threads of the processor"""
    seed: int
    """of every random choice"""
    corpus: CorpusFile
    """the corpus.yaml"""
    sources: list[SourceEntry]
    """its entries"""


class Fidelity(Part):
    """The corpus's bounds on the error of stored attention."""

    total_variation: float
    """mean over rows"""
    max_error: float
    """largest absolute error of any entry"""


class NoticeEntry(SparsePart):
    """Something that was shortened, left out or assumed."""

    kind: str
    """such as `truncated`, `window`, `left-out`, `weights`"""
    message: str
    """in words"""
    document: int | None = None
    """the document, if it is about one"""
    model: str | None = None
    """the model's name, if it is about one"""
    figures: dict[str, int | float] | None = None
    """the numbers that the message states, by name, in its order; absent where there are none, and
    in reports from before they were kept"""


class Group(Part):
    """Documents of one corpus entry in one length class."""

    entry: int
    """index of the corpus entry"""
    shortest: int
    """in characters"""
    longest: int
    """in characters"""
    documents: int
    """how many"""


class DocumentsEntry(GrownPart):
    """The documents of the report."""

    count: int
    """how many"""
    groups: list[Group]
    """what encodings are chosen by"""
    labels: list[str] = Field(default_factory=list)
    """names of what the corpus says of documents"""
    shards: list[str]
    """ids of the `documents` shards"""
    images: list[str] = Field(default_factory=list)
    """ids of the `image` shards"""
    sounds: Annotated[list[str], ADDED] = Field(default_factory=list)
    """ids of the `sound` shards"""
    scores: Annotated[list[str], ADDED] = Field(default_factory=list)
    """ids of the `score` shards"""


class File(Part):
    """A file of the report that is no shard: a page, a script, a stylesheet."""

    bytes: int
    """size of the file"""
    sha256: str
    """of the file; of index.html, with zeros in place of the manifest's SHA-256"""


class Shard(SparsePart):
    """One file of data/. Which of the further keys it has depends on its kind."""

    path: str
    """relative to the report"""
    bytes: int
    """size of the file"""
    sha256: str
    """of the file: a reader checks it before use"""
    rows: int
    """rows of its table"""
    kind: str
    """which columns it has"""
    model: str | None = None
    """name of the model"""
    axis: str | None = None
    """name of the axis"""
    stack: str | None = None
    """name of the stack"""
    layer: int | None = None
    """index of the layer"""
    map: str | None = None
    """id of the map"""
    encoding: str | None = None
    """of attention: which codes it holds"""
    rule: int | None = None
    """of masks: index into the model's `rules`"""
    heads: tuple[int, int] | None = None
    """[first, end)"""
    kv_heads: tuple[int, int] | None = None
    """[first, end)"""
    documents: tuple[int, int] | None = None
    """[first, end)"""
    content: str | None = None
    """of a small file that nearly every view needs: its bytes in base64, so that it need not be
    asked for"""


class Manifest(Part):
    """What is in a report: read this first."""

    format: Literal["attnviz-report"] = FORMAT
    """what this file is"""
    format_version: Literal[1, 2] = FORMAT_VERSION
    """a reader refuses any other number, naming it; 1 where manifest.json has everything itself"""
    title: str
    """the report's name"""
    site: Site
    """how the report is shown"""
    viewer: Viewer
    """the viewer that it was built with"""
    provenance: Provenance
    """where everything came from"""
    fidelity: Fidelity
    """the corpus's bounds"""
    notices: list[NoticeEntry]
    """everything that was shortened, left out or assumed"""
    documents: DocumentsEntry
    """what was read"""
    models: list[Model]
    """what read it"""
    shards: dict[str, Shard]
    """by id; since format 2 none here: they are rows of the tables of kind `shards`"""
    tables: dict[str, Shard] = Field(default_factory=dict)
    """by id: the tables of kind `heads`, `shards` and `pages`; absent in format 1"""
    files: dict[str, File] = Field(default_factory=dict)
    """every other file by path, but manifest and twins, and since format 2 pages of heads; absent
    in reports from before it was"""

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it; absent keys of shards, notices and masks are left out, and `files` where
        there are none, and `tables`."""
        empty = {key for key in ("files", "tables") if not getattr(self, key)}
        return self.model_dump(mode="json", exclude=empty or None)

    @property
    def data(self) -> dict[str, Shard]:
        """Everything in data/: shards and tables, by id."""
        return self.shards | self.tables

    def to_bytes(self) -> bytes:
        """JSON, UTF-8, always the same bytes for the same manifest."""
        return json.dumps(
            self.to_dict(), ensure_ascii=False, separators=(",", ":"), allow_nan=False
        ).encode()
