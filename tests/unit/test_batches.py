"""The batch plan: documents of like length together, from the corpus alone."""

import numpy as np

from attnviz.capture import plan_batches
from attnviz.capture.batches import collate
from attnviz.documents import Tokens
from attnviz.modalities import ModelInput


def text(length):
    none = np.zeros(length)
    tokens = Tokens.of_text(np.arange(length), ["a"] * length, np.full((length, 2), -1), none, none)
    return ModelInput({"text": tokens}, {"input_ids": np.arange(1, length + 1)})


def recording(samples, frames):
    return ModelInput(
        {"audio": Tokens.of_grid([], 1, frames)}, {"input_values": np.ones(samples, np.float32)}
    )


def test_documents_of_like_length_run_together_within_the_limit():
    lengths = [50, 3, 48, 4, 2, 49, 200]
    plan = plan_batches([text(n) if n != 48 else None for n in lengths], 100)
    assert [batch.documents for batch in plan] == [(4, 1, 3), (5, 0), (6,)], (
        "a longer document runs alone"
    )
    for batch in plan[:-1]:
        tokens = batch.lengths["text"]
        assert list(tokens) == sorted(tokens)
        assert len(tokens) * max(tokens) <= 100


def test_the_plan_depends_on_the_corpus_alone():
    documents = [text(n) for n in np.random.default_rng(1).integers(1, 60, 40)]
    assert plan_batches(documents, 128) == plan_batches(documents, 128)


def test_recordings_of_other_lengths_are_not_padded():
    """A frame beside silence is not the frame that a recording ends with."""
    import torch

    recordings = [recording(900, 2), recording(900, 2), recording(1200, 2)]
    plan = plan_batches(recordings, 1000)
    assert [batch.documents for batch in plan] == [(0, 1), (2,)]
    stacked = collate(recordings[:2], {}, torch.device("cpu"), torch.float32)["input_values"]
    assert (stacked.shape, stacked.dtype) == ((2, 900), torch.float32)
