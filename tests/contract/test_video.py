"""Videos: which token is which patch of which frame on which axis, by planted patterns and the
models' own attention."""

from io import BytesIO

import numpy as np
import pytest
import torch
import transformers
from PIL import Image

import attnviz
from attnviz.format.shards import read_shard
from attnviz.modalities.video_frames import frame_files
from attnviz.reader.check import check
from tests.fixtures.video_models import FRAMES, HEADS, PATCH, SIDE, save_video, save_video_model

ACROSS = 2  # four frames stand on a sheet of two by two


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """`build(model's folder, videos, **more)`: the report."""

    def run(model, videos, **more):
        folder = tmp_path_factory.mktemp("report")
        corpus = {
            "models": [{"name": "video-model", "source": str(model)}],
            "documents": [{"videos": [str(video) for video in videos]}],
            "fidelity": {"total_variation": 1e-4, "max_error": 1e-4},
        }
        return attnviz.build(corpus | more, out=folder / "report", cache=folder / "cache")

    return run


def of_sheet(row, column):
    """Frame, row and column in it of a place on the sheet."""
    return row // SIDE * ACROSS + column // SIDE, row % SIDE, column % SIDE


def patches(axis):
    """Each token's frame, row and column; None for [CLS]."""
    return [
        of_sheet(r, c) if r >= 0 else None
        for r, c in zip(axis.row.tolist(), axis.column.tolist(), strict=True)
    ]


def sheet_of(report):
    """The stored image, in grey."""
    name = report.manifest.documents.images[0]
    row = read_shard(report.folder, report.manifest.shards[name]).to_pylist()[0]
    return np.asarray(Image.open(BytesIO(row["content"])).convert("L"))


def tile(sheet, row, column):
    return sheet[row * PATCH : (row + 1) * PATCH, column * PATCH : (column + 1) * PATCH]


