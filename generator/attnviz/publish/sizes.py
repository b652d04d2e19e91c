"""What hosts take, and what to do about a site that is larger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attnviz.format.manifest import Manifest
from attnviz.reader.one_page import what_takes_most

SITE: Final = 1_000_000_000
"""Bytes of a site that GitHub Pages serves."""
FILE: Final = 100_000_000
"""Bytes of a file that GitHub takes."""


def too_large(sizes: Mapping[str, int], manifest: Manifest) -> list[str]:
    """What is over GitHub Pages' limits of files of these bytes by path, with what to do; empty
    where nothing is."""
    total = sum(sizes.values())
    problems = [
        f"{path}: has {size / 1e6:.0f} MB, and GitHub takes files of at most {FILE / 1e6:.0f} MB"
        for path, size in sizes.items()
        if size > FILE
    ]
    if total > SITE:
        problems.append(
            f"the report has {total / 1e9:.2f} GB, and GitHub Pages serves sites of at most"
            f" {SITE / 1e9:.0f} GB: publish it as a Hugging Face Space (--to space:USER/NAME) or on"
            f" a host of your own (--to DIR), or make it smaller: {what_takes_most(manifest)}"
        )
    return problems
