"""Weights as people save them: a report of attention equal to the user's own forward pass, or a
refusal that names the weights and the mend. Nothing is replaced by random numbers."""

import json
import re
import shutil
from types import SimpleNamespace

import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

import attnviz
from tests.fixtures import truth
from tests.fixtures.image_models import save_image_model
from tests.fixtures.models import save_model, sentences

TEXTS = sentences(3, [9, 21])


@pytest.fixture
def checkpoint(tiny_model, tmp_path):
    """A copy of the tiny BERT, to be saved otherwise: its folder, its weights, the original."""
    folder = shutil.copytree(tiny_model("bert"), tmp_path / "model")
    weights = load_file(folder / "model.safetensors")
    return SimpleNamespace(folder=folder, weights=weights, original=tiny_model("bert"))


def rewrite(checkpoint, weights, **config):
    """Save other weights, and another configuration, in the checkpoint's folder."""
    save_file(weights, checkpoint.folder / "model.safetensors", metadata={"format": "pt"})
    path = checkpoint.folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | config))


def with_prefix(prefix):
    def save(checkpoint):
        weights = {prefix + name: weight for name, weight in checkpoint.weights.items()}
        rewrite(checkpoint, weights)

    return save


def without(pattern):
    def save(checkpoint):
        weights = checkpoint.weights
        rewrite(checkpoint, {n: w for n, w in weights.items() if not re.search(pattern, n)})

    return save


def reshaped(name):
    def save(checkpoint):
        rewrite(checkpoint, checkpoint.weights | {name: torch.ones(2, 2)})

    return save


def pickled(checkpoint, wrap):
    (checkpoint.folder / "model.safetensors").unlink()
    torch.save(wrap(checkpoint.weights), checkpoint.folder / "pytorch_model.bin")


def pickled_list(checkpoint):
    pickled(checkpoint, lambda weights: list(weights.values()))


def masked_language_model(checkpoint):
    weights = {f"bert.{n}": w for n, w in checkpoint.weights.items() if "pooler" not in n}
    weights |= {"cls.predictions.bias": torch.zeros(len(weights)), "cls.x.weight": torch.ones(2)}
    rewrite(checkpoint, weights, architectures=["BertForMaskedLM"])


def head_that_is_not_named(checkpoint):
    head = {"cls.predictions.bias": torch.zeros(4), "cls.x.weight": torch.ones(2)}
    rewrite(checkpoint, checkpoint.weights | head)


def three_layers_for_two(checkpoint):
    third = {
        name.replace("layer.1.", "layer.2."): weight.clone()
        for name, weight in checkpoint.weights.items()
        if "layer.1." in name
    }
    rewrite(checkpoint, checkpoint.weights | third)


def wider(checkpoint):
    rewrite(checkpoint, checkpoint.weights, intermediate_size=50)


def another_model(checkpoint):
    weights = {f"h.{number}.attn.weight": torch.ones(2, 2) for number in range(5)}
    rewrite(checkpoint, weights)


def another_model_type(checkpoint):
    rewrite(checkpoint, checkpoint.weights, model_type="gpt2", n_embd=32, n_head=4, n_layer=2)


