"""The batch plan: documents of like length together, from the corpus alone."""

import numpy as np
import transformers

from attnviz.architectures import Lengths, lengths_of
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


def test_only_lengths_among_which_a_model_reads_alike_run_together():
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
