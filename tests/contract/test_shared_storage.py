"""Cache and report on storage that machines share, here a server of S3's kind."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import fsspec
import pytest

import attnviz
from attnviz.engine.storage import Storage
from attnviz.errors import InputError
from attnviz.writer.uploading import refuse_foreign_files, upload
from tests.fixtures.command import run_apart, write_corpus
from tests.fixtures.fake_s3 import fake_s3
from tests.fixtures.files import tree
from tests.fixtures.models import sentences
from tests.fixtures.text_models import save_gpt2


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    with fake_s3() as address:
        yield address


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder for temporary files that is this test's."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))


def test_workers_that_share_s3_alone_make_the_same_bytes(bucket: str, tmp_path: Path) -> None:
    corpus = write_corpus(
        tmp_path / "corpus.yaml",
        save_gpt2(tmp_path / "model"),
        *sentences(1, (9, 30)),
        maps={"methods": ["pca"]},
    )
    end = run_apart("build", corpus, "--out", tmp_path / "alone", "--cache", tmp_path / "cache")
    assert end.code == 0, end.err
    report = f"{bucket}/report"
    shared = ("build", corpus, "--out", report, "--cache", f"{bucket}/cache")
    end = run_apart(*shared, "--cluster", "local:2")
    assert end.code == 0, end.err
    assert f"the report is at {report}" in end.out
    alone = tree(tmp_path / "alone")
    del alone[".attnviz"]  # whose folder it is
    assert fetched(report, tmp_path / "fetched") == alone

    # Another machine takes up what this one made.
    shutil.rmtree(tmp_path / "tmp")
    (tmp_path / "tmp").mkdir()
    end = run_apart(*shared, "--title", "Another title")
    assert end.code == 0, end.err
    made = {path.parent.parent.name for path in (tmp_path / "tmp").rglob("proof.json")}
    assert made, "nothing was fetched"
    again = fetched(report, tmp_path / "again")
    assert _but_pages(again) == _but_pages(alone)
    assert "Another title" in (tmp_path / "again" / "index.html").read_text("utf-8")

    with pytest.raises(InputError, match="is an address; reports are read from a folder"):
        attnviz.open_report(report)


def _but_pages(files: Iterable[str]) -> set[str]:
    """The files but for the table of pages, whose name and theirs go with the title."""
    return {file for file in files if not file.startswith("data/pages-")}


def fetched(address: str, folder: Path) -> dict[str, str]:
    files, root = fsspec.url_to_fs(address)
    files.invalidate_cache()
    files.get(f"{root}/", f"{folder}/", recursive=True)
    return tree(folder)


def test_a_report_arrives_with_its_manifest_last_and_the_old_files_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = Storage(f"memory://{tmp_path.name}/report", "--out")
    steps: list[str] = []
    write, remove = storage.write, storage.remove
    monkeypatch.setattr(storage, "write", lambda files: (steps.extend(files), write(files)))
    monkeypatch.setattr(
        storage, "remove", lambda paths: (steps.extend(f"- {p}" for p in paths), remove(paths))
    )
    old = ("data/map-0123456789abcdef.arrow", "heads/m/L0H0.html", "manifest.json", "index.html")
    new = ("data/map-fedcba9876543210.arrow", *old[2:])
    for number, paths in enumerate((old, new, new)):
        folder = tmp_path / str(number)
        for path in (*paths, ".attnviz"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(str(number))
        steps.clear()
        upload(folder, storage)
        if number == 1:
            assert steps == [*new, f"- {old[0]}", f"- {old[1]}"]
    assert steps == list(new[1:])  # a file with its hash in its name is not copied again
    assert sorted(storage.paths()) == sorted(new)


def test_what_is_no_report_is_not_written_over(tmp_path: Path) -> None:
    address = f"memory://{tmp_path.name}/mine"
    storage = Storage(address, "--out")
    refuse_foreign_files(storage, address)
    (tmp_path / "thesis.tex").write_text("mine")
    storage.write({"thesis.tex": tmp_path / "thesis.tex"})
    with pytest.raises(InputError, match="holds files that are no attnviz report"):
        refuse_foreign_files(storage, address)


def test_a_bucket_that_is_not_there_is_said_in_words(bucket: str, tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus.yaml", save_gpt2(tmp_path / "model"), "a text")
    nowhere = "s3://nobodys/cache"
    end = run_apart("build", corpus, "--out", tmp_path / "report", "--cache", nowhere)
    assert end.code == 2
    assert f"error: --cache {nowhere}: cannot be reached" in end.err
    assert "Traceback" not in end.err
