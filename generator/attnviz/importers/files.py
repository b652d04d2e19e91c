"""Files of attention that attnviz or another program wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from attnviz.config.regular_files import fault_of_file
from attnviz.errors import InputError
from attnviz.importers.array_files import load_arrays, read_array_records, read_arrow_records
from attnviz.importers.assembling import Gift
from attnviz.importers.dictionaries import gift_of_arrays, is_activations
from attnviz.importers.json_files import read_json_records
from attnviz.importers.records import AttentionRecord, gift_of_records

ENDINGS: Final = (".json", ".npz", ".arrow")
_LARGEST: Final = 4_000_000_000


def read_records(path: Path) -> list[AttentionRecord]:
    """The documents of a file. Raises InputError that names the file, the place in it and what is
    expected."""
    if not path.exists():
        raise InputError(f"{path}: there is no such file; expected one of attention")
    fault = fault_of_file(path, _LARGEST)
    if fault is not None:
        raise InputError(f"{path}: {fault}; expected a file of attention")
    match path.suffix.lower():
        case ".json":
            return read_json_records(path)
        case ".npz":
            return read_array_records(path, load_arrays(path))
        case ".arrow":
            return read_arrow_records(path)
    raise InputError(f"{path}: is of no kind that is read; expected {', '.join(ENDINGS)}")


def read_gift(path: Path) -> Gift:
    """What a file gives to a build. Raises InputError as `read_records` does."""
    if path.suffix.lower() == ".npz" and path.is_file():
        arrays = load_arrays(path)
        if is_activations(arrays):
            return _of_activations(path, arrays)
    return gift_of_records(read_records(path), path.name)


def _of_activations(path: Path, arrays: dict[str, Any]) -> Gift:
    """What a .npz of activations gives, with its tokens."""
    if "tokens" not in arrays:
        raise InputError(f"{path}: tokens: is lacking; expected an array of texts of that name")
    tokens = [str(token) for token in arrays.pop("tokens")]
    return gift_of_arrays(by=path.name, tokens=tokens, attention=arrays)
