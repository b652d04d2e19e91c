"""What models gave on a corpus on one machine becomes the same report on another, without them."""

from __future__ import annotations

import contextlib
import json
import shutil

import numpy as np
import pytest
import yaml

import attnviz
from attnviz.importers.captures import seal_of
from attnviz.reader.check import inspect
from tests.fixtures.text_models import save_classifier, save_gpt2


@pytest.fixture(scope="module")
def captured(tmp_path_factory):
    """A corpus with its models, and the capture of it."""
    from attnviz.config import load_config
    from attnviz.engine.engine import Engine
    from attnviz.pipeline import extract_capture

    folder = tmp_path_factory.mktemp("captured")
    for name, save in (("writer", save_gpt2), ("judge", save_classifier)):
        (folder / name).mkdir()
        save(folder / name)
    corpus = {
        "title": "Now and later",
        "models": [{"source": "writer"}, {"source": "judge"}],
        "documents": [
            {
                "prompts": ["the cat sat", "rain fell over hills"],
                "generate": {"max_new_tokens": 4},
            },
            {"file": "texts.jsonl"},
        ],
        "maps": {"methods": ["pca"]},
        "vectors": True,
        "story": "story.md",
    }
    (folder / "story.md").write_text(
        "# A cat\n\nIt [sat](#view=document&doc=0&token=2).\n", "utf-8"
    )
    rows = [{"text": "the dog ran to a house", "gold": "good"}]
    (folder / "texts.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    corpus["documents"][1]["labels"] = ["gold"]
    (folder / "corpus.yaml").write_text(yaml.safe_dump(corpus), "utf-8")
    config = load_config(folder / "corpus.yaml")
    extract_capture(config, folder / "capture", Engine(folder / "cache"))
    return folder


@pytest.fixture
def elsewhere(captured, tmp_path):
    """The capture alone, as it came to another machine."""
    return shutil.copytree(captured / "capture", tmp_path / "capture")


def test_the_report_is_the_one_that_is_built_with_the_models(
    captured, elsewhere, attnviz_command, tmp_path
):
    with_models = attnviz.build(captured / "corpus.yaml", tmp_path / "a", captured / "cache")
    shutil.move(captured / "writer", captured / "gone")

    code, _, err = attnviz_command(
        "build", elsewhere, "--out", tmp_path / "b", "--cache", tmp_path / "cache"
    )

    shutil.move(captured / "gone", captured / "writer")
    assert code == 0, err
    report = attnviz.open_report(tmp_path / "b")
    assert not inspect(report.folder).faults
    for page in ("story.html", "story.md"):
        assert (report.folder / page).read_bytes() == (tmp_path / "a" / page).read_bytes()
    assert report.heads.equals(with_models.heads)
    assert report.manifest.title == "Now and later"
    assert [d.text for d in report.documents] == [d.text for d in with_models.documents]
    assert [d.labels for d in report.documents] == [d.labels for d in with_models.documents]
    for model in ("writer", "judge"):
        document = 0 if model == "writer" else 2
        here = report.attention(1, 2, document, model=model)
        assert np.array_equal(here, with_models.attention(1, 2, document, model=model))
        queries = report.queries(0, 1, document, model=model)
        assert np.array_equal(queries, with_models.queries(0, 1, document, model=model))
        places = [r.map(0, 1, "pca", model=model)[0] for r in (report, with_models)]
        assert np.array_equal(*places, equal_nan=True)
        entry = next(each for each in report.manifest.models if each.name == model)
        twin = next(each for each in with_models.manifest.models if each.name == model)
        assert entry.weights_sha256 == twin.weights_sha256
        assert entry.self_check == twin.self_check
        assert entry.attention_by is None
        assert entry.heads[0].certificate.reference == "captured-float32"
    judged = report.documents[2].labels
    assert judged["gold"] == "good"
    assert judged["prediction"] in ("good", "bad")


@pytest.fixture
def refused(elsewhere, attnviz_command, tmp_path):
    """`refused()`: what is said of the capture, of which no report comes."""

    def run():
        out = tmp_path / "r"
        code, _, err = attnviz_command("build", elsewhere, "--out", out, "--cache", tmp_path / "c")
        assert code == 2, err
        assert "copy it again" in err
        assert not out.exists()
        return err

    return run


def rewrite(folder, **changes):
    """Change what a capture says of itself, sealed as whoever wants to deceive would."""
    content = json.loads((folder / "capture.json").read_text("utf-8")) | changes
    del content["seal"]
    content["seal"] = seal_of(content)
    (folder / "capture.json").write_text(json.dumps(content), "utf-8")


def test_a_capture_that_is_not_whole_is_named(elsewhere, refused):
    shutil.rmtree(elsewhere / "model-0" / "batch-0")
    assert "batch-0/calls.json: is missing; expected the whole folder" in refused()


@pytest.mark.parametrize("name", ["q0.npy", "calls.json"])
def test_a_flipped_bit_of_a_capture_is_named(elsewhere, refused, name):
    file = elsewhere / "model-1" / "batch-0" / name
    content = bytearray(file.read_bytes())
    content[-2] ^= 1
    file.write_bytes(content)
    assert f"model-1/batch-0/{name}: is not as it was written" in refused()


def test_two_letters_of_a_captured_text_are_not_shown_as_truth(elsewhere, refused):
    file = elsewhere / "capture.json"
    file.write_text(file.read_text("utf-8").replace("dog ran", "cat ran"), "utf-8")
    assert "capture.json: is not as it was written" in refused()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is no JSON"),
        ("[" * 100_000, "is nested too deep"),
        ("[]", "is no capture"),
        ('{"format": "attnviz-capture", "version": 1}', "is not as it was written"),
        ('{"name": "\\ud800"}', "holds half a character"),
    ],
)
def test_what_is_no_capture_is_said(elsewhere, refused, text, words):
    (elsewhere / "capture.json").write_text(text, "utf-8")
    assert f"capture.json: {words}" in refused()


