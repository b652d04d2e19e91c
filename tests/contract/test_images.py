"""Vision transformers: which token is which patch, shown by images with a bright patch and models
that seek it."""

from io import BytesIO

import numpy as np
import pytest
import torch
import transformers
from PIL import Image

import attnviz
from attnviz.format.shards import read_shard
from attnviz.reader.check import check
from tests.fixtures.image_models import IMAGE_MODELS, TWO_TOWERS, bright_patch, save_image_model

NEAR = {"total_variation": 1e-4, "max_error": 1e-4}
PLACES = [(0, 0), (1, 3), (2, 1)]


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """`build(model's folder, images' folder, **more)`: the report."""

    def run(model, images, **more):
        folder = tmp_path_factory.mktemp("report")
        corpus = {
            "models": [{"name": "seer", "source": str(model)}],
            "documents": [{"images": f"{images}/*.png"}],
        }
        return attnviz.build(corpus | more, out=folder / "report", cache=folder / "cache")

    return run


@pytest.fixture
def bright(tmp_path):
    """`bright(grid)`: a folder of images, each with a bright patch at one of the places."""

    def make(grid):
        for number, place in enumerate(PLACES):
            bright_patch(tmp_path / f"{number}.png", grid, *place)
        return tmp_path

    return make


@pytest.mark.parametrize("name", IMAGE_MODELS)
def test_attention_falls_on_the_patch_that_is_bright(build, bright, tmp_path_factory, name):
    seer = IMAGE_MODELS[name]
    model = save_image_model(name, tmp_path_factory.mktemp("model"), wired=True)
    report = build(model, bright(seer.grid), fidelity=NEAR)
    for number, place in enumerate(PLACES):
        axis = report.documents[number].axes["image"]
        assert axis.texts[: len(seer.special)] == seer.special
        assert axis.crop is None
        for head in range(4):
            brightest = report.attention(0, head, number).argmax(1)
            assert {(axis.row[key], axis.column[key]) for key in brightest} == {place}, head
    assert check(report.folder) == []


@pytest.mark.parametrize("name", IMAGE_MODELS)
def test_the_grid_is_of_patches_and_the_rest_is_special(build, bright, tmp_path_factory, name):
    seer = IMAGE_MODELS[name]
    model = save_image_model(name, tmp_path_factory.mktemp("model"))
    axis = build(model, bright(seer.grid)).documents[0].axes["image"]
    after = 5 if name == "yolos" else 0
    rows, columns = seer.grid
    assert len(axis) == len(seer.special) + rows * columns + after
    patches = slice(len(seer.special), len(axis) - after)
    assert list(zip(axis.row[patches], axis.column[patches], strict=True)) == list(
        np.ndindex(rows, columns)
    )
    assert axis.special.sum() == len(seer.special) + after
    assert (axis.row[axis.special] == -1).all()


@pytest.mark.parametrize("name", IMAGE_MODELS)
def test_attention_is_the_model_s_own(build, bright, tmp_path_factory, name):
    model = save_image_model(name, tmp_path_factory.mktemp("model"))
    images = bright(IMAGE_MODELS[name].grid)
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)).save(
        images / "noise.png"
    )
    report = build(model, images, fidelity=NEAR)
    processor = transformers.AutoImageProcessor.from_pretrained(model)
    kind = (
        getattr(transformers, f"{IMAGE_MODELS[name].model}VisionModel")
        if name in TWO_TOWERS
        else transformers.AutoModel
    )
    eager = kind.from_pretrained(model, attn_implementation="eager").eval()
    for number, path in enumerate(sorted(images.glob("*.png"))):
        with torch.inference_mode():
            inputs = processor(images=Image.open(path).convert("RGB"), return_tensors="pt")
            truth = eager(**inputs, output_attentions=True).attentions
        for layer, head in np.ndindex(2, 4):
            assert (
                np.abs(report.attention(layer, head, number) - truth[layer][0, head].numpy()).max()
                < 1e-4
            )


def test_what_is_left_out_of_a_model_is_said(build, bright, tmp_path_factory):
    report = build(save_image_model("siglip", tmp_path_factory.mktemp("model")), bright((4, 4)))
    messages = [notice.message for notice in report.manifest.notices]
    assert "seer is shown without the pooling head, a learned query over the patches" in messages


# ---- which part of the image


def test_a_crop_is_known_to_the_report(build, tmp_path_factory, tmp_path):
    model = save_image_model("clip", tmp_path_factory.mktemp("model"), crop=True)
    Image.new("RGB", (200, 100), "teal").save(tmp_path / "a-wide.png")
    Image.new("RGB", (90, 120), "teal").save(tmp_path / "b-tall.png")
    Image.new("RGB", (70, 70), "teal").save(tmp_path / "c-square.png")
    report = build(model, tmp_path)
    wide, tall, square = (document.axes["image"].crop for document in report.documents)
    assert wide == pytest.approx((0.25, 0, 0.75, 1), abs=0.01)
    assert tall == pytest.approx((0, 0.125, 1, 0.875), abs=0.02)  # whole pixels are cut
    assert square is None
    assert check(report.folder) == []


