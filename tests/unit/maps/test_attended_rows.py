"""Rows of attention in blocks: sharpened as far as asked, whole where a document is short, linear
where it is long."""

import numpy as np
import pytest
import torch
from scipy.optimize import brentq
from scipy.special import entr

from attnviz.maps.attended_rows import LONG_KEYS, LONG_ROWS, document_blocks
from attnviz.maps.row_blocks import sharpen
from tests.unit.maps.planted import document, softmax


def perplexity(rows):
    p = rows.clamp_min(1e-30)
    return torch.exp(-(p * p.log()).sum(-1))


def test_sharpened_rows_spread_no_further_than_asked():
    rows = torch.softmax(torch.randn(50, 40, generator=torch.Generator().manual_seed(0)), -1)
    sharp = sharpen(rows, 4.0)
    assert torch.allclose(perplexity(sharp), torch.tensor(4.0), atol=1e-3)
    assert torch.equal(sharp.argsort(-1), rows.argsort(-1))


def test_a_row_that_is_sharp_enough_stays_as_it_is():
    rows = torch.softmax(8 * torch.randn(50, 40, generator=torch.Generator().manual_seed(0)), -1)
    sharp = perplexity(rows) < 4
    assert sharp.sum() > 0
    assert torch.allclose(sharpen(rows, 4.0)[sharp], rows[sharp], atol=1e-6)


@pytest.mark.parametrize("spread", [0.4, 1.0, 3.0])
def test_the_power_is_the_one_at_which_the_entropy_is_as_asked(spread):
    rows = torch.softmax(
        spread * torch.randn(40, 60, generator=torch.Generator().manual_seed(0)), -1
    )
    sharp = sharpen(rows, 4.0)
    for row, sharpened in zip(rows.double().numpy(), sharp.numpy(), strict=True):

        def excess(power, row=row):
            p = row**power / (row**power).sum()
            return entr(p).sum() - np.log(4)

        power = brentq(excess, 1, 64, xtol=1e-12) if excess(1) > 0 else 1.0
        assert np.allclose(sharpened, row**power / (row**power).sum(), atol=1e-5)


def test_no_row_is_raised_to_more_than_64():
    row = torch.softmax(0.01 * torch.arange(30.0), -1)
    assert torch.allclose(sharpen(row[None], 1.5), torch.softmax(64 * row.log(), -1), atol=1e-6)


def test_a_row_of_equals_stays_finite():
    assert torch.allclose(sharpen(torch.full((1, 30), 1 / 30), 4.0), torch.full((1, 30), 1 / 30))


def test_a_short_document_is_one_block_filled_up():
    rng = np.random.default_rng(0)
    attention = softmax(rng.normal(size=(3, 10, 10)))
    blocks = document_blocks([document(attention, first=5)], 0)[0]
    assert blocks.target.shape == (1, 3, 12, 12)
    assert blocks.queries[0, :10].tolist() == blocks.keys[0, 0, :10].tolist() == list(range(5, 15))
    assert torch.allclose(
        blocks.target[0, :, :10, :10], torch.tensor(attention, dtype=torch.float32), atol=1e-6
    )
    assert blocks.weight[0].sum() == pytest.approx(30)
    assert (blocks.offset[0, 0, 0, 10:] < -1e8).all()


def test_a_sinks_share_counts_less():
    attention = softmax(np.random.default_rng(0).normal(size=(1, 8, 8))) * 0.25
    blocks = document_blocks([document(attention)], 0)[0]
    assert torch.allclose(blocks.weight, torch.tensor(0.25))
    assert torch.allclose(blocks.target.sum(-1), torch.tensor(1.0))


def test_rows_without_attention_are_left_out():
    attention = softmax(np.random.default_rng(0).normal(size=(1, 8, 8)))
    attention[:, 2] = np.nan
    blocks = document_blocks([document(attention)], 0)[0]
    assert 2 not in blocks.queries[blocks.weight[:, 0] > 0].tolist()
    assert torch.isfinite(blocks.target).all()


def test_tokens_that_are_not_on_the_map_are_left_out():
    attention = softmax(np.random.default_rng(0).normal(size=(1, 8, 8)))
    place = np.array([-1, 0, 1, -1, 2, 3, 4, -1])
    blocks = document_blocks([document(attention, queries=place, keys=place)], 0)[0]
    on_map = place >= 0
    expected = attention[0][on_map][:, on_map]
    assert np.allclose(
        blocks.target[0, 0, :5, :5], expected / expected.sum(-1, keepdims=True), atol=1e-6
    )


def test_a_long_document_keeps_the_keys_that_matter_and_a_sample_for_the_others():
    rng = np.random.default_rng(0)
    length = 1500
    near = -np.abs(np.arange(length) - np.arange(length)[:, None]) / 5.0
    attention = softmax(near + 0.1 * rng.normal(size=(2, length, length)))
    blocks = document_blocks([document(attention, allowed=np.ones((length, length), bool))], 0)
    assert sum(map(len, blocks)) == -(-length // LONG_ROWS)
    for of_shape in blocks:
        assert of_shape.keys.shape[2] == LONG_KEYS
        for i in range(len(of_shape)):
            for head in range(2):
                keys = of_shape.keys[i, head]
                rows = of_shape.queries[i][of_shape.weight[i, head] > 0]
                kept = attention[head][rows][:, keys].sum(-1)
                assert kept.min() > 0.99
                assert len(set(keys.tolist())) == LONG_KEYS
                # What stands for the others stands for all of them.
                assert of_shape.offset[i, head].exp().sum() == pytest.approx(length, rel=1e-3)


def test_work_grows_linearly_with_the_text():
    def pairs(length):
        attention = np.full((1, length, length), 1 / length)
        return sum(blocks.pairs for blocks in document_blocks([document(attention)], 0))

    assert pairs(2048) == pytest.approx(2 * pairs(1024), rel=0.05)
