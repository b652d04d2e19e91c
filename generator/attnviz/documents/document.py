"""What a corpus holds: documents, where they came from, and what is to be said of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, runtime_checkable

from PIL import Image

from attnviz.documents.scored_text import ScoreRow
from attnviz.score import Array


@dataclass(frozen=True)
class Completion:
    """How a document gets the second text that it lacks: a model writes it.

    `key` is the key of the corpus that asks for it, `writer` the kind of model that writes it, in
    words. `becomes` is the kind of a document that has it, None for the same. `optional` says
    whether a document is whole without it for models that write none.
    """

    key: str
    writer: str
    becomes: DocumentKind | None = None
    optional: bool = False


@dataclass(frozen=True)
class DocumentKind:
    """What may be asked of a document by its kind. Each modality declares its own (`modalities`).

    `is_text` says whether it is a text, or two, and nothing else, as models of one text read them.
    `gap` is the number of characters between a document's two texts. `can_be_cut` says whether a
    text that is longer than a model takes may be cut into several documents. `completion` is set
    where a model writes the second text of documents that have none.
    """

    name: str
    is_text: bool = False
    gap: int = 0
    can_be_cut: bool = False
    completion: Completion | None = None


class Media(Protocol):
    """What a document shows or plays, beside or instead of a text. Values are hashable."""

    def picture(self) -> Image.Image:
        """The image that the report shows of it, in red, green and blue."""


class Sound(NamedTuple):
    """What is heard: samples per second, and the samples in −1 … 1, (samples,) float64."""

    rate: int
    samples: Array


@runtime_checkable
class Audible(Media, Protocol):
    """What can be played."""

    def sound(self) -> Sound:
        """What it sounds like, in one channel. Raises InputError if it cannot be read."""


@runtime_checkable
class Framed(Media, Protocol):
    """What has frames, which its picture shows as a sheet."""

    @property
    def grid(self) -> tuple[int, int]:
        """Frames one below another, and side by side."""


@dataclass(frozen=True)
class Document:
    """One input: `entry` is the index of the corpus entry it came from.

    Of two texts, `text` is both, `kind.gap` characters apart, and `second` is where the second
    begins, in characters; None where there is no second (yet). `media` is what the document shows
    or plays, None for texts. `messages` is a conversation that a chat template is to make a text
    of: role and content of each. `add_special_tokens` says whether a tokenizer puts its special
    tokens around the text. `languages` are the codes of its two texts' languages, None where the
    corpus does not say.

    `models` names the models that it is for, None stands for all. `ids` are the tokens that a model
    itself chose, to be read as they are: a prompt's with its completion, or all of a target's.
    `scores` are rows of scores that parts of the text came with.
    """

    entry: int
    title: str
    text: str
    kind: DocumentKind
    second: int | None = None
    media: Media | None = None
    models: tuple[str, ...] | None = None
    ids: tuple[int, ...] | None = None
    messages: tuple[tuple[str, str], ...] = ()
    add_special_tokens: bool = True
    languages: tuple[str | None, str | None] = (None, None)
    scores: tuple[ScoreRow, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    token_labels: Mapping[str, tuple[tuple[int, int, str], ...]] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[str, str]:
        """The two texts; the second is empty where there is one."""
        if self.second is None:
            return self.text, ""
        return self.text[: self.second - self.kind.gap], self.text[self.second :]

    @property
    def lacks_completion(self) -> bool:
        """Whether a model has still to write the second text."""
        return self.kind.completion is not None and self.second is None

    def is_for(self, model: str) -> bool:
        """Whether this model is to read it."""
        return self.models is None or model in self.models

    def picture(self) -> Image.Image | None:
        """The image that the report shows of it, None for texts. Raises InputError if its file
        cannot be read."""
        return None if self.media is None else self.media.picture()

    def frames(self) -> tuple[int, int]:
        """How many frames of a video the picture has one below another, and side by side; one each
        where it is no video."""
        return self.media.grid if isinstance(self.media, Framed) else (1, 1)

    def sound(self) -> Sound | None:
        """What the report plays of it, None for what cannot be heard. Raises InputError if its file
        cannot be read."""
        return self.media.sound() if isinstance(self.media, Audible) else None


@dataclass(frozen=True)
class Source:
    """Where the documents of one entry came from; `sha256` is of the file's bytes, or of the texts
    themselves. `revision` is the commit of a data set of the hub, None for all else."""

    entry: int
    name: str
    sha256: str
    documents: int
    source: str | None
    licence: str | None
    revision: str | None = None


@dataclass(frozen=True)
class Notice:
    """Something that was shortened, left out or assumed: said in the build's output and in the
    report. `figures` are the numbers that the message states, by name, in its order."""

    kind: str
    message: str
    document: int | None = None
    model: str | None = None
    figures: Mapping[str, float] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Corpus:
    """All documents in order, the source of each entry, and what is to be said of reading them."""

    documents: tuple[Document, ...]
    sources: tuple[Source, ...]
    notices: tuple[Notice, ...] = ()


def opening(text: str, length: int = 60) -> str:
    """The first words of a text, for lists of documents."""
    flat = " ".join(text[: 4 * length].split())
    return flat if len(flat) <= length else flat[:length].rsplit(" ", 1)[0] + " …"
