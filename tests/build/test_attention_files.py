"""extract → prepare → report → plot: attention survives files of each form, a file that another
program wrote builds, and a file that is not as it must be is named with its place."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
import torch
import transformers

import attnviz
from tests.fixtures.text_models import save_classifier, save_gpt2

TEXT = "the cat sat on a mat and dog ran"
OTHER = "rain fell over hills"


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    return save_classifier(tmp_path_factory.mktemp("classifier"))


def eager(folder, text):
    """The model's own attention (layers, heads, T, T), its tokens, and what it says of a text."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(
        folder, attn_implementation="eager"
    )
    inputs = tokenizer(text, return_tensors="pt")
    with torch.inference_mode():
        output = model.eval()(**inputs, output_attentions=True)
    shares = output.logits[0].softmax(-1)
    label = model.config.id2label[int(shares.argmax())]
    tokens = tokenizer.convert_ids_to_tokens(inputs["input_ids"][0].tolist())
    return torch.cat(output.attentions).numpy(), tokens, label, float(shares.max())


@pytest.fixture(scope="module")
def truth(classifier):
    return eager(classifier, TEXT)


@pytest.fixture
def extracted(classifier, attnviz_command, tmp_path):
    """`extracted(ending, *options)`: the file that `attnviz extract` wrote."""

    def extract(ending, *options):
        file = tmp_path / f"attention{ending}"
        code, _, err = attnviz_command(
            "extract", classifier, "--text", TEXT, *options, "-o", file, "-q"
        )
        assert code == 0, err
        return file

    return extract


def test_the_json_is_as_extraction_scripts_write_it(extracted, truth):
    attention, tokens, label, share = truth

    content = json.loads(extracted(".json").read_text("utf-8"))

    assert set(content) == {"tokens", "text", "attention_matrices", "prediction"}
    assert content["tokens"] == tokens
    assert content["text"] == TEXT
    assert np.abs(np.array(content["attention_matrices"]) - attention).max() < 1e-5
    assert content["prediction"]["label"] == label
    assert abs(content["prediction"]["probability"] - share) < 1e-3


@pytest.mark.parametrize("ending", [".json", ".npz", ".arrow"])
def test_a_file_of_each_form_builds_within_its_certificate(
    extracted, truth, attnviz_command, tmp_path, ending
):
    file = extracted(ending)

    code, _, err = attnviz_command("build", file, "--out", tmp_path / "r", "--cache", tmp_path)

    assert code == 0, err
    report = attnviz.open_report(tmp_path / "r")
    for layer in range(2):
        for head in range(4):
            error = np.abs(report.attention(layer, head, 0) - truth[0][layer, head]).max()
            assert error <= report.certificate(layer, head).max_error + 1e-5
    assert report.documents[0].text == TEXT
    assert report.documents[0].labels["prediction"] == truth[2]
    assert report.manifest.models[0].attention_by == file.name


def test_prepared_files_are_as_front_ends_read_them_and_build(
    extracted, truth, attnviz_command, tmp_path
):
    source, prepared = extracted(".json"), tmp_path / "backend.json"
    content = json.loads(source.read_text("utf-8"))
    size = len(content["tokens"])
    for layer in content["attention_matrices"]:  # filled up with one token of padding
        for matrix in layer:
            for row in matrix:
                row.append(0.0)
            matrix.append([1 / (size + 1)] * (size + 1))
    content["tokens"].append("[PAD]")
    source.write_text(json.dumps(content), "utf-8")

    code, _, err = attnviz_command("prepare", source, "-o", prepared)

    assert code == 0, err
    backend = json.loads(prepared.read_text("utf-8"))
    assert backend["tokens"] == truth[1]
    assert [layer["layer_idx"] for layer in backend["layers"]] == [0, 1]
    heads = backend["layers"][1]["heads"]
    assert [head["head_idx"] for head in heads] == [0, 1, 2, 3]
    assert np.abs(np.array(heads[2]["attention"]) - truth[0][1, 2]).max() < 1e-5
    report = attnviz.build(prepared, out=tmp_path / "r", cache=tmp_path / "c")
    assert np.abs(report.attention(1, 2, 0) - truth[0][1, 2]).max() < 0.02


def test_layers_are_chosen_and_keep_their_numbers(extracted, truth, attnviz_command, tmp_path):
    file = extracted(".npz", "--layer", "1")
    with np.load(file) as arrays:
        assert arrays["layers"].tolist() == [1]
        assert np.abs(arrays["attention"][0] - truth[0][1]).max() < 1e-5
    code, _, err = attnviz_command("plot", file, "--layer", 0, "-o", tmp_path / "head.png")
    assert code == 2
    assert "--layer 0: " in err
    assert "has layers 1 to 1" in err


@pytest.mark.parametrize(("ending", "begins"), [(".png", b"\x89PNG"), (".pdf", b"%PDF")])
def test_a_head_is_drawn(extracted, attnviz_command, tmp_path, ending, begins):
    picture = tmp_path / f"head{ending}"
    code, _, err = attnviz_command("plot", extracted(".json"), "--head", 3, "-o", picture)
    assert code == 0, err
    assert picture.read_bytes().startswith(begins)


