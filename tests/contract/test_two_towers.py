"""Models of two towers: images, texts, and both in one report, a stack for each."""

import numpy as np
import pytest
import torch
import transformers
from PIL import Image

import attnviz
from attnviz.config import parse_config
from attnviz.probe import probe
from attnviz.reader.check import check
from tests.fixtures.two_tower_models import GRID, LIMIT, TWO_TOWERS, save_two_towers

NEAR = {"total_variation": 1e-5, "max_error": 1e-5}
FASTEST = {"methods": ["pca"], "dimensions": [2]}
TEXTS = ["the cat sat on a mat", "a dog ran"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    saved = {}

    def save(name):
        if name not in saved:
            saved[name] = save_two_towers(name, tmp_path_factory.mktemp(name))
        return saved[name]

    return save


@pytest.fixture
def image(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    return tmp_path / "noise.png"


@pytest.fixture
def build(model, tmp_path):
    def run(name, *documents, **more):
        corpus = {
            "models": [{"name": name, "source": str(model(name))}],
            "documents": list(documents),
            "fidelity": NEAR,
            "maps": FASTEST,
        }
        return attnviz.build(corpus | more, out=tmp_path / "report", cache=tmp_path / "cache")

    return run


def own_attention(folder, name, image, text):
    """Attention of vision and text tower, by layer, of a copy that reads nothing else."""
    tower = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    processor = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    pixels = processor(images=Image.open(image), return_tensors="pt")["pixel_values"]
    words = tokenizer(text, return_tensors="pt")
    if name == "siglip":
        ids = tokenizer(text, padding="max_length", max_length=LIMIT, return_tensors="pt")
        words = {"input_ids": ids["input_ids"]}
    with torch.inference_mode():
        return {
            "vision": tower.vision_model(pixel_values=pixels, output_attentions=True).attentions,
            "text": tower.text_model(**words, output_attentions=True).attentions,
        }


@pytest.mark.parametrize("name", ["clip", "siglip"])
def test_images_and_texts_stand_in_one_report(build, model, image, name):
    report = build(
        name, {"text": TEXTS}, {"images": str(image)}, {"images": str(image), "text": [TEXTS[1]]}
    )
    assert report.manifest.notices == [] or name == "siglip"
    (entry,) = report.manifest.models
    assert [(stack.name, stack.layers, stack.query_axis) for stack in entry.stacks] == [
        ("vision", 2, "image"),
        ("text", 2, "text"),
    ]
    read = [sorted(document.axes) for document in report.documents]
    assert read == [["text"], ["text"], ["image"], ["image", "text"]]
    for number, stack, text in [
        (0, "text", TEXTS[0]),
        (1, "text", TEXTS[1]),
        (2, "vision", ""),
        (3, "vision", ""),
        (3, "text", TEXTS[1]),
    ]:
        truth = own_attention(model(name), name, image, text)[stack]
        for layer, head in np.ndindex(2, 4):
            attention = report.attention(layer, head, number, stack=stack)
            assert np.abs(attention - truth[layer][0, head].numpy()).max() < 1e-5
    with pytest.raises(attnviz.InputError, match=r"document 0: the vision stack of .* nothing on"):
        report.attention(0, 0, 0, stack="vision")
    assert check(report.folder) == []


def test_padding_that_siglip_attends_to_is_shown_as_special(build, image):
    report = build("siglip", {"text": TEXTS})
    axis = report.documents[1].axes["text"]
    assert len(axis.texts) == LIMIT
    assert axis.texts[:5] == ("[CLS]", "a", "dog", "ran", "[SEP]")
    assert set(axis.texts[5:]) == {"[PAD]"}
    assert axis.special[5:].all()


def test_a_tower_that_reads_nothing_is_named(build, image):
    report = build("clip", {"images": str(image)})
    assert [notice.message for notice in report.manifest.notices] == [
        "clip is shown in part: text_model.encoder.layers (2 layers) does not run on these"
        " documents"
    ]
    assert [stack.name for stack in report.manifest.models[0].stacks] == ["vision"]
    report = build("clip", {"text": TEXTS})
    assert [notice.message for notice in report.manifest.notices] == [
        "clip is shown in part: vision_model.encoder.layers (2 layers) does not run on these"
        " documents"
    ]


def test_what_is_missing_beside_the_weights_is_said(build, model, image, tmp_path):
    (model("clip") / "preprocessor_config.json").rename(tmp_path / "preprocessor_config.json")
    try:
        with pytest.raises(
            attnviz.InputError, match=r"texts, as it has no preprocessor_config\.json"
        ):
            build("clip", {"images": str(image)})
    finally:
        (tmp_path / "preprocessor_config.json").rename(model("clip") / "preprocessor_config.json")


@pytest.mark.parametrize("name", TWO_TOWERS)
def test_every_kind_of_two_towers_is_captured(model, name):
    corpus = {"models": [{"source": str(model(name))}], "documents": [{"text": ["a"]}]}
    answer = probe(parse_config(corpus, model(name), "test").models[0])
    assert answer.complete
    assert (answer.family, answer.absent) == ("two-towers", [])
    assert [(layer.stack, layer.layer) for layer in answer.layers] == [
        ("vision", 0), ("vision", 1), ("text", 0), ("text", 1),
    ]  # fmt: skip
    assert all(layer.error < 1e-5 for layer in answer.layers)


def test_a_patch_has_its_place(build, image):
    axis = build("clip", {"images": str(image)}).documents[0].axes["image"]
    assert axis.texts[0] == "[CLS]"
    assert (axis.row.max() + 1, axis.column.max() + 1) == GRID
