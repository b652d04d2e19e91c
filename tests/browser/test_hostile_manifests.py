"""Manifests that are changed at random, and named by index.html as an attacker would: the page
shows the report, or says what is wrong; it is never blank, and nothing is left uncaught."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.browser import damage
from tests.browser.visit import eventually
from tests.fixtures.spoiled import seal_manifest

EXAMPLES: Final = 24
WRONG: Final = (None, True, -1, 0.5, 1e308, 2**53, "", "../x", "\ud800", "x" * 5000, [], {}, [None])


def places(part: Any) -> Iterator[tuple[Any, Any]]:
    """Every value's place: what holds it, and its key there."""
    keys = part if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
    for key in list(keys):
        yield part, key
        yield from places(part[key])


@pytest.fixture
def report(tiny_report, tmp_path) -> Path:
    return damage.copied(tiny_report("llama"), tmp_path / "report")


def test_no_manifest_leaves_a_blank_page_or_an_uncaught_error(visit, report):
    rng = random.Random(7)
    original = (report / "manifest.json").read_bytes()
    there = visit(report, tolerate="Failed to load resource|ERR_FILE_NOT_FOUND")
    refused = 0
    for example in range(EXAMPLES):
        manifest = json.loads(original)
        part, key = rng.choice(list(places(manifest)))
        part[key] = wrong = rng.choice(WRONG)
        damage.alter(
            report, "manifest.json", lambda _, content=manifest: json.dumps(content).encode()
        )
        seal_manifest(report)
        there.page.goto("about:blank")
        there.go(view=("atlas", "head", "document", "heads")[example % 4])
        ended = "html[data-ready=true], html[data-ready=error]"
        assert eventually(lambda ended=ended: there.find(ended).count() == 1), (key, wrong)
        words = there.find("body").inner_text()
        assert len(words) > 100, (example, key, wrong)
        refused += "manifest.json" in words
    assert refused > EXAMPLES / 2
