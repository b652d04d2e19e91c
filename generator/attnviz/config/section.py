"""The parts of every section of a corpus.yaml: a base class that refuses unknown options, and types
of values."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from attnviz.config.addresses import check_data_set, find_rows
from attnviz.config.values import (
    Words,
    check_adapter,
    check_distinct,
    check_documents,
    check_keep,
    check_name,
    check_source,
    check_text,
    check_url,
    find_files,
    find_files_and_folders,
    find_story,
    find_texts,
    find_tokens,
    read_probe,
    read_switch,
)

Name = Annotated[
    str, AfterValidator(check_name), Words("letters, digits, “.”, “_” and “-”, at most 64")
]
Source = Annotated[str, AfterValidator(check_source), Words("package:NAME, a folder or a hub id")]
AdapterSource = Annotated[str, AfterValidator(check_adapter), Words("a folder or a hub id")]
DataFiles = Annotated[
    tuple[Path, ...],
    BeforeValidator(find_texts),
    Words("the path of a text file or table, a folder of them, or a pattern such as texts/*.txt"),
]
RowFiles = Annotated[
    tuple[str, ...],
    BeforeValidator(find_rows),
    Words(
        "a path, a pattern such as rows/*.parquet or an address such as s3://bucket/rows-*, or a"
        " list of them"
    ),
]
DataSet = Annotated[
    str, AfterValidator(check_data_set), Words("a data set's id such as owner/name, or a folder")
]
StoryFile = Annotated[Path, BeforeValidator(find_story), Words("the path of a Markdown file")]
TokensFile = Annotated[
    Path,
    BeforeValidator(find_tokens),
    Words("the path of a file with a token on each line"),
]
ScoreFiles = Annotated[
    tuple[Path, ...],
    BeforeValidator(find_files),
    Words("the path of a file with a score on each line, or a list of them"),
]
ImageFiles = Annotated[
    tuple[Path, ...],
    BeforeValidator(find_files),
    Words("a pattern such as photos/*.jpg, or a list of them"),
]
VideoFiles = Annotated[
    tuple[Path, ...],
    BeforeValidator(find_files_and_folders),
    Words("a pattern such as clips/*.gif, or a list of them"),
]
AudioFiles = Annotated[
    tuple[Path, ...],
    BeforeValidator(find_files),
    Words("a pattern such as talks/*.wav, or a list of them"),
]
Documents = Annotated[
    bool | tuple[int | str, ...],
    BeforeValidator(check_documents),
    Words("true, false, or a list of documents: titles, or numbers from zero"),
]
Text = Annotated[str, AfterValidator(check_text)]
Url = Annotated[
    str, AfterValidator(check_url), Words("an address that starts with https:// or http://")
]


class Section(BaseModel):
    """A frozen mapping of options, which refuses unknown keys and converts no values."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


class DocumentsToKeep(Section):
    """Documents whose attention is stored: how many, or which."""

    documents: int | tuple[int | str, ...]
    """How many documents, or which, by title or by number from zero."""


class EffectsOptions(Section):
    """What a model's heads are worth to it: each is replaced, and the change measured."""

    method: Literal["zero", "mean", "resample"] = "zero"
    """What a head's output is replaced by: nothing (`zero`), its mean over the corpus for tokens at
    such places (`mean`), or what it is in another document (`resample`)."""
    estimate: bool = False
    """Estimate the rise of the loss from one backward pass for each document (attribution
    patching), in place of a pass for each head: for large models with a head for tokens or classes.
    How far the estimates are off is measured on 8 documents, and said."""
    documents: int = Field(default=256, ge=1)
    """Most documents that it is measured on, drawn evenly by the seed."""


Effects = Annotated[
    EffectsOptions | None,
    BeforeValidator(read_switch),
    Words("true, false, or a mapping of method, estimate and documents"),
]


class WritesOptions(Section):
    """What heads write."""

    pairs: bool = False
    """Store for each head and each pair of tokens, too, what it adds to the logit of the token that
    follows by attending so. Of documents of up to 256 tokens, for a byte for each pair that a head
    may see: as much as attention takes in short documents, and a multiple of that in long ones."""


Writes = Annotated[
    WritesOptions | None,
    BeforeValidator(read_switch),
    Words("true, false, or a mapping of pairs"),
]


class ComponentsOptions(Section):
    """What scores are made of."""

    rank: int = Field(default=6, ge=1, le=64)
    """How many components of each head are told apart, the strongest."""
    contrast: Text | None = Field(default=None, examples=["pos"])
    """A column of `token_labels`: at most as many components come first that tell pairs of a query
    and a key with one label from pairs with two."""


Components = Annotated[
    ComponentsOptions | None,
    BeforeValidator(read_switch),
    Words("true, false, or a mapping of rank and contrast"),
]

Depth = Annotated[float, Field(ge=0, le=1), Words("a number from 0 to 1", "numbers from 0 to 1")]
"""How far into a text something stands, as a share of what is before it."""


class NeedleOptions(Section):
    """Long texts in which a few tokens stand that the end begins again."""

    length: int = Field(default=1024, ge=64)
    """Tokens of a text, special tokens included; fewer where the model takes fewer."""
    depths: Annotated[tuple[Depth, ...], AfterValidator(check_distinct)] = Field(
        default=(0.1, 0.3, 0.5, 0.7, 0.9), min_length=1, max_length=32
    )
    """How far into a text the needle stands: 0 before all the rest, 1 right before the end."""
    texts: int = Field(default=4, ge=2, le=64)
    """How many texts there are of each depth, and as many controls."""


class ProbeOptions(Section):
    """Probes that are made only where they are asked for."""

    needle: NeedleOptions
    """Copying from a long text."""


Probe = Annotated[
    ProbeOptions | None,
    BeforeValidator(read_probe),
    Words("needle, or needle: with length, depths and texts"),
]

Keep = Annotated[
    Literal["all", "sample"] | DocumentsToKeep,
    BeforeValidator(check_keep),
    Words("all, sample, or documents: with how many, or a list of titles and numbers from zero"),
]
