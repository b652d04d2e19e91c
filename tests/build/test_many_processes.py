"""Stages that several processes of one machine work at: which they are. That processes make the
same bytes is held by the tests of `--cluster`."""

from collections import Counter

import attnviz
from attnviz.engine import engine
from attnviz.engine.jobs import make
from attnviz.engine.workers import Workers
from tests.fixtures.models import sentences

MADE = Counter()


class Counted(Workers):
    """In place of processes: jobs made here, by step."""

    def __init__(self, count):
        self._count = count

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def count(self):
        return self._count

    def send(self, job):
        MADE[job.step] += 1
        make(job)
        return job.key

    def wait(self, sent):
        return sent

    def result(self, sent):
        pass

    def cancel(self, sent):
        pass


def test_what_reads_attention_is_shared_out_where_it_is_much(tiny_model, tmp_path, monkeypatch):
    corpus = {
        "models": [{"name": "tiny", "source": str(tiny_model("llama"))}],
        "documents": [{"text": sentences(3, [4, 9, 60, 61])}],
        "maps": {"methods": ["pca"]},
        "batch_tokens": 64,
    }
    monkeypatch.setattr(engine, "LocalWorkers", Counted)
    MADE.clear()
    attnviz.build(corpus, out=tmp_path / "little", cache=tmp_path / "cache of little")
    assert not MADE, "so little work is this process's"
    monkeypatch.setattr(engine, "worthwhile", lambda seconds, jobs: 2)
    attnviz.build(corpus, out=tmp_path / "much", cache=tmp_path / "cache")
    layers, batches = 2, 3
    tried = MADE.pop("errors of a batch")
    assert tried >= batches, "each encoding that a group tries"
    once_a_layer, once_a_batch = (
        dict.fromkeys(["maps", "map-figures"], layers),
        {
            "statistics of a batch": batches,
            "codes of a batch": batches,
        },
    )
    assert dict(MADE) == once_a_layer | once_a_batch
