"""What a model does to its attention before that weighs values is said, in probe, build and report,
and is so."""

import json

import pytest
import torch
import transformers

import attnviz
from tests.fixtures.models import save_tokenizer

TEXT = "the cat sat on a mat and dog ran"


def save(folder, config):
    torch.manual_seed(4)
    model = transformers.AutoModel.from_config(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.normal_(0, 0.4)
    model.save_pretrained(folder)
    return folder


@pytest.fixture
def differential(tmp_path):
    folder = tmp_path / "model"
    size = save_tokenizer(folder)
    return save(folder, transformers.DiffLlamaConfig(
        vocab_size=size, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=40,
    ))  # fmt: skip


def notices(report):
    return [n.message for n in report.manifest.notices if n.kind == "weighing"]


def test_differential_attention_is_said_and_is_of_two_heads(differential, tmp_path):
    corpus = {
        "models": [{"name": "tiny", "source": str(differential)}],
        "documents": [{"text": [TEXT]}],
        "maps": {"methods": ["pca"]},
    }
    report = attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")
    (message,) = notices(report)
    assert message.startswith("tiny: head h of a layer is weighed together with head h + 2: ")
    model = transformers.AutoModel.from_pretrained(differential).eval()
    layer, subtracted, values = model.layers[0].self_attn, [], []
    layer.groupnorm.register_forward_pre_hook(lambda _, inputs: subtracted.append(inputs[0]))
    layer.v_proj.register_forward_hook(lambda _, inputs, output: values.append(output))
    ids = torch.from_numpy(report.documents[0].axes["text"].ids.astype("int64"))[None]
    with torch.no_grad():
        model(ids)
    weights = [torch.from_numpy(report.attention(0, head, 0)).float() for head in range(4)]
    trained = [
        (getattr(layer, f"lambda_q{n}") * getattr(layer, f"lambda_k{n}")).sum().exp()
        for n in (1, 2)
    ]
    share = trained[0] - trained[1] + layer.lambda_init
    for head in range(2):
        both = (weights[head] - share * weights[head + 2]) @ values[0][0]
        assert (both - subtracted[0][0, :, head]).abs().max().item() < 0.05


def test_a_probe_says_what_is_done_after_the_softmax(differential, attnviz_command):
    code, out, _ = attnviz_command("probe", differential, "--json")
    assert code == 0
    assert any("that of the other is subtracted" in notice for notice in json.loads(out)["notices"])


@pytest.mark.parametrize("talks", [True, False])
def test_heads_that_talk_are_said(tmp_path, attnviz_command, talks):
    config = transformers.DebertaConfig(
        vocab_size=save_tokenizer(tmp_path, segments=True), hidden_size=32, intermediate_size=48,
        num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=40, type_vocab_size=2,
        relative_attention=True, pos_att_type=["c2p", "p2c"],
    )  # fmt: skip
    config.talking_head = talks
    code, out, _ = attnviz_command("probe", save(tmp_path, config), "--json")
    assert code == 0
    mixes = "a trained matrix mixes the attention of a layer's heads"
    assert any(mixes in notice for notice in json.loads(out)["notices"]) == talks
