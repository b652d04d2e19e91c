"""`attnviz.show`: a running model is used as it is and left as it was, and no file stays."""

from __future__ import annotations

import json
import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

import attnviz
from attnviz.errors import InputError
from attnviz.models.running import unwrapped
from attnviz.reader.frame import fitting_height
from tests.fixtures.cells import certificates, manifest_of
from tests.fixtures.models import sentences

CLASSES = {
    "bert": "BertForSequenceClassification",
    "gpt2": "GPT2LMHeadModel",
    "llama": "LlamaForCausalLM",
    "t5": "T5ForConditionalGeneration",
}
TEXTS = tuple(sentences(11, (9, 6)))


def running(folder: Path, kind: str, place: Path) -> tuple[Any, Any]:
    """A model and its tokenizer, loaded from a folder that is gone."""
    copied = shutil.copytree(folder, place / "gone")
    torch.manual_seed(0)
    model = getattr(transformers, kind).from_pretrained(copied)
    tokenizer = transformers.AutoTokenizer.from_pretrained(copied)
    shutil.rmtree(copied)
    return model, tokenizer


def outputs(model: Any, tokenizer: Any) -> list[bytes]:
    """What the model makes of a text, by the next random numbers."""
    batch = tokenizer(TEXTS[0], return_tensors="pt")
    inputs = {"input_ids": batch["input_ids"]}
    if model.config.is_encoder_decoder:
        inputs["decoder_input_ids"] = batch["input_ids"][:, :4]
    torch.manual_seed(3)
    with torch.no_grad():
        logits = model(**inputs).logits
    return [logits.numpy().tobytes(), torch.rand(3).numpy().tobytes()]


def state(model: Any) -> list[Any]:
    """Everything about a model that showing it may not change."""
    parts: list[Any] = [json.dumps(model.config.to_dict(), default=str, sort_keys=True)]
    parts.append(model.config._attn_implementation)
    for name, module in model.named_modules():
        hooks = {key: list(value) for key, value in vars(module).items() if key.endswith("_hooks")}
        parts.append((name, module.training, hooks, sorted(vars(module))))
    for name, weight in model.state_dict().items():
        parts.append((name, str(weight.dtype), str(weight.device), weight.numpy().tobytes()))
    parts += [p.requires_grad for p in model.parameters()]
    return parts


@pytest.mark.parametrize("family", CLASSES)
def test_a_model_is_left_as_it_was_and_shown_again(tiny_model, tmp_path, monkeypatch, family):
    model, tokenizer = running(tiny_model(family), CLASSES[family], tmp_path)
    model.train()  # dropout: outputs depend on the next random numbers
    list(model.modules())[3].eval()
    model.set_attn_implementation("eager")
    seen: list[str] = []
    handle = model.register_forward_hook(lambda module, *_: seen.append(type(module).__name__))
    before, as_before = outputs(model, tokenizer), state(model)
    generators = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state()
    torch.manual_seed(5)
    following = torch.get_rng_state()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))

    first = attnviz.show(model, tokenizer, *TEXTS)
    again = attnviz.show(model, tokenizer, *TEXTS)

    assert first.page == again.page
    assert torch.equal(torch.get_rng_state(), following)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == generators[:2]
    assert state(model) == as_before
    assert outputs(model, tokenizer) == before
    handle.remove()
    assert [path.name for path in tmp_path.rglob("*")] == ["temporary"]


def test_what_is_shown_is_said_in_its_provenance(tiny_model, tmp_path):
    model, tokenizer = running(tiny_model("gpt2"), "GPT2LMHeadModel", tmp_path)
    cell = attnviz.show(model, tokenizer, TEXTS[0], view="matrix", head="L1H2")
    manifest = manifest_of(cell.page)
    (entry,) = manifest.models
    assert entry.source.startswith("in memory: ")
    assert entry.maps == []
    assert len(certificates(manifest)) == 8
    assert 'data-start="#head=L1H2&amp;view=matrix"' in cell.page
    with torch.no_grad():
        next(model.parameters()).add_(1)
    other = manifest_of(attnviz.show(model, tokenizer, TEXTS[0]).page).models[0]
    assert other.weights_sha256 != entry.weights_sha256
    again = attnviz.show(model, tokenizer, TEXTS[0], maps=["pca"], view="neuron")
    assert [kind.id for kind in manifest_of(again.page).models[0].maps] == ["pca-2d"]
    assert "query-key" in manifest_of(again.page).models[0].heads[0].encodings[0]


