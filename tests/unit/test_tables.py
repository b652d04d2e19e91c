"""Tables as documents: JSON lines, CSV, TSV and Parquet, with labels of documents and of parts of
the text."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from attnviz.config import parse_config
from attnviz.documents import Tokens, align
from attnviz.errors import InputError
from attnviz.modalities.reading import read_corpus

ROWS = [
    {
        "id": "a",
        "text": "the cat sat",
        "topic": "pets",
        "stars": 4,
        "pos": [[0, 3, "DET"], [4, 7, "NOUN"]],
    },
    {
        "id": "b",
        "text": "rain fell",
        "topic": None,
        "stars": 2.5,
        "pos": [{"start": 0, "end": 4, "label": "NOUN"}],
    },
]


def write(path, rows):
    """The same rows in the format that the name says."""
    if path.suffix == ".jsonl":
        path.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    elif path.suffix == ".parquet":
        plain = [
            row
            | {
                "pos": [
                    s
                    if isinstance(s, dict)
                    else dict(zip(("start", "end", "label"), s, strict=True))
                    for s in row["pos"]
                ]
            }
            for row in rows
        ]
        pyarrow.parquet.write_table(pa.Table.from_pylist(plain), path)
    else:
        between = "," if path.suffix == ".csv" else "\t"
        lines = [rows[0], *rows]
        cells = [[cell(value) for value in row.values()] for row in lines]
        cells[0] = list(rows[0])
        path.write_text("\n".join(between.join(row) for row in cells) + "\n")
    return path


def cell(value):
    text = "" if value is None else json.dumps(value) if isinstance(value, list) else str(value)
    return '"' + text.replace('"', '""') + '"'


@pytest.fixture
def read(tmp_path):
    """`read(content or path, name, **options)`: the documents of one table."""

    def run(content, name="rows.jsonl", **options):
        path = content if isinstance(content, Path) else tmp_path / name
        if not isinstance(content, Path):
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        entry = {"file": str(path), **options}
        config = parse_config(
            {"models": [{"source": "m"}], "documents": [entry]}, tmp_path, "corpus"
        )
        return read_corpus(config.documents, "corpus").documents

    return run


@pytest.fixture
def problems(read, tmp_path):
    def run(*args, **options):
        with pytest.raises(InputError) as caught:
            read(*args, **options)
        return [problem.replace(f"{tmp_path}/", "") for problem in caught.value.problems]

    return run


@pytest.mark.parametrize("ending", ["jsonl", "csv", "tsv", "parquet"])
def test_every_format_says_the_same(read, tmp_path, ending):
    options = {"labels": ["topic", "stars"], "token_labels": ["pos"], "title_column": "id"}
    first, second = read(write(tmp_path / f"rows.{ending}", ROWS), **options)
    assert (first.title, first.text, first.kind.name) == ("a", "the cat sat", "text")
    assert first.labels["topic"] == "pets"
    assert float(first.labels["stars"]) == 4
    assert "topic" not in second.labels
    assert first.token_labels == {"pos": ((0, 3, "DET"), (4, 7, "NOUN"))}
    assert second.token_labels == {"pos": ((0, 4, "NOUN"),)}


def test_columns_have_the_names_that_the_corpus_says(read):
    line = json.dumps({"premise": "A man sleeps.", "hypothesis": "Nobody is awake."})
    (document,) = read(line, text_column="premise", pair_column="hypothesis")
    assert (document.kind.name, document.parts) == ("pair", ("A man sleeps.", "Nobody is awake."))
    assert document.title == "A man sleeps."


def test_words_with_a_label_each(read):
    rows = [
        {"text": ["the", "cat", "sat"], "pos": ["DET", None, "VERB"]},
        {"text": "the  old cat", "pos": [1, 2, 3]},
    ]
    first, second = read("\n".join(map(json.dumps, rows)), token_labels=["pos"])
    assert first.text == "the cat sat"
    assert first.token_labels["pos"] == ((0, 3, "DET"), (8, 11, "VERB"))
    assert second.token_labels["pos"] == ((0, 3, "1"), (5, 8, "2"), (9, 12, "3"))


def test_a_quoted_cell_may_hold_lines_and_the_next_row_keeps_its_line(read, problems):
    table = 'text,topic\n"the cat\nsat, and sat",x\nrain\n'
    assert problems(table, "rows.csv") == [
        "rows.csv:4: has 1 cells where the first line names 2 columns; "
        "expected one for each: put texts that hold the delimiter in quotes"
    ]
    (document,) = read(table.replace("rain\n", ""), "rows.csv", labels=["topic"])
    assert (document.text, document.labels) == ("the cat\nsat, and sat", {"topic": "x"})


WORDS = (
    "expected spans [start, end, label], mappings of start, end and label, or a label for each word"
)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            '{"text": "a b"',
            "is no JSON (Expecting ',' delimiter: line 1 column 15 (char 14)); "
            "expected one object a line",
        ),
        ("[1]", "is no JSON object; expected one a line, such as {“text”: “…”}"),
        ('{"title": "a"}', "has no text; expected one in every row (this one has title)"),
        ('{"text": 3}', "text: is no text; expected text, or a list of words"),
        ('{"text": " "}', "text: is empty; expected text: fill it, or delete the row"),
        (
            '{"text": "\\ud800"}',
            "text: holds half a character (a surrogate without its other half); expected text",
        ),
        ('{"text": "a b"}', "has no topic; expected one in every row (this one has text)"),
        (
            '{"text": "a b", "topic": [1], "pos": []}',
            "topic: is no single value; expected text, a number or nothing",
        ),
        (
            '{"text": "a b", "topic": 1, "pos": ["X"]}',
            "pos: has 1 labels for 2 words; expected one for each",
        ),
        ('{"text": "a b", "topic": 1, "pos": 3}', f"pos: is no list; {WORDS}"),
        (
            '{"text": "a b", "topic": 1, "pos": "x"}',
            f"pos: is no JSON (Expecting value: line 1 column 1 (char 0)); {WORDS}",
        ),
        (
            '{"text": "a b", "topic": 1, "pos": [[0, 9, "X"]]}',
            "pos: span 1 is of the characters 0 to 9; "
            "expected some of the text's 3, the first being 0",
        ),
        ('{"text": "a b", "topic": 1, "pos": [[0, "X"]]}', f"pos: item 1 is no span; {WORDS}"),
        (
            '{"text": "a b", "topic": 1, "pos": [[0, 1, null]]}',
            f"pos: has a label that is no text; {WORDS}",
        ),
    ],
)
def test_a_wrong_row_is_named_with_its_line(problems, row, message):
    table = f'{{"text": "a b", "topic": 1, "pos": []}}\n\n{row}\n'
    assert problems(table, labels=["topic"], token_labels=["pos"]) == [f"rows.jsonl:3: {message}"]


def test_all_wrong_rows_are_named_up_to_a_number(problems):
    messages = problems('{"text": ""}\n' * 25)
    assert messages[0] == "rows.jsonl:1: text: is empty; expected text: fill it, or delete the row"
    assert messages[-1] == "rows.jsonl: and 5 rows more"
    assert len(messages) == 21


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (
            "a,a\n1,2\n",
            "rows.csv",
            "rows.csv:1: names the column “a” twice; expected the columns' names, each once",
        ),
        ('text\n"a\n', "rows.csv", "rows.csv:2: is no valid CSV (unexpected end of data)"),
        (
            "text\n",
            "rows.csv",
            "corpus: documents[0].file: rows.csv holds no rows; expected at least one",
        ),
        ("nonsense", "rows.parquet", "rows.parquet: is no Parquet file"),
        (b"text\n\xff\n", "rows.csv", "rows.csv:2: byte 5 is not UTF-8 text"),
    ],
)
def test_a_wrong_table(problems, content, name, message):
    (problem,) = problems(content, name)
    assert problem.startswith(message)


def test_a_row_of_parquet_is_named_by_its_number(problems, tmp_path):
    path = tmp_path / "rows.parquet"
    pyarrow.parquet.write_table(pa.table({"text": ["a", ""]}), path)
    assert problems(path) == [
        "rows.parquet: row 2: text: is empty; expected text: fill it, or delete the row"
    ]


def test_a_token_has_the_label_of_most_of_its_characters():
    spans = np.array([[-1, -1], [0, 4], [4, 6], [6, 12], [12, 13]])
    special = np.array([True, False, False, False, False])
    tokens = Tokens.of_text(np.arange(5), list("abcde"), spans, special, np.zeros(5))
    assert align(tokens, [(0, 5, "first"), (5, 12, "second")]) == (
        None,
        "first",
        "first",
        "second",
        None,
    )
