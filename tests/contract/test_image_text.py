"""Models that see and read: one axis of patches and words, and the axis of the vision tower."""

import json
from importlib.util import find_spec

import numpy as np
import pytest
import torch
import transformers
from PIL import Image

import attnviz
from attnviz.reader.check import check
from tests.fixtures.image_models import bright_patch
from tests.fixtures.image_text_models import GRID, save_llava, save_paligemma
from tests.fixtures.models import save_tokenizer

SAVE = {"llava": save_llava, "paligemma": save_paligemma}
QUESTION = "what is in the image?"
NEAR = {"total_variation": 1e-5, "max_error": 1e-5}
PATCHES = [f"{row},{column}" for row, column in np.ndindex(*GRID)]
AXES = {
    "llava": (("<bos>", *PATCHES, *"what is in the image ?".split()), ("[CLS]", *PATCHES)),
    "paligemma": ((*PATCHES, "<bos>", *"what is in the image ?".split()), tuple(PATCHES)),
}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    saved = {}

    def save(name):
        if name not in saved:
            saved[name] = SAVE[name](tmp_path_factory.mktemp(name))
        return saved[name]

    return save


@pytest.fixture
def build(model, tmp_path):
    """`build(name, *documents)`: the report."""

    def run(name, *documents):
        models = [{"name": name, "source": str(model(name))}]
        corpus = {"models": models, "documents": list(documents), "fidelity": NEAR}
        return attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")

    return run


