"""Models of the Hugging Face hub: a revision of one's choice, no network where the cache has it,
bytes that are the hub's or none, and a hub that does not answer."""

import os
import shutil
from pathlib import Path

import huggingface_hub
import pytest

import attnviz
from attnviz.models import hub as waiting
from tests.fixtures.fake_hub import FakeHub, serving
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


# ---- a hub on this machine


@pytest.fixture
def online(monkeypatch, tmp_path, tiny_model):
    """A hub that has a model, and an empty cache."""
    hub = FakeHub(tiny_model("llama"))
    with serving(hub) as address:
        constants = huggingface_hub.constants
        template = address + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
        monkeypatch.setattr(constants, "ENDPOINT", address)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        yield hub


def blob(tmp_path, name):
    """Where the hub's client keeps a file."""
    (link,) = (tmp_path / "hub").rglob(f"snapshots/*/{name}")
    return Path(os.path.realpath(link))


def test_a_model_is_fetched_once(online, tmp_path):
    assert build(tmp_path).architecture == "LlamaModel"
    fetched = [request for request in online.requests if request.endswith("/model.safetensors")]
    assert len([request for request in fetched if request.startswith("GET")]) == 1
    online.requests.clear()
    assert build(tmp_path).architecture == "LlamaModel"
    assert not [request for request in online.requests if "resolve" in request]


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_download_with_a_flipped_bit_is_refused_with_the_mend(online, tmp_path, name):
    online.flipped.add(name)
    with pytest.raises(attnviz.InputError) as caught:
        build(tmp_path)
    assert f"{name} is damaged: its SHA" in str(caught.value)
    assert "which downloads it anew" in str(caught.value)
    assert not (tmp_path / "report").exists()
    online.flipped.clear()
    blob(tmp_path, name).unlink()  # what the message says
    assert build(tmp_path).architecture == "LlamaModel"


def test_a_bit_that_flips_on_the_disk_later_is_refused(online, tmp_path):
    build(tmp_path)
    file = blob(tmp_path, "model.safetensors")
    content = bytearray(file.read_bytes())
    content[-2] ^= 4
    file.write_bytes(content)
    with pytest.raises(attnviz.InputError, match=r"is damaged: its SHA256 is .*; delete .*blobs"):
        build(tmp_path)


def test_a_hub_that_never_answers_is_said_and_given_up(online, tmp_path, monkeypatch):
    online.silent = True
    monkeypatch.setattr(waiting, "ANSWER", 1.5)
    monkeypatch.setattr(waiting, "_WORD", 0.5)
    lines = []
    config = attnviz.config.parse_config(
        {"models": [{"source": "someone/tiny"}], "documents": [{"text": ["a"]}]}, tmp_path, "a"
    )
    with pytest.raises(attnviz.InputError) as caught:
        waiting.fetch(config.models[0], lines.append)
    assert "has not answered for 2 s" in str(caught.value)
    assert "give a folder that holds the model" in str(caught.value)
    assert any("waiting for the Hugging Face hub (http://127.0.0.1" in line for line in lines)
    assert "HF_HUB_OFFLINE=1" in lines[0]


def test_a_hub_that_falls_silent_leaves_what_the_cache_has(online, tmp_path, monkeypatch, capsys):
    build(tmp_path)
    online.silent = True
    monkeypatch.setattr(waiting, "ANSWER", 1.0)
    assert build(tmp_path).architecture == "LlamaModel"
