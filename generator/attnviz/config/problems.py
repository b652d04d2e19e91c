"""Everything that is wrong with a corpus, in words that a user can act on."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from attnviz.config.entries import ORIGINS, RESTRICTED, SPLITS, is_sequences, is_table
from attnviz.config.made_columns import TURN, is_prediction
from attnviz.config.options import CorpusOptions
from attnviz.config.tree import Place, Problem
from attnviz.config.type_words import (
    annotation_in_words,
    choices,
    item_type,
    join,
    options_of,
    type_in_words,
    value_in_words,
)
from attnviz.config.values import locate, name_from, quoted
from attnviz.format.pair_tests import RESERVED_LABELS

MOST_UNKNOWN: Final = 20
"""Unknown keys of one place that are told in full."""

_RANGES = ("greater_than", "greater_than_equal", "less_than", "less_than_equal", "finite_number")


def type_problems(error: ValidationError) -> Iterator[Problem]:
    """The problems that pydantic reports, in its order; of unknown keys in one place the first
    few, and how many more there are."""
    unknown: Counter[Place] = Counter()
    for details in error.errors(include_url=False):
        if details["type"] == "extra_forbidden":
            unknown[details["loc"][:-1]] += 1
            if unknown[details["loc"][:-1]] > MOST_UNKNOWN:
                continue
        # A list whose every item is wrong also counts as too short.
        if details["type"] != "too_short" or not details["input"]:
            yield Problem(details["loc"], _message(details))
    for place, count in unknown.items():
        if count > MOST_UNKNOWN:
            yield Problem(place, f"has {count - MOST_UNKNOWN:,} unknown keys more")


def conflicts(value: object, base: Path) -> Iterator[Problem]:
    """Options that contradict one another, from the raw mapping: they are reported whatever else is
    wrong."""
    if not isinstance(value, Mapping):
        return
    yield from _same_names(_mappings(value, "models"))
    yield from _broken_series(_mappings(value, "models"))
    for place, model in _mappings(value, "models"):
        yield from _idle_revision(place, model, base)
        if model.get("adapter") is not None and model.get("device_map") is not None:
            yield Problem(
                (*place, "adapter"),
                "an adapter is not merged into a model that is spread over devices; expected the"
                " merged model (peft's merge_and_unload, then save_pretrained), or no device_map",
            )
    yield from _wrong_labels(value)
    yield from _wrong_contrast(value)
    for place, document in _mappings(value, "documents"):
        yield from _one_origin(place, document, base)
        yield from _idle_seed(place, document)
        yield from _wrong_rows(place, document)


def _same_names(models: list[tuple[Place, Mapping[str, Any]]]) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for place, model in models:
        name, source = model.get("name"), model.get("source")
        if not isinstance(name, str):
            name = name_from(source) if isinstance(source, str) else None
        if name is None:
            continue
        if name.casefold() in owners:
            yield Problem(
                (*place, "name"),
                f"{quoted(name)} is the name of {owners[name.casefold()]} too; expected a name of"
                " its own",
            )
        else:
            owners[name.casefold()] = key_text(place)


def _wrong_labels(value: Mapping[str, Any]) -> Iterator[Problem]:
    """Labels of heads with a name that another has, or with a column that no documents have."""
    owners = dict.fromkeys(RESERVED_LABELS, "one of attnviz's own labels")
    columns = _columns(value)
    for place, label in _mappings(value, "head_labels"):
        name = label.get("name")
        if isinstance(name, str):
            if name.casefold() in owners:
                yield Problem(
                    (*place, "name"),
                    f"{quoted(name)} is the name of {owners[name.casefold()]} too; expected a name"
                    " of its own",
                )
            owners.setdefault(name.casefold(), key_text(place))
        for key in ("query", "key", "documents"):
            condition = label.get(key)
            for column in condition if isinstance(condition, Mapping) else ():
                if words := _unknown_column(key, str(column), columns):
                    yield Problem((*place, key), words)


def _wrong_contrast(value: Mapping[str, Any]) -> Iterator[Problem]:
    """A contrast by a column that no tokens have."""
    components = value.get("components")
    contrast = components.get("contrast") if isinstance(components, Mapping) else None
    if not isinstance(contrast, str):
        return
    if words := _unknown_column("contrast", contrast, _columns(value)):
        yield Problem(("components", "contrast"), words)


def _columns(value: Mapping[str, Any]) -> dict[str, set[str]]:
    """The columns of labels of documents and of tokens, by the option that names them, those of
    conversations' turns too."""
    columns = {option: _label_columns(value, option) for option in ("labels", "token_labels")}
    if any("messages" in document for _, document in _mappings(value, "documents")):
        columns["token_labels"].add(TURN)
    return columns


