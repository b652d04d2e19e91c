"""Means and rollout of a report are those of the model's own eager attention."""

import numpy as np
import pytest

import attnviz
from attnviz.errors import InputError
from attnviz.reader.selecting import layers_up_to
from tests.fixtures import truth
from tests.fixtures.models import sentences
from tests.fixtures.reports import build

ONE_MAP = {"methods": ["pca"], "dimensions": [2]}
NEAR = 1e-4
TEXTS = sentences(3, (6, 11, 30))


@pytest.fixture(scope="session")
def exact(shared, tiny_model):
    """`exact(family)`: a report stored with a far smaller error than by default, and eager
    attention by document and layer."""

    def make(family, folder):
        model = {"source": str(tiny_model(family))}
        bounds = {"total_variation": 1e-5, "max_error": 5e-5}
        build(
            {
                "models": [model],
                "documents": [{"text": TEXTS}],
                "maps": ONE_MAP,
                "fidelity": bounds,
            },
            folder,
        )

    def both(family):
        report = attnviz.open_report(shared(f"exact-{family}", lambda folder: make(family, folder)))
        return report, list(truth.eager_attention(tiny_model(family), TEXTS))

    return both


FAMILIES = ["bert", "gpt2", "mistral", "gpt_oss", "albert"]


def dense_rollout(layers, residual, discard, kind):
    """Abnar & Zuidema's formula on dense matrices: the product over layers of mean attention
    without its least entries."""
    length = layers[0].shape[-1]
    place = np.arange(length)
    allowed = {"full": np.ones((length, length), bool), "causal": place <= place[:, None]}[kind]
    product = np.eye(length)
    for heads in layers:
        mean = heads.astype(np.float64).mean(0)
        for row, may_see in zip(mean, allowed, strict=True):
            least = np.argsort(row[may_see], kind="stable")[: int(discard * may_see.sum())]
            row[np.flatnonzero(may_see)[least]] = 0
        mean = mean / mean.sum(1, keepdims=True)
        product = (residual * np.eye(length) + (1 - residual) * mean) @ product
    return product


@pytest.mark.parametrize("residual", [0.5, 0.0, 0.8])
@pytest.mark.parametrize("family", FAMILIES)
def test_rollout_is_the_papers(exact, family, residual):
    report, eager = exact(family)
    for document, layers in enumerate(eager):
        expected = dense_rollout(layers, residual, 0, "full")  # what a mask forbids is 0 anyway
        assert report.rollout(document, residual=residual) == pytest.approx(expected, abs=NEAR)
        assert report.rollout(document, residual=residual).sum(1) == pytest.approx(1)


@pytest.mark.parametrize(("family", "kind"), [("bert", "full"), ("gpt2", "causal")])
def test_rollout_without_the_least(exact, family, kind):
    report, eager = exact(family)
    same = 0
    for document, layers in enumerate(eager):
        shares = report.rollout(document, discard=0.6)
        error = np.abs(shares - dense_rollout(layers, 0.5, 0.6, kind)).max(1)
        same += (error < NEAR).sum()
    # Storage changes which of nearly equal entries is the least.
    assert same >= 0.95 * sum(len(layers[0][0]) for layers in eager)


def test_rollout_stops_at_the_layer_asked_for(exact):
    report, eager = exact("bert")
    assert report.rollout(2, layer=0) == pytest.approx(
        dense_rollout(eager[2][:1], 0.5, 0, "full"), abs=NEAR
    )


def test_means_are_those_of_eager_attention(exact):
    report, eager = exact("gpt2")
    for document, layers in enumerate(eager):
        a = np.array(layers, np.float64)
        assert report.mean_attention(document) == pytest.approx(a.mean((0, 1)), abs=NEAR)
        assert report.mean_attention(document, layers=[1]) == pytest.approx(a[1].mean(0), abs=NEAR)
        assert report.mean_attention(document, heads=[2]) == pytest.approx(
            a[:, 2].mean(0), abs=NEAR
        )
        assert report.mean_attention(document, layers=[0], heads=[3, 1]) == pytest.approx(
            a[0][[1, 3]].mean(0), abs=NEAR
        )


def test_the_mean_by_position_is_that_of_eager_attention(exact):
    report, eager = exact("gpt2")
    mean = report.attention_by_position(1, 3, positions=12)
    for i in range(12):
        values = [layers[1][3][i, : i + 1] for layers in eager if i < layers[1].shape[1]]
        assert mean[i, : i + 1] == pytest.approx(np.mean(values, 0), abs=NEAR)
        assert np.isnan(mean[i, i + 1 :]).all()
    assert report.attention_by_position(0, 0, positions=40).shape == (40, 40)
    assert np.isnan(report.attention_by_position(0, 0, positions=40)[30:]).all()


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda r: r.rollout(0, layer=7), "the report has no layer 2, 3, 4, 5, 6, 7 of decoder"),
        (lambda r: r.rollout(0, residual=1), "less than 1"),
        (lambda r: r.rollout(99), "counted from zero"),
        (lambda r: r.mean_attention(0, layers=[5]), "has no layer 5 in decoder"),
        (lambda r: r.mean_attention(0, heads=[1, 9]), "has no head 9 in decoder"),
        (lambda r: r.mean_attention(0, heads=[]), "has no such heads in decoder"),
        (lambda r: r.attention_by_position(0, 9), "has no head L0H9"),
    ],
)
def test_what_is_not_there_is_named(exact, ask, says):
    with pytest.raises(InputError, match=says):
        ask(exact("gpt2")[0])


def test_windows_have_no_rollout(exact):
    model = exact("bert")[0].manifest.models[0]
    cut = model.model_copy(update={"axes": [model.axes[0].model_copy(update={"places": "places"})]})
    with pytest.raises(InputError, match="attends within windows"):
        layers_up_to(cut, None, None)


def test_layers_that_were_left_out_and_cross_attention_have_no_rollout(tiny_model, tmp_path):
    model = {"source": str(tiny_model("gpt2")), "layers": [1]}
    build({"models": [model], "documents": [{"text": TEXTS}], "maps": ONE_MAP}, tmp_path / "gpt2")
    with pytest.raises(InputError, match="has no layer 0 of decoder"):
        attnviz.open_report(tmp_path / "gpt2").rollout(0)
    pairs = [{"translate": [{"source": TEXTS[0], "target": TEXTS[1]}]}]
    build(
        {"models": [{"source": str(tiny_model("t5"))}], "documents": pairs, "maps": ONE_MAP},
        tmp_path / "t5",
    )
    report = attnviz.open_report(tmp_path / "t5")
    with pytest.raises(InputError, match="cross attends from one sequence to another"):
        report.rollout(0, stack="cross")
    assert report.rollout(0, stack="encoder").sum(1) == pytest.approx(1)
    rows, keys = report.mean_attention(0, stack="cross").shape
    assert rows != keys
