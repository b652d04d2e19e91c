"""How long work says where it is. The stages know only this; the command line draws it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


class Progress:
    """Says nothing. A subclass draws."""

    def steps(self, stage: str, items: Iterable[T], sizes: list[float]) -> Iterator[T]:
        """Hand on the items of a stage one by one; `sizes` are the items' shares of its work."""
        yield from items

    def note(self, message: str) -> None:
        """Something the user should know."""
