"""In every architecture, captured attention is the model's own, and capture leaves the model as it
was.

The truth is transformers' own: the same weights under its eager attention. tests/fixtures/zoo.py is
the table of architectures, with every exception and its reason.
"""

from dataclasses import replace

import pytest
import torch

from attnviz.capture import interface, recorder
from attnviz.capture.selfcheck import examine, self_check
from attnviz.errors import InputError
from attnviz.modalities.registry import family_of
from tests.fixtures import eager
from tests.fixtures.zoo import NONE, REFUSED, ZOO

BY_NAME = {architecture.name: architecture for architecture in ZOO}


def test_the_table_is_as_wide_as_it_promises():
    assert len({architecture.config for architecture in ZOO}) >= 100
    assert len(BY_NAME) == len(ZOO)
    assert [
        a.name for a in ZOO if a.truth != "output_attentions" and a.truth != "band" and not a.reason
    ] == []
    assert [a.name for a in ZOO if a.tolerance > 1e-5] == []


@pytest.mark.parametrize("name", BY_NAME)
def test_captured_attention_is_the_models_own(name, tmp_path):
    assert eager.complaints(BY_NAME[name], tmp_path) == []


@pytest.mark.parametrize("name", BY_NAME)
def test_a_document_is_read_as_by_a_fresh_copy_alone(name, tmp_path):
    """Whatever stands in its batch, and whatever ran before."""
    assert eager.alone_complaints(BY_NAME[name], tmp_path) == []


@pytest.mark.parametrize(
    ("architecture", "module"), [row[:2] for row in REFUSED], ids=[r[0].name for r in REFUSED]
)
def test_what_cannot_be_captured_is_named(architecture, module):
    model = eager.loaded(architecture, eager.build(architecture))
    checked = examine(model, family_of(model), eager.documents(architecture))
    assert any(reason.startswith(f"{module}: ") for reason in checked.uncaptured)
    assert max(checked.errors, default=0) <= 1e-5, "what is captured beside it is true"
    with pytest.raises(
        InputError, match=rf"(?s)cannot be captured, so nothing of it is shown:\n.*  {module}: "
    ):
        self_check(model, family_of(model), eager.documents(architecture))


def test_tokens_in_random_order_are_caught():
    """ViT-MAE shuffles its patches anew in every pass: a row would be another patch's."""
    mae = replace(
        BY_NAME["ViT"], config="ViTMAE", options=BY_NAME["ViT"].options | {"mask_ratio": 0.0}
    )
    model = eager.loaded(mae, eager.build(mae))
    with pytest.raises(InputError, match=r"layers\.0\.attention: recomputed attention differs"):
        self_check(model, family_of(model), eager.documents(mae))


@pytest.mark.parametrize("architecture", NONE, ids=lambda architecture: architecture.name)
def test_a_model_without_attention_is_refused(architecture):
    model = eager.loaded(architecture, eager.build(architecture))
    with pytest.raises(InputError, match="it has no attention that attnviz sees"):
        self_check(model, family_of(model), eager.documents(architecture))


@pytest.mark.parametrize("name", ["Bert", "GPT2", "Bloom", "T5", "GptOss", "ViT"])
def test_a_captured_model_is_left_as_it_was(name, tmp_path):
    architecture = BY_NAME[name]
    model, prepared = eager.build(architecture), eager.documents(architecture)
    inputs = eager.inputs_of(prepared, torch.float32)
    before, implementation = eager.run(model, inputs)[0], model.config._attn_implementation
    eager.captured(architecture, model, prepared, tmp_path)
    assert model.config._attn_implementation == implementation
    assert torch.equal(eager.run(model, inputs)[0], before)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())


# ---- negative controls: a capture that is wrong by one thing turns the contract red


def _scaled(call):
    return replace(call, scaling=call.scaling * 1.01)


def _uncapped(call):
    return replace(call, softcap=None)


def _shifted(call):
    """Each key has its right neighbour's permission."""
    if call.mask is None:
        return replace(call, causal=not call.causal)
    forbidden = torch.zeros_like(call.mask[..., :1])
    return replace(call, mask=torch.cat([call.mask[..., 1:], forbidden], -1))


def _tiled(call):
    """Query heads read the kv heads in turn, not the first heads the first kv head."""
    return replace(call, k=call.k.repeat(1, call.q.shape[1] // call.k.shape[1], 1, 1))


def _sinkless(call):
    return replace(call, sinks=None)


def _unbiased(call):
    return replace(call, position_bias=None)


CONTROLS = [
    *(
        (_scaled, name)
        for name in ("Bert", "Llama", "Gemma2", "GptOss", "T5", "Bart", "Bloom", "GPTNeo", "ViT")
    ),
    *(
        (_shifted, name)
        for name in ("Bert", "Llama", "Mistral", "Llama4Text", "GPTJ", "Bart", "ViT")
    ),
    (_uncapped, "Gemma2"),
    *((_tiled, name) for name in ("Llama", "Qwen3", "GptOss")),
    (_sinkless, "GptOss"),
    *((_unbiased, name) for name in ("T5", "Bloom", "MPNet", "Falcon-alibi")),
]


@pytest.mark.parametrize(("change", "name"), CONTROLS)
def test_a_wrong_rule_is_caught(monkeypatch, tmp_path, change, name):
    keep = recorder.BatchRecorder._keep_vectors
    monkeypatch.setattr(
        recorder.BatchRecorder,
        "_keep_vectors",
        lambda self, path, operands, line: keep(self, path, change(operands), line),
    )
    complaints = eager.complaints(BY_NAME[name], tmp_path)
    by_self_check = [complaint.startswith("self-check: ") for complaint in complaints]
    assert not all(by_self_check), "nothing but the self-check differs"
    assert any(by_self_check), "a build lets it pass"


def test_an_output_that_capture_changes_is_caught(monkeypatch, tmp_path):
    attend = interface._attend_in_blocks
    monkeypatch.setattr(
        interface,
        "_attend_in_blocks",
        lambda q, k, v, **options: attend(q, k, v, **options | {"softcap": None}),
    )
    complaints = eager.complaints(BY_NAME["Gemma2"], tmp_path)
    assert any(complaint.startswith("output of document 0") for complaint in complaints)


def test_a_layer_without_a_record_is_caught_and_named(monkeypatch, tmp_path):
    record = recorder.BatchRecorder.record

    def forget(self, module, operands):
        if module.layer_idx != 1:
            record(self, module, operands)

    monkeypatch.setattr(recorder.BatchRecorder, "record", forget)
    complaints = "\n".join(eager.complaints(BY_NAME["Llama"], tmp_path))
    assert "layers.1.self_attn: ran without a record" in complaints
    assert "layers.0" not in complaints
