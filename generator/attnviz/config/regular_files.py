"""Files that somebody else wrote, looked at before they are opened: a pipe or a device would never
end, and what is no JSON is said with its line."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any, Final

MOST_JSON: Final = 1 << 28
"""The largest file that is read as JSON, in bytes: 256 MB, eight times the largest tokenizer."""

_KINDS: Final = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def fault_of_file(path: Path, most: int | None = None) -> str | None:
    """Why a path is no file to read, in words that follow its name; None if it is one. `most` is
    the largest size in bytes. Nothing is opened but a regular file."""
    try:
        about = path.stat()
        kind = next((words for holds, words in _KINDS if holds(about.st_mode)), None)
        if kind is not None:
            return f"is {kind}, not a file"
        if most is not None and about.st_size > most:
            return f"has {about.st_size:,} bytes; at most {most:,} are read"
        os.close(os.open(path, os.O_RDONLY))
    except (OSError, ValueError, RuntimeError) as error:
        if path.is_symlink() and not isinstance(error, PermissionError):
            return "is a link that leads nowhere or in a circle"
        return f"cannot be read ({getattr(error, 'strerror', None) or error})"
    return None


def read_json(path: Path, most: int = MOST_JSON) -> tuple[Any, str | None]:
    """A file's JSON, or None with why it has none, in words that follow its name. Numbers that JSON
    does not know, such as Infinity, are read, as transformers writes them."""
    fault = fault_of_file(path, most)
    if fault is not None:
        return None, fault
    try:
        content = json.loads(path.read_text("utf-8"))
        json.dumps(content, ensure_ascii=False).encode("utf-8")
        return content, None
    except UnicodeDecodeError as error:
        return None, f"is not UTF-8 (byte 0x{error.object[error.start]:02x} at {error.start})"
    except UnicodeEncodeError:
        return None, "holds half a character (a surrogate without its other half)"
    except json.JSONDecodeError as error:
        return None, f"is no JSON: line {error.lineno}, column {error.colno}: {error.msg}"
    except RecursionError:
        return None, "is nested too deep to be JSON of a model"
    except (OSError, ValueError) as error:
        return None, f"cannot be read as JSON ({error})"
