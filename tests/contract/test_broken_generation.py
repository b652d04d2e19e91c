"""What a model's folder says of generation may be anything: words, or a report."""

import json
import shutil

import pytest

import attnviz
from tests.fixtures.text_models import save_gpt2


@pytest.fixture
def build(shared, tmp_path):
    """`build(**settings)`: a prompt gone on with by a model whose generation_config.json has these
    settings."""

    def run(**settings):
        model = shared("model-gpt2-head", save_gpt2)
        folder = shutil.copytree(model, tmp_path / "model")
        content = json.loads((folder / "generation_config.json").read_text()) | settings
        (folder / "generation_config.json").write_text(json.dumps(content))
        corpus = {
            "models": [{"name": "tiny", "source": str(folder)}],
            "documents": [{"prompts": ["the cat sat"], "generate": {"max_new_tokens": 2}}],
            "maps": {"methods": ["pca"]},
        }
        return attnviz.build(corpus, tmp_path / "report", tmp_path / "cache")

    return run


def test_settings_that_no_generation_can_have_are_said(build):
    with pytest.raises(attnviz.InputError) as caught:
        build(eos_token_id="\0")
    assert "model tiny: cannot go on with “the cat sat”: " in str(caught.value)
    assert "look whether model.generate works by itself" in str(caught.value)


def test_settings_that_are_not_used_do_no_harm(build):
    assert len(build(use_cache="x", transformers_version=[]).documents) == 1
