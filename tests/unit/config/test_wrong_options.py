"""Options of corpus.yaml whose values are wrong: each is named by its line, all at once."""

import pytest

from attnviz.config import parse_config
from attnviz.errors import InputError
from tests.unit.config.conftest import SMALLEST, with_line

TANGLED = """\
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
"""
"""A corpus.yaml with a problem on nearly every line."""

_SOURCE = "expected package:NAME, a folder relative to this file, or a hub id such as owner/model"
_OPTIONS = (
    "title, models, documents, maps, fidelity, vectors, keep, probes, probe, effects, writes,"
    " components, head_labels, noise_floor, sounds, long, window, strict, story, seed, batch_tokens"
    " or site"
)


PROBLEMS = [
    "1: titel: unknown key; did you mean title?",
    "2: seed: -1 is out of range; expected a whole number of at least 0, at most 4294967295",
    "3: seed: is given twice, first at line 2; expected once",
    f"5: models[0].source: there is no folder “./nope”; {_SOURCE}",
    "5: models[0].nme: unknown key; did you mean name?",
    (
        "7: models[1].name: “a b/ç” does not fit links and file names; "
        "expected letters, digits, “.”, “_” and “-”, at most 64; did you mean a-b?"
    ),
    ("9: documents[0].file: there is no file “nope.txt”; expected a path relative to {folder}"),
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
        "12: documents[2]: has no documents; expected file, hf, parquet, jsonl, text, scores,"
        " prompts, messages, translate, images, videos or audio"
    ),
    "13: fidelity.total_variation: is text (“x”); expected a number above 0, at most 1",
    "13: fidelity.max_error: 2 is out of range; expected a number above 0, at most 1",
    "14: maps: is a list; expected a mapping of methods, dimensions, space, rotary and points",
    f"15: theme: unknown key; expected {_OPTIONS}; did you mean site.theme?",
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
"""What is wrong with `TANGLED`, by line; files are looked for in a folder."""


def test_every_problem_at_once_in_the_order_of_the_file(problems, tmp_path):
    expected = [f"corpus.yaml:{problem.format(folder=tmp_path)}" for problem in PROBLEMS]
    assert problems(TANGLED) == expected


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
        (
            "vectors: all",
            "vectors: “all” is none of its values; expected true, false, or a list of documents:"
            " titles, or numbers from zero",
        ),
        (
            "vectors: [0, -1]",
            "vectors: “-1” is no document; expected titles, or numbers from zero",
        ),
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
            "maps: {dimensions: []}",
            "maps.dimensions: is empty; expected a list of 2 or 3",
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


def test_a_wrong_override_has_no_line(problems):
    assert problems(SMALLEST, {"seed": -1, "maps.points": "x"}) == [
        "corpus.yaml: maps.points: is text (“x”); expected a whole number of at least 1",
        (
            "corpus.yaml: seed: -1 is out of range; expected a whole number of at least 0, at most"
            " 4294967295"
        ),
    ]


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


def test_a_mapping_from_python_is_checked_too(tmp_path):
    with pytest.raises(InputError) as caught:
        parse_config({"models": [], "documents": [{"text": [""]}]}, tmp_path, "given")
    assert caught.value.problems == [
        "given: models: is empty; expected a list of mappings",
        "given: documents[0].text[0]: is empty; expected text",
    ]