PICKLE = {"allow_pickle": True}
SHOWN = {
    "data-parallel": (with_prefix("module."), {"strip_prefix": "module."}),
    "nested": (with_prefix("model.bert."), {"strip_prefix": "model."}),
}
UNNEEDED = {
    "no pooler": (without("pooler"), "2 (pooler.dense.bias, pooler.dense.weight)"),
    "a pooler of another size": (reshaped("pooler.dense.weight"), "1 (pooler.dense.weight)"),
    "saved without one": (masked_language_model, "2 (pooler.dense.bias, pooler.dense.weight)"),
}
NOTICED = {
    "three layers for two": (
        three_layers_for_two, "tiny does not use 16 (encoder.layer.2.attention.",
    ),
    "a head that is not named": (
        head_that_is_not_named, "tiny does not use 2 (cls.predictions.bias, cls.x.weight)",
    ),
}  # fmt: skip
REFUSED = {
    "nested": (with_prefix("model.bert."), {}, "set strip_prefix: model. in the corpus"),
    "another prefix": (
        with_prefix("module."), {"strip_prefix": "model."},
        "strip_prefix: no weight's name begins with “model.”; the first is module.embeddings.",
    ),
    "a layer removed": (
        without(r"layer\.1\."), {},
        "it lacks 16 (encoder.layer.1.attention.output.LayerNorm.bias, ",
    ),
    "all but one": (without(r"^(?!embeddings\.LayerNorm\.bias)"), {}, "it lacks 38 (embeddings."),
    "embeddings alone": (
        without("word_embeddings"), {}, "it lacks 1 (embeddings.word_embeddings.weight) of 39",
    ),
    "a norm before all layers": (
        without(r"embeddings\.LayerNorm\.bias"), {}, "it lacks 1 (embeddings.LayerNorm.bias) of",
    ),
    "what follows the last attention": (
        without(r"layer\.1\.output\.dense"), {}, "it lacks 2 (encoder.layer.1.output.dense.bias, ",
    ),
    "one": (without("layer.1.attention.self.query.bias"), {}, "it lacks 1 (encoder.layer.1.att"),
    "another model's": (another_model, {}, "and it has 5 (h.0.attn.weight, h.1.attn.weight, "),
    "another model_type": (another_model_type, {}, "its weights do not fit GPT2Model: it lacks"),
    "another shape": (
        wider, {}, "encoder.layer.0.intermediate.dense.bias is (48,), and its config.json asks for"
        " (50,) (and 5 more are unlike)",
    ),
    "a list": (pickled_list, PICKLE, "transformers cannot load"),
}  # fmt: skip


def build(folder, tmp_path, strict=False, **options):
    corpus = {
        "strict": strict,
        "models": [{"name": "tiny", "source": str(folder)} | options],
        "documents": [{"text": TEXTS}],
        "maps": {"methods": ["pca"]},
    }
    return attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")


def assert_equal(report, model):
    """Every head's attention is that of the user's own forward pass."""
    figures = truth.measure(report, model)
    assert len(figures) == 8
    assert max(head["total_variation"] for head in figures.values()) < 0.005
    assert max(head["max_error"] for head in figures.values()) < 0.02


def probe(attnviz_command, folder, options):
    flags = ["--allow-pickle"] if options.get("allow_pickle") else []
    if "strip_prefix" in options:
        flags += ["--strip-prefix", options["strip_prefix"]]
    return attnviz_command("probe", folder, *flags)


@pytest.mark.parametrize(("save", "options"), SHOWN.values(), ids=SHOWN)
def test_it_is_the_users_own_attention(checkpoint, tmp_path, attnviz_command, save, options):
    save(checkpoint)
    report = build(checkpoint.folder, tmp_path, **options)
    assert_equal(report, checkpoint.original)
    assert report.manifest.notices == []
    code, out, err = probe(attnviz_command, checkpoint.folder, options)
    assert (code, err) == (0, "")
    assert "to be known" not in out


@pytest.mark.parametrize(("save", "names"), UNNEEDED.values(), ids=UNNEEDED)
def test_weights_that_are_not_needed_are_named(checkpoint, tmp_path, attnviz_command, save, names):
    """As a model makes them at random: seen by what is not a number while they are not."""
    save(checkpoint)
    report = build(checkpoint.folder, tmp_path, strict=True)
    assert_equal(report, checkpoint.original)
    assert report.manifest.notices == []
    unneeded = report.manifest.models[0].unneeded
    assert f"{len(unneeded)} ({', '.join(unneeded)})" == names
    page = (tmp_path / "report/heads/tiny/L0H0.html").read_text("utf-8")
    assert f"{', '.join(unneeded)}: no attention depends on it" in page
    code, out, err = probe(attnviz_command, checkpoint.folder, {})
    assert (code, err) == (0, "")
    assert f"to be known:\n  model: no attention depends on {names} of its weights, which" in out


@pytest.mark.parametrize(("save", "words"), NOTICED.values(), ids=NOTICED)
def test_weights_that_are_not_used_are_said(checkpoint, tmp_path, attnviz_command, save, words):
    save(checkpoint)
    report = build(checkpoint.folder, tmp_path)
    assert_equal(report, checkpoint.original)
    (notice,) = report.manifest.notices
    assert (notice.kind, notice.document, notice.model) == ("weights", None, "tiny")
    assert notice.message.startswith(words)
    code, out, err = probe(attnviz_command, checkpoint.folder, {})
    assert (code, err) == (0, "")
    assert f"to be known:\n  {words.replace('tiny', 'model')}" in out


