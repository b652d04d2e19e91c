"""The options of `documents`: what the models read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal, TypeVar

from pydantic import AfterValidator, Field, model_validator

from attnviz.config.section import (
    AudioFiles,
    DataFiles,
    DataSet,
    ImageFiles,
    RowFiles,
    ScoreFiles,
    Section,
    Text,
    TokensFile,
    VideoFiles,
)
from attnviz.config.values import Words, check_distinct, check_template, check_text

T = TypeVar("T")


class _Item(Section):
    """A mapping with a `text`; a plain string stands for one without anything else."""

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: object) -> object:
        return {"text": check_text(value)} if isinstance(value, str) else value


class TextEntry(_Item):
    """One item of a `text` list; a plain string stands for a text without a title."""

    text: Text = Field(examples=["The cat sat."])
    """The text itself."""
    pair: Text | None = Field(default=None, examples=["It was tired."])
    """A second text, for models that read two, such as a premise and a hypothesis."""
    title: Text | None = Field(default=None, examples=["A cat"])
    """Its title; by default its first words."""


class PromptEntry(_Item):
    """One item of a `prompts` list; a plain string stands for a prompt without a title."""

    text: Text = Field(examples=["Once upon a time"])
    """The prompt itself."""
    title: Text | None = Field(default=None, examples=["A tale"])
    """Its title; by default its first words."""


class TranslationEntry(Section):
    """One item of a `translate` list, for encoder–decoders."""

    source: Text = Field(examples=["translate English to German: The cat sat."])
    """What the encoder reads, with the prefix that the model was trained with, if any."""
    target: Text | None = Field(default=None, examples=["Die Katze saß."])
    """What the decoder reads; by default what the model itself makes of the source."""
    source_lang: Text | None = Field(default=None, examples=["eng_Latn"])
    """The language of the source, for models that have codes of languages (M2M, NLLB, mBART), as
    the model calls it; by default the model's `source_lang`."""
    target_lang: Text | None = Field(default=None, examples=["deu_Latn"])
    """The language of the target; by default the model's `target_lang`."""
    title: Text | None = Field(default=None, examples=["A cat"])
    """Its title; by default the first words of the source."""


class ScoresEntry(Section):
    """One item of a `scores` list: a text whose tokens have a score each, such as a saliency."""

    text_path: TokensFile = Field(examples=["tokens.txt"])
    """A file with a token on each line; together they are the document's text."""
    score_path: ScoreFiles = Field(min_length=1, examples=["saliency.txt"])
    """A file with a score on each line, one for each token, or a list of such files. Several
    numbers on each line are several rows of scores; each row has its own scale."""
    between: Literal["space", "nothing"] = "space"
    """What stands between two tokens in the text; with `nothing` they have their blanks
    themselves."""
    title: Text | None = Field(default=None, examples=["A cat"])
    """Its title; by default its first words."""
    cmap: Text = Field(default="BuGn", examples=["RdBu"])
    """The colour map of the shades, as matplotlib calls it."""
    alpha: float = Field(default=1.0, examples=[0.5])
    """Room of the scale below and above the scores, in means: less gives more contrast, more draws
    all colours to the middle of the map."""


class MessageEntry(Section):
    """One message of a conversation."""

    role: Text = Field(examples=["user"])
    """Who says it, as the model's chat template names them: `system`, `user`, `assistant` …"""
    content: Text = Field(examples=["Name a river."])
    """What is said."""


class Generate(Section):
    """How completions of `prompts`, targets that `translate` leaves out, and what models write of
    images and recordings without a text, are made by the model itself."""

    max_new_tokens: int | None = Field(default=None, ge=1, examples=[60])
    """Most tokens; a model that says it is done stops before. By default 40; of recordings as many
    as the decoder takes."""
    temperature: float = Field(default=0.0, ge=0)
    """0 takes the likeliest token each time. Above, tokens are drawn: at 1 by the model's own
    probabilities, below from fewer, above from more."""
    seed: int | None = Field(default=None, ge=0, le=2**32 - 1, examples=[1])
    """Seed of what is drawn; by default the corpus's."""


TextItem = Annotated[TextEntry, Words("text or a mapping of text, pair and title", "texts")]
Conversation = Annotated[
    tuple[MessageEntry, ...],
    Field(min_length=1),
    Words("a list of mappings of role and content", "conversations, each a list of messages"),
]
PromptItem = Annotated[PromptEntry, Words("text or a mapping of text and title", "prompts")]


@dataclass(frozen=True)
class Origin:
    """Marks a key that says what an entry's documents come from. An entry has one of them, or one
    and another that it names in `beside`."""

    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Only:
    """Marks an option of some origins alone, with what to say where it stands beside another.

    A table is an origin of its own here, other than a text file, and so are sequences.
    """

    origins: tuple[str, ...]
    message: str


TABLES: Final = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")
"""Endings of files that hold a row a document."""
SEQUENCES: Final = (".fasta", ".fa", ".faa", ".fna")
"""Endings of files that hold sequences of letters under headers."""


