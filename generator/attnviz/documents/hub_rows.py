"""Rows of a data set of the Hugging Face hub, or of a folder that holds one, streamed by the
library `datasets`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from attnviz.config import DocumentSpec
from attnviz.documents.table_rows import TableRow
from attnviz.errors import InputError

ANSWER: Final = 30.0
"""Seconds in which the hub has to say a data set's commit."""


class DataSetRows(NamedTuple):
    """The rows of one split, their name in messages and reports, and the commit that they are of,
    None of a folder."""

    rows: Iterator[TableRow]
    name: str
    commit: str | None


def open_data_set(spec: DocumentSpec, columns: Sequence[str], where: str) -> DataSetRows:
    """The rows of the split that an entry names. Nothing is read but what rows need: of files in
    columns, these `columns` alone.

    The commit is asked for first, and the rows are of it, whatever happens to a branch meanwhile.
    Raises InputError, naming the entry's key `where`, if the library is not installed, and if there
    is no such data set, subset or split.
    """
    source = str(spec.hf)
    name = ", ".join(part for part in (source, spec.subset, spec.split) if part)
    library = _library(where)
    commit = None if spec.folder is not None else _commit(spec, where)
    options = {} if commit is None else {"revision": commit}
    try:
        data = library.load_dataset(
            source if spec.folder is None else str(spec.folder),
            spec.subset,
            split=spec.split,
            streaming=True,
            **options,
        )
        features = data.features or {}
        if features and set(columns) <= set(features):
            data = data.select_columns(list(columns))
    # The library raises what those do that it reads with.
    except Exception as error:
        raise InputError(
            f"{where}: {source} cannot be opened as a data set: {_reason(error)}; expected an id of"
            " the hub or a folder of files of rows, its subset and its split"
        ) from error
    return DataSetRows(_rows(data, features, name, where), name, commit)


def _library(where: str) -> Any:
    try:
        import datasets
    except ImportError as error:
        raise InputError(
            f"{where}: datasets, which reads data sets of the hub, is not installed; pip install"
            " 'attnviz[datasets]'"
        ) from error
    version = str(datasets.__version__)
    if int(version.partition(".")[0]) < 4:
        raise InputError(
            f"{where}: datasets {version} runs code that a data set brings along; expected 4.0 or"
            " newer, which does not: pip install --upgrade datasets"
        )
    datasets.disable_progress_bars()
    return datasets


def _commit(spec: DocumentSpec, where: str) -> str:
    """The commit that a branch or tag of the hub stands for now."""
    from huggingface_hub import HfApi

    try:
        about = HfApi().dataset_info(str(spec.hf), revision=spec.revision, timeout=ANSWER)
        return str(about.sha)
    except Exception as error:  # the hub's client raises many classes, none of them ours
        raise InputError(
            f"{where}: cannot get {spec.hf} from the Hugging Face hub ({_reason(error)}); check the"
            " name, the revision and the network, or give a folder that holds the data set"
        ) from error


def _rows(data: Any, features: Mapping[str, Any], name: str, where: str) -> Iterator[TableRow]:
    """The rows, their labels by name where the data set has names of numbers."""
    named = {key: feature for key, feature in features.items() if hasattr(feature, "int2str")}
    number = 0
    try:
        for values in data:
            number += 1
            words = {key: _word(named[key], values[key]) for key in named if key in values}
            yield TableRow(f"{name}: row {number}", {**values, **words})
    except Exception as error:
        raise InputError(
            f"{name}: row {number + 1} or one soon after cannot be read ({_reason(error)}; named at"
            f" {where}); try again, or download the data set and name its folder"
        ) from error


def _word(feature: Any, value: Any) -> Any:
    """The name of a label; data sets say -1 where there is none."""
    if not isinstance(value, int):
        return value
    return feature.int2str(value) if value >= 0 else None


def _reason(error: BaseException) -> str:
    """What an error says, in one line, of 300 characters at most."""
    line = re.sub(r"\s+", " ", str(error)).strip() or type(error).__name__
    return line if len(line) <= 300 else line[:299] + "…"
