"""The texts of rows that come one after another and are never all in memory: all of a few, or a
sample drawn evenly from all."""

from __future__ import annotations

import hashlib
import heapq
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from attnviz.config import DocumentSpec
from attnviz.documents.table_rows import TableRow
from attnviz.documents.tables import LabelledText, labelled_texts, require_columns
from attnviz.errors import InputError

MOST: Final = 200_000
"""Rows that become documents where no sample is asked for."""


@dataclass
class DrawnRows:
    """The texts drawn from rows; `rows` is how many have a text, `empty` how many have none."""

    texts: list[LabelledText]
    rows: int
    empty: int

    @property
    def digest(self) -> bytes:
        """SHA-256, 32 bytes, of the texts with their titles and labels, in order."""
        digest = hashlib.sha256()
        for text in self.texts:
            digest.update(json.dumps(text, ensure_ascii=False, sort_keys=True).encode())
        return digest.digest()


def draw_texts(rows: Iterator[TableRow], spec: DocumentSpec, name: str, where: str) -> DrawnRows:
    """The texts of all rows that have one, or of `spec.sample` of them.

    Each row with a text is given a number of Python's `random.Random(spec.seed)`, in order; a
    sample is the rows with the smallest numbers, in the order of rows. So every row is as likely as
    any other, and a sample is part of every larger one of the same seed.

    `name` is the rows' in messages. Raises InputError with the problems of all rows that are drawn,
    if there are none, and if there are more than `MOST` and no sample is asked for.
    """
    counted = _WithText(rows, spec, name)
    drawn = _sampled(counted, spec) if spec.sample else _refuse_many(counted, name, where)
    texts = labelled_texts(spec, drawn, name)
    if not texts:
        raise InputError(
            f"{where}: {name} holds no row with a text in “{spec.text_column}”; expected at least"
            " one"
        )
    return DrawnRows(texts, counted.rows, counted.empty)


class _WithText:
    """The rows that have a text, counted, and those without."""

    def __init__(self, rows: Iterator[TableRow], spec: DocumentSpec, name: str) -> None:
        self.source, self.spec, self.name = rows, spec, name
        self.rows = self.empty = 0

    def __iter__(self) -> Iterator[TableRow]:
        for row in self.source:
            if not self.rows and not self.empty:
                require_columns(self.spec, row, self.name)
            if _is_empty(row.values.get(self.spec.text_column)):
                self.empty += 1
            else:
                self.rows += 1
                yield row


def _is_empty(value: Any) -> bool:
    """Whether a cell has no text: nothing, blanks, or a list of these."""
    if isinstance(value, list):
        return all(_is_empty(part) for part in value)
    return value is None or (isinstance(value, str) and not value.strip())


def _sampled(rows: Iterable[TableRow], spec: DocumentSpec) -> list[TableRow]:
    """The rows with the smallest random numbers, in their order."""
    numbers = random.Random(spec.seed)
    count = spec.sample or 0
    # The largest number of those that are kept comes first, as the smallest negative one.
    kept: list[tuple[float, int, TableRow]] = []
    for place, row in enumerate(rows):
        item = (-numbers.random(), place, row)
        if len(kept) < count:
            heapq.heappush(kept, item)
        elif item > kept[0]:
            heapq.heapreplace(kept, item)
    return [row for _, _, row in sorted(kept, key=lambda item: item[1])]


def _refuse_many(rows: Iterable[TableRow], name: str, where: str) -> Iterator[TableRow]:
    for count, row in enumerate(rows, 1):
        if count > MOST:
            raise InputError(
                f"{where}: {name} has more than {MOST:,} rows with a text; expected so many at"
                " most, or a sample, such as sample: 1000"
            )
        yield row