def test_probes_are_made_where_they_are_asked_for_and_else_said_to_be_left_out(
    tiny_model, tmp_path
):
    model, tokenizer = running(tiny_model("gpt2"), "GPT2LMHeadModel", tmp_path)
    probed = manifest_of(attnviz.show(model, tokenizer, TEXTS[0], probes=True).page)
    usual = manifest_of(attnviz.show(model, tokenizer, TEXTS[0]).page)
    names = [[s.name for s in manifest.models[0].statistics] for manifest in (probed, usual)]
    assert {"induction", "duplicate_probe", "copying"} <= set(names[0])
    assert not {"induction", "duplicate_probe", "copying"} & set(names[1])
    assert set(names[1]) < set(names[0])
    assert [n.kind for n in probed.notices if n.kind == "probes"] == []
    (notice,) = [n.message for n in usual.notices if n.kind == "probes"]
    assert "Induction" in notice
    for name in names[1]:
        of_heads = [
            [head.statistics[name] for head in manifest.models[0].heads]
            for manifest in (probed, usual)
        ]
        assert of_heads[0] == of_heads[1]


def test_a_compiled_model_is_its_model(tiny_model, tmp_path):
    model, _ = running(tiny_model("gpt2"), "GPT2Model", tmp_path)
    assert unwrapped(torch.compile(model, backend="eager")) is model


def test_attention_with_its_tokens_is_shown(tiny_model, tmp_path):
    model, tokenizer = running(tiny_model("gpt2"), "GPT2Model", tmp_path)
    model.set_attn_implementation("eager")
    ids = tokenizer(TEXTS[0], return_tensors="pt")["input_ids"]
    with torch.no_grad():
        layers = model(ids, output_attentions=True).attentions
    tokens = tokenizer.convert_ids_to_tokens(ids[0])
    cell = attnviz.show(attention=layers, tokens=tokens, view="matrix")
    entry = manifest_of(cell.page).models[0]
    assert len(entry.heads) == 8
    assert entry.maps == []
    with pytest.raises(InputError, match="show: what"):
        attnviz.show(model, tokenizer, TEXTS[0], attention=layers)
    with pytest.raises(InputError, match="tokens"):
        attnviz.show(attention=layers, tokens=tokens[1:])


def test_its_frame_is_sandboxed_and_has_a_height_that_fits(tiny_model, tmp_path):
    model, tokenizer = running(tiny_model("gpt2"), "GPT2Model", tmp_path)
    cell = attnviz.show(model, tokenizer, TEXTS[0])
    markup = cell._repr_html_()
    assert markup.startswith("<iframe ")
    assert 'sandbox="allow-scripts allow-downloads"' in markup
    assert f'height="{cell.height}"' in markup
    assert fitting_height("lines", 9, 2) == cell.height < fitting_height("lines", 30, 2)
    assert fitting_height("lines", 900, 2) == fitting_height("document", 9000, 2)
    assert cell.save(tmp_path / "cell.html").read_text("utf-8") == cell.page


def test_what_cannot_be_shown_is_said(tiny_model, tmp_path):
    model, tokenizer = running(tiny_model("t5"), "T5Model", tmp_path)
    with pytest.raises(InputError, match=r"reads a text and writes another.*source, target"):
        attnviz.show(model, tokenizer, TEXTS[0])
    with pytest.raises(InputError, match="show: what"):
        attnviz.show()
    with pytest.raises(InputError, match="expected a text, or a text and a second one; got"):
        attnviz.show(model, tokenizer, *TEXTS, TEXTS[0])
    with pytest.raises(InputError, match="is a Linear; expected a PreTrainedModel"):
        attnviz.show(torch.nn.Linear(1, 1), tokenizer, TEXTS[0])
    model, tokenizer = running(tiny_model("gpt2"), "GPT2Model", tmp_path)
    with pytest.raises(InputError, match="there is no L9H9"):
        attnviz.show(model, tokenizer, TEXTS[0], head="L9H9")
    assert not model.training


def test_a_report_shows_itself_unless_it_is_too_large_for_a_notebook(tiny_report, monkeypatch):
    from attnviz.reader import one_page

    report = attnviz.open_report(tiny_report("llama"))
    assert report._repr_html_().startswith("<iframe ")
    assert attnviz.show(report, view="heads").page == report.to_html(view="heads")
    monkeypatch.setattr(one_page, "NOTEBOOK", 1000)
    words = report._repr_html_()
    assert "<iframe" not in words
    assert "attnviz.show(report)" in words