@pytest.mark.parametrize(("save", "options", "words"), REFUSED.values(), ids=REFUSED)
def test_weights_that_do_not_fit_are_refused(
    checkpoint, tmp_path, attnviz_command, save, options, words
):
    save(checkpoint)
    with pytest.raises(attnviz.InputError, match=re.escape(words)):
        build(checkpoint.folder, tmp_path, **options)
    assert not (tmp_path / "report").exists()
    code, out, err = probe(attnviz_command, checkpoint.folder, options)
    assert (code, out) == (2, "")
    assert words in err


def test_tied_embeddings_are_there(tmp_path):
    """T5 stores one matrix for three; a GPT-2 with a tied head stores it once."""
    save_model("t5", tmp_path / "t5")
    pair = {"source": TEXTS[0], "target": TEXTS[1]}
    corpus = {
        "models": [{"source": str(tmp_path / "t5")}],
        "documents": [{"translate": [pair]}],
        "maps": {"methods": ["pca"]},
    }
    report = attnviz.build(corpus, out=tmp_path / "t5-report", cache=tmp_path / "cache")
    assert report.manifest.notices == []
    plain_model = save_model("gpt2", tmp_path / "gpt2")
    model = transformers.GPT2LMHeadModel.from_pretrained(plain_model)
    model.save_pretrained(plain_model)
    assert "lm_head.weight" not in load_file(plain_model / "model.safetensors")
    report = build(plain_model, tmp_path)
    assert_equal(report, plain_model)
    assert report.manifest.notices == []


def test_a_vision_towers_last_norm_is_not_needed(tmp_path, attnviz_command):
    """Of CLIP's images it is the one weight between the last hidden states and what is compared
    with texts."""
    folder = save_image_model("clip", tmp_path / "clip")
    weights = load_file(folder / "model.safetensors")
    lacking = {n: w for n, w in weights.items() if "post_layernorm" not in n}
    assert len(lacking) == len(weights) - 2
    save_file(lacking, folder / "model.safetensors", metadata={"format": "pt"})
    code, out, _ = attnviz_command("probe", folder)
    assert code == 0
    norm = "vision_model.post_layernorm"
    assert f"no attention depends on 2 ({norm}.bias, {norm}.weight) of" in out


def test_a_decoders_last_norm_is_needed(tmp_path):
    """What heads write is read through it."""
    folder = save_model("gpt2", tmp_path / "gpt2")
    weights = load_file(folder / "model.safetensors")
    lacking = {n: w for n, w in weights.items() if "ln_f" not in n}
    save_file(lacking, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(attnviz.InputError, match=r"it lacks 2 \(ln_f\.bias, ln_f\.weight\) of"):
        build(folder, tmp_path)


def test_another_prefix_is_another_model_to_the_cache(checkpoint, tmp_path):
    """One file with two models' weights, by prefix: each has its own report from one cache."""
    torch.manual_seed(2)
    other = {f"b.{name}": torch.randn_like(w) * 0.3 for name, w in checkpoint.weights.items()}
    rewrite(checkpoint, {f"a.{name}": w for name, w in checkpoint.weights.items()} | other)
    first = build(checkpoint.folder, tmp_path, strip_prefix="a.").attention(0, 0, 1)
    second = build(checkpoint.folder, tmp_path, strip_prefix="b.").attention(0, 0, 1)
    assert abs(first - second).max() > 0.1


def test_generation_says_the_same_of_its_weights(tmp_path):
    folder = save_model("gpt2", tmp_path / "gpt2")
    weights = load_file(folder / "model.safetensors")
    prefixed = {f"module.{name}": weight for name, weight in weights.items()}
    save_file(prefixed, folder / "model.safetensors", metadata={"format": "pt"})
    corpus = {
        "models": [{"name": "tiny", "source": str(folder)}],
        "documents": [{"prompts": [TEXTS[0]], "generate": {"max_new_tokens": 3}}],
        "maps": {"methods": ["pca"]},
    }
    with pytest.raises(attnviz.InputError, match=r"set strip_prefix: module\. in the corpus"):
        attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")
    corpus["models"][0]["strip_prefix"] = "module."
    report = attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")
    assert report.documents[0].text.startswith(TEXTS[0])
