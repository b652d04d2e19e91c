"""Whatever the architecture: captured attention is the model's own, and capture changes nothing of
the model.

The truth is transformers' own: the same weights under its eager attention. tests/fixtures/zoo.py is
the table of architectures, with every exception and its reason.
"""

from dataclasses import replace

import pytest
import torch

from attnviz.capture import examine, interface, recorder, self_check
from attnviz.errors import InputError
from attnviz.modalities import family_of
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


@pytest.mark.parametrize(
    ("architecture", "module"), [row[:2] for row in REFUSED], ids=[r[0].name for r in REFUSED]
)
def test_what_cannot_be_captured_is_named(architecture, module):
    own = eager.loaded(architecture, eager.build(architecture))
    checked = examine(own, family_of(own), eager.documents(architecture))
    assert any(named.startswith(f"{module}: ") for named in checked.uncaptured)
    assert max(checked.errors, default=0) <= 1e-5, "what is captured beside it is true"
    with pytest.raises(
        InputError, match=rf"(?s)cannot be captured, so nothing of it is shown:\n.*  {module}: "
    ):
        self_check(own, family_of(own), eager.documents(architecture))


def test_tokens_in_random_order_are_caught():
    """ViT-MAE shuffles its patches anew in every pass: a row would be another patch's."""
    mae = replace(
        BY_NAME["ViT"], config="ViTMAE", options=BY_NAME["ViT"].options | {"mask_ratio": 0.0}
    )
    own = eager.loaded(mae, eager.build(mae))
    with pytest.raises(InputError, match=r"layers\.0\.attention: recomputed attention differs"):
        self_check(own, family_of(own), eager.documents(mae))


@pytest.mark.parametrize("architecture", NONE, ids=lambda architecture: architecture.name)
def test_what_has_no_attention_is_told_so(architecture):
    own = eager.loaded(architecture, eager.build(architecture))
    with pytest.raises(InputError, match="it has no attention that attnviz sees"):
        self_check(own, family_of(own), eager.documents(architecture))


@pytest.mark.parametrize("name", ["Bert", "GPT2", "Bloom", "T5", "GptOss", "ViT"])
def test_a_captured_model_is_left_as_it_was(name, tmp_path):
    architecture = BY_NAME[name]
    model, prepared = eager.build(architecture), eager.documents(architecture)
    inputs = eager.inputs_of(prepared, torch.float32)
    before, chosen = eager.run(model, inputs)[0], model.config._attn_implementation
    eager.captured(architecture, model, prepared, tmp_path)
    assert model.config._attn_implementation == chosen
    assert torch.equal(eager.run(model, inputs)[0], before)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())


# ---- negative controls: a capture that is wrong by one thing turns the contract red


def _scaled(seen):
    return replace(seen, scaling=seen.scaling * 1.01)


def _uncapped(seen):
    return replace(seen, softcap=None)


def _shifted(seen):
    """Each key has its right neighbour's permission."""
    if seen.mask is None:
        return replace(seen, causal=not seen.causal)
    forbidden = torch.zeros_like(seen.mask[..., :1])
    return replace(seen, mask=torch.cat([seen.mask[..., 1:], forbidden], -1))


def _tiled(seen):
    """Keys handed to the query heads in turn, where the first ones belong to the first query
    heads."""
    return replace(seen, k=seen.k.repeat(1, seen.q.shape[1] // seen.k.shape[1], 1, 1))


def _sinkless(seen):
    return replace(seen, sinks=None)


def _unbiased(seen):
    return replace(seen, position_bias=None)


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
        lambda self, path, seen, line: keep(self, path, change(seen), line),
    )
    found = eager.complaints(BY_NAME[name], tmp_path)
    assert [complaint for complaint in found if not complaint.startswith("self-check: ")] != []
    assert [complaint for complaint in found if complaint.startswith("self-check: ")] != [], (
        "a build lets it pass"
    )


def test_an_output_that_capture_changes_is_caught(monkeypatch, tmp_path):
    attend = interface._attend_in_blocks
    monkeypatch.setattr(
        interface, "_attend_in_blocks", lambda *given: attend(*given[:6], None, given[7])
    )
    found = eager.complaints(BY_NAME["Gemma2"], tmp_path)
    assert any(complaint.startswith("output of document 0") for complaint in found)


def test_a_layer_without_a_record_is_caught_and_named(monkeypatch, tmp_path):
    record = recorder.BatchRecorder.record

    def forget(self, module, seen):
        if module.layer_idx != 1:
            record(self, module, seen)

    monkeypatch.setattr(recorder.BatchRecorder, "record", forget)
    found = "\n".join(eager.complaints(BY_NAME["Llama"], tmp_path))
    assert "layers.1.self_attn: ran without a record" in found
    assert "layers.0" not in found
