"""What users get wrong: a message that names the place and the way out, exit code 2, no trace,
nothing half-written."""

import json
import os
import shutil

import pytest

import attnviz
from attnviz.reader.check import check
from tests.fixtures.command import write_corpus
from tests.fixtures.files import tree
from tests.fixtures.interrupted import namespace, run_all
from tests.fixtures.models import LIMIT, sentences


@pytest.fixture
def refused(attnviz_command, tmp_path):
    """`refused(*args)`: the problems of a build that must fail, and must leave neither report nor
    work behind."""

    def run(*args):
        out, cache = tmp_path / "report", tmp_path / "cache"
        code, output, err = attnviz_command("build", *args, "--out", out, "--cache", cache)
        assert (code, output) == (2, ""), err
        assert "Traceback" not in err
        assert all(
            line.startswith(("error: ", "  ")) for line in err.splitlines() if "…" not in line
        ), err
        assert not out.exists()
        assert not list(cache.rglob(".*"))
        return err

    return run


@pytest.fixture
def corpus(tmp_path, tiny_model):
    """`corpus(text)` writes a corpus.yaml in which MODEL is a model's folder."""

    def write(text):
        path = tmp_path / "corpus.yaml"
        path.write_text(text.replace("MODEL", str(tiny_model("llama"))))
        return path

    return write


GOOD = "models: [{source: MODEL}]\n"
YAML = {
    "broken": ("models: [{source: MODEL}\ndocuments: [", "corpus.yaml:", "YAML"),
    "unknown key": (
        GOOD + "documents: [{text: [a cat]}]\nfidelty: {}\n",
        "corpus.yaml:3: fidelty",
        "fidelity",
    ),
    "wrong type": (
        GOOD + "documents: [{text: [a cat]}]\nseed: many\n",
        "corpus.yaml:3: seed",
        "expected",
    ),
    "no documents": (GOOD, "documents", "missing"),
    "empty document": (
        GOOD + 'documents: [{text: [""]}]\n',
        "corpus.yaml:2: documents[0].text[0]",
        "empty",
    ),
    "missing model": (
        GOOD.replace("MODEL", "./none") + "documents: [{text: [a]}]\n",
        "models[0].source",
        "none",
    ),
    "missing file": (
        GOOD + "documents: [{file: none.txt}]\n",
        "corpus.yaml:2: documents[0].file",
        "none.txt",
    ),
    "only a list": ("- a\n- b\n", "corpus.yaml", "mapping"),
}


@pytest.mark.parametrize("fault", YAML)
def test_a_corpus_that_is_wrong(corpus, refused, fault):
    text, *messages = YAML[fault]
    errors = refused(corpus(text))
    assert all(message in errors for message in messages), errors


def test_no_corpus_at_all(refused, tmp_path):
    assert f"{tmp_path / 'none.yaml'}" in refused(tmp_path / "none.yaml")
    assert str(tmp_path) in refused(tmp_path)
    os.mkfifo(tmp_path / "pipe.yaml")
    assert "pipe.yaml: is a pipe, not a file" in refused(tmp_path / "pipe.yaml")
    assert "/dev/zero: is a device, not a file" in refused("/dev/zero")
    assert "--model" in refused()
    assert "--text" in refused("--model", "gpt2")
    assert "not both" in refused(tmp_path / "none.yaml", "--model", "gpt2", "--text", "a")


def test_all_problems_are_told_at_once_and_as_one_object(corpus, attnviz_command):
    path = corpus("models: [{source: ./none}]\ndocuments: [{text: [a], splt: line}]\nseed: -1\n")
    code, out, err = attnviz_command("build", path, "--json")
    assert code == 2
    problems = json.loads(out)["problems"]
    assert len(problems) == 3
    assert [f"error: {problem}" for problem in problems] == err.splitlines()


def test_arguments_that_are_not_utf_8(refused, tmp_path, tiny_model):
    path = tmp_path / "\udcff.yaml"
    shutil.copy(write_corpus(tmp_path / "corpus.yaml", tiny_model("llama"), "a cat"), path)
    assert "is not UTF-8" in refused(path)
    assert "half a character" in refused("--model", tiny_model("llama"), "--text", "a \udcff cat")
    assert "half a character" in refused("--model", "\udcff", "--text", "a cat")
    assert "half a character" in refused(tmp_path / "corpus.yaml", "--title", "\udcff")


