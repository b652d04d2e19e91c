"""What a build promises: the same bytes, one object for machines, silence on demand, and only its
own files touched."""

import json

import pytest

import attnviz
from attnviz.reader.check import check
from tests.fixtures.command import run_apart, write_corpus
from tests.fixtures.files import tree
from tests.fixtures.models import sentences


@pytest.fixture
def corpus(tmp_path, tiny_model):
    return write_corpus(tmp_path / "corpus.yaml", tiny_model("llama"), *sentences(3, [4, 9, 60]))


def test_two_processes_write_the_same_bytes_and_one_object_or_nothing(corpus, tmp_path):
    json_run = run_apart(
        "build", corpus, "--out", tmp_path / "a", "--cache", tmp_path / "cache-a", "--json"
    )
    quiet = run_apart(
        "build", corpus, "--out", tmp_path / "b", "--cache", tmp_path / "cache-b", "--quiet"
    )
    assert (json_run.code, quiet.code) == (0, 0), json_run.err + quiet.err
    assert tree(tmp_path / "a") == tree(tmp_path / "b")
    assert (quiet.out, quiet.err) == ("", "")
    summary = json.loads(json_run.out)
    assert json_run.out.count("\n") == 1
    assert (summary["heads"], summary["documents"], summary["tokens"]) == (8, 3, 73)
    assert summary["bytes"] == sum(
        path.stat().st_size for path in (tmp_path / "a").rglob("*") if path.is_file()
    )
    assert summary["index"] == str(tmp_path / "a" / "index.html")


def test_what_is_said_is_what_was_built(attnviz_command, corpus, tmp_path):
    code, out, err = attnviz_command(
        "build", corpus, "--out", tmp_path / "out", "--cache", tmp_path / "cache"
    )
    assert code == 0
    certificates = [
        head.certificate for head in attnviz.open_report(tmp_path / "out").manifest.models[0].heads
    ]
    assert "8 heads, 3 documents, 73 tokens" in out
    assert f"{max(c.total_variation for c in certificates):.4f}" in out
    assert f"{max(c.max_error for c in certificates):.4f}" in out
    assert f"open {tmp_path / 'out' / 'index.html'}" in out
    assert "capture tiny" in err


def test_a_model_and_texts_need_no_corpus_file(attnviz_command, tiny_model, tmp_path):
    code, _, err = attnviz_command(
        "build", "--model", tiny_model("gpt2"), "--text", "the cat sat", "--text", "a dog ran",
        "--title", "Two texts", "--out", tmp_path / "out", "--cache", tmp_path / "cache",
    )  # fmt: skip
    assert code == 0, err
    report = attnviz.open_report(tmp_path / "out")
    assert report.manifest.title == "Two texts"
    assert [document.text for document in report.documents] == ["the cat sat", "a dog ran"]
    assert check(tmp_path / "out") == []


def test_options_win_over_the_corpus(attnviz_command, corpus, tmp_path):
    options = ["--title", "Mine", "--seed", 11]
    attnviz_command(
        "build", corpus, "--out", tmp_path / "out", "--cache", tmp_path / "cache", *options
    )
    manifest = attnviz.open_report(tmp_path / "out").manifest
    assert (manifest.title, manifest.provenance.seed) == ("Mine", 11)


def test_finished_work_is_not_done_again(attnviz_command, corpus, tmp_path, monkeypatch):
    place = ["--out", tmp_path / "out", "--cache", tmp_path / "cache"]
    assert attnviz_command("build", corpus, *place)[0] == 0
    before = tree(tmp_path / "out")

    def refuse(*_, **__):
        raise AssertionError("the model ran again")

    monkeypatch.setattr("transformers.LlamaModel.forward", refuse)
    assert attnviz_command("build", corpus, *place)[0] == 0
    assert tree(tmp_path / "out") == before


def test_a_changed_corpus_leaves_nothing_of_the_old_one(
    attnviz_command, corpus, tiny_model, tmp_path
):
    place = ["--out", tmp_path / "out", "--cache", tmp_path / "cache"]
    attnviz_command("build", corpus, *place)
    before = tree(tmp_path / "out")
    (tmp_path / "out" / "CNAME").write_text("example.org")
    write_corpus(corpus, tiny_model("bert"), *sentences(8, [5]))
    attnviz_command("build", corpus, *place)
    attnviz_command("build", corpus, "--out", tmp_path / "fresh", "--cache", tmp_path / "cache")
    after = tree(tmp_path / "out")
    assert after.pop("CNAME")
    assert after == tree(tmp_path / "fresh")
    assert not {path for path in before if path.startswith("data/")} & set(after)


FAULTS = {
    "no such model": (None, 9, "source: "),
    "a text too long": ("gpt2", 400, "400 tokens"),
    "attention not over tokens": ("reformer", 40, "cannot be captured"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_build_that_fails_leaves_the_old_report(
    attnviz_command, corpus, tiny_model, tmp_path, fault
):
    family, words, message = FAULTS[fault]
    place = ["--out", tmp_path / "out", "--cache", tmp_path / "cache"]
    attnviz_command("build", corpus, *place)
    before = tree(tmp_path / "out")
    write_corpus(
        corpus,
        tiny_model(family) if family else tmp_path / "none",
        *sentences(8, [words]),
        strict=True,
    )
    code, _, err = attnviz_command("build", corpus, *place)
    assert code == 2
    assert message in err
    assert tree(tmp_path / "out") == before
    assert check(tmp_path / "out") == []


@pytest.mark.parametrize("foreign", ["thesis.txt", "manifest.json", "data/results.csv"])
def test_a_folder_of_something_else_is_refused_and_left_alone(
    attnviz_command, corpus, tmp_path, foreign
):
    file = tmp_path / "mine" / foreign
    file.parent.mkdir(parents=True)
    file.write_text('{"name": "not a report"}')
    code, _, err = attnviz_command(
        "build", corpus, "--out", tmp_path / "mine", "--cache", tmp_path / "cache"
    )
    assert code == 2
    assert f"--out {tmp_path / 'mine'}: holds files that are no attnviz report" in err
    assert list(tree(tmp_path / "mine")) == [foreign]
    assert not (tmp_path / "cache").exists()


def test_clean_frees_the_cache_and_touches_nothing_else(attnviz_command, corpus, tmp_path):
    cache = tmp_path / "cache"
    attnviz_command("build", corpus, "--out", tmp_path / "out", "--cache", cache)
    report = tree(tmp_path / "out")
    cache_bytes = sum(path.stat().st_size for path in cache.rglob("*") if path.is_file())
    code, out, _ = attnviz_command("clean", "--cache", cache, "--json")
    assert (code, json.loads(out)) == (0, {"cache": str(cache), "freed_bytes": cache_bytes})
    assert not cache.exists()
    assert tree(tmp_path / "out") == report
    assert attnviz_command("clean", "--cache", cache, "--quiet") == (0, "", "")


def test_clean_of_a_folder_that_is_no_cache_removes_nothing(attnviz_command, corpus, tmp_path):
    attnviz_command(
        "build", corpus, "--out", tmp_path / "work" / "out", "--cache", tmp_path / "work" / "cache"
    )
    (tmp_path / "work" / "cache" / "notes.txt").write_text("mine")
    before = tree(tmp_path / "work")
    code, out, _ = attnviz_command("clean", "--cache", tmp_path / "work")
    assert (code, tree(tmp_path / "work")) == (0, before)
    assert "freed 0.0 MB" in out
    attnviz_command("clean", "--cache", tmp_path / "work" / "cache")
    assert "cache/notes.txt" in tree(tmp_path / "work")
