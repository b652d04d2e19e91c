"""The options of `head_labels`: labels of heads that a corpus declares, as tests of pairs."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from attnviz.config.section import Name, Section, Text
from attnviz.config.values import Words, problem, quoted

_RANGE: Final = re.compile(r"(-?[0-9]{1,10})?\.\.(-?[0-9]{1,10})?")
_LARGEST: Final = 10**9


def read_tokens(value: object) -> object:
    """A token, a list of them, a pattern between slashes, or a label column with its labels."""
    items = value if isinstance(value, tuple | list) else (value,)
    if isinstance(value, Mapping):
        return _read_column(value)
    if not items or not all(isinstance(item, str) and item.strip() for item in items):
        raise problem(
            f"{quoted(str(value))} names no tokens; expected a token in quotes, a list of them,"
            " /a pattern/, or a label column with its labels such as {pos: NOUN}"
        )
    for item in items:
        if _is_pattern(item):
            _check_pattern(item, alone=len(items) == 1)
    return value if isinstance(value, str) else tuple(items)


def _read_column(value: Mapping[object, object]) -> object:
    labels = next(iter(value.values())) if len(value) == 1 else None
    several = labels if isinstance(labels, tuple | list) else (labels,)
    if not several or not all(isinstance(label, str) and label for label in several):
        raise problem(
            f"{quoted(str(dict(value)))} is no condition on labels; expected one column of"
            " token_labels with its label, or a list of them, in quotes, such as {pos: NOUN}"
        )
    return {str(column): tuple(several) for column in value}


def read_documents(value: object) -> object:
    """Columns of documents' labels, each with a label or several, by column."""
    if not isinstance(value, Mapping) or not value:
        raise _no_documents(value)
    columns = {}
    for column, labels in value.items():
        several = labels if isinstance(labels, tuple | list) else (labels,)
        texts = tuple(_label(label) for label in several)
        if not texts or not all(texts):
            raise _no_documents(value)
        columns[str(column)] = texts
    return columns


def _no_documents(value: object) -> PydanticCustomError:
    text = dict(value) if isinstance(value, Mapping) else value
    return problem(
        f"{quoted(str(text))} is no condition on documents; expected columns of labels, each with"
        " its label, or a list of them, such as {topic: sport}"
    )


def _label(value: object) -> str:
    """A label as tables have it, empty where it is none: numbers and truth values as in JSON."""
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return value if isinstance(value, str) else ""


def _is_pattern(text: str) -> bool:
    return len(text) > 1 and text.startswith("/") and text.endswith("/")