def test_a_bright_patch_is_where_the_crop_says(build, tmp_path_factory, tmp_path):
    """A square in a wide image: its middle, by row, column and crop, is where it was drawn."""
    model = save_image_model("clip", tmp_path_factory.mktemp("model"), wired=True, crop=True)
    pixels = np.zeros((80, 200, 3), np.uint8)
    pixels[20:40, 100:120] = 255
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    report = build(model, tmp_path)
    axis = report.documents[0].axes["image"]
    left, top, right, bottom = axis.crop
    brightest = report.attention(0, 0, 0).mean(0).argmax()
    x = left + (axis.column[brightest] + 0.5) / 4 * (right - left)
    y = top + (axis.row[brightest] + 0.5) / 4 * (bottom - top)
    assert (x * 200, y * 80) == pytest.approx((110, 30), abs=2)


# ---- what is no image, and what is no model of images


@pytest.fixture
def refused(tmp_path, tmp_path_factory):
    """`refused(model)`: what is said of the images in tmp_path."""
    model = save_image_model("vit", tmp_path_factory.mktemp("model"))

    def run(folder=model):
        corpus = {
            "models": [{"source": str(folder)}],
            "documents": [{"images": f"{tmp_path}/*.png"}],
        }
        with pytest.raises(attnviz.InputError) as caught:
            attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")
        return [problem.replace(f"{tmp_path}/", "") for problem in caught.value.problems]

    return run


