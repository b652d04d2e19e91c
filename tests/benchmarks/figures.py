"""What a benchmark found, as a plain-text table and as JSON."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

Cell = str | float | None


@dataclass(frozen=True)
class Figure:
    """One measured value beside a peer's or a limit; `expected` is the largest ratio that was hoped
    for.

    Where more is better (`at_least`), it is the smallest.
    """

    what: str
    value: float
    unit: str
    peer: str
    against: float
    expected: float
    at_least: bool = False

    @property
    def ratio(self) -> float:
        return self.value / self.against

    @property
    def as_expected(self) -> bool:
        return self.ratio >= self.expected if self.at_least else self.ratio <= self.expected

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"ratio": self.ratio, "as_expected": self.as_expected}


@dataclass(frozen=True)
class Result:
    """The figures of a benchmark, and a table of what they come from."""

    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]]
    figures: list[Figure]

    def to_dict(self) -> dict[str, Any]:
        details = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        return {"details": details, "figures": [figure.to_dict() for figure in self.figures]}


def rendered(result: Result) -> str:
    """Both tables as text, indented by two."""
    figures = [
        (
            f.what,
            f"{in_digits(f.value)} {f.unit}",
            f.peer,
            f"{in_digits(f.against)} {f.unit}",
            as_ratio(f.ratio),
            f"{'≥' if f.at_least else '≤'} {as_ratio(f.expected)}",
            "as expected" if f.as_expected else "UNDER" if f.at_least else "OVER",
        )
        for f in result.figures
    ]
    heads = ("", "measured", "against", "", "ratio", "expected", "")
    parts = [
        table(result.columns, [tuple(map(in_digits, row)) for row in result.rows]),
        table(heads, figures),
    ]
    return "\n\n".join(parts)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell; numbers to the right.

    >>> print(table(("", "s"), [("capture", "2.1"), ("maps", "10")]))
               s
      capture  2.1
      maps      10
    """
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = [heads, *rows]
    cells = [
        [
            cell.rjust(w) if cell[:1].isdigit() else cell.ljust(w)
            for cell, w in zip(line, widths, strict=True)
        ]
        for line in lines
    ]
    return "\n".join("  " + "  ".join(line).rstrip() for line in cells)


def in_digits(cell: Cell) -> str:
    """Three significant digits; text as it is; a dash for what there is none of.

    >>> [in_digits(value) for value in (868.61, 0.01234, 12345.0, 3, "maps", None)]
    ['869', '0.0123', '12,345', '3', 'maps', '–']
    """
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return cell
    if cell == int(cell) or abs(cell) >= 100:
        return f"{cell:,.0f}"
    return f"{cell:#.3g}"


def as_ratio(value: float) -> str:
    """A fraction where it is small.

    >>> as_ratio(1.0634), as_ratio(1 / 321)
    ('1.06', '1/321')
    """
    return f"1/{1 / value:.0f}" if value < 0.1 else f"{value:.2f}"


def exponent(x: tuple[float, float], y: tuple[float, float]) -> float:
    """p of y = c · xᵖ through two points: 1 is linear, 2 quadratic.

    >>> exponent((2, 4), (3, 12))
    2.0
    """
    return math.log(y[1] / y[0]) / math.log(x[1] / x[0])


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    packages = ("torch", "transformers", "bertviz")
    return {"processors": os.cpu_count()} | {package: version(package) for package in packages}
