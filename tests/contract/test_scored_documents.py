"""Scores of a corpus's tokens (`scores`): from their files to the report's documents."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pyarrow as pa
import pytest

import attnviz
from attnviz.documents import Document
from attnviz.documents.score_scale import scale_of
from attnviz.documents.scored_text import scored_text
from attnviz.documents.token_scores import TokenScores
from attnviz.errors import InputError
from attnviz.importers.captures import _document, document_entry
from attnviz.modalities.text import TEXT
from attnviz.reader.check import check
from attnviz.reader.scores import scores_of_tokens
from tests.fixtures import text_models
from tests.fixtures.reports import build
from tests.fixtures.spoiled import change_shard, table_content

TOKENS = ("the", "cats", "sat", "</script>")
SALIENCY = (0.1, 0.62, -0.25, 0.03125)


def corpus(folder, models, **scores):
    (folder / "tokens.txt").write_text("\n".join(TOKENS))
    (folder / "saliency.txt").write_text("\n\n".join(map(str, SALIENCY)))
    (folder / "both.txt").write_text("\n".join(f"{a} {a / 3}" for a in SALIENCY))
    item = {"text_path": str(folder / "tokens.txt"), "score_path": str(folder / "saliency.txt")}
    return {
        "models": [{"name": name, "source": str(models / name)} for name in ("bert", "gpt2")],
        "documents": [{"text": ["no one saw"]}, {"scores": [item | scores]}],
        "maps": {"methods": []},
    }


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    text_models.save_bert(folder / "bert")
    text_models.save_gpt2(folder / "gpt2")
    return folder


@pytest.fixture(scope="module")
def report(models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("scored")
    (folder / "report").mkdir()
    build(corpus(folder, models), folder / "report")
    return attnviz.open_report(folder / "report")


def listed(scores):
    return [None if np.isnan(score) else score for score in scores.tolist()]


def test_each_token_has_the_score_of_the_part_that_its_first_character_is_of(report):
    document = report.documents[1]
    assert document.text == "the cats sat </script>"
    assert document.title == "the cats sat </script>"
    assert document.names == ("[CLS]", "the", "cats", "sat", "</", "script", ">", "[SEP]")
    script = SALIENCY[3]
    assert listed(document.scores["saliency.txt"]) == [
        None, *SALIENCY[:3], script, script, script, None,
    ]  # fmt: skip
    assert document.scores["saliency.txt"].dtype == np.float64
    # Of another model, which puts nothing around the text.
    other = report.documents_of("gpt2")[1].scores["saliency.txt"]
    assert listed(other) == [*SALIENCY[:3], script, script, script]


def test_a_document_without_scores_has_none(report):
    assert report.documents[0].scores == {}


def test_the_report_is_whole(report):
    assert check(report.folder) == []


def test_the_first_of_several_parts_that_a_token_shares_characters_with_counts():
    # "ab cd", scored word by word: tokens of both words, of the blank, and from the blank on.
    row = (np.array([0, 3]), np.array([2, 5]), np.array([0.5, -1.0]))
    start, end = np.array([1, 2, 2, 4, -1, 5]), np.array([4, 3, 4, 5, -1, 6])
    assert listed(scores_of_tokens(start, end, row)) == [0.5, None, -1.0, -1.0, None, None]


def test_tokens_may_have_their_blanks_themselves():
    scores = TokenScores(("The", " cat", "'s"), np.array([[1.0, 2.0, 3.0]]), ("s",))
    text, (row,) = scored_text(scores, "", "BuGn", 1.0)
    assert text == "The cat's"
    assert row.spans == ((0, 3, 1.0), (3, 7, 2.0), (7, 9, 3.0))
    text, (row,) = scored_text(scores, " ", "BuGn", 1.0)
    assert text == "The  cat 's"
    assert [text[start:end] for start, end, _ in row.spans] == ["The", " cat", "'s"]


def test_a_window_has_its_part_of_the_scores_on_the_same_scale(tmp_path):
    text_models.save_bert(tmp_path / "bert")
    words = (" ".join(text_models.WORDS) + " ") * 3
    tokens = words.split()
    scores = [number / len(tokens) for number in range(len(tokens))]
    (tmp_path / "tokens.txt").write_text("\n".join(tokens))
    (tmp_path / "s.txt").write_text("\n".join(map(str, scores)))
    item = {"text_path": str(tmp_path / "tokens.txt"), "score_path": str(tmp_path / "s.txt")}
    (tmp_path / "report").mkdir()
    build(
        {
            "models": [{"name": "bert", "source": str(tmp_path / "bert")}],
            "documents": [{"scores": [item]}],
            "maps": {"methods": []},
            "long": "window",
            "window": {"overlap": 4},
        },
        tmp_path / "report",
    )
    report = attnviz.open_report(tmp_path / "report")
    assert len(report.documents) > 1
    for document in report.documents:
        inside = document.scores["s.txt"][1:-1]
        first = round(inside[0] * len(tokens))
        assert listed(inside) == scores[first : first + len(inside)]
        assert document.text.split() == tokens[first : first + len(inside)]
    store = report._store
    (name,) = report.manifest.documents.scores
    rows = store.table(name).to_pylist()
    assert {(row["least_score"], row["most_score"]) for row in rows} == {(0.0, scores[-1])}


def test_several_rows_and_files_are_named_apart(models, tmp_path):
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "saliency.txt").write_text("\n".join("1234"))
    paths = [tmp_path / "saliency.txt", folder / "saliency.txt", tmp_path / "both.txt"]
    (tmp_path / "report").mkdir()
    build(
        corpus(tmp_path, models, score_path=[str(path) for path in paths], title="Named"),
        tmp_path / "report",
    )
    document = attnviz.open_report(tmp_path / "report").documents[1]
    assert document.title == "Named"
    outer = tmp_path.name
    assert list(document.scores) == [
        f"{outer}/saliency.txt", "a/saliency.txt", f"{outer}/both.txt, 1", f"{outer}/both.txt, 2",
    ]  # fmt: skip
    assert listed(document.scores["a/saliency.txt"])[1:4] == [1, 2, 3]
    assert listed(document.scores[f"{outer}/both.txt, 2"])[2] == SALIENCY[1] / 3


def test_a_capture_keeps_the_scores(models, tmp_path):
    scores = TokenScores(("a", "b"), np.array([[0.1, 0.2]]), ("s",))
    text, rows = scored_text(scores, " ", "viridis", 0.5)
    document = Document(0, "t", text, TEXT, scores=rows)
    assert _document(json.loads(json.dumps(document_entry(document)))).scores == rows


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("0.1\nx\n1\n2", "saliency.txt:2: 'x' is no finite number; expected a score such as 0.25"),
        (
            "0.1\n1\n2",
            "tokens.txt:4: this token has no score in {folder}/saliency.txt (4 tokens and 3"
            " scores)",
        ),
        ("", "saliency.txt:1: the file is empty; expected a score on each line"),
    ],
)
def test_files_that_do_not_fit_are_named_with_their_line(models, tmp_path, content, problem):
    mapping = corpus(tmp_path, models)
    (tmp_path / "saliency.txt").write_text(content)
    with pytest.raises(InputError) as raised:
        attnviz.build(mapping, out=tmp_path / "report", cache=tmp_path / "cache")
    assert str(raised.value) == f"{tmp_path}/{problem.format(folder=tmp_path)}"
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"cmap": "BuGm"}, "cmap: matplotlib has no colour map 'BuGm'; expected one such as BuGn,"
         " viridis or RdBu; did you mean BuGn?"),
        ({"alpha": -9.0}, "alpha: -9 turns the scale around, as the scores' mean is 0.1253;"
         " expected at least -3.471 for these scores, such as 0"),
    ],
)  # fmt: skip
def test_a_scale_that_there_is_not_is_named_by_its_entry(models, tmp_path, options, problem):
    with pytest.raises(InputError) as raised:
        attnviz.build(
            corpus(tmp_path, models, **options), out=tmp_path / "report", cache=tmp_path / "cache"
        )
    assert str(raised.value) == f"report: documents[1].scores[0].{problem}"


def test_scales_are_those_of_the_scores_that_were_given():
    scale = scale_of(np.array([0.0, 1.0, 5.0]), "BuGn", 0.5)
    assert scale.limits == (-1.0, 6.0)
    assert scale.extremes == (0.0, 2.0, 5.0)
    assert len(bytes.fromhex(scale.colors)) == 3 * 256


@pytest.mark.parametrize("column", ["start", "end"])
def test_check_finds_parts_that_are_out_of_order_or_outside_of_the_text(report, tmp_path, column):
    folder = tmp_path / "report"
    twins = shutil.ignore_patterns("manifest.js", "*.arrow.js")
    shutil.copytree(report.folder, folder, ignore=twins)

    def move(content: bytes) -> bytes:
        table = pa.ipc.open_file(content).read_all()
        places = table[column].to_pylist()
        places[0][-1] = {"start": 3, "end": 900}[column]
        at = table.column_names.index(column)
        values = pa.array(places, table.schema.field(column).type)
        return table_content(table.set_column(at, table.schema.field(column), values))

    path = change_shard(folder, "scores-0", move)
    (problem,) = check(folder)
    assert (
        problem
        == {
            "start": f"{path}: cannot be decoded: parts of a text that are empty, or out of order"
            " (ValueError); build the report again",
            "end": "manifest.json: the scores “saliency.txt” of document 1 go on after the end of"
            " its text",
        }[column]
    )
