"""Which tokens a map shows: whole documents, by what they say, in an order that lasts."""

import numpy as np
import pytest

from attnviz.maps.sample import sample_documents


def documents(count=60, seed=3):
    random = np.random.default_rng(seed)
    return [random.integers(0, 99, random.integers(3, 30)).astype(np.int32) for _ in range(count)]


def tokens_of(sample, ids):
    """The tokens of a sample as (what the document says, place in it)."""
    starts = np.concatenate([[0], np.cumsum([len(each) for each in ids])])
    numbers = np.searchsorted(starts, sample, side="right") - 1
    return [
        (ids[number].tobytes(), int(token - starts[number]))
        for token, number in zip(sample, numbers, strict=True)
    ]


@pytest.mark.parametrize("at", [0, 30, 60])
def test_a_document_more_leaves_all_others_in_their_order(at):
    ids, new = documents(), np.arange(100, 112, dtype=np.int32)
    more = [*ids[:at], new, *ids[at:]]
    before = tokens_of(sample_documents(ids, 10_000, 0), ids)
    after = tokens_of(sample_documents(more, 10_000, 0), more)
    assert [token for token in after if token[0] != new.tobytes()] == before
    assert len(after) == len(before) + len(new)


def test_documents_are_whole_and_the_first_is_cut():
    ids = documents()
    for points in (1, 40, 300):
        sample = sample_documents(ids, points, 0)
        assert len(np.unique(sample)) == len(sample) <= points
        counted = {}
        for text, _ in tokens_of(sample, ids):
            counted[text] = counted.get(text, 0) + 1
        lengths = {each.tobytes(): len(each) for each in ids}
        assert points == 1 or all(count == lengths[text] for text, count in counted.items())
    assert len(sample_documents(ids, 1, 0)) == 1


def test_copies_of_a_document_all_have_a_place():
    ids = [np.arange(5, dtype=np.int32)] * 4
    assert sorted(sample_documents(ids, 20, 0)) == list(range(20))


def test_a_prefix_is_a_fair_sample():
    ids = documents(400)
    sample = sample_documents(ids, 10_000, 0)
    total = sum(map(len, ids))
    # The first quarter of the documents, and the first half of each, have their shares of it.
    starts = np.concatenate([[0], np.cumsum([len(each) for each in ids])])
    head = sample[: total // 4]
    numbers = np.searchsorted(starts, head, side="right") - 1
    early = (head - starts[numbers]) < np.array([len(ids[n]) / 2 for n in numbers])
    assert abs((numbers < 100).mean() - starts[100] / total) < 0.03
    assert abs(early.mean() - 0.5) < 0.05


def test_a_document_that_does_not_fit_leaves_room_for_others():
    ids = [np.arange(40), np.arange(50, 58), np.arange(60, 75)]
    for seed in range(8):
        assert sorted(sample_documents(ids, 30, seed)) == list(range(40, 63))
