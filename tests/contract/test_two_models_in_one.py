"""Models that transformers puts together of an encoder and a decoder of any kind: shown as other
encoder–decoders are, or refused by name."""

import numpy as np
import pytest
import torch
import transformers
from PIL import Image

import attnviz
from tests.fixtures.image_models import save_image_model
from tests.fixtures.models import save_tokenizer

SOURCE, TARGET = "the cat sat on a mat", "dog ran to old red"


def settings(kind, vocabulary, **more):
    shape = {
        "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
        "num_attention_heads": 4, "max_position_embeddings": 40,
    }  # fmt: skip
    return kind(vocab_size=vocabulary, **shape | more)


@pytest.fixture
def folder(tmp_path):
    """A BERT that reads and a BERT of three layers and fewer positions that writes."""
    folder = tmp_path / "bert2bert"
    size = save_tokenizer(folder, segments=True)
    config = transformers.EncoderDecoderConfig.from_encoder_decoder_configs(
        settings(transformers.BertConfig, size),
        settings(transformers.BertConfig, size, num_hidden_layers=3, max_position_embeddings=24),
    )
    config.decoder_start_token_id, config.pad_token_id, config.eos_token_id = 2, 0, 3
    torch.manual_seed(5)
    model = transformers.EncoderDecoderModel(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.normal_(0, 0.4)
    model.save_pretrained(folder)
    return folder


def build(tmp_path, folder, *pairs):
    corpus = {
        "models": [{"name": "tiny", "source": str(folder)}],
        "documents": [{"translate": list(pairs), "generate": {"max_new_tokens": 5}}],
        "maps": {"methods": ["pca"]},
    }
    return attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")


def ids_of(folder, *texts):
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    return [tokenizer(text, return_tensors="pt").input_ids for text in texts]


def assert_equal(report, folder, source, decoder):
    model = transformers.EncoderDecoderModel.from_pretrained(folder, attn_implementation="eager")
    with torch.inference_mode():
        output = model.eval()(
            input_ids=source, decoder_input_ids=decoder, output_attentions=True, use_cache=False
        )
    stacks = {
        "encoder": output.encoder_attentions, "decoder": output.decoder_attentions,
        "cross": output.cross_attentions,
    }  # fmt: skip
    for stack, layers in stacks.items():
        for layer, weights in enumerate(layers):
            for head in range(4):
                ours = report.attention(layer, head, 0, stack=stack)
                assert np.abs(ours - weights[0, head].numpy()).max() < 0.02


def test_its_attention_is_that_of_both_models(folder, tmp_path):
    report = build(tmp_path, folder, {"source": SOURCE, "target": TARGET})
    stacks = {stack.name: stack.layers for stack in report.manifest.models[0].stacks}
    assert stacks == {"encoder": 2, "decoder": 3, "cross": 3}
    source, labels = ids_of(folder, SOURCE, TARGET)
    decoder = torch.cat([torch.tensor([[2]]), labels[:, :-1]], 1)
    assert report.documents[0].axes["target"].ids.tolist() == decoder[0].tolist()
    assert_equal(report, folder, source, decoder)


def test_its_target_is_what_it_writes(folder, tmp_path):
    report = build(tmp_path, folder, {"source": SOURCE})
    (source,) = ids_of(folder, SOURCE)
    model = transformers.EncoderDecoderModel.from_pretrained(folder).eval()
    answer = model.generate(source, max_new_tokens=5, num_beams=1, do_sample=False)[0].tolist()
    ids = report.documents[0].axes["target"].ids.tolist()
    assert ids == answer[: len(ids)]
    assert len(ids) >= len(answer) - 1
    assert_equal(report, folder, source, torch.tensor([ids]))


def test_it_takes_what_the_shorter_of_the_two_takes(folder, tmp_path, attnviz_command):
    code, out, _ = attnviz_command("probe", folder)
    assert code == 0
    assert "takes translations of at most 24 tokens" in out


@pytest.fixture
def trocr(tmp_path):
    """A vision transformer that sees and TrOCR's decoder that writes, with its processor."""
    folder, seer = tmp_path / "trocr", save_image_model("vit", tmp_path / "vit")
    size = save_tokenizer(folder, segments=True)
    config = transformers.VisionEncoderDecoderConfig.from_encoder_decoder_configs(
        transformers.AutoConfig.from_pretrained(seer),
        transformers.TrOCRConfig(
            vocab_size=size, d_model=32, decoder_layers=1, decoder_attention_heads=2,
            decoder_ffn_dim=48, max_position_embeddings=40, cross_attention_hidden_size=32,
        ),
    )  # fmt: skip
    config.decoder_start_token_id, config.pad_token_id, config.eos_token_id = 2, 0, 3
    torch.manual_seed(6)
    model = transformers.VisionEncoderDecoderModel(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.normal_(0, 0.4)
    model.save_pretrained(folder)
    processor = transformers.AutoImageProcessor.from_pretrained(seer, backend="pil")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    transformers.TrOCRProcessor(processor, tokenizer).save_pretrained(folder)
    return folder


def build_of_image(tmp_path, trocr, **entry):
    """The report of a seeded image with what an entry says beside it."""
    squares = np.random.default_rng(1).integers(0, 256, (30, 30, 3), np.uint8)
    Image.fromarray(squares).save(tmp_path / "line.png")
    corpus = {
        "models": [{"name": "tiny", "source": str(trocr)}],
        "documents": [{"images": str(tmp_path / "line.png")} | entry],
        "maps": {"methods": ["pca"]},
    }
    return attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")


def pixels_of(tmp_path, trocr):
    processor = transformers.AutoImageProcessor.from_pretrained(trocr, backend="pil")
    return processor(images=Image.open(tmp_path / "line.png"), return_tensors="pt").pixel_values


def assert_sees(report, trocr, pixels, decoder):
    """All three stacks are the model's own eager attention."""
    model = transformers.VisionEncoderDecoderModel.from_pretrained(
        trocr, attn_implementation="eager"
    ).eval()
    with torch.inference_mode():
        output = model(
            pixel_values=pixels, decoder_input_ids=decoder, output_attentions=True, use_cache=False
        )
    stacks = {
        "vision": output.encoder_attentions, "decoder": output.decoder_attentions,
        "cross": output.cross_attentions,
    }  # fmt: skip
    for stack, layers in stacks.items():
        for layer, weights in enumerate(layers):
            for head in range(weights.shape[1]):
                ours = report.attention(layer, head, 0, stack=stack)
                assert ours.shape == weights[0, head].shape
                assert np.abs(ours - weights[0, head].numpy()).max() < 0.02


def test_an_image_and_what_is_written_in_it(trocr, tmp_path):
    report = build_of_image(tmp_path, trocr, text=[TARGET])
    (labels,) = ids_of(trocr, TARGET)
    decoder = torch.cat([torch.tensor([[2]]), labels[:, :-1]], 1)
    assert_sees(report, trocr, pixels_of(tmp_path, trocr), decoder)
    assert report.documents[0].axes["target"].ids.tolist() == decoder[0].tolist()


def test_an_image_without_its_text_is_written_by_the_model(trocr, tmp_path):
    report = build_of_image(tmp_path, trocr, generate={"max_new_tokens": 5})
    pixels = pixels_of(tmp_path, trocr)
    model = transformers.VisionEncoderDecoderModel.from_pretrained(trocr).eval()
    answer = model.generate(pixels, max_new_tokens=5, num_beams=1, do_sample=False)[0].tolist()
    ids = report.documents[0].axes["target"].ids.tolist()
    assert ids == answer[: len(ids)]
    assert len(ids) >= len(answer) - 1
    assert_sees(report, trocr, pixels, torch.tensor([ids]))


def test_what_only_sees_shares_an_image_with_what_writes(trocr, tmp_path):
    """One document as the one sees it, another as the other writes it."""
    models = [
        {"name": "sees", "source": str(save_image_model("vit", tmp_path / "sees"))},
        {"name": "writes", "source": str(trocr)},
    ]
    Image.new("RGB", (30, 30)).save(tmp_path / "line.png")
    corpus = {
        "models": models,
        "documents": [{"images": str(tmp_path / "line.png"), "generate": {"max_new_tokens": 3}}],
        "maps": {"methods": ["pca"]},
    }
    report = attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")
    stacks = {model.name: [s.name for s in model.stacks] for model in report.manifest.models}
    assert stacks == {"sees": ["vision"], "writes": ["vision", "decoder", "cross"]}
    assert len(report.documents) == 2


def test_a_model_of_recordings_that_writes_is_refused_by_name(tmp_path, attnviz_command):
    folder = tmp_path / "speech"
    size = save_tokenizer(folder, segments=True)
    config = transformers.SpeechEncoderDecoderConfig.from_encoder_decoder_configs(
        transformers.Wav2Vec2Config(num_hidden_layers=1), settings(transformers.BertConfig, size)
    )
    config.save_pretrained(folder)
    code, out, err = attnviz_command("probe", folder)
    assert (code, out) == (2, "")
    assert "speech-encoder-decoder reads recordings and writes their text" in err
