"""Links to the viewer that a story has, held to what the report has: models, heads, documents,
tokens, maps and views."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from attnviz.format.manifest import Head, Manifest, Model, Stack

VIEWS: Final = (
    *("atlas", "head", "document", "lines", "matrix", "patterns", "neuron", "compare", "heads"),
)
KEYS: Final = (
    *("model", "head", "doc", "token", "side", "key", "tokens", "row", "column", "view", "map"),
    *("eye", "area", "mark", "ties", "least", "bare", "size", "color", "bar", "find", "hide"),
    *("weighted", "words", "aggregate", "residual", "discard", "elements", "with", "texts"),
    *("scale", "exponent", "cut", "ignore", "scores"),
    *("overlay", "arrows", "frame", "heads", "parts"),
    *(
        "show",
        "sort",
        "labels",
        "filter",
        "columns",
        "x",
        "y",
        "tint",
        "renderer",
        "embed",
        "beside",
        "unlinked",
        "added",
    ),
)
"""Keys of links, as site_templates/src/state/link-keys.js has them."""
LAYER: Final = "layer"
"""What stands for all heads of the selected head's layer, in place of a list of heads."""
_OF_QUERIES: Final = ("row",)
_OF_KEYS: Final = ("key", "column")

Lengths = Callable[[Model, str], Sequence[int]]
"""Tokens of each document on an axis of a model, by the axis's name."""


@dataclass(frozen=True)
class LinkCheck:
    """What links are held to."""

    report: Manifest
    lengths: Lengths

    def faults(self, hash_text: str) -> Iterator[str]:
        """What of a link such as `view=document&head=L3H7&doc=17` the report does not have, each
        with what it has."""
        pairs = parse_qsl(hash_text, keep_blank_values=True)
        if not pairs:
            yield f"“#{hash_text}” names nothing; expected keys such as #view=head&head=L0H0"
        link = dict(pairs)
        for key in link:
            if key not in KEYS:
                yield f"there is no key “{key}” in links; expected {', '.join(KEYS[:4])}, view, …"
        if link.get("view", VIEWS[0]) not in VIEWS:
            yield f"there is no view “{link['view']}”; expected one of {', '.join(VIEWS)}"
        models = {model.name: model for model in self.report.models}
        model = models.get(link.get("model", self.report.models[0].name))
        if model is None:
            yield f"there is no model “{link['model']}”; the report has {', '.join(models)}"
            return
        yield from self._faults_in(model, link)

    def _faults_in(self, model: Model, link: dict[str, str]) -> Iterator[str]:
        heads = {model.head_id(head): head for head in model.heads}
        names = [name for name in link.get("heads", "").split(",") if name not in ("", LAYER)]
        for name in [*([link["head"]] if "head" in link else []), *names]:
            if name not in heads:
                first, *_, last = (*heads, *heads)
                yield f"there is no head “{name}” in {model.name}; it has {first} to {last}"
        if "map" in link and link["map"] not in (maps := [each.id for each in model.maps]):
            yield f"there is no map “{link['map']}”; {model.name} has {', '.join(maps) or 'none'}"
        yield from self._faults_of_tokens(model, heads.get(link.get("head", "")), link)

    def _faults_of_tokens(
        self, model: Model, head: Head | None, link: dict[str, str]
    ) -> Iterator[str]:
        count = self.report.documents.count
        if "doc" in link and not _below(link["doc"], count):
            yield f"there is no document “{link['doc']}”; the report has 0 to {count - 1}"
            return
        stack = _stack(model, head)
        for key in ("token", "tokens", *_OF_QUERIES, *_OF_KEYS):
            if key not in link:
                continue
            if "doc" not in link:
                yield f"“{key}” is a token of no document; expected doc beside it"
                continue
            by_query = key in _OF_QUERIES or (
                key not in _OF_KEYS and link.get("side", "query") == "query"
            )
            axis = stack.query_axis if by_query else stack.key_axis
            length = int(self.lengths(model, axis)[int(link["doc"])])
            for token in link[key].split(","):
                if not _below(token, length):
                    has = (
                        f"it has 0 to {length - 1}" if length else f"{model.name} reads none of it"
                    )
                    yield f"there is no token “{token}” in document {link['doc']}; {has}"


def _stack(model: Model, head: Head | None) -> Stack:
    name = model.stacks[0].name if head is None else head.stack
    return next(stack for stack in model.stacks if stack.name == name)


def _below(text: str, count: int) -> bool:
    """Whether a text is a whole number from 0 on and below `count`."""
    return text.isascii() and text.isdecimal() and int(text) < count