@pytest.mark.parametrize(
    "changes",
    [
        {"documents": [{"entry": 0}]},
        {"documents": 5},
        {"sources": [{}]},
        {"notices": [{"kind": "x"}]},
        {"models": [{}]},
        {"models": [{"about": 5}]},
        {"options": []},
        {"files": ["x"]},
        {"files": {"../corpus.yaml": "0"}},
        {"files": {"/etc/passwd": "0"}},
    ],
)
def test_a_sealed_capture_of_another_form_is_refused(elsewhere, refused, changes):
    rewrite(elsewhere, **changes)
    refused()


def test_a_capture_cannot_say_where_its_report_goes(elsewhere, attnviz_command, tmp_path):
    rewrite(elsewhere, name="../../elsewhere")
    (tmp_path / "here").mkdir()
    with contextlib.chdir(tmp_path / "here"):
        code, _, err = attnviz_command("build", elsewhere)
    assert code == 0, err
    assert [path.name for path in (tmp_path / "here" / "build").glob("[!.]*")] == ["elsewhere"]


def test_a_capture_of_another_version_is_refused(elsewhere, attnviz_command, tmp_path):
    file = elsewhere / "capture.json"
    file.write_text(file.read_text("utf-8").replace('"version": 1', '"version": 9'), "utf-8")
    code, _, err = attnviz_command("build", elsewhere, "--out", tmp_path / "r", "--cache", tmp_path)
    assert code == 2
    assert "attnviz-capture 9" in err


def test_a_folder_that_is_no_capture_is_not_written_over(captured, attnviz_command, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes").write_text("", "utf-8")
    code, _, err = attnviz_command(
        "extract", captured / "corpus.yaml", "-o", tmp_path / "mine", "--cache", captured / "cache"
    )
    assert code == 2
    assert "is there already and is no capture" in err
    assert (tmp_path / "mine" / "notes").exists()
