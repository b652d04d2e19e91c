"""Data sets of the Hugging Face hub, streamed by its own library from local files."""

import sys

import datasets
import huggingface_hub
import pyarrow as pa
import pytest
from pyarrow.parquet import write_table

import attnviz
from attnviz.config import parse_config
from attnviz.errors import InputError
from attnviz.modalities.reading import read_corpus
from tests.fixtures.text_models import save_bert

COMMIT = "c" * 40


def save(folder, count=30, **splits):
    """A folder with a data set of two splits."""
    folder.mkdir(parents=True)
    for split, size in {"train": count, "test": 2, **splits}.items():
        labels = pa.array([number % 2 for number in range(size)])
        texts = [f"{split} {number}" for number in range(size)]
        table = pa.table({"text": texts, "label": labels, "unused": texts})
        features = datasets.Features(
            {
                "text": datasets.Value("string"),
                "label": datasets.ClassLabel(names=["cat", "dog"]),
                "unused": datasets.Value("string"),
            }
        )
        write_table(
            table.replace_schema_metadata(features.arrow_schema.metadata),
            folder / f"{split}.parquet",
            row_group_size=10,
        )
    return folder


@pytest.fixture
def read(tmp_path, monkeypatch):
    """`read(**entry)`: the corpus of one entry of documents."""
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))

    def run(**entry):
        corpus = {"models": [{"source": "m"}], "documents": [entry]}
        config = parse_config(corpus, tmp_path, "corpus")
        return read_corpus(config.documents, "corpus")

    return run


def test_a_folder_is_read_as_the_library_reads_it(read, tmp_path):
    save(tmp_path / "animals")
    corpus = read(hf="animals", labels=["label"])
    expected = list(datasets.load_dataset(str(tmp_path / "animals"), split="train"))
    assert [document.text for document in corpus.documents] == [row["text"] for row in expected]
    # Labels by the names that the data set has for their numbers.
    assert [document.labels["label"] for document in corpus.documents[:3]] == ["cat", "dog", "cat"]
    (source,) = corpus.sources
    assert (source.name, source.revision) == ("animals, train: 30 rows", None)
    assert [document.text for document in read(hf="animals", split="test").documents] == [
        "test 0",
        "test 1",
    ]


def test_a_sample_is_that_of_the_same_rows_in_files(read, tmp_path):
    save(tmp_path / "animals", 200)

    def texts(**entry):
        return [document.text for document in read(**entry).documents]

    of_hub = texts(hf="animals", sample=9, seed=4)
    assert len(of_hub) == 9
    assert of_hub == texts(parquet="animals/train.parquet", sample=9, seed=4)
    assert of_hub != texts(hf="animals", sample=9, seed=5)


def test_only_the_columns_that_are_asked_for_are_read(read, tmp_path, monkeypatch):
    save(tmp_path / "animals")
    columns = []
    select = datasets.IterableDataset.select_columns
    monkeypatch.setattr(
        datasets.IterableDataset,
        "select_columns",
        lambda data, names: columns.append(names) or select(data, names),
    )
    read(hf="animals", title_column="label")
    assert columns == [["text", "label"]]


def test_rows_are_of_the_commit_that_the_report_says(read, tmp_path, monkeypatch):
    folder = save(tmp_path / "elsewhere" / "animals")
    asked = []

    class Api:
        def dataset_info(self, source, revision, timeout):
            asked.append((source, revision))
            return huggingface_hub.hf_api.DatasetInfo(id=source, sha=COMMIT)

    load = datasets.load_dataset

    def load_dataset(source, subset, revision, **options):
        asked.append((source, subset, revision))
        assert "trust_remote_code" not in options
        return load(str(folder), **options)

    monkeypatch.setattr(huggingface_hub, "HfApi", Api)
    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    (source,) = read(hf="someone/animals", subset="small", revision="v1", sample=3).sources
    assert asked == [("someone/animals", "v1"), ("someone/animals", "small", COMMIT)]
    assert source.revision == COMMIT
    assert source.name == "someone/animals, small, train: 3 of 30 rows, seed 0"


def test_a_report_says_where_its_documents_are_from(tmp_path, monkeypatch):
    save(tmp_path / "animals")
    write_table(pa.table({"text": ["a cat", None]}), tmp_path / "more.parquet")
    save_bert(tmp_path / "model")
    corpus = {
        "models": [{"source": str(tmp_path / "model")}],
        "documents": [
            {"hf": str(tmp_path / "animals"), "sample": 2, "licence": "mine"},
            {"parquet": str(tmp_path / "more.parquet")},
        ],
        "maps": {"methods": []},
    }
    report = attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")
    first, second = report.manifest.provenance.sources
    assert first.name.endswith("animals, train: 2 of 30 rows, seed 0")
    assert (first.documents, second.documents, first.licence) == (2, 1, "mine")
    assert len(report.documents) == 3
    messages = [notice.message for notice in report.manifest.notices]
    assert "more.parquet: 1 of 2 rows have no text in “text” and are left out" in messages


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"split": "none"}, ".hf: animals cannot be opened as a data set: Bad split: none."),
        ({"subset": "b"}, ".hf: animals cannot be opened as a data set: BuilderConfig 'b' not"),
        ({"column": "body"}, "animals, train: has no column “body”; set text_column: text (its"),
        ({"hf": "code"}, ".hf: code cannot be opened as a data set: "),
    ],
)
def test_what_cannot_be_read_is_said(read, tmp_path, entry, message):
    save(tmp_path / "animals")
    (tmp_path / "code").mkdir()
    marker = tmp_path / "ran"
    script = f"open({str(marker)!r}, 'w')\n"
    (tmp_path / "code" / "code.py").write_text(f"import datasets\n{script}")
    with pytest.raises(InputError) as caught:
        read(**{"hf": "animals", **entry})
    (problem,) = caught.value.problems
    assert problem.removeprefix("corpus: documents[0]").startswith(message)
    assert not marker.exists()


def test_a_missing_library_is_named(read, tmp_path, monkeypatch):
    save(tmp_path / "animals")
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(InputError, match=r"is not installed; pip install 'attnviz\[datasets\]'"):
        read(hf="animals")


def test_a_library_that_runs_code_is_refused(read, tmp_path, monkeypatch):
    save(tmp_path / "animals")
    monkeypatch.setattr(datasets, "__version__", "3.6.0")
    with pytest.raises(
        InputError, match=r"datasets 3\.6\.0 runs code that a data set brings along"
    ):
        read(hf="animals")
