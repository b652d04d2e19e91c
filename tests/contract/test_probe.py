"""`attnviz probe`: what is captured of a model, how and how well; what is not is named, and the
exit code says so."""

import json

import pytest
from PIL import Image

from attnviz.capture import recorder
from tests.fixtures import eager
from tests.fixtures.image_models import save_image_model
from tests.fixtures.image_text_models import save_llava
from tests.fixtures.models import save_tokenizer
from tests.fixtures.video_models import save_video_model
from tests.fixtures.zoo import ZOO

BY_NAME = {architecture.name: architecture for architecture in ZOO}


@pytest.fixture
def probed(attnviz_command, tiny_model):
    """`probed(family)`: exit code and JSON of a probe."""

    def run(model):
        code, out, err = attnviz_command(
            "probe", tiny_model(model) if isinstance(model, str) else model, "--json"
        )
        assert err == ""
        return code, json.loads(out)

    return run


RULES = {
    "bert": ["all keys, scaling 0.3536"] * 2,
    "gpt2": ["causal, scaling 0.3536"] * 2,
    "mistral": ["keys −5 … +0, scaling 0.3536"] * 2,
    "gemma2": ["keys −5 … +0, scaling 0.3536, soft cap 4", "causal, scaling 0.3536, soft cap 4"],
    "gpt_oss": ["keys −5 … +0, scaling 0.3536, sinks", "causal, scaling 0.3536, sinks"],
    "bloom": ["causal, scaling 0.3536, relative bias"] * 2,
    "albert": ["all keys, scaling 0.3536"] * 3,
}


@pytest.mark.parametrize("family", RULES)
def test_each_layer_is_told_with_its_rule_and_error(probed, family):
    code, answer = probed(family)
    assert code == 0
    assert answer["complete"]
    assert (answer["uncaptured"], answer["problems"]) == ([], [])
    layers = answer["layers"]
    assert [layer["rule"] for layer in layers] == RULES[family]
    assert [layer["layer"] for layer in layers] == list(range(len(layers)))
    assert {layer["stack"] for layer in layers} == {
        "encoder" if family in ("bert", "albert") else "decoder"
    }
    assert {layer["line"] for layer in layers} == {
        "tracer" if family == "bloom" else "attention interface"
    }
    assert all(0 < layer["error"] < 1e-5 for layer in layers)
    assert {(layer["heads"], layer["head_size"]) for layer in layers} == {(4, 8)}
    assert {layer["kv_heads"] for layer in layers} == {
        2 if family in ("mistral", "gemma2", "gpt_oss") else 4
    }


def test_an_encoder_decoder_has_three_stacks(probed):
    code, answer = probed("t5")
    assert code == 0
    assert [(layer["stack"], layer["layer"]) for layer in answer["layers"]] == [
        ("encoder", 0), ("encoder", 1), ("decoder", 0), ("decoder", 1), ("cross", 0), ("cross", 1),
    ]  # fmt: skip
    rules = {layer["stack"]: layer["rule"] for layer in answer["layers"]}
    assert rules == {
        "encoder": "all keys, scaling 1, relative bias",
        "decoder": "causal, scaling 1, relative bias",
        "cross": "all keys, scaling 1",
    }


def test_attention_that_is_no_score_rule_says_why(probed, attnviz_command, tiny_model):
    code, answer = probed("deberta")
    assert code == 0
    assert {(layer["vectors"], layer["head_size"]) for layer in answer["layers"]} == {(False, None)}
    assert all("depends on the document's content" in layer["reason"] for layer in answer["layers"])
    _, out, _ = attnviz_command("probe", tiny_model("deberta"))
    assert (
        "kept as attention, without queries and keys:\n  encoder: its bias is not relative" in out
    )


def test_the_table_is_for_people(attnviz_command, tiny_model):
    code, out, err = attnviz_command("probe", tiny_model("gemma2"))
    assert (code, err) == (0, "")
    head, *rows = out.splitlines()[2:5]
    assert (
        head.split()
        == "stack layers heads kv heads head size captured by score rule largest error".split()
    )
    assert [row.split()[:5] for row in rows] == [
        ["decoder", str(n), "4", "2", "8"] for n in range(2)
    ]
    assert (
        len({row.index("attention interface") for row in rows} | {head.index("captured by")}) == 1
    )
    assert "Gemma2Model" in out
    assert out.endswith("everything is captured: attnviz build shows it\n")
    _, out, _ = attnviz_command("probe", tiny_model("albert"))
    assert out.splitlines()[3].split()[:2] == [
        "encoder",
        "0–2",
    ], "layers that are alike share a line"


