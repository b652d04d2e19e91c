"""Whether what is to be built is a corpus, or something that was computed elsewhere: known before
anything is imported that reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from attnviz.errors import InputError

CAPTURE: Final = "capture.json"
"""The file of a capture that says what it is."""
MATRICES: Final = "attention_matrices"
LAYERS: Final = "layers"


def is_capture(path: Path) -> bool:
    """Whether a path is a folder that `attnviz extract corpus.yaml` wrote."""
    return (path / CAPTURE).is_file()


def is_attention_file(path: Path) -> bool:
    """Whether a file is of attention, and no corpus: by its ending, and a JSON file, which may be
    either, by its content."""
    if path.suffix.lower() == ".json" and path.is_file():
        return is_attention(parse_json(path))
    return path.suffix.lower() in (".npz", ".arrow")


def is_attention(content: Any) -> bool:
    """Whether parsed JSON is of one of the two forms."""
    first = content[0] if isinstance(content, list) and content else content
    return isinstance(first, dict) and "tokens" in first and bool({MATRICES, LAYERS} & set(first))


def parse_json(path: Path) -> Any:
    """What a JSON file holds. Raises InputError with its line if it is none."""
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8; expected JSON in UTF-8") from error
    except json.JSONDecodeError as error:
        raise InputError(
            f"{path}:{error.lineno}: is no JSON ({error.msg}); expected what attnviz extract writes"
        ) from error
    except RecursionError as error:
        raise InputError(f"{path}: is nested too deeply; expected attention matrices") from error
