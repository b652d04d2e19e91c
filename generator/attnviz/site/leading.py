"""What leads where a head is described in a few words: what it does besides resting, and how much
of its attention rests. The viewer's twin is `state/awake.js`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from attnviz.format.manifest import Head, Label, Model, Stack, Statistic
from attnviz.format.words import WORDS
from attnviz.site.wording import measure, percent

_LEAST_REST: Final = 0.1
"""A share of attention that is worth a word."""
_TELLING: Final = ("entropy", "distance", "patch_distance", "first", "previous", "duplicate")
"""Statistics that stand for the others where there is room for a few."""
_SINK, _REST, _AWAKE = "first", "rest", "awake_"
"""The statistics of a sink and of all that rests, and what begins the names of those of what does
not."""
_KEYS: Final = {"special": "special tokens", "first": "the first token", "separator": "separators"}


def leading_labels(head: Head) -> Sequence[Label]:
    """The labels that say most of a head, the strongest first: of what it does besides resting, or
    of all of its attention where nothing can rest or the report does not say."""
    return head.labels if rest_of(head) is None else head.awake_labels


def rest_of(head: Head) -> float | None:
    """How much of a head's attention rests, from 0 to 1; None where nothing can, or the report does
    not say."""
    return head.statistics.get(_REST)


def leading_columns(model: Model) -> list[Statistic]:
    """The few statistics that say most of a model's heads: of what does not rest, with how much
    rests in place of the sink's own; of all attention where nothing can rest or the report does not
    say."""
    known = {column.name: column for column in model.statistics}
    names = list(_TELLING)
    if any(rest_of(head) is not None for head in model.heads):
        names = [_REST if name == _SINK else _awake(name, known) for name in names]
    return [known[name] for name in names if name in known]


def _awake(name: str, known: Collection[str]) -> str:
    return f"{_AWAKE}{name}" if f"{_AWAKE}{name}" in known else name


def leading_figure(column: Statistic, head: Head) -> str:
    """A head's figure of a leading column, with its unit. A head that has nothing to rest on in a
    model whose others have is all awake."""
    name = column.name if rest_of(head) is not None else column.name.removeprefix(_AWAKE)
    return measure(head.statistics.get(name), column.unit)


def labels_in_words(model: Model, head: Head) -> Iterator[str]:
    """The labels that lead for a head, each with the score that earned it, and how much rests:
    "Previous token 61.2 %", "rests 83 %"."""
    titles = {kind.name: kind.title for kind in model.labels}
    for label in leading_labels(head):
        yield f"{titles.get(label.name, label.name)} {percent(label.score)}"
    if words := rest_in_words(head):
        yield words


def rests_often(head: Head) -> bool:
    """Whether so much rests that it is worth a word."""
    return (rest_of(head) or 0) >= _LEAST_REST


def rest_in_words(head: Head) -> str:
    """How much of it rests, such as "rests 83 %"; nothing where that is not worth a word."""
    return WORDS["resting"]["share"].format(share=percent(rest_of(head) or 0)) * rests_often(head)


def resting_keys_in_words(stack: Stack, head: Head, missing: bool) -> str:
    """On what attention rests: "special tokens, the first token and the learned sink"; `missing`
    where attention was given, and rows may lack a part in place of a sink."""
    names = [name for kind, name in _KEYS.items() if kind in stack.resting]
    if head.sink is not None:
        names.append("what is missing" if missing else "the learned sink")
    *others, last = names or ["nothing"]
    return f"{', '.join(others)} and {last}" if others else last