@pytest.mark.parametrize("place", [(0, 0, 0), (2, 1, 2), (3, 2, 1)])
def test_time_looks_through_frames_and_space_within_one(build, tmp_path, tmp_path_factory, place):
    """One patch is lit. Through time it is sought from its own place in every frame, in space from
    its own frame."""
    model = save_video_model("Timesformer", tmp_path_factory.mktemp("model"), wired=True)
    report = build(model, [save_video(tmp_path / "video", FRAMES, place)])
    for stack, length in (("time", FRAMES * SIDE**2), ("space", FRAMES * (1 + SIDE**2))):
        axis = report.documents[0].axes[stack]
        known = patches(axis)
        assert len(axis) == length
        assert sorted(p for p in known if p) == list(np.ndindex(FRAMES, SIDE, SIDE))
        lit = known.index(place)
        if stack == "time":
            seekers = [p[1:] == place[1:] for p in known]
        else:
            assert axis.texts[:: 1 + SIDE**2] == tuple(
                f"[CLS] of frame {n + 1}" for n in range(FRAMES)
            )
            seekers = [n // (1 + SIDE**2) == place[0] for n in range(length)]
        assert axis.texts[lit] == "frame {} r{} c{}".format(*(at + 1 for at in place))
        for layer in range(2):
            for head in range(HEADS):
                a = report.attention(layer, head, 0, stack=stack)
                assert (a[:, lit] > 0.9).tolist() == seekers, (stack, layer, head)
    assert check(report.folder) == []
    columns = {column.name for column in report.manifest.models[0].statistics}
    assert not columns & {"same_row", "same_column", "patch_distance"}, (
        "rows of the sheet are no rows of a frame"
    )


def test_the_picture_of_a_video_is_its_frames_side_by_side(build, tmp_path, tmp_path_factory):
    """Where a patch stands on the sheet, its own colours are."""
    model = save_video_model("Timesformer", tmp_path_factory.mktemp("model"))
    report = build(model, [save_video(tmp_path / "video", FRAMES, (2, 1, 0))])
    sheet = sheet_of(report)
    axis = report.documents[0].axes["time"]
    lit = [
        n
        for n, (r, c) in enumerate(zip(axis.row, axis.column, strict=True))
        if tile(sheet, r, c).mean() > 200
    ]
    assert [patches(axis)[n] for n in lit] == [(2, 1, 0)]


def own_attention(model, video):
    """Every attention's weights by module, (windows, heads, n, n), as the model itself computes
    them."""
    eager = transformers.AutoModel.from_pretrained(model, attn_implementation="eager").eval()
    processor = transformers.AutoImageProcessor.from_pretrained(model, backend="pil")
    frames = [Image.open(video / f"frame {number}.png").convert("RGB") for number in range(FRAMES)]
    pixels = processor([frames], return_tensors="pt")["pixel_values"]
    read = {}
    modules = {
        path: module
        for path, module in eager.named_modules()
        if path.endswith("attention.attention")
    }
    for path, module in modules.items():
        module.register_forward_pre_hook(lambda m, args, path=path: read.update({path: args[0]}))
    with torch.inference_mode():
        output = eager(pixel_values=pixels, output_attentions=True)
        if eager.config.model_type != "timesformer":
            return [weights[0].numpy() for weights in output.attentions]
        # TimeSformer gives the weights of one of its two attentions: each module is asked for its
        # own.
        return {
            path: module(read[path], output_attentions=True)[1].numpy()
            for path, module in modules.items()
        }


@pytest.mark.parametrize("kind", ["divided_space_time", "space_only", "joint_space_time"])
def test_attention_is_the_model_s_own(build, tmp_path, tmp_path_factory, kind):
    model = save_video_model("Timesformer", tmp_path_factory.mktemp("model"), attention_type=kind)
    video = save_video(tmp_path / "video", FRAMES, seed=1)
    report = build(model, [video])
    truth = own_attention(model, video)
    layers = report.manifest.models[0].captures
    assert {layer.module for layer in layers} == set(truth)
    for layer in layers:
        windows = truth[layer.module]  # (windows, heads, n, n)
        size = windows.shape[-1]
        for head in range(HEADS):
            attention = report.attention(layer.layer, head, 0, stack=layer.stack)
            expected = np.zeros_like(attention)
            for number, window in enumerate(windows):
                expected[
                    number * size : (number + 1) * size, number * size : (number + 1) * size
                ] = window[head]
            assert np.abs(attention - expected).max() < 1e-4, (layer.stack, layer.layer, head)


@pytest.mark.parametrize(("kind", "special"), [("VideoMAE", ()), ("Vivit", ("[CLS]",))])
def test_tubes_of_two_frames(build, tmp_path, tmp_path_factory, kind, special):
    """A patch is of two frames, all of them see each other, and the sheet shows each tube's first
    frame."""
    model = save_video_model(kind, tmp_path_factory.mktemp("model"))
    video = save_video(tmp_path / "video", FRAMES, seed=2)
    report = build(model, [video])
    axis = report.documents[0].axes["video"]
    assert axis.texts[: len(special) + 1] == (*special, "frames 1–2 r1 c1")
    assert axis.texts[-1] == "frames 3–4 r3 c3"
    assert axis.row.max() + 1 == SIDE
    assert axis.column.max() + 1 == 2 * SIDE
    for layer, weights in enumerate(own_attention(model, video)):
        for head in range(HEADS):
            assert np.abs(report.attention(layer, head, 0) - weights[head]).max() < 1e-4


# ---- what videos are, and which of their frames a model is shown


def test_frames_are_spread_over_a_long_video(build, tmp_path, tmp_path_factory):
    """Of twelve frames in a GIF the model is shown the first, the last, and two between."""
    frames = [Image.new("L", (24, 24), 20 * number) for number in range(12)]
    frames[0].save(tmp_path / "fade.gif", save_all=True, append_images=frames[1:])
    model = save_video_model("Timesformer", tmp_path_factory.mktemp("model"))
    sheet = sheet_of(build(model, [tmp_path / "fade.gif"]))
    greys = [int(sheet[r * 24 + 12, c * 24 + 12]) for r in range(2) for c in range(2)]
    assert greys == pytest.approx([0, 80, 140, 220], abs=2)


def test_a_video_that_is_too_short_is_shown_with_frames_twice_and_says_so(
    build, tmp_path, tmp_path_factory
):
    model = save_video_model("Timesformer", tmp_path_factory.mktemp("model"))
    report = build(model, [save_video(tmp_path / "video", 3, seed=4)])
    (notice,) = report.manifest.notices
    assert notice.message == "“video” has 3 frames; video-model takes 4: some stand twice"


def test_models_that_take_other_frames_get_documents_of_their_own(tmp_path):
    models = [
        save_video_model("Timesformer", tmp_path / "a"),
        save_video_model("VideoMAE", tmp_path / "b", num_frames=2),
    ]
    corpus = {
        "models": [{"source": str(model)} for model in models],
        "documents": [{"videos": str(save_video(tmp_path / "video", 6, seed=4))}],
    }
    report = attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")
    assert [document.title for document in report.documents] == [
        "video · 4 frames",
        "video · 2 frames",
    ]
    lengths = {
        axis.name: [len(document.axes[axis.name]) for document in report.documents_of(model.name)]
        for model in report.manifest.models
        for axis in model.axes
    }
    assert lengths == {"time": [4 * 9, 0], "space": [4 * 10, 0], "video": [0, 9]}


def test_frames_are_in_the_order_of_their_numbers(tmp_path):
    for number in (10, 9, 1):
        Image.new("RGB", (4, 4)).save(tmp_path / f"frame{number}.png")
    assert [path.name for path in frame_files(tmp_path)] == [
        "frame1.png",
        "frame9.png",
        "frame10.png",
    ]


def test_a_crop_is_the_part_of_the_frames_that_is_shown(build, tmp_path, tmp_path_factory):
    model = save_video_model("Timesformer", tmp_path_factory.mktemp("model"))
    square = {"height": SIDE * PATCH, "width": SIDE * PATCH}
    transformers.VideoMAEImageProcessorPil(
        size={"shortest_edge": 24}, crop_size=square
    ).save_pretrained(model)
    (tmp_path / "wide").mkdir()
    pixels = np.zeros((24, 72, 3), np.uint8)
    pixels[:, 24:48] = 255
    for number in range(FRAMES):
        Image.fromarray(pixels).save(tmp_path / "wide" / f"{number}.png")
    sheet = sheet_of(build(model, [tmp_path / "wide"]))
    assert sheet.shape == (48, 48)
    assert sheet.min() > 250


@pytest.mark.parametrize("kind", ["empty", "single", "sizes", "broken"])
def test_what_is_no_video_is_named(build, tmp_path, tmp_path_factory, kind):
    model = save_video_model("Timesformer", tmp_path_factory.mktemp("model"))
    video = tmp_path / "video"
    if kind == "single":
        video = tmp_path / "video.png"
        Image.new("RGB", (9, 9)).save(video)
    else:
        video.mkdir()
    if kind == "sizes":
        for side in (9, 8):
            Image.new("RGB", (side, 9)).save(video / f"{9 - side}.png")
    if kind == "broken":
        (video / "0.png").write_text("no image")
    message = {
        "empty": "holds no frames; expected images that end in .png",
        "single": "is a single image; expected an animated GIF or WebP",
        "sizes": "frame 2 has 8 × 9 pixels, the first 9 × 9; expected frames of one size",
        "broken": "0.png: is no image that can be read",
    }
    with pytest.raises(attnviz.InputError, match=message[kind]):
        build(model, [video])
