"""A method of maps is a function and its row in maps/embedding.py, and its name in the options: a
copy of the package gets one, and a report has its maps."""

import json

import numpy as np
import pytest

import attnviz
from tests.fixtures.copied import build_with, copy_package, insert
from tests.fixtures.text_models import save_gpt2

FUNCTION = '''
def folded(vectors: Array, starts: Sequence[Array], seed: int) -> list[Array]:
    """The start, folded at its second axis."""
    return [np.column_stack([abs(start[:, 0]), start[:, 1:]]) for start in starts]


'''


@pytest.fixture
def package(tmp_path):
    """A folder with a copy of attnviz that has one more method of maps."""
    copy = copy_package(tmp_path / "copy")
    embedding = copy / "maps" / "embedding.py"
    insert(embedding, FUNCTION.lstrip(), "@dataclass(frozen=True)\nclass Embedding:")
    insert(
        embedding, '    "folded": Embedding("Folded", 1e-5, folded),\n', '    "tsne": Embedding('
    )
    insert(copy / "config" / "options.py", ', "folded"', "]\n\n\nclass MapOptions")
    return copy.parent


def test_a_method_of_maps_is_a_function_and_its_name(package, tmp_path):
    save_gpt2(tmp_path)
    corpus = {
        "models": [{"name": "gpt2", "source": "."}],
        "documents": [{"text": ["the cat sat on a mat", "rain fell"]}],
        "maps": {"methods": ["pca", "folded"]},
    }
    (tmp_path / "corpus.yaml").write_text(json.dumps(corpus), "utf-8")
    build_with(package, tmp_path / "corpus.yaml", tmp_path / "report")
    report = attnviz.open_report(tmp_path / "report")
    assert [entry.title for entry in report.manifest.models[0].maps] == ["PCA, 2-D", "Folded, 2-D"]
    folded, principal = (report.map(0, 0, name, 2)[0] for name in ("folded", "pca"))
    assert folded.shape == principal.shape
    assert not np.allclose(folded, principal)