def is_table(file: str) -> bool:
    """Whether a file, by its name, is a table; it may be packed by gzip.

    >>> is_table("reviews.CSV"), is_table("reviews.csv.gz")
    (True, True)
    """
    return file.lower().removesuffix(".gz").endswith(TABLES)


def is_sequences(file: str) -> bool:
    """Whether a file, by its name, holds sequences; it may be packed by gzip."""
    return file.lower().removesuffix(".gz").endswith(SEQUENCES)


STREAMED: Final = ("hf", "parquet", "jsonl")
"""Origins whose rows are read one after another and never all together."""
SPLITS: Final = ("paragraph", "line", "none")
"""What makes a document of a text file."""

_OF_TABLE: Final = Only(("table", *STREAMED), f"only a table ({', '.join(TABLES)}) has columns")
_OF_SPLIT: Final = Only(("file", "hf"), "only a text file is split, and only hf has splits")
_OF_HUB: Final = Only(("hf",), "only a data set of hf has it")
_OF_STREAMED: Final = Only(STREAMED, f"only rows of {', '.join(STREAMED)} are sampled")
_OF_TEXTS: Final = Only(
    ("file", "table", "sequences", "text", "scores", "prompts", *STREAMED),
    "only texts and prompts are given special tokens or not (a chat template writes its own)",
)
_OF_FILES: Final = Only(
    ("file", "table", "sequences", "audio"), "only text files, tables and recordings have it"
)
_OF_IMAGES: Final = Only(("images", "videos"), "only images and videos have pixels")
_OF_GENERATED: Final = Only(
    ("prompts", "translate", "images", "audio"),
    "only what follows prompts, and what translate, images and audio leave out, is generated",
)

_OF_PROMPTS: Final = Only(("prompts",), "only prompts are put into a template")

Columns = Annotated[tuple[Text, ...], AfterValidator(check_distinct), _OF_TABLE]
Template = Annotated[Text, AfterValidator(check_template)]


