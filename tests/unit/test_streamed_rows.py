"""Rows that are streamed: Parquet and JSON lines by path, pattern and address, all or a sample."""

import gzip
import json
import tracemalloc

import fsspec
import pyarrow as pa
import pyarrow.parquet
import pytest

from attnviz.config import parse_config
from attnviz.documents import drawn_rows, row_files
from attnviz.errors import InputError
from attnviz.modalities.reading import read_corpus


def lines(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def numbered(count, start=0):
    return [{"text": f"text {number}"} for number in range(start, start + count)]


def save_parquet(path, rows, **options):
    pyarrow.parquet.write_table(pa.Table.from_pylist(rows), path, **options)


@pytest.fixture
def read(tmp_path):
    """`read(**entry)`: the corpus of one entry of documents."""

    def run(seed=0, **entry):
        corpus = {"models": [{"source": "m"}], "documents": [entry], "seed": seed}
        config = parse_config(corpus, tmp_path, "corpus")
        return read_corpus(config.documents, "corpus")

    return run


@pytest.fixture
def texts(read):
    return lambda **entry: [document.text for document in read(**entry).documents]


@pytest.fixture
def problems(read, tmp_path):
    def run(**entry):
        with pytest.raises(InputError) as caught:
            read(**entry)
        return [problem.replace(f"{tmp_path}/", "") for problem in caught.value.problems]

    return run


@pytest.fixture
def memory():
    """A file system in memory, empty before and after: `memory(name, bytes)` writes a file."""
    system = fsspec.filesystem("memory")
    system.store.clear()
    yield lambda name, content: system.pipe_file(name, content)
    system.store.clear()


def test_parquet_by_pattern_is_read_in_the_order_of_names(read, tmp_path):
    save_parquet(tmp_path / "b.parquet", numbered(2, 3))
    save_parquet(tmp_path / "a.parquet", numbered(3), row_group_size=1)
    corpus = read(parquet="*.parquet")
    assert [document.text for document in corpus.documents] == [f"text {n}" for n in range(5)]
    (source,) = corpus.sources
    assert (source.documents, source.revision) == (5, None)
    assert source.name == f"2 files in {tmp_path.name}: 5 rows"
    # What the digest is of: the texts, whatever files they stand in.
    save_parquet(tmp_path / "c.parquet", numbered(5))
    assert read(parquet="c.parquet").sources[0].sha256 == source.sha256
    assert read(parquet="b.parquet").sources[0].sha256 != source.sha256


def test_json_lines_may_be_packed(texts, tmp_path):
    (tmp_path / "rows.jsonl").write_bytes(lines(*numbered(2)))
    (tmp_path / "rows.jsonl.gz").write_bytes(gzip.compress(lines(*numbered(2, 2))))
    assert texts(jsonl=["rows.jsonl", "rows.jsonl.gz"]) == [f"text {n}" for n in range(4)]


def test_addresses_are_read_where_they_are(read, memory, tmp_path):
    save_parquet(tmp_path / "rows.parquet", numbered(3))
    memory("/rows/1.parquet", (tmp_path / "rows.parquet").read_bytes())
    memory("/rows/2.parquet", (tmp_path / "rows.parquet").read_bytes())
    memory("/one.jsonl", lines({"id": "a", "said": "rain fell", "topic": "weather"}))
    assert len(read(parquet="memory://rows/*.parquet").documents) == 6
    corpus = read(
        jsonl="memory://one.jsonl", column="said", title_column="id", labels=["topic"], source="me"
    )
    (document,) = corpus.documents
    assert (document.title, document.text) == ("a", "rain fell")
    assert document.labels == {"topic": "weather"}
    assert corpus.sources[0].name == "memory:///one.jsonl: 1 rows"


def test_a_sample_is_even_and_the_same_each_time(read, tmp_path):
    (tmp_path / "rows.jsonl").write_bytes(lines(*numbered(200)))

    def numbers(count, **options):
        entry = {"jsonl": "rows.jsonl", "sample": count} | options
        return [int(document.text.split()[1]) for document in read(**entry).documents]

    ten = numbers(10)
    assert ten == sorted(set(ten)) == numbers(10)
    assert set(ten) < set(numbers(11))
    assert numbers(10, seed=1) != ten
    assert numbers(200) == numbers(500) == list(range(200))
    drawn = [number for seed in range(100) for number in numbers(20, seed=seed)]
    # Each row is drawn 10 times of 100, give or take three standard deviations of 3.
    by_quarter = [sum(number // 50 == quarter for number in drawn) for quarter in range(4)]
    assert sum(by_quarter) == 2000
    assert all(430 < count < 570 for count in by_quarter)
    (source,) = read(jsonl="rows.jsonl", sample=10, seed=3).sources
    assert source.name == "rows.jsonl: 10 of 200 rows, seed 3"


def test_the_seed_of_a_sample_is_the_corpus_s_by_default(tmp_path):
    (tmp_path / "rows.jsonl").write_bytes(lines(*numbered(50)))
    entry = {"jsonl": "rows.jsonl", "sample": 5}

    def drawn(of_corpus, **options):
        corpus = {"models": [{"source": "m"}], "documents": [entry | options], "seed": of_corpus}
        config = parse_config(corpus, tmp_path, "corpus")
        return [document.text for document in read_corpus(config.documents, "c").documents]

    assert drawn(7) == drawn(0, seed=7) != drawn(0)


def test_many_rows_are_never_all_in_memory(read, tmp_path):
    rows = pa.Table.from_pylist([{"text": f"{n:0200d}"} for n in range(1000)])

    def peak(times):
        with pyarrow.parquet.ParquetWriter(tmp_path / "rows.parquet", rows.schema) as writer:
            for _ in range(times):
                writer.write_table(rows)
        read(parquet="rows.parquet", sample=10)
        tracemalloc.start()
        read(parquet="rows.parquet", sample=10)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(40) < 1.2 * peak(4)


def test_rows_without_a_text_are_left_out_and_counted(read, tmp_path):
    (tmp_path / "rows.jsonl").write_bytes(
        lines({"text": ""}, {"text": "a"}, {"text": None}, {"text": " "}, {"id": 1}, {"text": "b"})
    )
    corpus = read(jsonl="rows.jsonl")
    assert [document.text for document in corpus.documents] == ["a", "b"]
    (notice,) = corpus.notices
    assert notice.kind == "left-out"
    assert notice.message == "rows.jsonl: 4 of 6 rows have no text in “text” and are left out"
    assert notice.figures == {"rows": 4, "of": 6}


def test_more_rows_than_documents_may_be_need_a_sample(problems, texts, tmp_path, monkeypatch):
    monkeypatch.setattr(drawn_rows, "MOST", 3)
    (tmp_path / "rows.jsonl").write_bytes(lines(*numbered(4)) + b"no JSON is read so far")
    assert problems(jsonl="rows.jsonl") == [
        "corpus: documents[0].jsonl: rows.jsonl has more than 3 rows with a text; expected so many"
        " at most, or a sample, such as sample: 1000"
    ]
    (tmp_path / "rows.jsonl").write_bytes(lines(*numbered(4)))
    assert len(texts(jsonl="rows.jsonl", sample=4)) == 4


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (lines({"text": "a"}) + b"{\n", "rows.jsonl:2: is no JSON ("),
        (b'{"text": "a"}\n[]\n', "rows.jsonl:2: is no JSON object; expected one a line"),
        (b'\n{"text": "\xe9"}\n', "rows.jsonl:2: byte 10 of the line is not UTF-8 text (named at"),
        (lines({"body": "a b", "n": 1}), "rows.jsonl: has no column “text”; set text_column: body"),
        (lines({"text": "a"}, {"text": 3}), "rows.jsonl:2: text: is no text; expected text, or a"),
        (lines({"text": ""}), "corpus: documents[0].jsonl: rows.jsonl holds no row with a text in"),
        (b"PK\x03\x04abc\n", "corpus: documents[0].jsonl: rows.jsonl is a zip archive, as Word"),
        (b"x" * 60 + b"\n", "rows.jsonl:1: is longer than 50 bytes (named at corpus: documents[0]"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(
    problems, tmp_path, monkeypatch, content, message
):
    monkeypatch.setattr(row_files, "MOST_OF_LINE", 50)
    (tmp_path / "rows.jsonl").write_bytes(content)
    (problem,) = problems(jsonl="rows.jsonl")
    assert problem.startswith(message)


def test_a_damaged_packed_file_is_named_with_the_line_it_breaks_at(problems, tmp_path):
    whole = gzip.compress(lines(*({"text": f"{n * n}"} for n in range(5000))))
    (tmp_path / "rows.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    (problem,) = problems(jsonl="rows.jsonl.gz")
    assert problem.startswith("rows.jsonl.gz:")
    assert "cannot be read from here on" in problem
    assert int(problem.split(":")[1]) > 100


def test_what_is_no_parquet_is_said(problems, tmp_path):
    (tmp_path / "rows.parquet").write_bytes(b"PAR1 is not all")
    (problem,) = problems(parquet="rows.parquet")
    assert problem.startswith("rows.parquet: is no Parquet file (")


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("memory://none/*.jsonl", "no file is at memory://none/*.jsonl; expected an address or"),
        ("memory://none.jsonl", "memory:///none.jsonl cannot be opened ("),
        ("nowhere://me:secret@a/b", "nowhere://a/b cannot be looked up (Protocol not known"),
    ],
)
def test_addresses_that_name_nothing(problems, memory, place, message):
    (problem,) = problems(jsonl=place)
    assert problem.startswith(f"corpus: documents[0].jsonl: {message}")
    assert "secret" not in problem
