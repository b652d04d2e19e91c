"""What a corpus holds: documents, where they came from, and what is to be said of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from attnviz.documents.frames import Film

DocumentKind = Literal["text", "pair", "prompt", "translation", "image", "video", "audio"]


@dataclass(frozen=True)
class Document:
    """One input: `entry` is the index of the corpus entry it came from.

    A pair and a translation have two texts, a line break between, a prompt and its completion stand
    one after the other: `text` is both, and `second` is where the second begins, in characters;
    None where there is no second (yet). An image's `text` is what goes with it, if any; `film` is a
    video's, `sound` the file of a recording.

    `models` names the models that it is for, None stands for all. `ids` are the tokens that a model
    itself chose, to be read as they are: the whole of a prompt with its completion, or of a target.
    """

    entry: int
    title: str
    text: str
    kind: DocumentKind = "text"
    second: int | None = None
    image: Path | None = None
    film: Film | None = None
    sound: Path | None = None
    models: tuple[str, ...] | None = None
    ids: tuple[int, ...] | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    token_labels: Mapping[str, tuple[tuple[int, int, str], ...]] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[str, str]:
        """The two texts; the second is empty where there is one."""
        if self.second is None:
            return self.text, ""
        cut = self.second - 1 if self.kind != "prompt" else self.second
        return self.text[:cut], self.text[self.second :]

    def is_for(self, model: str) -> bool:
        """Whether this model is to read it."""
        return self.models is None or model in self.models


@dataclass(frozen=True)
class Source:
    """Where the documents of one entry came from; `sha256` is of the file's bytes, or of the texts
    themselves."""

    entry: int
    name: str
    sha256: str
    documents: int
    source: str | None
    licence: str | None


@dataclass(frozen=True)
class Corpus:
    documents: tuple[Document, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Notice:
    """Something that was shortened, left out or assumed: said in the build's output and in the
    report."""

    kind: str
    message: str
    document: int | None = None
    model: str | None = None


def opening(text: str, length: int = 60) -> str:
    """The first words of a text, for lists of documents."""
    flat = " ".join(text[: 4 * length].split())
    return flat if len(flat) <= length else flat[:length].rsplit(" ", 1)[0] + " …"


def joined(first: str, second: str) -> tuple[str, int]:
    """Two texts with a line break between, and where the second begins."""
    return f"{first}\n{second}", len(first) + 1
