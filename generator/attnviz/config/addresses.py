"""Files of rows by path, by pattern and by address, and data sets by folder and by id."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import ValidationInfo

from attnviz.config.values import HUB_ID, base_of, find_texts, path_from, problem, quoted
from attnviz.engine.addresses import is_address


def find_rows(value: object, info: ValidationInfo) -> object:
    """The places of the files that a path, pattern or address names, or a list of them, each once:
    resolved paths, and addresses as they are, which are looked up when they are read. A value of
    another type is left to the type check."""
    items = (value,) if isinstance(value, str) else value
    if not isinstance(items, tuple) or not all(isinstance(item, str) for item in items):
        return value
    places: dict[str, None] = {}
    for item in items:
        paths = (item,) if is_address(item) else find_texts(item, info)
        assert isinstance(paths, tuple)
        places |= dict.fromkeys(str(path) for path in paths)
    return tuple(places)


def check_data_set(source: str, info: ValidationInfo) -> str:
    locate_data_set(source, base_of(info))
    return source


def locate_data_set(source: str, base: Path) -> Path | None:
    """The folder of a data set; None for a hub id."""
    folder = path_from(source, base)
    if folder.is_dir():
        return folder.resolve()
    if folder.exists():
        raise problem(
            f"{quoted(source)} is a file; expected the folder that holds it, or file, parquet or"
            " jsonl in place of hf"
        )
    if re.fullmatch(HUB_ID, source):
        return None
    raise problem(
        f"there is no folder {quoted(source)}; expected one that holds a data set, relative to this"
        " file, or a hub id such as owner/name"
    )