def test_files_that_are_no_images_are_all_named(refused, bright, tmp_path):
    bright((3, 4))
    image = (tmp_path / "0.png").read_bytes()
    (tmp_path / "0.png").write_bytes(image[: len(image) // 2])
    (tmp_path / "1.png").write_text("<svg/>")
    Image.new("RGB", (1, 1)).save(tmp_path / "3.png")
    cut, text, small = refused()
    assert cut.startswith("0.png: is no image that can be read (")
    assert text == "1.png: is no image that can be read; expected PNG, JPEG or the like"
    assert small == "3.png: has 1 × 1 pixels, too few to look at; expected at least 2 × 2"


def test_a_model_of_texts_takes_no_images(build, tmp_path, bright):
    from tests.fixtures.text_models import save_bert

    with pytest.raises(
        attnviz.InputError, match="takes none of the corpus's documents: 3 documents were left out"
    ):
        build(save_bert(tmp_path / "bert"), bright((3, 4)))


def with_images_of(folder, height, width=None):
    """The model's folder with a processor that gives images of this size, square ones by
    default."""
    other = transformers.ViTImageProcessorPil(size={"height": height, "width": width or height})
    other.save_pretrained(folder)
    return folder


def save_vit(folder, image_size):
    """A ViT of patches of 8 × 8 pixels."""
    config = transformers.ViTConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48,
        image_size=image_size, patch_size=8,
    )  # fmt: skip
    torch.manual_seed(0)
    model = transformers.ViTModel(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.normal_(0, 0.3)
    model.save_pretrained(folder)
    return folder


@pytest.mark.parametrize(("height", "width"), [(80, 80), (48, 80), (16, 64)])
def test_positions_are_interpolated_where_the_model_can(
    build, bright, tmp_path_factory, height, width
):
    """Also to other shapes than their own, of as many patches too."""
    images = bright((3, 4))
    folder = with_images_of(save_vit(tmp_path_factory.mktemp("vit"), 32), height, width)
    report = build(folder, images, fidelity=NEAR)
    (notice,) = [each for each in report.manifest.notices if each.kind == "interpolated"]
    assert f"its positions: its processor gives images of {width} × {height} pixels" in (
        notice.message
    )
    assert "it has positions for 32 × 32" in notice.message
    axis = report.documents[0].axes["image"]
    assert len(axis.texts) == 1 + height // 8 * (width // 8)
    assert (axis.row.max() + 1, axis.column.max() + 1) == (height // 8, width // 8)
    own = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    processor = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil")
    for document in report.documents:
        image = Image.open(images / f"{document.title}.png").convert("RGB")
        pixels = processor(images=image, return_tensors="pt")["pixel_values"]
        with torch.inference_mode():
            weights = own(pixels, interpolate_pos_encoding=True, output_attentions=True).attentions
        for layer, head in np.ndindex(2, 4):
            attention = report.attention(layer, head, document.index)
            assert np.abs(attention - weights[layer][0, head].numpy()).max() < 1e-4


def test_positions_of_no_square_are_not_interpolated(refused, bright, tmp_path_factory):
    """transformers would lay out these 2 × 8 as 4 × 4."""
    bright((3, 4))
    folder = save_vit(tmp_path_factory.mktemp("vit"), (16, 64))
    (problem,) = refused(with_images_of(folder, 32, 64))
    assert "its processor gives images of 64 × 32 pixels, its positions are for 64 × 16" in problem
    assert "expected images of 64 × 16" in problem


def test_images_that_are_smaller_than_a_patch_are_refused(refused, bright, tmp_path_factory):
    bright((3, 4))
    folder = save_image_model("vit", tmp_path_factory.mktemp("other"))
    (problem,) = refused(with_images_of(folder, 4))
    assert "does not take images of 4 × 4 pixels: " in problem


def test_pixels_are_not_held(bright, tmp_path_factory, monkeypatch):
    """A corpus of images need not fit into memory: its pixels are made when a batch needs
    them."""
    from attnviz.capture.batches import plan_batches
    from attnviz.config import parse_config
    from attnviz.modalities import image
    from attnviz.modalities.preparing import prepare
    from attnviz.modalities.reading import read_corpus
    from attnviz.modalities.registry import family_of
    from attnviz.models.loading import load_model

    folder = save_image_model("vit", tmp_path_factory.mktemp("model"))
    mapping = {
        "models": [{"source": str(folder)}],
        "documents": [{"images": f"{bright((3, 4))}/*.png"}],
    }
    config = parse_config(mapping, folder, "corpus")
    loaded = load_model(config.models[0])
    prepared, _ = prepare(
        loaded, family_of(loaded), read_corpus(config.documents, "corpus").documents, False
    )
    drawn = []
    monkeypatch.setattr(
        image, "open_image", lambda path: drawn.append(path) or Image.open(path).convert("RGB")
    )
    (batch,) = plan_batches(prepared, 8192)
    assert (len(batch.documents), drawn) == (3, [])
    assert (
        prepared[0].arrays["pixel_values"].shape
        == prepared[0].shapes["pixel_values"]
        == (3, 24, 32)
    )
    assert len(drawn) == 1


def test_many_images_are_many_shards(build, tmp_path_factory, tmp_path):
    model = save_image_model("vit", tmp_path_factory.mktemp("model"))
    noise = np.random.default_rng(3)
    for number in range(12):
        Image.fromarray(noise.integers(0, 256, (448, 448, 3), np.uint8)).save(
            tmp_path / f"{number:02}.png"
        )
    report = build(model, tmp_path)
    shards = [report.manifest.shards[name] for name in report.manifest.documents.images]
    first, *_, last = [shard.documents for shard in shards]
    assert (len(shards) > 1, first[0], last[1]) == (True, 0, 12)
    assert [a.documents[1] for a in shards[:-1]] == [b.documents[0] for b in shards[1:]]
    assert max(shard.bytes for shard in shards) < 1.2e6
    assert check(report.folder) == []


def test_a_photograph_takes_a_fraction_of_a_png_and_a_flat_image_stays_exact(
    build, tmp_path_factory, tmp_path
):
    """What is stored is what was given: to a few levels of grey for what a camera sees, exactly
    where it is smaller."""
    model = save_image_model("vit", tmp_path_factory.mktemp("model"))
    x, y = np.meshgrid(*[np.linspace(0, 6, 320)] * 2)
    grain = np.random.default_rng(1).normal(0, 6, (320, 320, 1))
    photo = np.clip(
        128 + 90 * np.sin(np.stack([x + y, x - y, x * y / 3], 2)) + grain, 0, 255
    ).astype(np.uint8)
    flat = np.zeros((320, 320, 3), np.uint8)
    flat[100:200, 50:300] = 255, 40, 0
    small = photo[:32, :32]
    images = [photo, flat, small]
    for number, pixels in enumerate(images):
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    report = build(model, tmp_path)
    name = report.manifest.documents.images[0]
    stored = [
        row["content"]
        for row in read_shard(report.folder, report.manifest.shards[name]).to_pylist()
    ]
    assert [data[:4] for data in stored] == [b"\xff\xd8\xff\xe0", b"\x89PNG", b"\x89PNG"]
    assert len(stored[0]) < 0.4 * (tmp_path / "0.png").stat().st_size
    decoded = [np.asarray(Image.open(BytesIO(data)).convert("RGB"), int) for data in stored]
    assert np.abs(decoded[0] - photo).mean() < 6
    assert all((a == b).all() for a, b in zip(decoded[1:], images[1:], strict=True))


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("ViTMAE", "shuffles and hides its patches anew in each pass"),
        ("Segformer", "attends to summaries of several patches"),
        ("MobileViT", "attends between pixels at the same place of small squares"),
        ("MobileViTV2", "has no attention from patch to patch"),
        ("Siglip2Vision", "packs images of any shape into one row of patches"),
        (
            "VJEPA2",
            (
                "prepares its videos by torchvision; of video models, TimeSformer, VideoMAE and"
                " ViViT are known"
            ),
        ),
        (
            "AST",
            "reads audio in a way of its own; of audio models, these are known: wav2vec 2.0",
        ),
    ],
)
def test_models_whose_input_is_unlike_any_known_are_refused_by_name(tmp_path, kind, reason):
    """Before their weights are looked for: there are none."""
    config = getattr(transformers, f"{kind}Config")()
    config.save_pretrained(tmp_path)
    with pytest.raises(
        attnviz.InputError, match=rf"model .*: source: {config.model_type} {reason}"
    ):
        attnviz.build(
            {"models": [{"source": str(tmp_path)}], "documents": [{"text": ["a"]}]},
            out=tmp_path / "report",
        )
