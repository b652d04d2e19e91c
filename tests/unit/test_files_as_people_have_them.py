"""Files as people have them: folders, patterns, packed, in other encodings, with other columns;
read, or named for what they are, with the mend."""

import gzip
import json
import os
import sys

import pyarrow as pa
import pyarrow.parquet
import pytest
from PIL import Image

from attnviz.config import load_config, parse_config, patterns
from attnviz.errors import InputError
from attnviz.modalities.reading import read_corpus
from tests.fixtures.audio_models import noise, save_wav

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"


@pytest.fixture
def read(tmp_path):
    """`read(entry, name=content, …)`: the texts of an entry after these files are written."""
    (tmp_path / "config.json").write_text('{"model_type": "bert"}', "utf-8")

    def run(entry, files=None):
        for name, content in (files or {}).items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        entry = {"file": entry} if isinstance(entry, str) else entry
        corpus = {"models": [{"source": "."}], "documents": [entry]}
        config = parse_config(corpus, tmp_path, "corpus")
        return [document.text for document in read_corpus(config.documents, "corpus").documents]

    return run


@pytest.fixture
def refusal(read):
    """`refusal(entry, files)`: what is said of them."""

    def run(entry, files=None):
        with pytest.raises(InputError) as error:
            read(entry, files)
        assert len(error.value.problems) == 1, error.value.problems
        return str(error.value)

    return run


@pytest.mark.parametrize("file", ["texts", "texts/", "texts/*.txt", "**/*.txt"])
def test_folders_and_patterns_are_read_in_the_order_of_names(read, file):
    files = {"texts/b.txt": "second", "texts/a.txt": "first\n\nalso", "texts/.hidden": "no"}
    assert read(file, files) == ["first", "also", "second"]


def test_a_folder_may_hold_tables_and_sequences_too(read):
    files = {"all/a.csv": "text\none\n", "all/b.txt": "two", "all/c.fasta": ">x\nMK\n"}
    assert read({"file": "all", "text_column": "text", "split": "line"}, files) == [
        "one", "two", "MK"
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["a.txt.gz", "a.csv.gz", "a.jsonl.gz", "a.txt"])
def test_packed_files_are_unpacked(read, name):
    content = {"csv": "text\ncats\n", "jsonl": '{"text": "cats"}'}.get(name.split(".")[1], "cats")
    assert read(name, {name: gzip.compress(content.encode())}) == ["cats"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("a.txt", ["one", "", "two"]),
        ("a.csv", ["text,n", "one,1", "two,2"]),
        ("a.jsonl", ['{"text": "one"}', '{"text": "two"}']),
        ("a.fasta", [">1", "one", ">2", "two"]),
    ],
)
def test_every_end_of_a_line_ends_a_line(read, name, lines, end):
    assert read(name, {name: end.join(lines)}) == ["one", "two"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "text;label\nA cat, asleep;1\n"),
        ("a.csv", "label|text\n1|A cat, asleep\n"),
        ("a.json", json.dumps([{"text": "A cat, asleep"}])),
        ("a.json", json.dumps(["A cat, asleep"])),
        ("a.fa", ">sp|1 a protein\nA cat, asleep\n".replace("A cat, asleep", "MKT AY\nIA")),
    ],
)
def test_tables_of_other_kinds(read, name, content):
    assert read(name, {name: content}) in (["A cat, asleep"], ["MKTAYIA"])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "label;sentence\n1;The cat sat.\n"),
        ("a.jsonl", '{"label": "1", "sentence": "The cat sat."}'),
        ("a.json", '[{"label": "1", "sentence": "The cat sat."}]'),
    ],
)
def test_another_column_is_named_with_the_mend(refusal, name, content):
    message = refusal(name, {name: content})
    assert message.endswith(
        "a"
        + name[1:]
        + ": has no column “text”; set text_column: sentence (its columns are label, sentence)"
    )


NAMED = {
    "no names of columns": ("a.csv", "The cat sat.,1\nIt purred.,2\n", "a.csv:1: looks like a row"),
    "pointer": ("a.txt", POINTER, "is a git-LFS pointer and not the file itself"),
    "pointer of a table": ("a.parquet", POINTER, "git lfs pull"),
    "word": ("a.txt", b"PK\x03\x04abc", "is a zip archive, as Word and Excel"),
    "pdf": ("a.txt", b"%PDF-1.7 abc", "is a PDF"),
    "fasta": ("a.txt", ">sp|P01308\nMALWMRLLPL\n", "expected the ending .fasta"),
    "no header": ("a.fasta", "MALW\n>x\nMK\n", "a.fasta:1: has letters before the first header"),
    "no sequence": ("a.fasta", ">x\n>y\nMK\n", "the header “x” has no sequence"),
    "latin-1": ("a b.txt", "café".encode("latin-1"), "iconv -f WINDOWS-1252 -t UTF-8 'a b.txt'"),
    "utf-16": ("a.txt", "café".encode("utf-16"), "it reads as UTF-16: iconv -f UTF-16"),
    "packed and cut": ("a.txt.gz", gzip.compress(b"cats" * 99)[:-9], "cannot be unpacked"),
    "empty cell": ("a.csv", "text,n\n,1\n", "a.csv:2: text: is empty; expected text: fill it"),
    "null": ("a.jsonl", '{"text": null}', "a.jsonl:1: text: is empty"),
    "object": (
        "a.json",
        '{"rows": ["a"]}',
        "of texts, such as what its “rows” holds",
    ),
    "lines of JSON": ("a.json", '{"text": "a"}\n{"text": "b"}', "one object a line is .jsonl"),
    "deep JSON": ("a.json", "[" * 100_000, "is nested too deep"),
    "deep row": ("a.jsonl", '{"text": ' + "[" * 100_000, "a.jsonl:1: is nested too deep"),
    "no parquet": ("a.parquet", b"PAR1 but not really PAR1", "is no Parquet file"),
}


