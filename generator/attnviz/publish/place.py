"""What all places have that a report can be published to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

from attnviz.publish.site import Site


class Place(ABC):
    """Where a report can be published."""

    with_twins = False
    """Whether a report opens by double-click there."""

    @abstractmethod
    def prepare(self, report: Path) -> None:
        """Look at what is there. InputError where the report must not be published; changes
        nothing."""

    def address(self) -> str | None:
        """The address that a report gets there, where the place says it."""
        return None

    def limits(self, site: Site) -> list[str]:
        """What to know of the site's size. InputError where the place would not take it."""
        return []

    @abstractmethod
    def put(self, site: Site) -> int:
        """Publish the site; returns its bytes."""

    @abstractmethod
    def plan(self) -> str:
        """What `put` does, as a sentence after "would "."""

    @abstractmethod
    def done(self) -> str:
        """What `put` did."""
