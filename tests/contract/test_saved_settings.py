"""What a model's folder says beside its weights: settings that do not concern attention's numbers
are passed over, and what would change them without a word is refused."""

import json

import numpy as np
import pytest

import attnviz
from tests.fixtures.models import save_model

TEXT = "the cat sat on a mat"


@pytest.fixture
def folder(tmp_path):
    return save_model("llama", tmp_path / "model")


def build(model, out):
    corpus = {
        "models": [{"name": "tiny", "source": str(model)}],
        "documents": [{"text": [TEXT]}],
        "maps": {"methods": ["pca"]},
    }
    return attnviz.build(corpus, out=out, cache=out.with_name("cache"))


def test_an_implementation_that_is_not_installed_is_passed_over(folder, tmp_path):
    expected = build(folder, tmp_path / "plain").attention(0, 1, 0)
    settings = json.loads((folder / "config.json").read_text("utf-8"))
    settings["_attn_implementation"] = "flash_attention_2"
    (folder / "config.json").write_text(json.dumps(settings), "utf-8")
    assert np.array_equal(build(folder, tmp_path / "flash").attention(0, 1, 0), expected)
