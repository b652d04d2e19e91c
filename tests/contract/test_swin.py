"""Swin: which token is which patch in each cut of the grid, by the paper's rule, by images, by
its own attention."""

from itertools import product

import numpy as np
import pytest
import torch
import transformers
from PIL import Image

import attnviz
from attnviz.reader.check import check
from tests.fixtures.image_models import save_swin

WINDOW = 4
SHIFT = WINDOW // 2
PATCH = 2
DEPTHS = (2, 3)
LAYERS = [(stage, block) for stage, depth in enumerate(DEPTHS) for block in range(depth)]


def save(folder, side=16, window=WINDOW, wired=False):
    """A seeded Swin for images of `side` × `side` patches; `wired`: every layer seeks the patch
    unlike the others."""
    return save_swin(
        folder,
        side,
        window,
        DEPTHS,
        (lambda model: wire(model, side * PATCH)) if wired else None,
        PATCH,
    )


def wire(model, size):
    """Blocks write nothing, so that a patch knows only itself; queries ask for the patch that is
    lit.

    By 40, not more: what Swin forbids it only makes 100 less.
    """
    for name, parameter in model.named_parameters():
        if "bias_table" in name or name.split(".")[-2] in ("o_proj", "fc2"):
            parameter.zero_()
    projections = {
        path: module for path, module in model.named_modules() if path.endswith("k_proj")
    }
    keys = [{}, {}]
    for ink, into in enumerate(keys):
        pixels = torch.zeros(1, 3, size, size)
        pixels[..., :PATCH, :PATCH] = ink
        handles = [
            module.register_forward_hook(
                lambda m, a, output, path=path, into=into: into.update({path: output})
            )
            for path, module in projections.items()
        ]
        model(pixel_values=pixels)
        for handle in handles:
            handle.remove()
    for path in projections:
        dark, bright = (keys_of[path].flatten(0, 1) for keys_of in keys)
        (lit,) = (dark - bright).abs().amax(1).nonzero().flatten().tolist()
        asked = model.get_submodule(path.replace("k_proj", "q_proj"))
        heads = (bright[lit] - dark[lit]).reshape(
            model.get_submodule(path[: -len(".k_proj")]).num_attention_heads, -1
        )
        asked.weight.zero_()
        asked.bias.copy_(
            (heads / heads.pow(2).sum(1, keepdim=True) * 40 * heads.shape[1] ** 0.5).flatten()
        )


@pytest.fixture
def build(tmp_path):
    """`build(model, *images)`: the report; images are arrays."""

    def run(model, *images):
        for number, pixels in enumerate(images):
            Image.fromarray(pixels).save(tmp_path / f"{number}.png")
        corpus = {
            "models": [{"name": "swin", "source": str(model)}],
            "documents": [{"images": f"{tmp_path}/*.png"}],
            "fidelity": {"total_variation": 1e-4, "max_error": 1e-4},
        }
        return attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")

    return run


def stack_of(report, stage, block):
    """The stack and layer of a block, by the module that the report says it was captured from."""
    module = f"encoder.layers.{stage}.blocks.{block}.attention"
    modules = (module, f"{module}.self")
    return next(
        (c.stack, c.layer) for c in report.manifest.models[0].captures if c.module in modules
    )


def sees(a, b, rows, shifted, window=WINDOW):
    """Whether two patches (row, column) of a grid of `rows` rows see each other, by the paper's
    rule."""
    shift = SHIFT if shifted else 0
    rows += -rows % window
    near = all(
        (p - shift) % rows // window == (q - shift) % rows // window
        for p, q in zip(a, b, strict=True)
    )
    return near and all((p < shift) == (q < shift) for p, q in zip(a, b, strict=True))


@pytest.mark.parametrize("place", [(0, 0), (6, 10), (14, 2)])
def test_those_look_at_the_bright_patch_that_can_see_it(build, tmp_path_factory, place):
    model = save(tmp_path_factory.mktemp("model"), wired=True)
    pixels = np.zeros((32, 32, 3), np.uint8)
    row, column = (PATCH * p for p in place)
    pixels[row : row + PATCH, column : column + PATCH] = 255
    report = build(model, pixels)
    for stage, block in LAYERS:
        stack, layer = stack_of(report, stage, block)
        axis = report.documents[0].axes[stack]
        rows = 16 >> stage
        bright = tuple(p >> stage for p in place)
        patches = list(zip(axis.row.tolist(), axis.column.tolist(), strict=True))
        assert sorted(patches) == list(product(range(rows), range(rows)))
        expected = [sees(patch, bright, rows, stack.endswith("shifted")) for patch in patches]
        for head in range((2, 4)[stage]):
            a = report.attention(layer, head, 0, stack=stack)
            assert (a[:, patches.index(bright)] > 0.9).tolist() == expected, (stack, layer, head)