@pytest.fixture
def image(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    return str(tmp_path / "noise.png")


@pytest.mark.parametrize("name", SAVE)
def test_patches_stand_among_the_words(build, image, name):
    report = build(name, {"images": image, "text": [QUESTION, {"text": "a cat", "title": "Cat"}]})
    document = report.documents[0]
    text, image = document.axes["text"], document.axes["image"]
    assert (text.texts, image.texts) == AXES[name]
    words = [document.text[a:b] for a, b in zip(text.start, text.end, strict=True) if a >= 0]
    assert words == "what is in the image ?".split()
    assert [text.texts[i] for i in np.flatnonzero(text.special)] == ["<bos>"]
    for axis in (text, image):
        places = [
            f"{r},{c}" if r >= 0 else None for r, c in zip(axis.row, axis.column, strict=True)
        ]
        assert [place for place in places if place] == PATCHES
        assert all(
            place in (None, text_of) for place, text_of in zip(places, axis.texts, strict=True)
        )
    assert [d.title for d in report.documents] == [f"noise: {QUESTION}", "Cat"]
    assert check(report.folder) == []


@pytest.mark.parametrize("name", SAVE)
def test_attention_is_the_model_s_own(build, model, image, name):
    report = build(name, {"images": image, "text": [QUESTION]})
    processor = transformers.AutoProcessor.from_pretrained(model(name), backend="pil")
    eager = transformers.AutoModel.from_pretrained(model(name), attn_implementation="eager").eval()
    prompt = "<image>\n" + QUESTION if name == "llava" else "<image>" + QUESTION
    inputs = processor(images=Image.open(image), text=prompt, return_tensors="pt")
    inputs.pop("labels", None)
    with torch.inference_mode():
        of_image = eager.vision_tower(inputs["pixel_values"], output_attentions=True).attentions
        of_text = eager(**inputs, output_attentions=True).attentions
    for stack, truth in (("vision", of_image), ("decoder", of_text)):
        for layer, head in np.ndindex(2, 4):
            attention = report.attention(layer, head, 0, stack=stack)
            assert np.abs(attention - truth[layer][0, head].numpy()).max() < 1e-5, (
                stack,
                layer,
                head,
            )


@pytest.mark.parametrize("name", SAVE)
@pytest.mark.parametrize("place", [(0, 0), (1, 3), (3, 1)])
def test_a_patch_is_the_token_that_changes_with_it(build, tmp_path, name, place):
    bright_patch(tmp_path / "bright.png", GRID, *place)
    Image.new("RGB", (32, 32)).save(tmp_path / "dark.png")
    report = build(name, {"images": f"{tmp_path}/*.png", "text": [QUESTION]})
    axis = report.documents[0].axes["text"]
    asks = axis.texts.index("image")
    for head in range(4):
        bright, dark = (
            np.log(report.attention(0, head, d, stack="decoder")[asks, :asks]) for d in range(2)
        )
        change = bright - dark
        token = np.abs(change - np.median(change)).argmax()
        assert (axis.row[token], axis.column[token]) == place


def test_the_text_says_where_the_image_stands(build, image):
    report = build("llava", {"images": image, "text": ["what is <image> a cat"]})
    document = report.documents[0]
    axis = document.axes["text"]
    assert axis.texts == ("<bos>", "what", "is", *PATCHES, "a", "cat")
    assert [
        document.text[a:b] for a, b in zip(axis.start, axis.end, strict=True) if a >= 0
    ] == "what is a cat".split()


def test_an_image_without_a_text_and_texts_without_an_image(build, image):
    assert build("llava", {"images": image}).documents[0].axes["text"].texts == (
        "<bos>",
        *PATCHES,
    )
    report = build("llava", {"text": [QUESTION]})
    assert list(report.documents[0].axes) == ["text"]
    assert [stack.name for stack in report.manifest.models[0].stacks] == ["decoder"]
    (notice,) = report.manifest.notices
    assert notice.message == (
        "llava is shown in part: vision_tower.encoder.layers (2 layers) does not run on these"
        " documents"
    )


@pytest.mark.parametrize("name", SAVE)
def test_texts_without_an_image_are_read_beside_images(build, model, image, name):
    """The truth is what a model that reads nothing else does with the text."""
    text = "a cat is in the image"
    report = build(name, {"text": [text]}, {"images": image, "text": [QUESTION]}, {"text": ["a"]})
    assert report.manifest.notices == []
    assert [sorted(document.axes) for document in report.documents] == [
        ["text"],
        ["image", "text"],
        ["text"],
    ]
    assert {stack.name for stack in report.manifest.models[0].stacks} == {"vision", "decoder"}
    tokenizer = transformers.AutoTokenizer.from_pretrained(model(name))
    eager = transformers.AutoModel.from_pretrained(model(name), attn_implementation="eager").eval()
    with torch.inference_mode():
        inputs = tokenizer(text, return_tensors="pt")
        truth = eager(**inputs, output_attentions=True).attentions
    for layer, head in np.ndindex(2, 4):
        attention = report.attention(layer, head, 0, stack="decoder")
        assert np.abs(attention - truth[layer][0, head].numpy()).max() < 1e-5
    with pytest.raises(attnviz.InputError, match=r"the vision stack of .* does not take it"):
        report.attention(0, 0, 0, stack="vision")
    assert check(report.folder) == []


def test_a_conversation_that_is_too_long(build, image):
    with pytest.raises(attnviz.InputError, match=r"it has 87 tokens, llava takes 64"):
        build("llava", {"images": image, "text": ["what is " * 35]})


@pytest.mark.skipif(find_spec("torchvision") is not None, reason="nothing is missing")
def test_a_processor_that_needs_torchvision_names_it(tmp_path):
    shape = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    rotary = {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [2, 3, 3]}
    text = shape | {"intermediate_size": 32, "num_key_value_heads": 2, "vocab_size": 50}
    text |= {"rope_parameters": rotary}
    vision = {"depth": 1, "embed_dim": 32, "num_heads": 2, "hidden_size": 32, "mlp_ratio": 2}
    config = transformers.Qwen2VLConfig(text_config=text, vision_config=vision)
    transformers.Qwen2VLModel(config).save_pretrained(tmp_path)
    save_tokenizer(tmp_path)
    kinds = {"processor_class": "Qwen2VLProcessor", "image_processor_type": "Qwen2VLImageProcessor"}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(kinds), "utf-8")
    corpus = {"models": [{"source": str(tmp_path)}], "documents": [{"text": ["the cat sat"]}]}
    with pytest.raises(
        attnviz.InputError, match="not installed: pip install torchvision; or, to read texts alone"
    ):
        attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")
    (tmp_path / "preprocessor_config.json").unlink()
    report = attnviz.build(
        corpus | {"maps": {"methods": ["pca"], "dimensions": [2]}},
        out=tmp_path / "report",
        cache=tmp_path / "cache",
    )
    (notice,) = report.manifest.notices
    assert "is shown in part: visual.blocks (1 layer) does not run on these documents" in (
        notice.message
    )
