"""What leads where a head is described in a few words: what it does besides resting, and how much
of its attention rests. The viewer's twin is `state/awake.js`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attnviz.format.manifest import Head, Label, Stack
from attnviz.format.words import WORDS
from attnviz.site.wording import percent

_LEAST_REST: Final = 0.1
"""A share of attention that is worth a word."""
_KEYS: Final = {"special": "special tokens", "first": "the first token", "separator": "separators"}


def leading_labels(head: Head) -> Sequence[Label]:
    """The labels that say most of a head, the strongest first: of what it does besides resting, or
    of all of its attention where nothing can rest or the report does not say."""
    return head.labels if rest_of(head) is None else head.awake_labels


def rest_of(head: Head) -> float | None:
    """How much of a head's attention rests, from 0 to 1; None where nothing can, or the report does
    not say."""
    return head.statistics.get("rest")


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
