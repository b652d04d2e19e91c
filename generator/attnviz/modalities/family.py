"""A family: how models of one kind read. Each modality that has models of its own declares theirs.

An axis is a named sequence of tokens or patches; self-attention has one axis twice, cross-attention
two.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final, NamedTuple

from attnviz.architectures.alike_lengths import lengths_of
from attnviz.architectures.attention_windows import AttentionWindows
from attnviz.architectures.lengths import Lengths
from attnviz.documents import Document, DocumentKind, Media
from attnviz.modalities.axes import AttentionPlace, Axis
from attnviz.modalities.model_input import Prepared, Start
from attnviz.models.loaded import LoadedModel


class Excerpt(NamedTuple):
    """What a model is shown of a document's media, and how titles call it."""

    media: Media
    title: str


class Family(ABC):
    """How models of one kind read. There is one instance per model, made of the model.

    name: what `attnviz probe` calls the family in its JSON.
    kinds: the kinds of documents that such models read.
    reads_in_words: these, as what follows "takes" in notices.
    takes: what such models take, as `attnviz probe` says it.
    reads_one_text: whether a document is one sequence of tokens, so that its beginning is a
    document too, and random tokens are one.
    has_target: whether a model writes completions into a sequence of their own, its decoder's.
    head: the class of transformers that loads such a model to write with.

    axes: the axes that a document may have, by name.
    padding: the value that pads each sequence of the input, by the name of its array.
    windows: the windows of those axes whose tokens attend within windows.
    lengths: at which lengths the model reads differently.
    completes: the documents that the model writes second texts for; None where it writes none.
    """

    name: ClassVar[str]
    kinds: ClassVar[tuple[DocumentKind, ...]] = ()
    reads_in_words: ClassVar[str]
    takes: ClassVar[str]
    reads_one_text: ClassVar[bool] = False
    has_target: ClassVar[bool] = False
    head: ClassVar[str] = "AutoModelForCausalLM"

    axes: Mapping[str, Axis]
    padding: Mapping[str, int]
    windows: Mapping[str, AttentionWindows]
    lengths: Lengths
    completes: DocumentKind | None = None

    def __init__(self, loaded: LoadedModel) -> None:
        self.loaded = loaded
        self.padding, self.windows = {}, {}
        self.lengths = lengths_of(loaded.model.config)

    @property
    def identity(self) -> tuple[object, ...]:
        """What a family says of its model beside its class."""
        return self.axes, self.padding, self.windows, self.lengths

    @classmethod
    @abstractmethod
    def has(cls, loaded: LoadedModel) -> bool:
        """Whether a model is of this family, where it is of none that is asked before it."""

    @abstractmethod
    def place(self, path: str) -> AttentionPlace:
        """Where the attention of the module at `path` belongs."""

    @abstractmethod
    def prepare(self, document: Document) -> Prepared:
        """The document as the model takes it. Raises InputError if the model cannot be fed at
        all."""

    def start(self, document: Document) -> Start | None:
        """What the model is given to write the text that such a document lacks, of the kind that it
        completes; None where it cannot read the document."""
        raise NotImplementedError

    def most_new_tokens(self, start: Start) -> int:
        """How many tokens it writes at most where the corpus does not say."""
        return 40

    @abstractmethod
    def sample(self, folder: Path) -> list[Document]:
        """Two documents to look at a model with; their files are written into `folder`."""

    @classmethod
    def reads(cls, kind: DocumentKind) -> bool:
        """Whether such models read documents of a kind."""
        return kind in cls.kinds

    def reads_of(self, documents: Sequence[Document]) -> tuple[Callable[[DocumentKind], bool], str]:
        """Whether the model reads documents of a kind, among those of a corpus, and which it
        reads in words."""
        return self.reads, self.reads_in_words

    def excerpt(self, media: Media) -> Excerpt:
        """What the model is shown of a document's media: all of it, by default."""
        return Excerpt(media, "")


def text_padding(loaded: LoadedModel) -> dict[str, int]:
    """The values that pad the sequences of a text; 0 for a padding token that the model does not
    embed."""
    pad, rows = getattr(loaded.tokenizer, "pad_token_id", None), loaded.embedded_tokens()
    pad = 0 if pad is None or (rows is not None and pad >= rows) else pad
    return {"input_ids": int(pad), "attention_mask": 0, "token_type_ids": 0}


TEXT_AXIS: Final = Axis("text")
IMAGE_AXIS: Final = Axis("image", places_are_fixed=True)
VIDEO_AXIS: Final = Axis("video", grid_is_of_input=False, places_are_fixed=True)
AUDIO_AXIS: Final = Axis("audio", grid_is_of_input=False)
