"""Work that must grow as the corpus does, and not with its square: counted, not timed."""

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from attnviz import encoding
from attnviz.capture import batches, finite
from attnviz.capture.batches import Batch
from attnviz.capture.calls import AttentionCall, Recorded
from attnviz.capture.result import LayerDocument
from attnviz.documents import Document, Groups, group_documents
from attnviz.errors import InputError
from attnviz.modalities.text import TEXT
from attnviz.score import Mask, ScoreRule, attention, mask_intervals
from attnviz.writer import coding
from attnviz.writer.batch_encodings import ErrorSums, Sizes, Tried, measure_sizes
from attnviz.writer.model_encodings import choose_encodings

SIZES = (20, 80)


class Engine:
    """Counts calls, and says of every encoding that it is all wrong."""

    def __init__(self):
        self.calls = Counter()

    def each(self, title, calls, sizes):
        for call in calls:
            self.calls[call.step.name] += 1
            groups = len({*call.inputs["groups"]})
            costs = {name: 10 + number for number, name in enumerate(encoding.ENCODINGS)}
            wrong = ErrorSums(**{key: [1.0, 1.0] for key in ErrorSums.__dataclass_fields__})
            tried = Tried(wrong, [80.0, 80.0])
            of_group = Sizes(costs, 10) if call.step is measure_sizes else tried
            yield SimpleNamespace(value=[[of_group] * groups])

    fan_out = each


@pytest.mark.parametrize("count", SIZES)
def test_encodings_are_chosen_in_as_many_passes_whatever_the_groups(count):
    """A group for each document: a pass for sizes, and one for each encoding at most; a few more
    for packed codes."""
    engine = Engine()
    layer = SimpleNamespace(
        stack="decoder", layer=0, query_axis="text", key_axis="text",
        heads=2, kv_heads=2, group=1, vectors=True, kv_numbers=[0, 1],
    )  # fmt: skip
    batches = [
        SimpleNamespace(batch=Batch(tuple(range(first, first + 4)), {"text": (3,) * 4}, {}))
        for first in range(0, count, 4)
    ]
    captured = SimpleNamespace(layers=[layer], batches=batches, alone=batches)
    groups = Groups([{}] * count, np.arange(count), frozenset())
    with pytest.raises(InputError, match="no encoding is within"):
        choose_encodings(
            SimpleNamespace(name="m"), captured, groups, None, bounds=(0.005, 0.02), engine=engine
        )
    assert engine.calls == {
        "sizes of a batch": len(batches),
        "errors of a batch": len(batches) * (len(encoding.ENCODINGS) + coding.TRIES),
    }


@pytest.mark.parametrize("count", SIZES)
def test_a_batch_is_cut_into_documents_once(count, monkeypatch):
    cuts = []
    cut = batches.cut
    monkeypatch.setattr(batches, "cut", lambda lengths: cuts.append(1) or cut(lengths))
    call = AttentionCall(
        module="m", module_call=0, line="tracer", stack="", query_axis="text", key_axis="text",
        heads=1, kv_heads=1, head_size=2, scaling=1.0, softcap=None, sinks=None, mask=0, bias=None,
        bias_kind=None,
    )  # fmt: skip
    vectors = np.zeros((1, 2 * count, 2), np.float32)
    recorded = Recorded([call], {"q0": vectors, "k0": vectors})
    batch = Batch(tuple(range(count)), {"text": (2,) * count}, {"text": 2})
    assert finite.first_unfinite(recorded, batch) is None
    assert len(cuts) == 1


def test_groups_have_their_documents_lengths():
    documents = [
        Document(entry, "", "a" * length, TEXT) for entry in range(3) for length in (4, 7, 9)
    ]
    groups = group_documents(documents)
    assert groups.member.tolist() == [0, 0, 1, 2, 2, 3, 4, 4, 5]
    assert groups.facts[2] == {"entry": 1, "shortest": 4, "longest": 7, "documents": 2}


@pytest.mark.parametrize("size", SIZES)
def test_keys_are_decoded_once_whatever_the_blocks(size, monkeypatch):
    """Each block of rows decodes its own queries, and none decodes the keys again."""
    decoded = []
    scaled = encoding._scaled

    def counted(codes, scale):
        decoded.append(codes.shape[1])
        return scaled(codes, scale)

    monkeypatch.setattr(encoding, "_scaled", counted)
    q, k = np.random.default_rng(0).normal(size=(2, 2, size, 4)).astype(np.float32)
    intervals = mask_intervals(Mask("causal"), size, size)
    rows = [slice(start, start + 5) for start in range(0, size, 5)]
    encoding.encode_query_key(
        q, k, ScoreRule(0.5, Mask("causal")), intervals, encoding="query-key-int8", rows=rows
    )
    assert sorted(decoded) == [*[5] * len(rows), size]


@pytest.mark.parametrize("size", SIZES)
def test_keys_after_those_that_causal_rows_may_see_are_not_computed(size, monkeypatch):
    """Half of all, and a block more; what is left out is 0, and rows that see no key are NaN."""
    computed = []

    def counted(q, k, *args, **kwargs):
        computed.append(q.shape[1] * k.shape[1])
        return attention(q, k, *args, **kwargs)

    monkeypatch.setattr("attnviz.capture.result.attention", counted)
    q, k = np.random.default_rng(0).normal(size=(2, 2, size, 4)).astype(np.float32)
    rule, intervals = ScoreRule(0.5, Mask("causal")), mask_intervals(Mask("causal"), size, size)
    intervals.hi[:2] = 0
    document = LayerDocument(
        document=0, q=q, k=k, a=None, intervals=intervals, rule=rule, sinks=None, bias=None
    )
    blocks = [document.attention(slice(start, start + 5)) for start in range(0, size, 5)]
    assert sum(computed) <= size * (size + 5) / 2
    expected = attention(q, k, rule, intervals)
    np.testing.assert_allclose(np.concatenate(blocks, 1), expected, atol=1e-6)