TEXTS = {
    "empty": (b"", "is empty"),
    "blank": (b" \n\n \t\n", "holds no text"),
    "binary": (bytes(range(256)) * 8, "not UTF-8"),
    "nul": (b"a cat\0sat", "NUL"),
    "utf-16": ("a cat sat".encode("utf-16"), "not UTF-8"),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_file_that_is_no_text(corpus, refused, tmp_path, kind):
    content, message = TEXTS[kind]
    (tmp_path / "cats.txt").write_bytes(content)
    errors = refused(corpus(GOOD + "documents: [{file: cats.txt}]\n"))
    assert "cats.txt" in errors
    assert message in errors


def spoil(folder, what):
    """A copy of a model, spoiled; and what the message has to say."""
    if what == "no weights":
        (folder / "model.safetensors").unlink()
        return "safetensors"
    if what == "cut weights":
        content = (folder / "model.safetensors").read_bytes()
        (folder / "model.safetensors").write_bytes(content[: len(content) // 2])
        return "cannot load"
    if what == "unknown architecture":
        (folder / "config.json").write_text('{"model_type": "no-such-thing"}')
        return "no-such-thing"
    if what == "broken config":
        (folder / "config.json").write_text("{")
        return "expected a config.json"
    for file in folder.glob("token*"):
        file.unlink()
    return "tokenizer"


@pytest.mark.parametrize(
    "what", ["no weights", "cut weights", "unknown architecture", "broken config", "no tokenizer"]
)
def test_a_model_that_cannot_be_loaded(refused, tiny_model, tmp_path, what):
    shutil.copytree(tiny_model("llama"), tmp_path / "model")
    message = spoil(tmp_path / "model", what)
    errors = refused(write_corpus(tmp_path / "corpus.yaml", tmp_path / "model", "a cat"))
    assert "model tiny: source: " in errors or "corpus.yaml:1: models[0].source: " in errors
    assert message in errors


def test_a_text_that_is_too_long_is_cut_with_a_notice(attnviz_command, tiny_model, tmp_path):
    short, long = sentences(4, [5, LIMIT + 8])
    path = write_corpus(tmp_path / "corpus.yaml", tiny_model("gpt2"), short, long, long="truncate")
    place = ["--out", tmp_path / "out", "--cache", tmp_path / "cache"]
    code, _, err = attnviz_command("build", path, *place)
    report = attnviz.open_report(tmp_path / "out")
    (notice,) = report.manifest.notices
    assert (code, notice.kind, notice.document, notice.model) == (0, "truncated", 1, "tiny")
    assert f"{LIMIT + 8} tokens; tiny takes {LIMIT}: the last 8 were left out" in notice.message
    assert notice.message in err
    assert len(report.documents[1]) == LIMIT
    assert report.documents[1].text == long
    assert check(tmp_path / "out") == []


def test_a_text_that_is_too_long_is_refused_when_asked(refused, tiny_model, tmp_path):
    for more, option in (({}, ["--strict"]), ({"strict": True}, []), ({"long": "refuse"}, [])):
        path = write_corpus(
            tmp_path / "corpus.yaml", tiny_model("gpt2"), *sentences(4, [5, LIMIT + 8]), **more
        )
        assert f"{LIMIT + 8} tokens" in refused(path, *option)


PLACES = {
    "out is too deep": (["--out", "a/" * 1500], "folders; at most 400 are made"),
    "cache is too deep": (["--cache", "a/" * 1500], "folders; at most 400 are made"),
    "out is too long": (["--out", "x" * 5000], "File name too long"),
    "cache is too long": (["--cache", "x" * 5000], "File name too long"),
    "out is a file": (["--out", "blocked"], "is a file"),
    "out is under a file": (["--out", "blocked/report"], "cannot be written"),
    "cache is a file": (["--cache", "blocked"], "cannot be written"),
    "cache is under a file": (["--cache", "blocked/cache"], "cannot be written"),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_file_in_the_way(attnviz_command, tiny_model, tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    options, message = PLACES[place]
    (tmp_path / "blocked").write_text("mine")
    path = write_corpus(tmp_path / "corpus.yaml", tiny_model("llama"), "a cat")
    code, _, err = attnviz_command("build", path, *options)
    assert code == 2
    assert message in err
    assert "too long" in message or "at most" in message or f"{' '.join(options)}: " in err
    assert "Traceback" not in err
    assert (tmp_path / "blocked").read_text() == "mine"
    assert not list((tmp_path / "build").glob("corpus/*"))


# Where a test may mount things, as root or in a user namespace of its own. What happens at each
# point of a disk that fills up is tested everywhere, in test_interrupted.py.
mountable = [True] if namespace() else []


@pytest.fixture
def builds(tiny_model, tmp_path):
    """`builds(before, after, place)`: builds in which `--out`, then `--cache`, lies in `place`."""
    path = write_corpus(tmp_path / "corpus.yaml", tiny_model("llama"), *sentences(4, [150] * 6))

    def run(before, after, *folders):
        plan = []
        for number, (option, folder) in enumerate(zip(("--out", "--cache"), folders, strict=True)):
            free = {"--out": tmp_path / f"out-{number}", "--cache": tmp_path / f"cache-{number}"}
            places = free | {option: folder / "mine"}
            plan.append(
                {
                    "args": [
                        "build",
                        str(path),
                        *(str(part) for pair in places.items() for part in pair),
                    ]
                }
            )
        ends = run_all(plan, tmp_path, before, after)
        assert not (tmp_path / "out-1").exists()
        assert [(end.code, "Traceback" in end.err) for end in ends] == [(2, False)] * 2, ends
        return [end.err for end in ends]

    return run


@pytest.mark.parametrize("mounts", mountable)
def test_folders_that_may_not_be_written(builds, tmp_path, mounts):
    locked = tmp_path / "locked"
    locked.mkdir()
    bind = f"mount --bind {locked} {locked} && mount -o remount,bind,ro {locked}"
    for option, errors in zip(("--out", "--cache"), builds(bind, "", locked, locked), strict=True):
        assert f"{option} {locked / 'mine'}: cannot be written (Read-only file system)" in errors
    assert not any(locked.iterdir())


@pytest.mark.parametrize("mounts", mountable)
def test_disks_that_are_full(builds, tmp_path, mounts):
    folders = [tmp_path / "small", tmp_path / "smaller"]
    for folder in folders:
        folder.mkdir()
    sizes = zip(folders, (600, 300), strict=True)
    before = " && ".join(f"mount -t tmpfs -o size={size}k tmpfs {folder}" for folder, size in sizes)
    after = " && ".join(f"cp -a {folder} {folder}-left" for folder in folders)
    for option, folder, errors in zip(
        ("--out", "--cache"), folders, builds(before, after, *folders), strict=True
    ):
        assert f"{option} {folder / 'mine'}: the disk is full" in errors
    assert tree(tmp_path / "small-left") == {}
    kept = tree(tmp_path / "smaller-left")
    assert kept
    assert not [name for name in kept if "/." in name]
