"""Memory that does not suffice: which batch, what to set, and nothing done twice after that."""

import re

import pytest
import torch

import attnviz
from attnviz.capture import runner
from attnviz.effects.passes import Passes
from tests.fixtures.text_models import WORDS, save_bert


@pytest.fixture
def corpus(tmp_path):
    """Texts of 6 to 36 words, too many for one batch, and a model for them."""
    texts = [
        " ".join(WORDS[(i + n) % len(WORDS)] for i in range(n)) for n in (6, 8, 20, 22, 34, 35, 36)
    ]
    return {
        "models": [{"name": "bert", "source": str(save_bert(tmp_path / "bert"))}],
        "documents": [{"text": texts}],
        "batch_tokens": 120,
    }


@pytest.fixture
def batches(monkeypatch):
    """The shapes of all batches that run, and those for which there is no memory."""
    shapes, too_large = [], set()
    run_pass = runner.run_pass

    def running(loaded, inputs, **options):
        shape = tuple(inputs["input_ids"].shape)
        if shape in too_large:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
        shapes.append(shape)
        return run_pass(loaded, inputs, **options)

    monkeypatch.setattr(runner, "run_pass", running)
    return shapes, too_large


PROBES = (16, 40)
"""The shape of the batch of texts said twice."""


def test_the_batch_is_named_and_what_to_set_and_the_others_are_kept(corpus, batches, tmp_path):
    shapes, too_large = batches
    attnviz.build(corpus, out=tmp_path / "whole", cache=tmp_path / "of whole")
    checked, again, *before, last = shapes[: shapes.index(PROBES)]
    assert checked == again == (2, 38), "the self-check"
    assert before
    assert last not in before

    shapes.clear()
    too_large.add(last)
    with pytest.raises(attnviz.InputError) as caught:
        attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")
    (problem,) = caught.value.problems
    count = f"{last[0]} document{'s' * (last[0] > 1)}"
    assert re.search(
        rf"model bert: out of memory in the batch of {count} that begins with document \d"
        r" \(\d+ tokens\); batches before it are kept: set batch_tokens below 120,"
        " dtype: bfloat16, or max_length",
        problem,
    )
    assert not (tmp_path / "report").exists()
    assert shapes == [checked, again, *before]

    # With the memory back, only what is missing runs: the batch that did not, and what follows.
    shapes.clear()
    too_large.clear()
    report = attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")
    assert shapes[: shapes.index(PROBES)] == [last]
    assert len(report.documents) == 7


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((2, 38), "in the self-check .*: set .*dtype: bfloat16"),
        (PROBES, "in its pass over 16 short texts said twice: set probes: false"),
    ],
)
def test_what_it_does_not_suffice_for_is_told_with_what_helps(
    shape, words, corpus, batches, tmp_path
):
    batches[1].add(shape)
    with pytest.raises(attnviz.InputError, match=f"model bert: out of memory {words}"):
        attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")


def test_effects_say_so_too(corpus, monkeypatch, tmp_path):
    def again(passes, inputs, *rest):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")

    monkeypatch.setattr(Passes, "again", again)
    words = "model bert: out of memory in measuring effects of heads: set .*effects: false"
    with pytest.raises(attnviz.InputError, match=words):
        attnviz.build(corpus | {"effects": True}, tmp_path / "report", tmp_path / "cache")
