"""Sums over rows that make means, one per head, in float64: no order of documents matters but for
the last digits. Those of parts of a corpus are kept as arrays, and put together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

import numpy as np

from attnviz.score import Array

LEAST: Final = 8
"""Keys that a row must see to be evidence for a label: among few keys every pattern looks like
every other."""

Count = float | Array
"""Rows that a mean is over, or per head (heads,) the attention that a ratio is of."""


State = Mapping[str, Array]
"""Sums as arrays, by name."""


class Sums:
    """What is summed up over rows, so that the sums of several parts of them can be put together.

    By default it is made of those of its attributes that are sums, or lists or mappings of sums.
    """

    def parts(self) -> dict[str, Sums]:
        """What it is made of, by name."""
        named = ((name, each) for name, value in vars(self).items() for each in _sums_in(value))
        return {f"{name}{key}": part for name, (key, part) in named}

    def state(self) -> dict[str, Array]:
        """The sums as arrays, by name."""
        return {
            f"{name}/{inner}": array
            for name, part in self.parts().items()
            for inner, array in part.state().items()
        }

    def merge(self, state: State, documents: Array) -> None:
        """Take in the state of another that has the same parts. `documents` are the numbers here of
        what are documents 0, 1, … there."""
        plain = by_first_name(state)
        for name, part in self.parts().items():
            part.merge(within(state, name) if "/" in name else plain.get(name, {}), documents)


def _sums_in(value: object) -> Iterator[tuple[str, Sums]]:
    """The sums in an attribute, with what tells them apart."""
    if isinstance(value, Sums):
        yield "", value
    elif isinstance(value, dict):
        yield from ((f".{key}", each) for key, each in value.items() if isinstance(each, Sums))
    elif isinstance(value, list | tuple):
        yield from ((f".{n}", each) for n, each in enumerate(value) if isinstance(each, Sums))


def within(state: State, name: str) -> dict[str, Array]:
    """The state of the part of this name."""
    start = f"{name}/"
    return {key[len(start) :]: array for key, array in state.items() if key.startswith(start)}


def by_first_name(state: State) -> dict[str, dict[str, Array]]:
    """The states of all parts at once, by what stands before the first slash."""
    parts: dict[str, dict[str, Array]] = {}
    for key, array in state.items():
        name, _, inner = key.partition("/")
        parts.setdefault(name, {})[inner] = array
    return parts


class ArraySums(Sums):
    """Sums that are arrays, or numbers: its attributes of these names."""

    SUMMED: ClassVar[tuple[str, ...]]

    def state(self) -> dict[str, Array]:
        return {name: np.asarray(getattr(self, name), np.float64) for name in self.SUMMED}

    def merge(self, state: State, documents: Array) -> None:
        for name in self.SUMMED:
            array = state[name]
            setattr(self, name, getattr(self, name) + (array if array.ndim else float(array)))


@dataclass
class Mean(ArraySums):
    """A running mean over rows, and the deviation around it."""

    SUMMED = ("rows", "total", "squares")

    heads: int
    rows: float = 0
    total: Array = field(init=False)
    squares: Array = field(init=False)

    def __post_init__(self) -> None:
        self.total, self.squares = np.zeros(self.heads), np.zeros(self.heads)

    def add(self, values: Array, rows: float | None = None) -> None:
        """Take in values (heads, n), each of them a row; or sums of `rows` rows together."""
        self.total += values.sum(-1, dtype=np.float64)
        self.squares += np.square(values, dtype=np.float64).sum(-1)
        self.rows += values.shape[-1] if rows is None else rows

    def value(self) -> Array:
        """(heads,), NaN where there was no row."""
        return self.total / self.rows if self.rows else np.full(self.heads, np.nan)

    def deviation(self) -> Array:
        """(heads,), the standard deviation over rows; NaN where there was no row."""
        if not self.rows:
            return np.full(self.heads, np.nan)
        deviation: Array = np.sqrt((self.squares / self.rows - self.value() ** 2).clip(0))
        return deviation

    def standard_error(self) -> Array:
        """(heads,), of rows drawn from endlessly many; NaN where there were fewer than two."""
        if self.rows < 2:
            return np.full(self.heads, np.nan)
        error: Array = self.deviation() / np.sqrt(self.rows - 1)
        return error


class EvidenceMeans(Sums):
    """Means by name over all rows, and over those that see at least 8 keys, which are evidence for
    labels."""

    def __init__(self, heads: int, names: Iterable[str]) -> None:
        self._all = {name: Mean(heads) for name in names}
        self._evidence = {name: Mean(heads) for name in self._all}

    def add(self, name: str, values: Array, visible: Array) -> None:
        """Take in values (heads, rows) of rows that see so many keys (rows,)."""
        self._all[name].add(values)
        self._evidence[name].add(values[:, visible >= LEAST])

    def counts(self) -> dict[str, Count]:
        """How many rows each is over."""
        return {name: mean.rows for name, mean in self._all.items()}

    def evidence_counts(self) -> dict[str, Count]:
        """How many rows that see at least 8 keys each is over."""
        return {name: mean.rows for name, mean in self._evidence.items()}

    def values(self) -> dict[str, Array]:
        """Over all rows, (heads,) each, NaN where there was none."""
        return {name: mean.value() for name, mean in self._all.items()}

    def evidence(self) -> dict[str, Array]:
        """Over rows that see at least 8 keys, (heads,) each, NaN where there was none."""
        return {name: mean.value() for name, mean in self._evidence.items()}


@dataclass
class Ratio(ArraySums):
    """One sum over another, per head: attention of a kind over the attention that could be."""

    SUMMED: ClassVar[tuple[str, ...]] = ("part", "total")

    heads: int
    part: Array = field(init=False)
    total: Array = field(init=False)

    def __post_init__(self) -> None:
        self.part, self.total = np.zeros(self.heads), np.zeros(self.heads)

    def add(self, part: Array, total: Array) -> None:
        """Take in sums (heads,)."""
        self.part += part
        self.total += total

    def value(self) -> Array:
        """(heads,), NaN where there is nothing to divide by."""
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio: Array = np.where(self.total > 0, self.part / self.total, np.nan)
        return ratio
