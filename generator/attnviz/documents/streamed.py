"""Documents of rows that are streamed: of files by path and by address, and of data sets."""

from __future__ import annotations

from typing import NamedTuple

from attnviz.config import DocumentSpec
from attnviz.documents.document import Notice
from attnviz.documents.drawn_rows import DrawnRows, draw_texts
from attnviz.documents.hub_rows import open_data_set
from attnviz.documents.row_files import find_row_files, name_of_files, read_row_files
from attnviz.documents.tables import LabelledText


class StreamedTexts(NamedTuple):
    """The texts of one entry, what to call where they came from, the SHA-256 of the texts, the
    commit of a data set of the hub, and what is to be said of the rows that were left out."""

    name: str
    texts: list[LabelledText]
    digest: bytes
    revision: str | None
    notices: tuple[Notice, ...]


def read_streamed(spec: DocumentSpec, where: str) -> StreamedTexts | None:
    """The texts of an entry whose rows are streamed; None where it has another origin. Raises
    InputError at what cannot be read."""
    if spec.hf is not None:
        key = f"{where}.hf"
        opened = open_data_set(spec, columns_of(spec), key)
        drawn = draw_texts(opened.rows, spec, opened.name, key)
        return _described(drawn, spec, opened.name, opened.commit)
    for kind, places in (("parquet", spec.parquet), ("jsonl", spec.jsonl)):
        if places:
            key = f"{where}.{kind}"
            files = find_row_files(places, key)
            rows = read_row_files(files, kind, columns_of(spec), key)
            name = name_of_files(files)
            return _described(draw_texts(rows, spec, name, key), spec, name, None)
    return None


def columns_of(spec: DocumentSpec) -> list[str]:
    """The columns that an entry reads, each once."""
    single = (spec.text_column, spec.pair_column, spec.title_column)
    names = [*(name for name in single if name), *spec.labels, *spec.token_labels]
    return list(dict.fromkeys(names))


def _described(
    drawn: DrawnRows, spec: DocumentSpec, name: str, revision: str | None
) -> StreamedTexts:
    count = len(drawn.texts)
    rows = f"{count:,} rows"
    if spec.sample:
        rows = f"{count:,} of {drawn.rows:,} rows, seed {spec.seed}"
    notices = []
    if drawn.empty:
        message = (
            f"{name}: {drawn.empty:,} of {drawn.rows + drawn.empty:,} rows have no text in"
            f" “{spec.text_column}” and are left out"
        )
        figures = {"rows": drawn.empty, "of": drawn.rows + drawn.empty}
        notices.append(Notice("left-out", message, figures=figures))
    return StreamedTexts(f"{name}: {rows}", drawn.texts, drawn.digest, revision, tuple(notices))