def _label_columns(value: Mapping[str, Any], option: str) -> set[str]:
    """The columns that some entry of documents names under an option."""
    return {
        column
        for _, document in _mappings(value, "documents")
        if isinstance(names := document.get(option), tuple)
        for column in names
        if isinstance(column, str)
    }


def _unknown_column(key: str, column: str, columns: Mapping[str, Collection[str]]) -> str | None:
    """What is wrong with a column that a condition names; None where documents have it."""
    of_documents = key == "documents"
    option, other = ("labels", "token_labels") if of_documents else ("token_labels", "labels")
    if column in columns[option] or (of_documents and is_prediction(column)):
        return None
    if column in columns[other]:
        if key == "contrast":
            return f"{quoted(column)} labels whole documents; expected a column of token_labels"
        labels, where = ("tokens", "query or key") if of_documents else ("documents", "documents")
        return f"{quoted(column)} is a column of labels of {labels}; expected it under {where}"
    known = f"one of {join(sorted(columns[option]))}" if columns[option] else f"{option} there"
    return f"no entry of documents has {option} {quoted(column)}; expected {known}"


def _broken_series(models: list[tuple[Place, Mapping[str, Any]]]) -> Iterator[Problem]:
    """Steps of a series that is none: of one model alone, or that do not rise."""
    steps = [
        ((*place, "step"), model["step"])
        for place, model in models
        if isinstance(model.get("step"), int | float) and not isinstance(model["step"], bool)
    ]
    if len(steps) == 1:
        yield Problem(
            steps[0][0], "no other model has a step; expected two or more that have one, or none"
        )
    for (_, before), (place, step) in pairwise(steps):
        if step <= before:
            yield Problem(
                place,
                f"{step:g} comes after step {before:g}; expected models in the order of rising"
                " steps",
            )


def _idle_revision(place: Place, model: Mapping[str, Any], base: Path) -> Iterator[Problem]:
    source = model.get("source")
    if model.get("revision") is None or not isinstance(source, str):
        return
    try:
        kind = locate(source, base).kind
    except PydanticCustomError:  # reported as a problem of the source
        return
    if kind != "hub":
        yield Problem(
            (*place, "revision"), "only a hub id has revisions; expected it to be left out"
        )


def _one_origin(place: Place, document: Mapping[str, Any], base: Path) -> Iterator[Problem]:
    """An entry's documents come from one of its keys, or from two that go together."""
    origins = [
        key for key in ORIGINS if key in document and not (key == "file" and document[key] is None)
    ]
    if not _go_together(origins):
        for extra in origins[1:]:
            message = f"stands beside {origins[0]}; expected one of them, two entries for both"
            yield Problem((*place, extra), message)
    # A misspelt key is reported by itself.
    if not origins and all(key in options_at(("documents", 0)) for key in document):
        yield Problem(place, f"has no documents; expected {join(list(ORIGINS))}")
    yield from _misplaced(place, document, origins, base)


def _go_together(origins: list[str]) -> bool:
    return len(origins) == 2 and any(
        other in ORIGINS[key].beside for key, other in (origins, reversed(origins))
    )


def _misplaced(
    place: Place, document: Mapping[str, Any], origins: list[str], base: Path
) -> Iterator[Problem]:
    """Options that belong to documents of another origin."""
    file = document.get("file")
    if isinstance(file, str):
        origins = [*_kinds_of_file(file, base), *origins[1:]]
    for key, only in RESTRICTED.items():
        if origins and key in document and not _applies(key, set(origins), set(only.origins)):
            yield Problem((*place, key), f"{only.message}; expected it to be left out")


def _applies(key: str, origins: set[str], of: set[str]) -> bool:
    """Whether an option of some origins is one of an entry of these."""
    if "text" in origins and origins & {"images", "audio"}:
        # Such texts are read as their model's processor writes them, and are there already.
        return bool(origins & of) and key not in ("add_special_tokens", "generate")
    return bool(origins & of)


