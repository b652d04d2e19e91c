"""Images and texts in one report, where a head reads only one of them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.fixtures.reports import build
from tests.fixtures.two_tower_models import save_two_towers


@pytest.fixture(scope="session")
def two_towers(shared):
    """The folder of a report of a CLIP on a text and an image."""

    def make(folder):
        noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
        Image.fromarray(noise).save(folder / "noise.png")
        model = save_two_towers("clip", folder / "model")
        corpus = {
            "models": [{"name": "clip", "source": str(model)}],
            "documents": [
                {"text": ["the cat sat on a mat", "a dog ran"]},
                {"images": str(folder / "noise.png")},
            ],
            "maps": {"methods": ["pca"], "dimensions": [2]},
        }
        build(corpus, folder / "report")

    return shared("two-towers", make) / "report"


def test_each_stack_shows_the_documents_that_it_reads(visit, two_towers):
    there = visit(two_towers).open()
    assert there.texts(".stack-label b") == ["Vision", "Text"]
    assert "within windows" not in there.text("main")
    there.open(view="document", head="text.L1H2")
    assert "cat" in there.text("main")
    there.open(view="document", head="vision.L1H2")
    assert "noise" in there.text(".picker-name")
    for view in ("atlas", "head", "heads"):
        there.open(view=view, head="vision.L1H2")


@pytest.mark.parametrize(("head", "document"), [("vision.L0H1", 0), ("text.L0H1", 2)])
def test_a_document_that_the_head_s_stack_does_not_read_says_so(visit, two_towers, head, document):
    there = visit(two_towers).go(view="document", head=head, doc=document)
    stack = head.partition(".")[0]
    there.says("main", f"The {stack} stack of clip did not take this document.")
    there.go(view="head", head=head, doc=document, token=0)
    there.find("html[data-ready]:not([data-ready=false])").wait_for(state="attached")