@pytest.mark.parametrize("case", NAMED)
def test_what_a_file_is_instead_is_said(refusal, case):
    name, content, message = NAMED[case]
    assert message in refusal(name, {name: content})


def test_parquet_of_texts_that_are_none_and_dates_of_no_year(refusal, tmp_path):
    bad = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe")]
    )
    far = pa.array([2**62], pa.timestamp("us"))
    for name, column in (("text.parquet", bad), ("date.parquet", far)):
        table = pa.table({"text": column if column is bad else ["a"], "day": far})
        pyarrow.parquet.write_table(table, tmp_path / name)
        assert "cannot be read" in refusal(name)


@pytest.mark.skipif(sys.platform == "win32", reason="needs pipes and devices")
@pytest.mark.parametrize("key", ["file", "images", "audio"])
def test_pipes_and_devices_are_not_opened(refusal, tmp_path, key):
    os.mkfifo(tmp_path / "pipe")
    assert "“pipe” is a pipe, not a file" in refusal({key: "pipe"})
    assert "“/dev/zero” is a device, not a file" in refusal({key: "/dev/zero"})


def test_files_larger_than_the_corpus_allows(refusal, read):
    files = {"a.txt": "x" * 300, "b.txt.gz": gzip.compress(b"x" * 300)}
    for name in files:
        message = refusal({"file": name, "max_bytes": 200}, files)
        assert "200" in message
        assert "a larger max_bytes" in message
        assert read({"file": name, "max_bytes": 300}, files) == ["x" * 300]


def test_images_larger_than_the_corpus_allows(refusal, read, tmp_path):
    Image.new("L", (12_000, 12_000)).save(tmp_path / "large.png")
    message = refusal({"images": "large.png"})
    assert "has 12,000 × 12,000 pixels; at most 100,000,000 in all are read" in message
    assert read({"images": "large.png", "max_pixels": 144_000_000}) == [""]


def test_damaged_headers_of_recordings(tmp_path):
    save_wav(tmp_path / "whole.wav", noise(0.05))
    whole = (tmp_path / "whole.wav").read_bytes()
    corpus = {"models": [{"source": "."}], "documents": [{"audio": "a.wav"}]}
    (tmp_path / "config.json").write_text('{"model_type": "bert"}', "utf-8")
    refused = 0
    for at in range(4, 44):
        for byte in (0, 255):
            (tmp_path / "a.wav").write_bytes(whole[:at] + bytes([byte]) + whole[at + 1 :])
            config = parse_config(corpus, tmp_path, "corpus")
            try:
                read_corpus(config.documents, "corpus")
            except InputError:
                refused += 1
    assert refused > 20


def test_a_pattern_says_when_it_would_look_at_too_much(refusal, monkeypatch):
    monkeypatch.setattr(patterns, "MOST", 20)
    files = {f"many/{number}.txt": "a" for number in range(30)}
    assert "looks through more than 20 files" in refusal("**/*.csv", files)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are Unicode")
def test_a_name_that_is_not_utf8_is_named(refusal, tmp_path):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / os.fsdecode(b"\xff.txt")).write_text("a")
    message = refusal("texts/*.txt")
    assert "a file whose name is not UTF-8" in message
    assert r"\udcff.txt" in message


def test_links_in_a_circle_do_not_hold_a_pattern(read, tmp_path):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "again").symlink_to("..")
    assert read("**/*.txt", {"texts/a.txt": "a"}) == ["a"]


def test_names_that_are_too_long(refusal):
    assert "cannot be looked up" in refusal("x" * 5_000)
    assert "cannot be looked up" in refusal("x" * 5_000 + "*")


def test_a_large_corpus_says_that_it_is_read_and_looks_up_few_keys(tmp_path, monkeypatch):
    lookups = []

    def matches(*arguments, **_):
        lookups.append(arguments)
        return []

    monkeypatch.setattr("attnviz.config.problems.difflib.get_close_matches", matches)
    file, said = tmp_path / "corpus.yaml", []
    file.write_text("".join(f"unknown-key-number-{n:070}: 1\n" for n in range(3_000)), "utf-8")
    with pytest.raises(InputError, match="has 2,980 unknown keys more"):
        load_config(file, note=said.append)
    assert len(lookups) <= 20
    [message] = said
    assert message.startswith(f"reading {file}, 0.3 MB of YAML")


def test_many_unknown_keys_are_counted(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "bert"}', "utf-8")
    corpus = {"models": [{"source": "."}], "documents": [{"text": ["a"]}]}
    with pytest.raises(InputError) as error:
        parse_config(corpus | {f"key{n}": n for n in range(30_000)}, tmp_path, "corpus")
    assert len(error.value.problems) == 21
    assert "has 29,980 unknown keys more" in str(error.value)
