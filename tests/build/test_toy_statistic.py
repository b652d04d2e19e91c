"""A statistic is a module of its own and its line in the catalogue: a copy of the package gets one,
and a report has its column."""

import json

import pytest

import attnviz
from tests.fixtures.copied import build_with, copy_package, insert
from tests.fixtures.text_models import save_gpt2

MODULE = '''
"""Attention on the last key that a row may see."""

from attnviz.heads.statistic import StatisticColumn, StatisticGroup
from attnviz.heads.sums import Mean


class LastKey(StatisticGroup):
    COLUMNS = (StatisticColumn("last_key", "Last key", "share", "Attention on the last key."),)

    def __init__(self, heads):
        self._last = Mean(heads)

    def add(self, rows):
        last = rows.attention.shape[-1] - 1 - rows.allowed[:, ::-1].argmax(-1)
        self._last.add(rows.attention[:, range(len(last)), last])

    def values(self):
        return {"last_key": self._last.value()}
'''


@pytest.fixture
def package(tmp_path):
    """A folder with a copy of attnviz that has one more statistic."""
    copy = copy_package(tmp_path / "copy")
    (copy / "heads" / "last_key.py").write_text(MODULE, "utf-8")
    catalogue = copy / "heads" / "catalogue.py"
    insert(
        catalogue, "from attnviz.heads.last_key import LastKey\n", "from attnviz.heads.positions"
    )
    insert(catalogue, "    LastKey,\n", "    LargestWeights,\n)")
    return copy.parent


def test_a_statistic_is_a_module_and_its_line(package, tmp_path):
    save_gpt2(tmp_path)
    corpus = {
        "models": [{"name": "gpt2", "source": "."}],
        "documents": [{"text": ["the cat sat on a mat", "rain fell"]}],
        "maps": {"methods": ["pca"]},
    }
    (tmp_path / "corpus.yaml").write_text(json.dumps(corpus), "utf-8")
    build_with(package, tmp_path / "corpus.yaml", tmp_path / "report")
    report = attnviz.open_report(tmp_path / "report")
    column = next(
        statistic
        for statistic in report.manifest.models[0].statistics
        if statistic.name == "last_key"
    )
    assert (column.title, column.unit) == ("Last key", "share")
    table = report.heads
    assert 0 < table["last_key"][0].as_py() < 1
    # A causal row's last key is the query itself.
    assert table["last_key"].to_pylist() == pytest.approx(table["self"].to_pylist())
