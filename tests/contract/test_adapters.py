"""Adapters: attention of the base with the adapter merged into it, as peft itself computes it, said
in the report; or a refusal with the mend."""

import importlib.util
import json
import shutil

import numpy as np
import peft
import pytest
import torch
import transformers

import attnviz
from attnviz.config import parse_config
from attnviz.models.loading import load_model
from tests.fixtures.models import save_model

TEXT = "the cat sat on a mat"


@pytest.fixture
def base(tmp_path):
    """A tiny Llama with its head for next tokens."""
    folder = save_model("llama", tmp_path / "base")
    transformers.AutoModelForCausalLM.from_pretrained(folder).save_pretrained(folder)
    return folder


def save_adapter(folder, model, seed=3, **settings):
    torch.manual_seed(seed)
    settings = {"r": 4, "init_lora_weights": False, "target_modules": ["q_proj"]} | settings
    peft.get_peft_model(model, peft.LoraConfig(**settings)).save_pretrained(folder)
    return folder


@pytest.fixture
def adapter(base, tmp_path):
    """LoRA on queries and head, with a whole matrix of keys beside."""
    return save_adapter(
        tmp_path / "lora", transformers.AutoModelForCausalLM.from_pretrained(base),
        task_type="CAUSAL_LM", target_modules=["q_proj", "lm_head"], modules_to_save=["k_proj"],
    )  # fmt: skip


def spec(source, **options):
    entry = {"name": "tiny", "source": str(source)} | options
    corpus = {"models": [entry], "documents": [{"text": [TEXT]}]}
    return parse_config(corpus, source.parent, "c").models[0]


def build(tmp_path, source, name="report", documents=({"text": [TEXT]},), **options):
    corpus = {
        "models": [{"name": "tiny", "source": str(source)} | options],
        "documents": list(documents),
        "maps": {"methods": ["pca"]},
    }
    return attnviz.build(corpus, out=tmp_path / name, cache=tmp_path / "cache")


def with_peft(base, adapter):
    """The base as peft runs it, its adapter beside and not merged."""
    model = transformers.AutoModelForCausalLM.from_pretrained(base, attn_implementation="eager")
    return peft.PeftModel.from_pretrained(model, adapter).eval()


def assert_equal(report, base, adapter):
    ids = transformers.AutoTokenizer.from_pretrained(base)(TEXT, return_tensors="pt").input_ids
    with torch.inference_mode():
        truth = with_peft(base, adapter)(ids, output_attentions=True).attentions
    for layer, weights in enumerate(truth):
        for head in range(4):
            ours = report.attention(layer, head, 0)
            assert np.abs(ours - weights[0, head].numpy()).max() < 0.02


def test_the_attention_is_that_of_base_and_adapter(base, adapter, tmp_path):
    report = build(tmp_path, base, adapter=str(adapter))
    assert_equal(report, base, adapter)
    entry = report.manifest.models[0]
    assert (entry.adapter.source, entry.adapter.method) == (str(adapter), "LORA")
    assert len(entry.adapter.sha256) == 64
    page = (tmp_path / "report/heads/tiny/L0H0.html").read_text("utf-8")
    assert f"{adapter} (LORA), merged into these weights; SHA-256 {entry.adapter.sha256}" in page


def test_an_adapter_beside_the_weights_is_merged_and_said(base, adapter, tmp_path, attnviz_command):
    both = shutil.copytree(base, tmp_path / "both")
    shutil.copytree(adapter, both, dirs_exist_ok=True)
    report = build(tmp_path, both)
    assert_equal(report, base, adapter)
    assert report.manifest.models[0].adapter.source == f"adapter_config.json in {both}"
    code, out, _ = attnviz_command("probe", both)
    assert code == 0
    assert "both is its base with the adapter adapter_config.json in" in out


def test_the_cache_tells_base_and_adapters_apart(base, adapter, tmp_path):
    other = save_adapter(
        tmp_path / "other", transformers.AutoModelForCausalLM.from_pretrained(base), seed=4
    )
    reports = [
        build(tmp_path, base, name, **options)
        for name, options in [
            ("plain", {}), ("first", {"adapter": str(adapter)}), ("second", {"adapter": str(other)})
        ]
    ]  # fmt: skip
    plain, first, second = (report.attention(1, 2, 0) for report in reports)
    assert reports[0].manifest.models[0].adapter is None
    assert abs(plain - first).max() > 0.05
    assert abs(first - second).max() > 0.05
    assert abs(plain - second).max() > 0.05


def test_a_prompt_is_gone_on_with_by_base_and_adapter(base, adapter, tmp_path):
    tokenizer = transformers.AutoTokenizer.from_pretrained(base)
    ids = tokenizer(TEXT, return_tensors="pt").input_ids
    expected = with_peft(base, adapter).generate(
        input_ids=ids, max_new_tokens=8, do_sample=False, eos_token_id=None
    )[0]
    prompt = {"prompts": [TEXT], "generate": {"max_new_tokens": 8}}
    report = build(tmp_path, base, documents=[prompt], adapter=str(adapter))
    tokens = report.documents[0].tokens
    assert len(tokens) > ids.shape[1]
    assert list(tokens) == tokenizer.convert_ids_to_tokens(expected[: len(tokens)])


