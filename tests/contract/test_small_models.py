"""The small models of the offline corpora do what they are said to do, by transformers' own eager
attention."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import (
    AutoImageProcessor,
    AutoModelForCausalLM,
    AutoModelForImageClassification,
    AutoTokenizer,
    PreTrainedModel,
)
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

import attnviz
from attnviz.config import load_config
from corpora import make_digits, make_induction
from tests.conftest import Shared

CORPORA = Path(__file__).parents[2] / "corpora"
PHRASE = 40
HEADS = [(layer, head) for layer in range(2) for head in range(4)]


@pytest.fixture(scope="module")
def induction(shared: Shared) -> Path:
    return shared("induction", make_induction.save)


@pytest.fixture(scope="module")
def decoder(induction: Path) -> PreTrainedModel:
    return AutoModelForCausalLM.from_pretrained(induction, attn_implementation="eager").eval()


def line(order: str, length: int = PHRASE, seed: int = 1) -> torch.Tensor:
    """Token ids (1, 1 + 2 · length): <s>, a phrase of different random words, and the same words
    again."""
    random = np.random.default_rng(seed)
    phrase = random.permutation(np.arange(4, 4 + len(make_induction.WORDS)))[:length]
    twice = np.concatenate([phrase, phrase])
    words = twice if order == "repeated" else random.permutation(twice)
    return torch.from_numpy(np.concatenate([[0], words]))[None]


def attention(model: PreTrainedModel, ids: torch.Tensor) -> np.ndarray:
    """Eager attention, (layer, head, T, T)."""
    with torch.inference_mode():
        return torch.cat(model(ids, output_attentions=True).attentions).numpy()


def induction_scores(a: np.ndarray, offset: int = PHRASE - 1) -> np.ndarray:
    """Attention `offset` tokens back, averaged over the second half, (layer, head)."""
    row = np.arange(PHRASE + 1, 2 * PHRASE + 1)
    return a[:, :, row, row - offset].mean(-1)


def test_one_head_is_a_previous_token_head(decoder: PreTrainedModel) -> None:
    for order in ("repeated", "shuffled"):
        a = attention(decoder, line(order))
        row = np.arange(1, a.shape[-1])
        scores = a[:, :, row, row - 1].mean(-1)
        assert scores[0, 2] > 0.95
        assert max(scores[head] for head in HEADS if head != (0, 2)) < 0.5


def test_one_head_is_an_induction_head(decoder: PreTrainedModel) -> None:
    repeated, shuffled = (
        induction_scores(attention(decoder, line(order))) for order in ("repeated", "shuffled")
    )
    assert repeated[1, 1] > 0.9
    assert max(repeated[head] for head in HEADS if head != (1, 1)) < 0.2
    assert shuffled[1, 1] < 0.1


def test_the_offset_is_that_of_the_next_token(decoder: PreTrainedModel) -> None:
    a = attention(decoder, line("repeated"))
    assert induction_scores(a, PHRASE)[1, 1] < 0.05
    assert induction_scores(a, PHRASE)[0, 3] == pytest.approx(
        0.5, abs=0.01
    )  # the same token, there and here


def test_the_other_heads_do_their_jobs(decoder: PreTrainedModel) -> None:
    a = attention(decoder, line("repeated"))
    row = np.arange(1, a.shape[-1])
    assert a[0, 0, :, 0].min() > 0.99
    assert a[1, 3, :, 0].min() > 0.99
    assert a[0, 1, row, row].min() > 0.99
    np.testing.assert_allclose(
        a[1, 0], np.tri(len(row) + 1) / np.arange(1, len(row) + 2)[:, None], atol=1e-6
    )
    assert 1 < (a[1, 2] * (row.max() - np.arange(len(row) + 1)))[-1].sum() < 5


def test_induction_predicts_the_repetition_and_needs_both_heads(
    decoder: PreTrainedModel, induction: Path
) -> None:
    assert correct(decoder, "repeated") == 1
    assert correct(decoder, "shuffled") < 0.1
    for layer, head in ((0, 2), (1, 1)):
        broken = AutoModelForCausalLM.from_pretrained(induction).eval()
        with torch.no_grad():
            broken.model.layers[layer].self_attn.o_proj.weight[:, 64 * head : 64 * (head + 1)] = 0
        assert correct(broken, "repeated") < 0.1


def correct(model: PreTrainedModel, order: str) -> float:
    """The share of tokens in the second half that the model predicts."""
    ids = line(order)
    with torch.inference_mode():
        predicted = model(ids).logits.argmax(-1)
    return float((predicted[0, PHRASE + 1 : -1] == ids[0, PHRASE + 2 :]).float().mean())


def test_heads_hold_over_8192_tokens(decoder: PreTrainedModel) -> None:
    row = attention_at_the_end(decoder, 8192)
    assert row["previous token"] > 0.95
    assert row["induction"] > 0.9


def attention_at_the_end(model: PreTrainedModel, length: int) -> dict[str, float]:
    """The last row's attention to where it should go, in a text of one word but for one pair, at
    start and end."""
    ids = torch.full((1, length), 10)
    ids[0, 0], ids[0, 1], ids[0, 2], ids[0, -1] = 0, 20, 30, 20
    decoder, last = model.model, length - 1
    position = torch.arange(length)[None]
    with torch.inference_mode():
        x = decoder.embed_tokens(ids)
        turn = decoder.rotary_emb(x, position)
        below = scores(decoder.layers[0], x, turn)[2]
        x[:, 1:, make_induction.PREVIOUS] = x[:, :-1, make_induction.TOKEN]
        above = scores(decoder.layers[1], x, turn)[1]
    return {
        "previous token": float(below.softmax(-1)[last - 1]),
        "induction": float(above.softmax(-1)[2]),
    }


def scores(
    layer: torch.nn.Module, x: torch.Tensor, turn: tuple[torch.Tensor, torch.Tensor]
) -> torch.Tensor:
    """Scores of the last row, (head, T)."""
    states = layer.input_layernorm(x)
    q, k = (
        projection(states).view(1, -1, 4, 64).transpose(1, 2)
        for projection in (layer.self_attn.q_proj, layer.self_attn.k_proj)
    )
    q, k = apply_rotary_pos_emb(q, k, *turn)
    return (q[0, :, -1:] @ k[0].transpose(-1, -2))[:, 0] / 8


def test_the_tokenizer_takes_words_and_says_where_they_stand(induction: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(induction)
    encoded = tokenizer("acorn zebra  timber", return_offsets_mapping=True)
    assert tokenizer.convert_ids_to_tokens(encoded["input_ids"]) == [
        "<s>",
        "acorn",
        "<unk>",
        "timber",
    ]
    assert encoded["offset_mapping"] == [(0, 0), (0, 5), (6, 11), (13, 19)]


def test_the_texts_are_those_of_the_script() -> None:
    for name, lines in make_induction.texts().items():
        assert (CORPORA / "induction" / name).read_text("utf-8").splitlines() == lines


def test_the_wiring_is_the_same_every_time(induction: Path, tmp_path: Path) -> None:
    make_induction.save(tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert "model.safetensors" in names
    assert not [name for name in names if name.endswith((".bin", ".pt", ".pkl"))]
    assert [digest(tmp_path / name) for name in names] == [
        digest(induction / name) for name in names
    ]


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_report_names_the_previous_token_head_by_its_figures(
    induction: Path, tmp_path: Path
) -> None:
    text = (
        (CORPORA / "induction.yaml")
        .read_text("utf-8")
        .replace("./models/induction", induction.as_posix())
    )
    corpus = tmp_path / "corpus.yaml"
    corpus.write_text(text.replace(": induction/", f": {CORPORA.as_posix()}/induction/"), "utf-8")
    report = attnviz.build(corpus, tmp_path / "out", cache=tmp_path / "cache")
    heads = {(head["layer"], head["head"]): head for head in report.heads.to_pylist()}
    assert heads[0, 2]["previous"] > 0.95
    assert max(head["previous"] for place, head in heads.items() if place != (0, 2)) < 0.5
    assert heads[0, 1]["self"] > 0.99
    assert heads[0, 0]["first"] > 0.99


# ---- digits


@pytest.fixture(scope="module")
def digits(shared: Shared) -> Path:
    return shared("digits", lambda folder: make_digits.save(make_digits.train(epochs=10), folder))


def test_digits_are_told_apart_even_with_less_training(digits: Path) -> None:
    classifier = AutoModelForImageClassification.from_pretrained(digits).eval()
    assert make_digits.accuracy(classifier) > make_digits.ACCURACY


def test_the_processor_prepares_images_as_in_training(digits: Path) -> None:
    _, _, images, labels = make_digits.digits()
    processor = AutoImageProcessor.from_pretrained(digits)
    pictures = [Image.fromarray(image).convert("RGB") for image in images[:8]]
    pixels = processor(pictures, return_tensors="pt")["pixel_values"]
    torch.testing.assert_close(pixels, make_digits.inputs(images[:8]))
    classifier = AutoModelForImageClassification.from_pretrained(digits).eval()
    named = [classifier.config.id2label[int(n)] for n in classifier(pixels).logits.argmax(-1)]
    assert sum(name == str(label) for name, label in zip(named, labels[:8], strict=True)) >= 7


def test_attention_is_over_a_class_token_and_16_patches(digits: Path) -> None:
    model = AutoModelForImageClassification.from_pretrained(
        digits, attn_implementation="eager"
    ).eval()
    a = attention(model, make_digits.inputs(make_digits.digits()[2][:32])).reshape(3, 32, 4, 17, 17)
    entropy = -(a * np.log(a)).sum(-1).mean((1, 3))
    assert entropy.max() < 0.9 * np.log(17)


def test_training_is_the_same_every_time_and_on_any_number_of_threads() -> None:
    before = torch.get_num_threads()
    trained = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        trained.append(make_digits.train(epochs=1).state_dict())
        assert torch.get_num_threads() == threads
    torch.set_num_threads(before)
    assert all(torch.equal(value, trained[1][name]) for name, value in trained[0].items())


def test_the_images_are_those_of_the_script(tmp_path: Path) -> None:
    make_digits.write_images(tmp_path)
    kept = sorted((CORPORA / "digits").glob("*.png"))
    assert [path.name for path in kept] == sorted(path.name for path in tmp_path.iterdir())
    assert len(kept) == 10 * make_digits.OF_EACH
    for path in kept:
        with Image.open(path) as ours, Image.open(tmp_path / path.name) as again:
            assert ours.size == (8, 8)
            assert np.array_equal(np.asarray(ours), np.asarray(again))


def test_the_induction_corpus_says_where_its_model_comes_from(tmp_path: Path) -> None:
    lines = (CORPORA / "induction.yaml").read_text("utf-8")
    assert "source: ./models/induction   # made by corpora/make_induction.py" in lines
    (tmp_path / "induction").symlink_to(CORPORA / "induction")
    (tmp_path / "induction.yaml").write_text(lines, "utf-8")
    with pytest.raises(attnviz.InputError, match=r"there is no folder “\./models/induction”"):
        load_config(tmp_path / "induction.yaml")
