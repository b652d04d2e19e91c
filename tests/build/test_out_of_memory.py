"""Memory that does not suffice: which batch, what to set, and nothing done twice after that."""

import pytest
import torch

import attnviz
from attnviz.capture import runner
from tests.fixtures.text_models import WORDS, save_bert


@pytest.fixture
def corpus(tmp_path):
    """Texts of 6 to 36 words in two batches, (4, 24) and (3, 38) with [CLS] and [SEP], and a model
    for them."""
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
    """The shapes of all batches that run, and the tokens from which on there is no memory for
    one."""
    shapes, limit = [], [10**9]
    run_pass = runner.run_pass

    def running(loaded, inputs, **options):
        shape = tuple(inputs["input_ids"].shape)
        if shape[0] * shape[1] > limit[0]:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
        shapes.append(shape)
        return run_pass(loaded, inputs, **options)

    monkeypatch.setattr(runner, "run_pass", running)
    return shapes, limit


def test_the_batch_is_named_and_what_to_set_and_the_others_are_kept(corpus, batches, tmp_path):
    shapes, limit = batches
    limit[0] = 100  # the self-check takes 76
    with pytest.raises(attnviz.InputError) as caught:
        attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")
    (problem,) = caught.value.problems
    assert (
        "model bert: out of memory in the batch of 3 documents that begins with document 4"
        in problem
    )
    assert (
        "batches before it are kept: set batch_tokens below 120, dtype: bfloat16, or max_length"
        in problem
    )
    assert not (tmp_path / "report").exists()
    assert shapes.count((4, 24)) == 1, "the batch before it"

    # With the memory back, only what is missing runs: the batch that did not, once.
    shapes.clear()
    limit[0] = 10**9
    report = attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")
    assert [shape for shape in shapes if shape in ((4, 24), (3, 38), (2, 38))] == [(3, 38)]
    assert len(report.documents) == 7


def test_memory_that_does_not_suffice_for_the_self_check_is_told_as_such(corpus, batches, tmp_path):
    batches[1][0] = 10
    with pytest.raises(
        attnviz.InputError,
        match=r"model bert: out of memory in the self-check .*: set .*dtype: bfloat16",
    ):
        attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")