def compile_pattern(text: str) -> re.Pattern[str]:
    """A regular expression, without the warnings of what may be read otherwise one day."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return re.compile(text)


def _check_pattern(text: str, alone: bool) -> None:
    if not alone:
        raise problem(
            f"{quoted(text)} stands in a list; expected a pattern alone: /a|b/ is one of two"
        )
    try:
        compile_pattern(text[1:-1])
    except (re.error, OverflowError, RecursionError) as error:
        raise problem(
            f"{quoted(text)} is no regular expression ({error}); expected one of Python's between"
            " slashes"
        ) from None


def read_offsets(value: object) -> object:
    """The least and the greatest of a whole number, or of a range such as "-3..-1"; None for an end
    that is open."""
    least, greatest = _ends(value)
    if least is not None and greatest is not None and least > greatest:
        raise _empty(value, least, greatest)
    return least, greatest


def read_places(value: object) -> object:
    """As `read_offsets`, where negative numbers count from the end: `2..-1` is not empty."""
    least, greatest = _ends(value)
    ends = None if least is None or greatest is None else (least, greatest)
    if ends and ends[0] > ends[1] and (ends[0] < 0) == (ends[1] < 0):
        raise _empty(value, *ends)
    return least, greatest


def _empty(value: object, least: int, greatest: int) -> PydanticCustomError:
    return problem(
        f'{quoted(str(value))} is empty; expected the lesser number first: "{greatest}..{least}"'
    )


def _ends(value: object) -> tuple[int | None, int | None]:
    least = greatest = None
    if isinstance(value, int) and not isinstance(value, bool):
        least = greatest = value
    elif isinstance(value, str) and (ends := _RANGE.fullmatch(value.replace(" ", ""))):
        least, greatest = (None if end is None else int(end) for end in ends.groups())
    if (least, greatest) == (None, None) or max(abs(least or 0), abs(greatest or 0)) > _LARGEST:
        raise problem(
            f"{quoted(str(value))} is no range; expected a whole number, or two with dots between"
            ' them, such as "-3..-1", "..-1" or "1.."'
        )
    return least, greatest


def read_same(value: object) -> object:
    """What is the same of key and query: `token` for true, None for false."""
    if value in ("token", "after") or value is None:
        return value
    if isinstance(value, bool):
        return "token" if value else None
    raise problem(f"{quoted(str(value))} is none of its values; expected true, false or after")


Tokens = Annotated[
    str | tuple[str, ...] | dict[str, tuple[str, ...]],
    BeforeValidator(read_tokens),
    Words("a token, a list of them, /a pattern/, or a label column with its labels"),
]
Documents = Annotated[
    dict[str, tuple[str, ...]],
    BeforeValidator(read_documents),
    Words("columns of `labels`, each with a label or a list of them"),
]
Range = tuple[int | None, int | None]
Offsets = Annotated[
    Range, BeforeValidator(read_offsets), Words('a whole number, or a range such as "-3..-1"')
]
Places = Annotated[
    Range, BeforeValidator(read_places), Words('a whole number, or a range such as "0..3"')
]
Same = Annotated[
    Literal["token", "after"] | None, BeforeValidator(read_same), Words("true, false or after")
]


class HeadLabelEntry(Section):
    """A label of heads, as a test of each pair of a query and a key: it holds for a pair for which
    all that is stated here does. Tokens are meant by their characters without blanks around them,
    or by the vocabulary's piece, capital letters being others than small ones."""

    name: Name = Field(examples=["pronoun"])
    """Its name in links and tables."""
    title: Text | None = Field(default=None, examples=["Pronoun to noun"])
    """Its name for people; by default its name."""
    query: Tokens | None = Field(default=None, examples=[["he", "she", "it"]])
    """Which tokens attend: one token, a list of them, a regular expression of Python between
    slashes that is found in the token (`/^[0-9]+$/`), or a column of `token_labels` with one label
    or a list of them (`{pos: PRON}`), as conversations have one of `turn` (`{turn: 2 assistant}`).
    By default all."""
    key: Tokens | None = Field(default=None, examples=[{"pos": "NOUN"}])
    """Which tokens are attended to, as `query`."""
    offset: Offsets | None = Field(default=None, examples=["-3..-1"])
    """The key's place less the query's: a number, −1 for the token before, or a range, `"..-1"` for
    any token before."""
    query_place: Places | None = Field(default=None, examples=["1.."])
    """The query's place in its document, from zero; negative ones count from the end, −1 is the
    last."""
    key_place: Places | None = Field(default=None, examples=[0])
    """The key's place."""
    same: Same = Field(default=None, examples=[True])
    """`true`: the key is the same token as the query; `after`: the token before the key is, as
    where text comes again."""
    documents: Documents | None = Field(default=None, examples=[{"topic": "sport"}])
    """In which documents: columns of their `labels`, each with one label or a list of them, of
    which a document must have one in every column; `prediction` is what a classifier among the
    models says. By default in all."""
    sinks: bool = False
    """Whether special tokens and sinks count. Without, they are left out, as a label that is about
    them does not want."""

    @model_validator(mode="after")
    def _states_something(self) -> HeadLabelEntry:
        stated = (
            self.query, self.key, self.offset, self.query_place, self.key_place, self.same,
            self.documents,
        )  # fmt: skip
        if all(each is None for each in stated):
            raise problem(
                "says of no pairs that it holds for them; expected query, key, offset, query_place,"
                " key_place, same or documents"
            )
        return self
