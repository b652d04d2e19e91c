"""What an audit finds: figures that differ from what the shards say, and what no shard can tell."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any, Final

Figure = float | int | str | bool | None

ROUNDING: Final = 1e-6
"""What a figure may differ by its storage and by the order of sums."""


@dataclass(frozen=True)
class Difference:
    """A figure that is not what the shards say: where it is stated, of what, and both values.

    `allowed` is how far they may lie apart, since stored attention is not the model's own to the
    last digit; 0 for what must be the same.
    """

    file: str
    place: str
    figure: str
    stated: Figure
    recomputed: Figure
    allowed: float

    def __str__(self) -> str:
        apart = f"; they may be {self.allowed:.2g} apart" if self.allowed else ""
        return (
            f"{self.file}: {self.place}: {self.figure}: the report states {_number(self.stated)},"
            f" its shards give {_number(self.recomputed)}{apart}"
        )


def _number(value: Figure) -> str:
    return (
        f"{value:.6g}" if isinstance(value, float) else "nothing" if value is None else f"{value}"
    )


@dataclass
class Findings:
    """Figures compared so far, those that differ, and reasons why others were not compared, each
    with how many figures it is the reason of."""

    differences: list[Difference] = field(default_factory=list)
    compared: int = 0
    skipped: Counter[str] = field(default_factory=Counter)

    def compare(
        self,
        place: str,
        figure: str,
        *,
        stated: Figure,
        recomputed: Figure,
        allowed: float = 0.0,
        file: str = "manifest.json",
    ) -> None:
        """Take in a figure as it is stated and as the shards give it, NaN or None for none."""
        self.compared += 1
        stated, recomputed = _known(stated), _known(recomputed)
        if not _alike(stated, recomputed, allowed):
            self.differences.append(Difference(file, place, figure, stated, recomputed, allowed))

    @property
    def notes(self) -> list[str]:
        """How many figures were recomputed, and which could not be."""
        same = self.compared - len(self.differences)
        return [
            f"{self.compared:,} figures recomputed from the shards, {same:,} of them are so",
            *(
                f"not recomputed, {count:,} figures: {reason}"
                for reason, count in sorted(self.skipped.items())
            ),
        ]

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "recomputed": self.compared,
            "differences": [asdict(difference) for difference in self.differences],
            "not_recomputed": dict(sorted(self.skipped.items())),
        }

    def skip(self, reason: str, figures: int = 1) -> None:
        """Take in figures that cannot be recomputed."""
        if figures:
            self.skipped[reason] += figures


def _known(value: Figure) -> Figure:
    return None if isinstance(value, float) and math.isnan(value) else value


def _alike(stated: Figure, recomputed: Figure, allowed: float) -> bool:
    if isinstance(stated, str | bool | None) or isinstance(recomputed, str | bool | None):
        return stated == recomputed
    return abs(stated - recomputed) <= allowed + ROUNDING * max(1.0, abs(recomputed))
