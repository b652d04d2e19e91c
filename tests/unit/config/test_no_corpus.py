"""Files that are no corpus, and characters that no file may have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnviz.config import load_config, parse_config
from attnviz.config.tree import parse
from attnviz.errors import InputError
from tests.unit.config.conftest import SMALLEST, with_line


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


@given(st.text(alphabet="ab:-[]{}&*!?|>%'\"#,\n\t 01.@`~\\\ufeff\x85\0"))
def test_no_text_breaks_the_reader(text):
    tree = parse(text)
    assert all(problem.message for problem in tree.problems)


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
