"""The references say what the code says."""

import importlib
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import attnviz
from attnviz.config import load_config
from attnviz.config.entries import (
    DocumentEntry,
    Generate,
    MessageEntry,
    PromptEntry,
    TextEntry,
    TranslationEntry,
)
from attnviz.config.options import (
    CorpusOptions,
    FidelityOptions,
    MapOptions,
    ModelEntry,
    SiteOptions,
    WindowOptions,
)
from tests.unit.test_architecture import ORDER

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def generate():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(DOCS)
        yield importlib.import_module("generate")


@pytest.mark.parametrize(
    "page",
    [
        "reference/corpus-yaml.md",
        "reference/cli.md",
        "reference/python-api.md",
        "reference/head-statistics.md",
        "reference/report-format.md",
        "reference/manifest.schema.json",
        "../site_templates/src/format/manifest.d.ts",
        "../site_templates/src/format/columns.js",
        "../site_templates/src/format/words.js",
        "llms.txt",
        "stylesheets/tokens.css",
    ],
)
def test_what_follows_from_the_code_is_up_to_date(generate, page):
    written = (DOCS / page).read_text("utf-8")
    assert written == generate.PAGES[page](), "run python docs/generate.py"


def test_the_check_names_what_is_stale(generate, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(generate, "DOCS", tmp_path)
    monkeypatch.setattr(generate, "PAGES", {"a.md": lambda: "a\n", "b.md": lambda: "b\n"})
    assert generate.main(check=False) == 0
    assert generate.main(check=True) == 0
    (tmp_path / "b.md").write_text("old")
    assert generate.main(check=True) == 1
    assert "b.md out of date" in capsys.readouterr().err


def test_the_example_is_a_corpus(generate, tmp_path):
    from generators.corpus_yaml import EXAMPLE

    (tmp_path / "alice.txt").write_text("Alice was beginning to get very tired.")
    (tmp_path / "corpus.yaml").write_text(EXAMPLE)
    assert load_config(tmp_path / "corpus.yaml").title == "How MiniLM attends"


SECTIONS = [
    CorpusOptions,
    ModelEntry,
    DocumentEntry,
    TextEntry,
    PromptEntry,
    MessageEntry,
    TranslationEntry,
    Generate,
    MapOptions,
    FidelityOptions,
    WindowOptions,
    SiteOptions,
]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_option_has_a_meaning(section):
    assert [name for name, field in section.model_fields.items() if not field.description] == []


@pytest.mark.parametrize("section", SECTIONS)
def test_every_example_of_an_option_is_yaml_for_it(generate, section):
    from generators.corpus_yaml import option_example

    for name, field in section.model_fields.items():
        if field.examples:
            assert YAML(typ="safe").load(option_example(name, field)) == {name: field.examples[0]}


def test_the_python_reference_has_every_class_that_is_returned(generate):
    page = (DOCS / "reference" / "python-api.md").read_text("utf-8")
    titles = re.findall(r"^## (\w+)", page, re.MULTILINE)
    returned = [
        "Report",
        "ReportDocuments",
        "ReportDocument",
        "AxisTokens",
        "Certificate",
        "Config",
    ]
    assert [name for name in returned if name not in titles] == []
    assert all(name in titles for name in attnviz.__all__ if not name.startswith("_"))


def test_the_python_reference_says_what_each_attribute_and_parameter_means():
    page = (DOCS / "reference" / "python-api.md").read_text("utf-8")
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| ")]
    assert len(rows) > 80
    assert [row[0] for row in rows if row[-1].strip(" |") == ""] == []


@pytest.mark.parametrize("page", sorted((DOCS / "decisions").glob("*.md")), ids=lambda p: p.stem)
def test_every_decision_has_its_day(page):
    """A decision is a paragraph that begins with bold words, or a row of a table of packages."""
    text = page.read_text("utf-8")
    decisions = re.findall(r"^\*\*[^*]+\*\*.{0,16}", text, re.MULTILINE)
    for table in re.findall(r"^\| package .*\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE):
        decisions += table.splitlines()
    assert [lead for lead in decisions if not re.search(r"20\d\d-\d\d-\d\d", lead)] == []


def test_the_architecture_page_has_every_module_in_the_order_of_imports():
    page = (DOCS / "architecture.md").read_text("utf-8")
    table = page.partition("| module |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE)
    modules = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    package = Path(attnviz.__file__).parent
    there = [
        name for name in ORDER if (package / name).is_dir() or (package / f"{name}.py").is_file()
    ]
    assert modules == there


def test_security_names_tests_that_are_there_and_is_linked():
    root = DOCS.parent
    policy = (root / "SECURITY.md").read_text("utf-8")
    tests = re.findall(r"`((?:unit|contract|build|browser|js)/[^`]+\.(?:py|js))`", policy)
    assert len(tests) > 10
    assert [test for test in tests if not (root / "tests" / test).is_file()] == []
    assert "(SECURITY.md)" in (root / "README.md").read_text("utf-8")
    assert "SECURITY.md" in (DOCS / "explanation" / "security.md").read_text("utf-8")