def test_a_drawn_head_says_its_tokens_and_is_the_same_each_time(attnviz_command, tmp_path):
    tokens = ["<s>", "a$b$c", "</script>", "Ġx"]
    content = {"tokens": tokens, "text": "", "attention_matrices": [[np.eye(4).tolist()]]}
    source = tmp_path / "a.json"
    source.write_text(json.dumps(content), "utf-8")
    pictures = []
    for name in ("one.svg", "two.svg"):
        code, _, err = attnviz_command("plot", source, "-o", tmp_path / name)
        assert code == 0, err
        pictures.append((tmp_path / name).read_text("utf-8"))
    assert pictures[0] == pictures[1]
    assert "a$b$c" in pictures[0]
    assert "&lt;/script&gt;" in pictures[0]


def test_a_head_of_a_report_is_drawn(classifier, attnviz_command, tmp_path):
    corpus = {
        "models": [{"source": str(classifier)}],
        "documents": [{"text": [TEXT, OTHER]}],
        "maps": {"methods": []},
    }
    report = attnviz.build(corpus, out=tmp_path / "r", cache=tmp_path / "c")
    for document, text in zip(report.documents, (TEXT, OTHER), strict=True):
        *_, label, share = eager(classifier, text)
        assert document.labels["prediction"] == label
        assert abs(float(document.labels["prediction probability"]) - share) < 1e-3

    code, out, err = attnviz_command(
        "plot", tmp_path / "r", "--layer", 1, "--document", 1, "-o", tmp_path / "head.svg"
    )

    assert code == 0, err
    assert "6 × 6 tokens" in out
    assert "hills" in (tmp_path / "head.svg").read_text("utf-8")


def test_several_texts_are_a_list_of_documents(attnviz_command, tmp_path):
    (tmp_path / "gpt2").mkdir()
    decoder, file = save_gpt2(tmp_path / "gpt2"), tmp_path / "a.json"
    code, _, err = attnviz_command("extract", decoder, "--text", TEXT, "--text", OTHER, "-o", file)
    assert code == 0, err
    documents = json.loads(file.read_text("utf-8"))
    assert [each["text"] for each in documents] == [TEXT, OTHER]
    assert all("prediction" not in each for each in documents)
    assert not np.triu(np.array(documents[0]["attention_matrices"]), 1).any()


VALID = {"tokens": ["a", "b"], "text": "a b", "attention_matrices": [[[[1, 0], [0.5, 0.5]]]]}
LAYERS = [{"layer_idx": 0, "heads": [{"head_idx": 0, "attention": [[1, 0], [0.5, 0.5]]}]}]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{\n{", r"a\.json:2: is no JSON"),
        ('{"tokens": ["a"], "layers": 3}', r"layers: expected a list of layers"),
        (VALID | {"tokens": ["a", "b", "c"]}, r"shape \(1, 2, 2\), and there are 3 tokens"),
        (VALID | {"tokens": "ab"}, r"tokens: expected a list of texts"),
        (VALID | {"attention_matrices": [[[[1, 0], [0.5]]]]}, "layer 0: is no array of numbers"),
        (VALID | {"attention_matrices": [[[[1, 0], [0.5, 0.1]]]]}, "40 % is missing"),
        (VALID | {"attention_matrices": [[[[1, 0], [float("nan"), 1]]]]}, "holds NaN"),
        (VALID | {"attention_matrices": [[[[1e300, 0], [0.5, 0.5]]]]}, "holds NaN or infinity"),
        (VALID | {"tokens": ["a", "\ud800"]}, "holds half a character"),
        (VALID | {"text": "\ud800"}, "holds half a character"),
        (VALID | {"attention_matrices": []}, "holds no layers"),
        ({"tokens": ["a"], "layers": [{"heads": []}]}, r"layers\[0\]: layer_idx"),
        ({"tokens": ["a", "b"], "layers": [LAYERS[0] | {"heads": []}]}, "expected a list of heads"),
        ([VALID, {"tokens": []}], "document 1: layers: expected a list of layers"),
    ],
)
def test_a_file_that_is_not_as_it_must_be_is_named_with_its_place(
    attnviz_command, tmp_path, content, message
):
    file = tmp_path / "a.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    code, _, err = attnviz_command("prepare", file, "-o", tmp_path / "b.json")
    assert code == 2
    assert re.search(message, err), err
    assert str(file) in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["extract", "x", "-o", "a.json"], "--text: is lacking"),
        (["extract", "x", "--text", "a", "-o", "nowhere/a.json"], "there is no folder nowhere"),
        (["plot", "nothing.json", "-o", "a.png"], "nothing.json: there is no such file"),
        (["prepare", "nothing.json", "-o", "a.txt"], "ends in .json"),
        (["plot", "pyproject.toml", "-o", "a.png"], "is of no kind that is read"),
    ],
)
def test_what_a_command_needs_is_said(attnviz_command, arguments, message):
    code, _, err = attnviz_command(*arguments)
    assert code == 2
    assert message in err


@pytest.mark.parametrize("command", ["extract", "plot", "prepare"])
def test_every_command_has_an_example(attnviz_command, command):
    code, out, _ = attnviz_command(command, "--help")
    assert code == 0
    assert f"attnviz {command} " in out.split("Example")[1]