@pytest.mark.parametrize(("name", "rule"), [("vit", ""), ("beit", ", table bias")])
def test_a_vision_transformer_sees_images(attnviz_command, tmp_path, name, rule):
    code, out, _ = attnviz_command("probe", save_image_model(name, tmp_path), "--json")
    answer = json.loads(out)
    assert (code, answer["family"], answer["limit"]) == (0, "vision", None)
    assert [(layer["stack"], layer["layer"]) for layer in answer["layers"]] == [
        ("vision", 0),
        ("vision", 1),
    ]
    assert {layer["rule"] for layer in answer["layers"]} == {f"all keys, scaling 0.3536{rule}"}
    assert all(0 < layer["error"] < 1e-5 for layer in answer["layers"])
    assert "; takes images\n" in attnviz_command("probe", tmp_path)[1]


def test_a_video_model_has_a_stack_for_time_and_one_for_space(attnviz_command, tmp_path):
    code, out, _ = attnviz_command("probe", save_video_model("Timesformer", tmp_path), "--json")
    answer = json.loads(out)
    assert (code, answer["family"]) == (0, "video")
    assert {layer["stack"] for layer in answer["layers"]} == {"time", "space"}
    assert all(layer["error"] < 1e-5 for layer in answer["layers"])


def test_a_model_of_images_and_text_has_two_stacks(attnviz_command, tmp_path):
    code, out, _ = attnviz_command("probe", save_llava(tmp_path), "--json")
    answer = json.loads(out)
    assert (code, answer["family"]) == (0, "vision-language")
    assert {layer["stack"] for layer in answer["layers"]} == {"vision", "decoder"}
    assert all(layer["error"] < 1e-5 for layer in answer["layers"])


def test_what_is_not_captured_is_named_beside_what_is(probed, attnviz_command, tmp_path):
    save_tokenizer(tmp_path)
    eager.build(BY_NAME["T5"], of="LongT5", local_radius=4).save_pretrained(tmp_path)
    code, answer = probed(tmp_path)
    assert code == 1
    assert not answer["complete"]
    assert {layer["stack"] for layer in answer["layers"]} == {"decoder", "cross"}
    assert all(layer["error"] < 1e-4 for layer in answer["layers"])
    for block in range(2):
        name = f"encoder.block.{block}.layer.0.LocalSelfAttention"
        assert any(reason.startswith(f"{name}: ") for reason in answer["uncaptured"])
    code, out, _ = attnviz_command("probe", tmp_path)
    assert code == 1
    assert "\nnot captured:\n  encoder.block.0" in out
    assert out.endswith("attnviz build refuses this model\n")


def test_a_model_without_attention_has_nothing_to_show(probed):
    code, answer = probed("mamba")
    assert (code, answer["layers"], answer["complete"]) == (1, [], False)
    assert answer["uncaptured"] == ["it has no attention that attnviz sees"]


def test_attention_that_is_not_as_captured_is_named(monkeypatch, probed):
    keep = recorder.BatchRecorder._keep_vectors

    def wrong(self, path, operands, line):
        keep(
            self,
            path,
            type(operands)(**vars(operands) | {"scaling": operands.scaling * 1.01}),
            line,
        )

    monkeypatch.setattr(recorder.BatchRecorder, "_keep_vectors", wrong)
    code, answer = probed("llama")
    assert code == 1
    assert [problem.split(": ")[0] for problem in answer["problems"]] == [
        "layers.0.self_attn",
        "layers.1.self_attn",
    ]
    assert all(
        "recomputed attention differs from the model's own by" in problem
        for problem in answer["problems"]
    )


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision(attnviz_command, tiny_model, dtype):
    code, out, _ = attnviz_command("probe", tiny_model("llama"), "--dtype", dtype, "--json")
    answer = json.loads(out)
    assert (code, answer["dtype"]) == (0, dtype)
    assert all(1e-6 < layer["error"] < 0.05 for layer in answer["layers"])


def test_what_is_no_model_is_the_users_to_mend(attnviz_command, tmp_path):
    code, out, err = attnviz_command("probe", tmp_path)
    assert (code, out) == (2, "")
    assert "holds no model; expected a config.json" in err
    code, out, err = attnviz_command("probe", tmp_path, "--dtype", "int3")
    assert (code, out) == (2, "")
    assert "float32" in err


def test_a_model_that_needs_more_than_text_says_so(attnviz_command, tmp_path):
    import transformers

    size = save_tokenizer(tmp_path)
    config = transformers.XmodConfig(
        vocab_size=size,
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        languages=["en_XX", "de_DE"],
    )
    transformers.XmodModel(config).save_pretrained(tmp_path)
    code, _, err = attnviz_command("probe", tmp_path)
    assert code == 2
    assert "XmodModel fails on its input (input_ids (2, 48), attention_mask (2, 48)" in err
    assert "Input language unknown" in err


def test_the_sample_images_are_images(tmp_path):
    from attnviz.modalities.image import sample_image

    with Image.open(sample_image(tmp_path, 0)) as image:
        assert image.size == (224, 224)
        assert len(image.getcolors()) > 40