def _kinds_of_file(file: str, base: Path) -> list[str]:
    """What files of such a name are; a folder, and a pattern of any ending, may hold all kinds."""
    if is_table(file):
        return ["table"]
    if is_sequences(file):
        return ["sequences"]
    try:
        several = (base / file).is_dir() or file.endswith("*")
    except (OSError, ValueError):  # reported as a problem of the file
        several = False
    return ["table", "sequences", "file"] if several else ["file"]


def _idle_seed(place: Place, document: Mapping[str, Any]) -> Iterator[Problem]:
    generate = document.get("generate")
    if not isinstance(generate, Mapping):
        return
    if generate.get("seed") is not None and not generate.get("temperature"):
        yield Problem(
            (*place, "generate", "seed"),
            "only what is drawn has a seed; expected a temperature beside it",
        )


def _wrong_rows(place: Place, document: Mapping[str, Any]) -> Iterator[Problem]:
    """What contradicts itself in how files and data sets are cut and sampled."""
    split = document.get("split")
    if "hf" not in document and isinstance(split, str) and split not in SPLITS:
        close = _did_you_mean(split, SPLITS)
        message = f"{quoted(split)} is none of its values; expected {join(SPLITS)}{close}"
        yield Problem((*place, "split"), message)
    if "column" in document and "text_column" in document:
        yield Problem(
            (*place, "column"), "stands beside text_column; expected one of them: they are the same"
        )
    if document.get("seed") is not None and "sample" not in document:
        yield Problem(
            (*place, "seed"), "only what is drawn has a seed; expected a sample beside it"
        )


def _mappings(value: Mapping[str, Any], key: str) -> list[tuple[Place, Mapping[str, Any]]]:
    items = value.get(key)
    items = items if isinstance(items, tuple) else ()
    return [((key, index), item) for index, item in enumerate(items) if isinstance(item, Mapping)]


def _message(details: ErrorDetails) -> str:
    place, value, kind = details["loc"], details["input"], details["type"]
    if kind == "attnviz":
        return details["msg"]
    if kind == "extra_forbidden":
        return _unknown_key(place)
    expected = expected_at(place)
    if kind == "missing":
        return f"is missing; expected {expected}"
    if kind == "too_short":
        return f"is empty; expected {expected}"
    if kind == "literal_error":
        text = quoted(value) if isinstance(value, str) else str(value).lower()
        close = _did_you_mean(str(value), choices(annotation_at(place)))
        return f"{text} is none of its values; expected {expected}{close}"
    if kind in _RANGES:
        return f"{value} is out of range; expected {expected}"
    hint = (
        "; put it in quotes"
        if kind == "string_type" and not isinstance(value, dict | list | tuple | None)
        else ""
    )
    return f"{value_in_words(value)}; expected {expected}{hint}"


def _unknown_key(place: Place) -> str:
    key, siblings = str(place[-1]), list(options_at(place[:-1]))
    close = _did_you_mean(key, siblings)
    if close:
        return f"unknown key{close}"
    elsewhere = [
        f"{name}.{key}"
        for name, field in CorpusOptions.model_fields.items()
        if (section := options_of(field.annotation)) and key in section.model_fields
    ]
    if key in CorpusOptions.model_fields and len(place) > 1:
        elsewhere.append(f"{key} at the top")
    hint = f"; did you mean {join(elsewhere)}?" if elsewhere else ""
    return f"unknown key; expected {join(siblings)}{hint}"


def _did_you_mean(word: str, known: Any) -> str:
    close = difflib.get_close_matches(word.lower(), known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def annotation_at(place: Place) -> Any:
    """The type of the option at a place; None if there is no such option."""
    annotation: Any = CorpusOptions
    for step in place:
        if isinstance(step, int):
            annotation = item_type(annotation)
        else:
            section: type[BaseModel] | None = options_of(annotation)
            annotation = (
                section.model_fields[step].annotation
                if section and step in section.model_fields
                else None
            )
    return annotation


def options_at(place: Place) -> dict[str, Any]:
    """The options of the section at a place, by name; none if it is no section."""
    section = options_of(annotation_at(place))
    return dict(section.model_fields) if section else {}


def expected_at(place: Place) -> str:
    """The values that the option at a place takes, in words."""
    if not place or isinstance(place[-1], int):
        return annotation_in_words(annotation_at(place))
    field = options_at(place[:-1]).get(str(place[-1]))
    return type_in_words(field) if field else "a value"


def key_text(place: Place) -> str:
    """A place as a dotted key.

    >>> key_text(("documents", 0, "file"))
    'documents[0].file'
    """
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