def test_an_adapter_for_a_classifier_fits_the_encoder(tmp_path):
    folder = save_model("bert", tmp_path / "bert")
    classifier = transformers.AutoModelForSequenceClassification.from_pretrained(folder)
    adapter = save_adapter(
        tmp_path / "lora", classifier, task_type="SEQ_CLS", target_modules=["query", "value"]
    )
    model = load_model(spec(folder, adapter=str(adapter))).model
    truth = peft.PeftModel.from_pretrained(
        transformers.AutoModelForSequenceClassification.from_pretrained(folder), adapter
    )
    ids = torch.tensor([[2, 5, 6, 7, 3]])
    with torch.inference_mode():
        expected = truth.base_model.model.bert(ids)[0]
        assert (model(ids)[0] - expected).abs().max() < 1e-5
        plain = transformers.AutoModel.from_pretrained(folder)(ids)[0]
    assert (plain - expected).abs().max() > 0.05


@pytest.mark.parametrize("place", ["beside the weights", "in the corpus"])
def test_without_peft_the_error_says_what_to_install(base, adapter, monkeypatch, place):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec",
        lambda name, *more: None if name == "peft" else find(name, *more),
    )  # fmt: skip
    options = {"adapter": str(adapter)}
    if place == "beside the weights":
        shutil.copytree(adapter, base, dirs_exist_ok=True)
        options = {}
    with pytest.raises(attnviz.InputError, match=r"peft.*not installed.*'attnviz\[adapters\]'"):
        load_model(spec(base, **options))


def no_weights(base, adapter):
    (adapter / "adapter_model.safetensors").unlink()


def two(base, adapter):
    shutil.copytree(adapter, base, dirs_exist_ok=True)


def damaged(base, adapter):
    (adapter / "adapter_config.json").write_text("{", "utf-8")


def nameless(base, adapter):
    (adapter / "adapter_config.json").write_text("{}", "utf-8")


def cut_short(base, adapter):
    file = adapter / "adapter_model.safetensors"
    file.write_bytes(file.read_bytes()[:40])


def another_models(base, adapter):
    save_adapter(
        adapter, transformers.AutoModel.from_pretrained(save_model("bert", base.parent / "bert")),
        target_modules=["query"],
    )  # fmt: skip


def deeper(base, adapter):
    deep = save_model("llama", base.parent / "deep", layers=3)
    save_adapter(adapter, transformers.AutoModelForCausalLM.from_pretrained(deep))


def wider(base, adapter):
    config = transformers.AutoConfig.from_pretrained(base, num_attention_heads=8)
    save_adapter(adapter, transformers.AutoModelForCausalLM.from_config(config))


def virtual_tokens(base, adapter):
    model = transformers.AutoModelForCausalLM.from_pretrained(base)
    settings = peft.PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=2)
    peft.get_peft_model(model, settings).save_pretrained(adapter)


REFUSED = {
    "no weights": (no_weights, "has no weights; expected adapter_model.safetensors"),
    "two of them": (two, "holds an adapter too .* take one of them away"),
    "damaged": (damaged, "adapter_config.json is no JSON"),
    "no method": (nameless, "names no peft_type"),
    "cut short": (cut_short, "cannot be merged into LlamaModel"),
    "another model's": (another_models, "cannot be merged into LlamaModel: Target modules"),
    "of a deeper model": (deeper, "has .*layers.2.*, and the model no such part"),
    "of another width": (wider, "cannot be merged into LlamaModel"),
    "virtual tokens": (virtual_tokens, r"virtual tokens \(PROMPT_TUNING\), .* expected LoRA"),
}


@pytest.mark.parametrize(("spoil", "words"), REFUSED.values(), ids=REFUSED)
def test_an_adapter_that_cannot_be_merged_is_refused(base, adapter, spoil, words):
    spoil(base, adapter)
    with pytest.raises(attnviz.InputError, match=words):
        load_model(spec(base, adapter=str(adapter)))


def test_an_adapter_alone_says_what_to_write(base, adapter):
    words = f"holds an adapter and not the model .*source: {base}, and adapter: "
    with pytest.raises(attnviz.InputError, match=words):
        spec(adapter)


def test_an_adapter_is_refused_where_it_is_not_and_where_it_cannot_be(base, adapter):
    with pytest.raises(attnviz.InputError, match=r"models\[0\]\.adapter: .*holds no adapter"):
        spec(base, adapter=str(base))
    with pytest.raises(attnviz.InputError, match=r"models\[0\]\.adapter: there is no folder"):
        spec(base, adapter="./nothing/there")
    with pytest.raises(attnviz.InputError, match=r"models\[0\]\.adapter: .* no device_map"):
        spec(base, adapter=str(adapter), device_map="auto")


def test_a_pickled_adapter_needs_leave(base, adapter):
    weights = peft.load_peft_weights(str(adapter), device="cpu")
    no_weights(base, adapter)
    torch.save(weights, adapter / "adapter_model.bin")
    with pytest.raises(attnviz.InputError, match=r"pickled weights only.* allow_pickle: true"):
        load_model(spec(base, adapter=str(adapter)))
    loaded = load_model(spec(base, adapter=str(adapter), allow_pickle=True))
    assert loaded.adapter.method == "LORA"
    assert json.loads((adapter / "adapter_config.json").read_text())["peft_type"] == "LORA"