def own_attention(model, pixels):
    """Each block's weights under eager attention, (windows, heads, n, n), by (stage, block)."""
    eager = transformers.AutoModel.from_pretrained(model, attn_implementation="eager").eval()
    second = eager.config.model_type == "swinv2"
    weights = {}
    for stage, block in LAYERS:
        module = eager.encoder.layers[stage].blocks[block].attention
        module.register_forward_hook(
            lambda m, a, output, key=(stage, block): weights.update({key: output[1]})
        )
    processor = transformers.AutoImageProcessor.from_pretrained(model)
    with torch.inference_mode():
        asked = {"output_attentions": True} if second else {}
        eager(**processor(images=Image.fromarray(pixels), return_tensors="pt"), **asked)
    return {key: layer.numpy() for key, layer in weights.items()}


def save_second(folder, side=16, window=WINDOW):
    """A seeded Swin v2, whose scores are cosines by a factor of each head, and whose bias comes
    from a network."""
    config = transformers.Swinv2Config(
        image_size=side * PATCH,
        patch_size=PATCH,
        embed_dim=16,
        depths=DEPTHS,
        num_heads=(2, 4),
        window_size=window,
    )
    model = transformers.Swinv2Model(config).eval()
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() > 1:
                parameter.normal_(0, 0.2, generator=generator)
            if name.endswith("logit_scale"):
                parameter.copy_(torch.linspace(1, 3, len(parameter))[:, None, None])
    model.save_pretrained(folder)
    size = {"height": side * PATCH, "width": side * PATCH}
    transformers.ViTImageProcessorPil(size=size).save_pretrained(folder)
    return folder


def position(patch, rows, window, shift):
    """Which window a patch is in, and where in it, in the model's order."""
    full = rows + -rows % window
    row, column = ((p - shift) % full for p in patch)
    return row // window * (
        full // window
    ) + column // window, row % window * window + column % window


CUTS = {"even": (16, 4), "filled up": (10, 4), "large windows": (16, 8)}


@pytest.mark.parametrize(("side", "window"), CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("make", [save, save_second], ids=["first", "second"])
def test_attention_is_the_model_s_own(build, tmp_path_factory, make, side, window):
    model = make(tmp_path_factory.mktemp("model"), side, window)
    pixels = np.random.default_rng(1).integers(0, 256, (side * PATCH, side * PATCH, 3), np.uint8)
    report = build(model, pixels)
    for (stage, block), weights in own_attention(model, pixels).items():
        rows = [side, -(-side // 2)][stage]
        stack, layer = stack_of(report, stage, block)
        axis = report.documents[0].axes[stack]
        patches = np.flatnonzero(axis.row >= 0)
        assert len(patches) == rows**2
        shift = window // 2 if stack.endswith("shifted") else 0
        places = [
            position((axis.row[i], axis.column[i]), rows, min(window, rows), shift) for i in patches
        ]
        cut, at = np.array(places).T
        for head in range(weights.shape[1]):
            truth = weights[cut[:, None], head, at[:, None], at] * (cut[:, None] == cut)
            attention = report.attention(layer, head, 0, stack=stack)[np.ix_(patches, patches)]
            assert np.abs(attention - truth).max() < 1e-4, (stack, layer, head)
    assert check(report.folder) == []
    encodings = {name for head in report.manifest.models[0].heads for name in head.encodings}
    # The second's windows of 4 × 4 are smaller as matrices.
    packed = make is save or window == 8
    assert any(name.startswith("query-key") for name in encodings) == packed


def test_the_grid_is_filled_up_in_the_open(build, tmp_path_factory):
    model = save(tmp_path_factory.mktemp("model"), side=10)
    report = build(model, np.full((20, 20, 3), 99, np.uint8))
    axis = report.documents[0].axes["stage1"]
    assert len(axis) == 12**2
    assert {axis.texts[i] for i in np.flatnonzero(axis.row < 0)} == {"[PAD]"}
    assert axis.special.sum() == 12**2 - 10**2


def test_pixels_that_are_not_those_of_the_windows(build, tmp_path_factory):
    model = save(tmp_path_factory.mktemp("model"))
    transformers.ViTImageProcessorPil(size={"height": 40, "width": 40}).save_pretrained(model)
    with pytest.raises(
        attnviz.InputError,
        match="its processor makes 40 × 40 pixels, its configuration says image_size",
    ):
        build(model, np.zeros((9, 9, 3), np.uint8))
