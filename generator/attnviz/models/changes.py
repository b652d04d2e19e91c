"""What a pass changed of a model."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Changes:
    """What a pass changed of a model, as paths of its attributes: what was put back afterwards, and
    weights that were written to, which are not put back."""

    put_back: list[str] = field(default_factory=list)
    weights: list[str] = field(default_factory=list)
