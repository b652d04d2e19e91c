"""Models spread over devices, by accelerate's hooks: on a machine without a GPU, over the processor
and the disk."""

import importlib.util

import numpy as np
import pytest
import torch
import transformers

import attnviz
from attnviz.config import parse_config
from attnviz.models.loaded import device_of
from attnviz.models.loading import load_model, pick_device


def spec(folder, **more):
    return parse_config(
        {"models": [{"source": str(folder)} | more], "documents": [{"text": ["a"]}]}, folder, "c"
    ).models[0]


@pytest.fixture
def spread(monkeypatch, tmp_path):
    """`device_map: auto` puts the second layer's weights on disk; a list of the models loaded."""
    load, loaded = transformers.AutoModel.from_pretrained.__func__, []

    def loading(cls, *args, **options):
        if options.get("device_map") == "auto":
            parts = {
                "embed_tokens": "cpu",
                "layers.0": "cpu",
                "layers.1": "disk",
                "norm": "disk",
                "rotary_emb": "cpu",
            }
            options |= {"device_map": parts, "offload_folder": tmp_path / "offload"}
        model, report = load(cls, *args, **options)
        loaded.append(model)
        return model, report

    monkeypatch.setattr(transformers.AutoModel, "from_pretrained", classmethod(loading))
    return loaded


def test_a_model_that_is_on_disk_in_part_is_captured_as_ever(spread, tiny_model, tmp_path):
    """Self-check, capture and certificates by eager attention all run while weights come and go."""
    corpus = {"documents": [{"text": ["the cat sat on a mat", "a dog ran to an old red house"]}]}
    entry = {"source": str(tiny_model("llama")), "name": "llama"}
    plain = attnviz.build(corpus | {"models": [entry]}, tmp_path / "plain", tmp_path / "cache-1")
    split = attnviz.build(
        corpus | {"models": [entry | {"device_map": "auto"}]},
        tmp_path / "split",
        tmp_path / "cache-2",
    )
    devices = {parameter.device.type for parameter in spread[-1].parameters()}
    assert devices == {"cpu", "meta"}, "weights on disk are nowhere while they wait"
    assert device_of(spread[-1]) == torch.device("cpu")
    for document, head, layer in np.ndindex(2, 4, 2):
        a, b = (report.attention(layer, head, document) for report in (plain, split))
        np.testing.assert_allclose(a, b, atol=1e-6)
    ours, theirs = (report.manifest.models[0] for report in (plain, split))
    assert [h.certificate for h in ours.heads] == [h.certificate for h in theirs.heads]


def test_without_accelerate_the_error_says_what_to_install(monkeypatch, tiny_model):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *more: None if name == "accelerate" else find(name, *more),
    )
    with pytest.raises(
        attnviz.InputError, match=r"device_map: .* needs accelerate.*pip install 'attnviz\[large\]'"
    ):
        load_model(spec(tiny_model("llama"), device_map="auto"))


@pytest.mark.parametrize(
    ("there", "best"),
    [({"cuda", "mps"}, "cuda"), ({"mps"}, "mps"), (set(), "cpu")],
    ids=["cuda", "mps", "cpu"],
)
def test_auto_takes_the_best_device_there_is(monkeypatch, tiny_model, there, best):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in there)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in there)
    folder = tiny_model("llama")
    assert pick_device(spec(folder)) == best
    assert pick_device(spec(folder, device="cpu")) == "cpu"
    if "cuda" not in there:
        with pytest.raises(
            attnviz.InputError, match="device: this machine has no cuda; expected auto or cpu"
        ):
            pick_device(spec(folder, device="cuda"))


def test_a_part_on_a_gpu_is_where_input_goes():
    """A map such as accelerate makes of a large model: weights on the processor or on disk compute
    on the GPU."""
    model = type(
        "Spread",
        (),
        {
            "hf_device_map": {
                "embed": 0,
                "layers.0": 0,
                "layers.1": 1,
                "layers.2": "cpu",
                "norm": "disk",
            }
        },
    )
    assert device_of(model) == torch.device("cuda", 0)
