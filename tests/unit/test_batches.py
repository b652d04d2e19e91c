"""The batch plan: documents of like length together, from the corpus alone."""

from types import SimpleNamespace

import numpy as np
import pytest
import transformers

from attnviz.architectures.alike_lengths import lengths_of
from attnviz.architectures.lengths import Lengths
from attnviz.capture.batch_work import batch_seconds
from attnviz.capture.batches import Batch, plan_batches
from attnviz.capture.collating import collate
from attnviz.documents import Tokens
from attnviz.modalities.model_input import ModelInput


def text(length):
    none = np.zeros(length)
    tokens = Tokens.of_text(np.arange(length), ["a"] * length, np.full((length, 2), -1), none, none)
    return ModelInput({"text": tokens}, {"input_ids": np.arange(1, length + 1)})


def recording(samples, frames):
    return ModelInput(
        {"audio": Tokens.of_grid([], 1, frames)}, {"input_values": np.ones(samples, np.float32)}
    )


@pytest.fixture
def as_large_as_may_be(monkeypatch):
    """Batches that end at the limit alone."""
    monkeypatch.setattr("attnviz.capture.batches.usual_tokens", lambda corpus, most: 10**9)


def test_documents_of_like_length_run_together_within_the_limit(as_large_as_may_be):
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


def contents(documents, plan):
    """The batches by what their documents hold."""
    return [
        tuple(documents[number].arrays["input_ids"].tobytes() for number in batch.documents)
        for batch in plan
    ]


def sentences(count, seed):
    """Texts of random tokens, as long as sentences are, two of them alike and two long."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(8, 60, count).tolist()
    documents = [text(n) for n in (*lengths, 512, 490)]
    for document in documents:
        document.arrays["input_ids"][:] = rng.integers(0, 1000, len(document.arrays["input_ids"]))
    return [*documents, documents[0]]


@pytest.mark.parametrize("seed", range(5))
def test_one_document_changes_the_batches_about_it_alone(seed):
    """Added, removed or replaced, whatever numbers the others have then."""
    documents = sentences(200, seed)
    place, other = 20 * seed, text(33)
    changed = {
        "added": [*documents[:place], other, *documents[place:]],
        "removed": [*documents[:place], *documents[place + 1 :]],
        "edited": [*documents[:place], other, *documents[place + 1 :]],
    }
    before = set(contents(documents, plan_batches(documents, 8192)))
    assert 20 <= len(before) <= 60
    for change, those in changed.items():
        after = plan_batches(those, 8192)
        new = [
            batch
            for batch, content in zip(after, contents(those, after), strict=True)
            if content not in before
        ]
        assert sum(batch.tokens for batch in new) <= 0.15 * sum(b.tokens for b in after), change


def test_documents_in_another_order_have_the_same_batches():
    documents = sentences(100, 9)
    shuffled = [documents[n] for n in np.random.default_rng(0).permutation(len(documents))]
    plans = [contents(those, plan_batches(those, 8192)) for those in (documents, shuffled)]
    assert plans[0] == plans[1]


def test_many_documents_that_are_all_alike_are_cut_by_the_limit():
    assert [len(b.documents) for b in plan_batches([text(10)] * 100, 200)] == [20] * 5


def test_recordings_of_other_lengths_are_not_padded(as_large_as_may_be):
    """A frame beside silence is not the frame that a recording ends with."""
    import torch

    recordings = [recording(900, 2), recording(900, 2), recording(1200, 2)]
    plan = plan_batches(recordings, 1000)
    assert [batch.documents for batch in plan] == [(0, 1), (2,)]
    stacked = collate(recordings[:2], {}, torch.device("cpu"), torch.float32)["input_values"]
    assert (stacked.shape, stacked.dtype) == ((2, 900), torch.float32)


def test_only_lengths_among_which_a_model_reads_alike_run_together(as_large_as_may_be):
    lengths = [23, 279, 30, 100, 279]
    expected = {
        Lengths(): [(0, 2, 3, 1, 4)],
        Lengths(long_above=(32,)): [(0, 2), (3, 1, 4)],
        Lengths(scaled_above=(64,)): [(0, 2), (3,), (1, 4)],
        Lengths(block=64, blocks_above=90): [(0, 2), (3,), (1, 4)],
        Lengths(mixes=True): [(0,), (2,), (3,), (1, 4)],
    }
    for by_length, groups in expected.items():
        plan = plan_batches([text(n) for n in lengths], 8192, by_length)
        assert [batch.documents for batch in plan] == groups, by_length
        assert [batch.padded["text"] for batch in plan][-1] == (320 if by_length.block > 1 else 279)


def test_configurations_say_at_which_lengths_they_read_otherwise():
    rope = {"rope_theta": 10000.0, "factor": 2.0}
    scaled = {"rope_type": "dynamic"} | rope
    phi = {"rope_type": "longrope", "rope_theta": 1e4, "original_max_position_embeddings": 32}
    phi |= {"short_factor": [1.0] * 48, "long_factor": [2.0] * 48}
    configs = {
        "llama": transformers.LlamaConfig(max_position_embeddings=64, rope_parameters=scaled),
        "by layer": transformers.Gemma3TextConfig(
            max_position_embeddings=64,
            rope_parameters={
                "full_attention": scaled,
                "sliding_attention": {"rope_type": "default"},
            },
        ),
        "part": transformers.LlavaConfig(
            text_config=transformers.LlamaConfig(max_position_embeddings=64, rope_parameters=scaled)
        ),
        "phi3": transformers.Phi3Config(
            rope_parameters=phi, original_max_position_embeddings=32, pad_token_id=0
        ),
        "plain": transformers.LlamaConfig(),
        "full": transformers.BigBirdConfig(attention_type="original_full"),
        "blocks": transformers.BigBirdConfig(block_size=16, num_random_blocks=3),
        "mixing": transformers.MobileBertConfig(),
    }
    assert {name: lengths_of(config) for name, config in configs.items()} == {
        "llama": Lengths(scaled_above=(64,)),
        "by layer": Lengths(scaled_above=(64,)),
        "part": Lengths(scaled_above=(64,)),
        "phi3": Lengths(long_above=(32,)),
        "plain": Lengths(),
        "full": Lengths(),
        "blocks": Lengths(block=16, blocks_above=176),
        "mixing": Lengths(mixes=True),
    }


def test_the_work_of_a_batch_is_of_its_tokens_and_their_pairs_in_the_layers_it_reaches():
    reads = SimpleNamespace(query_axis="text", key_axis="text", heads=2)
    crosses = SimpleNamespace(query_axis="answer", key_axis="text", heads=3)
    layers = (reads, crosses)
    answered = Batch((4, 7), {"text": (5, 9), "answer": (2, 1)}, {"text": 18, "answer": 4})
    alone = Batch((2,), {"text": (11,)}, {"text": 11})
    batches = tuple(SimpleNamespace(batch=batch) for batch in (answered, alone))
    captured = SimpleNamespace(layers=layers, batches=batches)
    tokens = [2 * (5 + 9) + 3 * (2 + 1), 2 * 11]
    entries = [2 * (25 + 81) + 3 * (10 + 9), 2 * 121]
    assert batch_seconds(captured, 1.0, 0.0) == tokens
    assert batch_seconds(captured, 0.0, 1.0) == entries
    assert batch_seconds(captured, 1.0, 1.0, {7}) == [2 * (9 + 81) + 3 * (1 + 9), 0.0]
