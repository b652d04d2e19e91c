"""Models of the Hugging Face hub: a revision of one's choice, and no network where the cache has
it."""

import shutil

import huggingface_hub
import pytest

import attnviz
from tests.fixtures.text_models import save_bert, save_gpt2

COMMITS = {"main": "a" * 40, "v1": "b" * 40}


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A cache as the hub's client keeps it, of one model in two revisions, and no network."""
    models = {"main": save_bert(tmp_path / "new"), "v1": save_gpt2(tmp_path / "old")}
    repository = tmp_path / "hub" / "models--someone--tiny"
    for revision, folder in models.items():
        (repository / "refs").mkdir(parents=True, exist_ok=True)
        (repository / "refs" / revision).write_text(COMMITS[revision])
        shutil.copytree(folder, repository / "snapshots" / COMMITS[revision])
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)


def build(tmp_path, **more):
    corpus = {
        "models": [{"source": "someone/tiny"} | more],
        "documents": [{"text": ["the cat sat"]}],
    }
    return attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache").manifest.models[
        0
    ]


@pytest.mark.parametrize(
    ("revision", "architecture"),
    [(None, "BertModel"), ("v1", "GPT2Model"), (COMMITS["v1"], "GPT2Model")],
)
def test_a_revision_is_taken_from_the_cache(hub, tmp_path, revision, architecture):
    model = build(tmp_path, **({"revision": revision} if revision else {}))
    assert (model.source, model.revision, model.architecture) == (
        "someone/tiny",
        revision,
        architecture,
    )


def test_what_the_cache_has_not_is_said_to_be_out_of_reach(hub, tmp_path):
    with pytest.raises(
        attnviz.InputError, match="cannot get someone/tiny from the Hugging Face hub"
    ):
        build(tmp_path, revision="v9")