class DocumentEntry(Section):
    """Documents of one origin: one of `file`, `hf`, `parquet`, `jsonl`, `text`, `scores`,
    `prompts`, `messages`, `translate`, `images`, `videos` and `audio`, or `images` or `audio` with
    `text`."""

    file: Annotated[DataFiles, Origin()] = Field(default=(), min_length=1, examples=["alice.txt"])
    """A UTF-8 text file, a table with a row a document (.jsonl, .json, .csv, .tsv, .parquet), or
    sequences (.fasta), also with .gz; a folder of such files, or a pattern such as `texts/*.txt`;
    relative to this file."""
    hf: Annotated[DataSet | None, Origin()] = Field(default=None, examples=["stanfordnlp/imdb"])
    """A data set of the Hugging Face hub, or a folder that holds one, relative to this file: rows
    are streamed, a document each (needs the extra `datasets`). No code of the data set is run."""
    subset: Annotated[Text | None, _OF_HUB] = Field(default=None, examples=["wikitext-2-raw-v1"])
    """Which of a data set's configurations; by default its only one."""
    revision: Annotated[Text | None, _OF_HUB] = Field(default=None, examples=["main"])
    """Branch, tag or commit of a data set of the hub; by default the newest. The report says the
    commit."""
    parquet: Annotated[RowFiles, Origin()] = Field(
        default=(), min_length=1, examples=["s3://bucket/rows-*.parquet"]
    )
    """Parquet files, a row a document, of any size: rows are streamed. A path or a pattern relative
    to this file, or an address of a file system that fsspec knows (`s3://`, `gs://`, `https://` …);
    or a list of them."""
    jsonl: Annotated[RowFiles, Origin()] = Field(
        default=(), min_length=1, examples=["rows/*.jsonl.gz"]
    )
    """As `parquet`, files of a JSON object a line; packed ones are unpacked."""
    sample: Annotated[int | None, _OF_STREAMED] = Field(default=None, ge=1, examples=[500])
    """How many rows of `hf`, `parquet` or `jsonl` become documents, drawn evenly from all rows that
    have a text, in their order; by default all, at most 200,000. All rows are read once; as many as
    are drawn are in memory."""
    seed: Annotated[int | None, _OF_STREAMED] = Field(
        default=None, ge=0, le=2**32 - 1, examples=[1]
    )
    """Seed of the sample; by default the corpus's."""
    split: Annotated[Text | None, _OF_SPLIT] = Field(default=None, examples=["line"])
    """What makes a document of a text file: `paragraph` (blank lines between), `line`, or `none`,
    the whole file; by default a paragraph. Of `hf`, the name of the split; by default `train`."""
    column: Annotated[Text | None, _OF_TABLE] = Field(default=None, examples=["sentence"])
    """Short for `text_column`."""
    text_column: Annotated[Text, _OF_TABLE] = Field(default="text", examples=["sentence"])
    """The column of a table that holds the texts, or lists of words."""
    pair_column: Annotated[Text | None, _OF_TABLE] = Field(default=None, examples=["hypothesis"])
    """The column of second texts, for models that read two."""
    title_column: Annotated[Text | None, _OF_TABLE] = Field(default=None, examples=["id"])
    """The column of titles; by default the texts' first words."""
    labels: Columns = Field(default=(), examples=[["topic"]])
    """Columns of labels of whole documents: text, numbers, or nothing."""
    token_labels: Columns = Field(default=(), examples=[["pos"]])
    """Columns of labels of parts of the text, given to the tokens that stand there: lists of
    `[start, end, label]` in characters, of mappings of these, or a label for each word; in CSV as
    JSON."""
    text: Annotated[tuple[TextItem, ...], Origin()] = Field(
        default=(), min_length=1, examples=[["The cat sat.", {"text": "It purred."}]]
    )
    """Texts written here: strings, or mappings with `text`, `pair` and `title`."""
    scores: Annotated[tuple[ScoresEntry, ...], Origin()] = Field(
        default=(),
        min_length=1,
        examples=[[{"text_path": "tokens.txt", "score_path": "saliency.txt"}]],
    )
    """Texts with one score per token, by which the report can shade them."""
    prompts: Annotated[tuple[PromptItem, ...], Origin()] = Field(
        default=(), min_length=1, examples=[["Once upon a time"]]
    )
    """Texts that each decoder goes on with by itself; one document for each prompt and model."""
    template: Annotated[Template | None, _OF_PROMPTS] = Field(
        default=None, examples=["Question: {prompt} Answer:"]
    )
    """What stands around each of the `prompts`: a text with `{prompt}` in the prompt's place.
    Special tokens are written out in it, such as `<|endoftext|>`; titles are the prompts' own."""
    messages: Annotated[tuple[Conversation, ...], Origin()] = Field(
        default=(),
        min_length=1,
        examples=[[[{"role": "user", "content": "Name a river."}]]],
    )
    """Conversations, each a list of messages, which the chat template of each model's tokenizer
    makes a text of, special tokens included."""
    translate: Annotated[tuple[TranslationEntry, ...], Origin()] = Field(
        default=(),
        min_length=1,
        examples=[[{"source": "The cat sat.", "target": "Die Katze saß."}]],
    )
    """Sources with their targets, for encoder–decoders."""
    images: Annotated[ImageFiles, Origin(beside=("text",))] = Field(
        default=(), min_length=1, examples=["photos/*.jpg"]
    )
    """Images for vision models; with `text` beside it, each image with each of the texts, for
    models that read both, or that write the one of the other."""
    videos: Annotated[VideoFiles, Origin()] = Field(
        default=(), min_length=1, examples=["clips/*.gif"]
    )
    """Videos for video models: folders of frames (PNG, JPEG, WebP), in the order of their names,
    and animated GIF or WebP files. A model is shown as many frames as it takes, evenly spread."""
    audio: Annotated[AudioFiles, Origin(beside=("text",))] = Field(
        default=(), min_length=1, examples=["talks/*.wav"]
    )
    """Recordings for audio models: WAV files of plain samples (PCM), at any rate; channels are
    mixed into one. With `text` beside it, one for each recording in order: what is said in it, for
    models that write what they hear; without, these write it themselves."""
    add_special_tokens: Annotated[bool, _OF_TEXTS] = True
    """Whether the tokenizer puts its special tokens around these texts. `false` for texts that have
    them already, such as what a chat template wrote."""
    generate: Annotated[Generate | None, _OF_GENERATED] = Field(
        default=None, examples=[{"max_new_tokens": 60}]
    )
    """How completions are made, and targets and texts that are left out; by default the likeliest
    token each time."""
    max_bytes: Annotated[int, _OF_FILES] = Field(default=1_000_000_000, ge=1)
    """Largest file that is read, in bytes; what is packed counts as it is unpacked."""
    max_pixels: Annotated[int, _OF_IMAGES] = Field(default=100_000_000, ge=1)
    """Most pixels of an image that is read: memory of three bytes each and more."""
    title: Text | None = Field(default=None, examples=["Alice in Wonderland"])
    """Title of a file that is one document; by default its first words."""
    source: Text | None = Field(default=None, examples=["https://www.gutenberg.org/ebooks/11"])
    """Where the texts come from, for the report's provenance."""
    licence: Text | None = Field(default=None, examples=["public domain"])
    """Their licence, for the report's provenance."""


def _marks(mark: type[T]) -> dict[str, T]:
    """The options of an entry that carry such a mark, in order, with theirs."""
    return {
        name: item
        for name, field in DocumentEntry.model_fields.items()
        for item in field.metadata
        if isinstance(item, mark)
    }


ORIGINS: Final = _marks(Origin)
"""What an entry's documents come from."""
RESTRICTED: Final = _marks(Only)
"""Options of some origins alone."""
